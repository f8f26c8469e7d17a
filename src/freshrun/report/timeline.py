"""Where the time of a rehearsal went: a bar of its commands."""

from collections.abc import Iterator
from dataclasses import dataclass

from freshrun.model import Outcome, Record
from freshrun.report import words

_WIDTH = 1000.0
_LONGEST = 5
_SEEN = 1.0
"""What a command needs of the width to be drawn; the shorter ones are drawn together."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of the line: where it begins, how wide it is, and whether it went wrong."""

    x: float
    width: float
    bad: bool
    odd: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The line, its whole length in words, and the commands that took longest."""

    bars: tuple[Bar, ...]
    total: str
    longest: tuple[tuple[int, Outcome], ...]


def timeline(record: Record) -> Timeline | None:
    """Return where the time of the document's commands went, `None` where there is none to tell."""
    total = sum(outcome.seconds for outcome in record.outcomes)
    if total <= 0:
        return None
    numbered = enumerate(record.outcomes, 1)
    longest = sorted(numbered, key=lambda each: -each[1].seconds)[:_LONGEST]
    return Timeline(tuple(_bars(record, total)), words.duration(total), tuple(longest))


def _bars(record: Record, total: float) -> Iterator[Bar]:
    x, odd = 0.0, False
    pending = 0.0
    for outcome in record.outcomes:
        bad = outcome.status in words.BAD
        pending += _WIDTH * outcome.seconds / total
        if pending < _SEEN and not bad:
            continue
        width = max(pending, 2 * _SEEN) if bad else pending
        yield Bar(round(x, 1), round(width, 1), bad, odd)
        x, pending, odd = x + pending, 0.0, not odd
    if pending:
        yield Bar(round(x, 1), round(pending, 1), bad=False, odd=odd)
