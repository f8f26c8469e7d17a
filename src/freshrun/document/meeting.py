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
class _Agreement:
    """How far a promise and both streams agree, and the way there."""

    wanted: int
    taken: tuple[int, int]
    captures: Mapping[str, str]
    line: str = ""
    before: "_Agreement | None" = None


def _met(promised: str, stdout: str, stderr: str) -> str | None:
    """Return the lines of both streams in a promised order, `None` where there is none such."""
    wanted = expanded(promised_lines(promised))
    streams = (printed_lines(stdout), printed_lines(stderr))
    ends = (len(streams[0]), len(streams[1]))
    waiting, tried = [_Agreement(0, (0, 0), {})], set[tuple[int, tuple[int, int]]]()
    while waiting and len(tried) < _MOST:
        reached = waiting.pop()
        if reached.taken == ends and all(map(is_any_lines, wanted[reached.wanted :])):
            return "\n".join(reversed(list(_way(reached))))
        if (reached.wanted, reached.taken) not in tried:
            tried.add((reached.wanted, reached.taken))
            waiting += _next(reached, wanted=wanted, streams=streams)
    return None


def _next(
    reached: _Agreement, *, wanted: Sequence[str], streams: tuple[list[str], list[str]]
) -> Iterator[_Agreement]:
    """Yield the agreements one line further on; the last is tried first."""
    if reached.wanted >= len(wanted):
        return
    promised = wanted[reached.wanted]
    skips = is_any_lines(promised)
    for which in (1, 0):
        if reached.taken[which] >= len(streams[which]):
            continue
        line = streams[which][reached.taken[which]]
        known = (
            reached.captures
            if skips
            else captures(promised, *expanded([line]), known=reached.captures)
        )
        if known is not None:
            out, err = reached.taken
            taken = (out, err + 1) if which else (out + 1, err)
            yield _Agreement(reached.wanted + (not skips), taken, known, line, reached)
    if skips:
        yield _Agreement(
            reached.wanted + 1,
            reached.taken,
            reached.captures,
            before=reached.before,
            line=reached.line,
        )


def _way(reached: _Agreement) -> Iterator[str]:
    """Yield the lines on the way to an agreement, the last one first."""
    at: _Agreement | None = reached
    while at is not None and at.before is not None:
        yield at.line
        at = at.before
