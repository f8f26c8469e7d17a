"""How two output streams can have met on a terminal: nobody knows whose line came first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun.document.promise import (
    captures,
    expanded,
    is_any_lines,
    printed_lines,
    promised_lines,
)


def meetings(stdout: str, stderr: str, *, promised: str = "") -> tuple[str, ...]:
    """Return the ways in which the streams can have met, and stdout alone.

    One that is as promised, each line in its own stream's order, is among them where there is one.
    """
    ways = (stdout, stdout + stderr, stderr + stdout)
    met = _met(promised, stdout, stderr) if promised and stdout and stderr else None
    return ways if met is None else (*ways, met)


_MOST = 20_000
"""Places at which two streams can have met that are tried before they count as apart."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a promise and both streams agree, and the way there."""

    wanted: int
    taken: tuple[int, int]
    captures: Mapping[str, str]
    line: str = ""
    before: "_Place | None" = None


def _met(promised: str, stdout: str, stderr: str) -> str | None:
    """Return the lines of both streams in a promised order, `None` where there is none such."""
    wanted = expanded(promised_lines(promised))
    streams = (printed_lines(stdout), printed_lines(stderr))
    ends = (len(streams[0]), len(streams[1]))
    waiting, tried = [_Place(0, (0, 0), {})], set[tuple[int, tuple[int, int]]]()
    while waiting and len(tried) < _MOST:
        place = waiting.pop()
        if place.taken == ends and all(map(is_any_lines, wanted[place.wanted :])):
            return "\n".join(reversed(list(_way(place))))
        if (place.wanted, place.taken) not in tried:
            tried.add((place.wanted, place.taken))
            waiting += _next(place, wanted=wanted, streams=streams)
    return None


def _next(
    place: _Place, *, wanted: Sequence[str], streams: tuple[list[str], list[str]]
) -> Iterator[_Place]:
    """Yield the places one line further on; the last is tried first."""
    if place.wanted >= len(wanted):
        return
    promised = wanted[place.wanted]
    skips = is_any_lines(promised)
    for which in (1, 0):
        if place.taken[which] >= len(streams[which]):
            continue
        line = streams[which][place.taken[which]]
        known = (
            place.captures if skips else captures(promised, *expanded([line]), known=place.captures)
        )
        if known is not None:
            out, err = place.taken
            taken = (out, err + 1) if which else (out + 1, err)
            yield _Place(place.wanted + (not skips), taken, known, line, place)
    if skips:
        yield _Place(
            place.wanted + 1, place.taken, place.captures, before=place.before, line=place.line
        )


def _way(place: _Place) -> Iterator[str]:
    """Yield the lines on the way to a place, the last one first."""
    at: _Place | None = place
    while at is not None and at.before is not None:
        yield at.line
        at = at.before
