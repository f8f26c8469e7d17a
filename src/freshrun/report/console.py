"""A record on a terminal, and one failed command there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from freshrun.model import ChecklistItem, LeftFile, Outcome, Output, Record, Status
from freshrun.report import words

_COMMAND_LINES = 10
_SHOWN = 20
"""Failures, and warnings, that a summary tells: the record has them all."""

_COLOUR = {
    Status.PASSED: 32,
    Status.FAILED: 31,
    Status.NOT_REACHED: 33,
    Status.SKIPPED: 36,
    Status.BROKEN: 35,
}


def terminal(
    record: Record,
    *,
    colour: bool,
    path: str = "",
    unsaid: Sequence[str] = (),
    kept_going: bool = False,
) -> str:
    """Return the closing summary of a rehearsal; `path` is where its record can be read.

    The notes that are `unsaid` stand in the record alone, unless something went wrong. A run that
    was `kept_going` after its failures is not offered to be.
    """
    left_out = unsaid if record.verdict is Status.PASSED else ()
    paint = Paint(colour=colour)
    failures, warnings, provenance = (
        words.failures(record),
        words.warnings(record),
        record.provenance,
    )
    parts = [
        _verdict(record, paint),
        *(list(_failure(outcome, paint)) for outcome in failures[:_SHOWN]),
        _rest(failures, "failure"),
        [] if kept_going else _offer(record),
        _list("Warnings:", warnings[:_SHOWN]) + _rest(warnings, "warning"),
        _list("Background jobs, ended with the machine at the latest:", words.jobs(record)),
        _checklist(record.checklist, paint),
        _list("Stand-ins, not the real thing:", provenance.stand_ins),
        _list("Notes:", [note for note in provenance.notes if note not in left_out]),
        [f"The whole record: {path}"] if path else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def failure_text(outcome: Outcome) -> str:
    """Return what one failed command shows: where, what, how it ended, its last words and why."""
    return "\n".join(_failure(outcome, Paint(colour=False)))


@dataclass(frozen=True, slots=True)
class Paint:
    """Paints words in the colour of a status, where there is colour; they say it themselves."""

    colour: bool

    def __call__(self, text: str, status: Status) -> str:
        """Return the words, painted where there is colour."""
        return f"\x1b[1;{_COLOUR[status]}m{text}\x1b[0m" if self.colour else text


def _verdict(record: Record, paint: Paint) -> list[str]:
    verdict = paint(record.verdict.value.upper(), record.verdict)
    why = record.why_broken
    fault = f"the harness could not go on: {_shown(why)}" if why else ""
    lines = [*words.tallies(record), _shown(words.surroundings(record)), fault]
    head = f"{verdict}  {_shown(record.runbook)}{words.untyped(record)}"
    return [head, *(f"  {line}" for line in lines if line)]


def _failure(outcome: Outcome, paint: Paint) -> Iterator[str]:
    yield from _cause(outcome, paint)
    yield from _command(outcome)
    yield from _evidence(outcome)
    yield from (f"  warning: {_shown(text)}" for text in outcome.warnings)


def _offer(record: Record) -> list[str]:
    """Offer to look for more failures in one run, where other sections were left for one."""
    first = next(iter(words.failures(record)), None)
    left = {
        outcome.command.section
        for outcome in record.outcomes
        if outcome.status is Status.NOT_REACHED
    }
    others = left - {first.command.section} if first and first.status is Status.FAILED else set()
    if not others:
        return []
    many = words.count(len(others), "other section")
    return [f"{many} not reached: --keep-going tries what follows as well, for more in one run"]


def cause_lines(outcome: Outcome) -> list[str]:
    """Return where a command failed, how, and why: what its author needs first."""
    return list(_cause(outcome, Paint(colour=False)))


def _cause(outcome: Outcome, paint: Paint) -> Iterator[str]:
    status = paint(outcome.status.value, outcome.status)
    yield f"{words.where(outcome)}: {status}: {_shown(words.why(outcome))}"
    if outcome.cause:
        yield f"  cause: {outcome.cause}"
        yield f"  hint: {_shown(outcome.hint)}"


def _evidence(outcome: Outcome) -> Iterator[str]:
    if not words.only_differs(outcome):
        printed = [*_output("stderr", outcome.stderr), *_output("stdout", outcome.stdout)]
        yield from printed or ["  it printed nothing"]
    for file in outcome.files:
        yield from _file(file)
    if outcome.diff:
        yield "  the document (-) and what was printed (+):"
        yield from (f"    | {_shown(line)}" for line in outcome.diff.split("\n"))


def _command(outcome: Outcome) -> Iterator[str]:
    lines = words.plain(outcome.command.text).split("\n")
    for number, line in enumerate(lines[:_COMMAND_LINES]):
        yield f"    {'>' if number else '$'} {_shown(line)}"
    if len(lines) > _COMMAND_LINES:
        yield f"  and {words.count(len(lines) - _COMMAND_LINES, 'line')} more"


def _file(file: LeftFile) -> Iterator[str]:
    """Yield the end of a file that the output went to, and where each that was changed is kept."""
    path = _shown(file.path)
    if file.redirected and (lines := words.last_lines(file.content)):
        yield f"  last in {path}:"
        yield from (f"    | {_shown(line)}" for line in lines)
    if file.content.spill:
        yield f"  {path} is kept: {_shown(file.content.spill)}"


def _output(name: str, output: Output) -> Iterator[str]:
    if lines := words.last_lines(output):
        yield f"  last on {name}:"
        yield from (f"    | {_shown(line)}" for line in lines)
    if output.spill:
        yield f"  all of {name}: {_shown(output.spill)}"


def _checklist(items: Iterable[ChecklistItem], paint: Paint) -> list[str]:
    lines = []
    for item in items:
        status = paint(f"{item.status.value:<{len(Status.NOT_REACHED.value)}}", item.status)
        reason = f": {_shown(item.reason)}" if item.reason else ""
        lines.append(f"  {status}  {_shown(item.name)}{reason}")
    return ["Checklist:", *lines] if lines else []


def _list(title: str, texts: Iterable[str]) -> list[str]:
    lines = [f"  * {_shown(text)}" for text in texts]
    return [title, *lines] if lines else []


def _rest(every: Sequence[object], noun: str) -> list[str]:
    left = len(every) - _SHOWN
    return [f"  and {words.count(left, noun)} more, in the record"] if left > 0 else []


def _shown(text: str) -> str:
    """Return the text in a form that is safe in the log of a workflow.

    GitHub's runner obeys `::command::` at the start of a line and `##[command]` anywhere in it.
    """
    return words.plain(text).replace("##[", "## [").replace("\n", "\n    | ")
