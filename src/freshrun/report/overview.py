"""Many records in one table, for a terminal: what came of each, and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from freshrun.model import Record, Status
from freshrun.report import words
from freshrun.report.console import Paint

_WORST = (Status.BROKEN, Status.FAILED, Status.PASSED)
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """What one record comes to; `told` is why it is no pass, or what its pass leaves out."""

    name: str
    verdict: Status
    took: str = ""
    told: str = ""


def line(record: Record, *, name: str = "") -> Line:
    """Return the line of a record; `name` is what it is called by, its document unless given."""
    took = words.took(record) if record.outcomes else ""
    return Line(words.plain(name or record.runbook), record.verdict, took, _why(record))


def table(lines: Iterable[Line]) -> str:
    """Return the table, in the given order, closed by how many came to which verdict."""
    rows = list(lines)
    cells = [("verdict", "time", "document", ""), *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    shown = [_row(row, widths) for row in cells]
    return "\n".join([*shown, "", tally(rows)])


def told(one: Line, *, colour: bool = False) -> str:
    """Return what is said of a record in one line."""
    verdict = Paint(colour=colour)(one.verdict.value.upper(), one.verdict)
    return "  ".join(part for part in (verdict, one.name, one.took, one.told) if part)


def tally(lines: Sequence[Line]) -> str:
    """Return how many of them came to which verdict, the worst first."""
    numbers = Counter(one.verdict for one in lines)
    each = ", ".join(f"{numbers[one]} {one.value}" for one in _WORST if numbers[one])
    return f"{words.count(len(lines), 'rehearsal')}: {each or 'nothing was rehearsed'}"


def _cells(one: Line) -> tuple[str, str, str, str]:
    return one.verdict.value.upper(), one.took, one.name, one.told


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    fitted = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*fitted, cells[-1]]).rstrip()


def _why(record: Record) -> str:
    bad = words.failures(record)
    items = [item for item in record.checklist if item.status in words.BAD]
    told = words.untyped(record).removeprefix(": ")
    if record.why_broken:
        told = words.plain(record.why_broken)
    elif bad:
        cause = f" ({bad[0].cause})" if bad[0].cause else ""
        told = f"{words.where(bad[0])}: {words.why(bad[0])}{cause}"
    elif items:
        reason = f": {words.plain(items[0].reason)}" if items[0].reason else ""
        told = f"{words.plain(items[0].name)}{reason}"
    first = told.partition("\n")[0].replace("##[", "## [")
    return first if len(first) <= _WIDTH else f"{first[:_WIDTH]}..."
