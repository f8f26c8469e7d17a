"""What every report says in the same words."""

import re
from collections import Counter
from collections.abc import Iterable

from freshrun.model import Ending, Outcome, Output, Record, Status
from freshrun.text import shown

BAD = frozenset({Status.FAILED, Status.BROKEN})
MARK = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.NOT_REACHED: "○",
    Status.SKIPPED: "↷",
    Status.BROKEN: "!",
}

_LAST_LINES = 10
_WIDTH = 240
# Controls but tab and newline, what turns the direction of text, and bytes that were not UTF-8.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return the text as a terminal leaves it, its control characters spelt out."""
    return _UNSEEN.sub(_spelt_out, shown(text))


def _spelt_out(unseen: re.Match[str]) -> str:
    return str(unseen[0]).encode("unicode_escape").decode()


def last_lines(output: Output) -> list[str]:
    """Return the last lines of a stream, each cut to a width that a person can read."""
    lines = plain(output.text).rstrip().split("\n")[-_LAST_LINES:]
    return [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..." for line in lines if any(lines)]


def first_line(text: str) -> str:
    """Return the first line of a text, cut to a width that a person can read."""
    line = plain(text).strip().partition("\n")[0]
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..."


def more_lines(text: str) -> bool:
    """Tell whether a text has more than its first line shows."""
    return first_line(text) != plain(text).strip()


def shortened(text: str) -> str:
    """Return the first lines of a command, and how many there are more."""
    lines = plain(text).split("\n")
    left = len(lines) - _LAST_LINES
    more = [f"... and {count(left, 'line')} more"] if left > 0 else []
    return "\n".join(lines[:_LAST_LINES] + more)


def evidence(outcome: Outcome) -> str:
    """Return a command with what it differs in, or else with its last lines."""
    printed = [*last_lines(outcome.stderr), *last_lines(outcome.stdout)]
    told = [plain(outcome.diff)] if outcome.diff else printed
    return "\n".join([plain(outcome.command.text), *told])


def measured(outcome: Outcome) -> str:
    """Return the seconds that a command took, empty where it was not typed."""
    ran = outcome.status not in {Status.NOT_REACHED, Status.SKIPPED}
    return f"{outcome.seconds:.2f}" if ran else ""


def size(output: Output) -> str:
    """Return how much came on a stream."""
    total = count(output.size, "byte")
    if output.truncated:
        return f"{total}, only head and tail kept"
    return f"{count(len(output.text.splitlines()), 'line')}, {total}"


def where(outcome: Outcome) -> str:
    """Return `file:line` of the command."""
    return plain(f"{outcome.command.file}:{outcome.command.line}")


def why(outcome: Outcome) -> str:
    """Return how a command ended that did not pass."""
    how = outcome.ending.value
    if outcome.ending is Ending.EXITED:
        how = f"exit status {outcome.exit_code}, expected {outcome.command.options.exit}"
    return plain(outcome.reason) or how


def only_differs(outcome: Outcome) -> bool:
    """Tell whether it ended as promised, and only its output is another one."""
    as_promised = outcome.exit_code == outcome.command.options.exit
    return bool(outcome.diff) and as_promised


def failures(record: Record) -> list[Outcome]:
    """Return what failed or is broken, in the order of the document."""
    return [outcome for outcome in record.outcomes if outcome.status in BAD]


def untyped(record: Record) -> str:
    """Return how much of the shell that a reader sees was not typed, for the verdict's own line."""
    lost, lines = record.lines_untyped
    if not lost:
        return ""
    return f": {lost} of {lines} shell lines {'was' if lost == 1 else 'were'} not typed"


def warnings(record: Record) -> list[str]:
    """Return the warnings on what did not go wrong or was not typed, each behind its place."""
    lost = [
        f"{plain(record.runbook)}:{each.line}: not typed: {plain(each.why)}"
        for each in record.untyped
        if each.counts
    ]
    return lost + [
        f"{where(outcome)}: {plain(text)}"
        for outcome in record.outcomes
        if outcome.status not in BAD
        for text in outcome.warnings
    ]


def jobs(record: Record) -> list[str]:
    """Return the commands that put a job into the background, each behind its place."""
    started = (outcome for outcome in record.outcomes if outcome.job is not None)
    return [
        f"{where(each)}: process {each.job}, of `{plain(each.command.text).strip()}`"
        for each in started
    ]


def tallies(record: Record) -> list[str]:
    """Return how many commands and items came to which status."""
    commands = _tally((o.status for o in record.outcomes), "command")
    return [commands, *([_items(record)] if record.checklist else [])]


def _items(record: Record) -> str:
    return _tally((item.status for item in record.checklist), "checklist item")


def _tally(statuses: Iterable[Status], noun: str) -> str:
    numbers = Counter(statuses)
    each = ", ".join(f"{numbers[status]} {status.value}" for status in Status if numbers[status])
    return f"{count(numbers.total(), noun)}: {each}" if each else f"no {noun}s"


def count(number: int, noun: str) -> str:
    """Return the number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def surroundings(record: Record) -> str:
    """Return how long it took, as whom, in what, and of which commit."""
    provenance = record.provenance
    parts = [
        took(record),
        f"as {provenance.user}" if provenance.user else "",
        f"in {provenance.image}" if provenance.image else "",
        f"at commit {provenance.git_commit[:12]}" if provenance.git_commit else "",
    ]
    return plain(" ".join(part for part in parts if part))


def took(record: Record) -> str:
    """Return the wall time of the rehearsal, empty where the record does not tell it."""
    return "" if record.seconds is None else duration(record.seconds)


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 10:  # noqa: PLR2004 - below, tenths and hundredths tell something
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
