"""A triage, told to a reader in a hurry: who is called, with what, and what is typed. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from freshrun.report import words
from freshrun.triage import Case, CiRun, Contact, Fact, Triage

_LONGEST = 600
"""So many characters of a value are shown; the commands and the file have all of it."""

_NO_COMMANDS = "There are no values to fill the defect template in with: file the bead by hand."


def triage_text(triage: Triage) -> str:
    """Return what a terminal shows; the commands stand at the margin, ready to be copied."""
    parts = [
        [_headline(triage), *_address(triage.run)],
        _list("The run and the runbook contradict each other:", map(str, triage.findings)),
        _list("Not known:", triage.notes),
        *(lines for case in triage.cases for lines in _case(case)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _headline(triage: Triage) -> str:
    run = f"Run {words.plain(triage.run.id)}" if triage.run.id else "This run"
    if not triage.cases:
        where = ", ".join(map(words.plain, triage.run.artifacts))
        return f"{run}: nothing failed{f' in {where}' if where else ''}."
    if not any(case.names for case in triage.cases):
        return f"{run}: no failure is named: the suite did not run, or did not end."
    classes = "1 class" if len(triage.cases) == 1 else f"{len(triage.cases)} classes"
    named = ", ".join(words.plain(case.failure_class) for case in triage.cases)
    return f"{run}: failures of {classes}: {named}"


def _address(run: CiRun) -> list[str]:
    return [words.plain(run.url)] if run.url else []


def _case(case: Case) -> Iterator[list[str]]:
    """Yield the paragraphs of one class."""
    yield [f"=== {words.plain(case.failure_class)} ===", *_drill(case), *map(_row, _rows(case))]
    if case.facts:
        yield [f"What happened ({words.plain(case.source)}):", *map(_fact, case.facts)]
    if case.evidence:
        yield ["Evidence to capture:", *map(_fact, case.evidence)]
    yield from _commands(case)


def _drill(case: Case) -> list[str]:
    if not case.drill:
        return []
    return [f'THIS IS A DRILL: the fault "{words.plain(case.drill)}" was switched on.']


def _rows(case: Case) -> Iterator[tuple[str, str]]:
    if case.names:
        yield "Failed", ", ".join(case.names)
    yield "First owner", _contact(case.owner)
    yield "Fallback", _contact(case.fallback)
    yield "Escalation", _contact(case.escalation)
    yield "Priority", case.priority
    yield f"Leaf {case.leaf} says", case.first


def _row(row: tuple[str, str]) -> str:
    label, text = row
    return f"  {label:<12}  {words.plain(text)}"


def _contact(contact: Contact | None) -> str:
    if contact is None:
        return "nobody is named"
    parts = [contact.name, contact.reach]
    parts += [f"answers within {_span(contact.response)}"] if contact.response else []
    return ", ".join(part for part in parts if part)


def _span(seconds: float) -> str:
    """Return a time in the largest unit that it is a whole number of."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _fact(fact: Fact) -> str:
    value = words.plain(fact.value)
    if len(value) > _LONGEST:
        value = f"{value[:_LONGEST]}... ({len(fact.value):,} characters)"
    return f"  {words.plain(fact.path)}: {value}".replace("\n", "\n    | ")


def _commands(case: Case) -> Iterator[list[str]]:
    if case.paste.commands:
        yield ["File the bead: paste all of this into a shell in the repository's root."]
        yield [case.paste.commands]
    else:
        yield [_NO_COMMANDS, *_missing(case.paste.missing)]


def _missing(variables: Sequence[str]) -> list[str]:
    return [f"  The diagnostics have no field for {', '.join(variables)}."] if variables else []


def _list(title: str, texts: Iterable[str]) -> list[str]:
    lines = [f"  * {words.plain(text)}" for text in texts]
    return [title, *lines] if lines else []
