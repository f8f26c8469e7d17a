"""A triage, told to a reader in a hurry: who is called, with what, and what is typed. Pure.

Class, owner and first evidence come first, in 80 columns; the commands stand last, at the margin.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from freshrun.report import words
from freshrun.triage import CiRun, Contact, Fact, FailedClass, Triage

_COLUMNS = 80
_LONGEST = 600
"""So many characters of a value are shown; the commands and the file have all of it."""

_MOST = 12
"""So many entries of a list are shown."""

_LABEL = 12
_NO_COMMANDS = "The runbook has no defect template to fill in: file the bead by hand."


def triage_text(triage: Triage) -> str:
    """Return what a terminal shows; the commands stand at the margin, ready to be copied."""
    parts = [
        [*_filled(_headline(triage)), *_address(triage.run), *_attempts(triage)],
        *(lines for case in triage.cases for lines in _case(case, triage)),
        _list("Can't be read as it stands:", map(str, triage.damage)),
        _list("Red, and without an ID:", map(str, triage.unnamed)),
        _list("The run and the runbook contradict each other:", map(str, triage.findings)),
        _list("Not known:", triage.notes),
        _log(triage),
        *(lines for case in triage.cases for lines in _commands(case)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _headline(triage: Triage) -> str:
    run = f"Run {triage.run.id}" if triage.run.id else "This run"
    if not triage.cases:
        return f"{run}: {_without_cases(triage)}"
    if not any(case.names for case in triage.cases):
        return f"{run}: no failure is named: {_silence(triage)}"
    classes = "1 class" if len(triage.cases) == 1 else f"{len(triage.cases)} classes"
    named = ", ".join(case.failure_class for case in triage.cases)
    return f"{run}: failures of {classes}: {named}"


def _without_cases(triage: Triage) -> str:
    if triage.damage and not triage.run.conclusion:
        return "no failure is named, but not every file could be read: see below."
    where = ", ".join(list(triage.run.artifacts)[:_MOST])
    return f"nothing failed{f' in {where}' if where else ''}."


def _silence(triage: Triage) -> str:
    """Return what is known of a run that failed and named no failure."""
    if triage.unnamed:
        return "tests failed, and none of them has an ID."
    if triage.ran:
        return "the tests that were looked at passed."
    return "the suite did not run, did not end, or left no verdict."


def _address(run: CiRun) -> list[str]:
    return [words.plain(run.url)] if run.url else []


def _attempts(triage: Triage) -> list[str]:
    return [line for text in triage.attempts for line in _filled(f"{text[:1].upper()}{text[1:]}.")]


def _case(case: FailedClass, triage: Triage) -> Iterator[list[str]]:
    """Yield the paragraphs of one class that say whose it is, and why."""
    rows = [line for row in _rows(case, triage) for line in _row(row)]
    yield [f"=== {words.plain(case.failure_class)} ===", *_drill(case), *rows]
    if case.facts:
        title = _filled(f"What happened ({case.source}):")
        yield [*title, *(line for fact in case.facts for line in _fact(fact))]
    if case.evidence:
        yield ["Evidence to capture:", *(line for fact in case.evidence for line in _fact(fact))]


def _drill(case: FailedClass) -> list[str]:
    if not case.drill:
        return []
    return _filled(f'THIS IS A DRILL: the fault "{case.drill}" was switched on.')


def _rows(case: FailedClass, triage: Triage) -> Iterator[tuple[str, str]]:
    yield "Priority", case.priority
    if case.names:
        yield "Failed", _some(case.names)
    yield "First owner", _contact(case.owner)
    if case.unanswered:
        yield "No answer", case.unanswered
    yield "Fallback", _contact(case.fallback)
    yield "Escalation", _contact(case.escalation)
    if len(triage.run.artifacts) > 1 and case.seen:
        yield "Seen in", _some(case.seen)
    yield f"Leaf {case.leaf} says", case.first


def _some(texts: Sequence[str]) -> str:
    more = f", and {len(texts) - _MOST:,} more" if len(texts) > _MOST else ""
    return f"{', '.join(texts[:_MOST])}{more}"


def _row(row: tuple[str, str]) -> list[str]:
    label, text = row
    return _filled(text, first=f"  {label:<{_LABEL}}  ", rest=" " * (_LABEL + 4))


def _filled(text: str, *, first: str = "", rest: str = "  ") -> list[str]:
    """Return a text in lines that a narrow terminal shows whole; an address or path stays whole."""
    lines = textwrap.wrap(
        words.plain(text),
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]


def _contact(contact: Contact | None) -> str:
    if contact is None:
        return "nobody is named"
    parts = [contact.name, _phone(contact), contact.reach]
    parts += [f"answers within {_span(contact.response)}"] if contact.response else []
    return ", ".join(part for part in parts if part)


def _phone(contact: Contact) -> str:
    when = f" ({contact.hours})" if contact.call and contact.hours else ""
    return f"{contact.call}{when}"


def _span(seconds: float) -> str:
    """Return a time in the largest unit that it is a whole number of."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _fact(fact: Fact) -> list[str]:
    value = words.plain(fact.value)
    if len(value) > _LONGEST:
        value = f"{value[:_LONGEST]}... ({len(fact.value):,} characters)"
    head, *rest = f"{words.plain(fact.path)}: {value}".split("\n")
    lines = _wrapped(head, first="  ", rest="    ")
    return [
        *lines,
        *(line for text in rest for line in _wrapped(text, first="    | ", rest="    | ")),
    ]


def _wrapped(text: str, *, first: str, rest: str) -> list[str]:
    """Return evidence in lines, its blanks as they are."""
    lines = textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        drop_whitespace=False,
        replace_whitespace=False,
        break_on_hyphens=False,
    )
    return [line.rstrip() for line in lines] or [first.rstrip()]


def _log(triage: Triage) -> list[str]:
    """Return the command that shows the log, where the artifacts don't say all."""
    whole = all(case.names for case in triage.cases) and not (triage.damage or triage.unnamed)
    if not triage.log or whole:
        return []
    number = "" if triage.run.id else " (RUN_ID is the run's number)"
    return [f"What the failed jobs printed{number}:", triage.log]


def _commands(case: FailedClass) -> Iterator[list[str]]:
    """Yield the commands that file the bead of a class; a run that named nothing has none."""
    if not case.names:
        return
    if not case.paste.commands:
        yield [f"=== {words.plain(case.failure_class)}: file the bead ===", _NO_COMMANDS]
        return
    yield [
        f"=== {words.plain(case.failure_class)}: file the bead ===",
        "Paste all of this into a shell in the repository's root.",
        *_gaps(case.paste.missing),
    ]
    yield [case.paste.commands]


def _gaps(variables: Sequence[str]) -> list[str]:
    if not variables:
        return []
    return _filled(f"Fill in first what no file says: {', '.join(variables)}.")


def _list(title: str, texts: Iterable[str]) -> list[str]:
    every = list(texts)
    shown = [line for text in every[:_MOST] for line in _filled(text, first="  * ", rest="    ")]
    more = [f"  * and {len(every) - _MOST:,} more"] if len(every) > _MOST else []
    return [title, *shown, *more] if shown else []
