"""The time that a command is said to take: its band, the text beside it, and what it took."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun.checklist.durations import NAME, Durations, read_durations
from freshrun.checklist.sources import path_in_repository
from freshrun.document import UNIT, written_time
from freshrun.model import Finding, FreshrunError, Parsed, Runbook, Section

ABOUT_TEN = 12
"""How many times what a command takes as a rule a band may reach."""

WIDE = 25
"""How many times the slowest run it may reach where none is kept: machines differ by two or so."""

LEAST = 0.5
"""In seconds: no run counts for less, for on a busy machine a program can take as long to start."""

APART = 50
"""How many times the lower end of a band its upper end may be."""

_RANGE = re.compile(
    rf"\b(?:takes?|took|lasts?|runs?|needs?|in|within)\b[^.;\n]*?"
    rf"\b(?P<low>\d+(?:\.\d+)?) ?(?P<unit>{UNIT})? ?(?:to|and|-|–) ?"  # noqa: RUF001 - a dash
    rf"(?P<high>\d+(?:\.\d+)?) ?(?P<last>{UNIT})\b"
)
_FENCE = re.compile(r"^\s*(?:```|~~~)")


@dataclass(frozen=True, slots=True)
class Band:
    """A band in seconds, the line that promises it, and what the runs of the command took.

    `usual` is what it takes as a rule, by the runs that are kept; `None` where they are too few.
    """

    name: str
    line: int
    low: float
    high: float
    took: Sequence[float]
    usual: float | None = None


def kept_durations(runbook: Runbook, *, files: Mapping[str, bytes]) -> Parsed[Durations]:
    """Read the durations that stand by a runbook among the repository's files; they may lack."""
    path = str(path_in_repository(runbook, files=files).parent / NAME)
    if path not in files:
        return Parsed()
    try:
        return Parsed(read_durations(files[path], path=path))
    except FreshrunError as error:
        return Parsed(None, (Finding(path, 1, str(error).removeprefix(f"{path}: ")),))


def too_wide(band: Band) -> Iterator[str]:
    """Say where a band is so wide that a command could be many times slower and keep it."""
    shown = f"the band of {band.low:g} s to {band.high:g} s"
    if band.usual is not None:
        yield from _against_usual(shown, band, usual=band.usual)
    elif band.took and band.high > WIDE * max(LEAST, *band.took):
        runs = ", ".join(f"{one:.2f} s" for one in band.took)
        yield f"{shown} ends at {band.high:g} s, and it took {runs}; about ten times that is right"
    elif band.low and band.high > APART * band.low:
        yield f"{shown} has ends that are {band.high / band.low:.0f} times apart; {APART} at most"


def _against_usual(shown: str, band: Band, *, usual: float) -> Iterator[str]:
    """Say where a band and the kept runs part; how busy this machine is now changes nothing."""
    told = f"and the kept runs took {usual:g} s as a rule"
    right = f"{10 * max(LEAST, usual):g} s"
    if not band.low <= usual <= band.high:
        yield f"{shown} leaves out what is usual, {told}"
    elif band.high > ABOUT_TEN * max(LEAST, usual):
        yield f"{shown} ends at {band.high:g} s, {told}; about ten times, {right}, is right"
    elif band.low and band.high > APART * band.low:
        yield f"{shown} has ends that are {band.high / band.low:.0f} times apart; {APART} at most"


def told_otherwise(runbook: Runbook) -> Iterator[Finding]:
    """Yield where the text of a section says another time than the bands of its blocks."""
    for section, end in zip(runbook.sections, [*_starts(runbook)[1:], 0], strict=True):
        bands = {b.options.name or f"line {b.line}": b.options.band for b in section.blocks}
        known = {name: band for name, band in bands.items() if band}
        for line, low, high in _ranges(runbook, section, end=end) if known else ():
            if not any(abs(low - a) + abs(high - b) < 0.001 for a, b in known.values()):  # noqa: PLR2004 - a millisecond
                right = ", ".join(f"{a:g} s to {b:g} s ({name})" for name, (a, b) in known.items())
                message = f"the text says {low:g} s to {high:g} s; the band is {right}"
                yield Finding(runbook.path, line, message)


def _starts(runbook: Runbook) -> list[int]:
    return [section.line for section in runbook.sections]


def _ranges(runbook: Runbook, section: Section, *, end: int) -> Iterator[tuple[int, float, float]]:
    """Yield each range of time that the section's text names, with its line."""
    inside = False
    lines = runbook.text.split("\n")[: end - 1 if end else None]
    for number, text in enumerate(lines, start=1):
        if number < section.line:
            continue
        fence = bool(_FENCE.match(text))
        inside = inside != fence
        for found in () if inside or fence else _RANGE.finditer(text):
            low = f"{found['low']} {found['unit'] or found['last']}"
            high = f"{found['high']} {found['last']}"
            yield number, written_time(low), written_time(high)
