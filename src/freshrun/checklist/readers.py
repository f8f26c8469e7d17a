"""Readers of a failing run's outputs: the IDs that stand where a selector points."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from freshrun.model import FreshrunError
from freshrun.text import Expression

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")

Keys = tuple[str | int, ...]
"""Where a value stands in an output: the keys that lead to it from the root."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One ID, and its place in the output that holds it.

    `span` is its range of characters in `text_of(content)`, known for regular expressions only;
    `place` is a path in the XML or JSON tree, or the span in words, and unique in the output.
    `path` leads to the ID, and its first `unit` keys to what it is said of: the test case, the
    JSON object, the line.
    """

    value: str
    place: str
    span: tuple[int, int] | None = None
    path: Keys = ()
    unit: int = 0


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selector yields from one output, in order, and why that is not all, or nothing.

    `line` is that of the fault, 0 where none is known. `nulls` is how often it met a JSON null,
    which names nothing. `is_foreign` tells of JSON that has other keys than those that the selector
    asks for; one whose list is empty is none.
    """

    sightings: tuple[Sighting, ...] = ()
    fault: str = ""
    line: int = 0
    nulls: int = 0
    is_foreign: bool = False


Selector = Callable[[bytes], Selected]


class SelectorError(ValueError):
    """A selector that can't be compiled; its text says what is wrong with it."""


def text_of(content: bytes) -> str:
    r"""Return an output as text: UTF-8, bad bytes as `\xNN`."""
    return content.decode(errors="backslashreplace")


def by_expression(source: str) -> Selector:
    """Return the reader for a regular expression in multi-line mode whose one group is the ID."""
    pattern = expression(source, multi_line=True)
    if pattern.groups != 1:
        raise SelectorError(f"{source} has {pattern.groups} groups; exactly one, the ID, is right")
    return partial(_matched, pattern)


def expression(source: str, *, multi_line: bool = False) -> Expression:
    """Compile a regular expression; `SelectorError` where it is none."""
    try:
        return Expression(source, multi_line)
    except ValueError as error:
        raise SelectorError(f"{source} is not a regular expression: {error}") from error


def _matched(pattern: Expression, content: bytes) -> Selected:
    try:
        return Selected(tuple(_in_lines(pattern, text_of(content))))
    except FreshrunError as error:
        return Selected(fault=f"can't be searched: {error}")


def _in_lines(pattern: Expression, text: str) -> Iterator[Sighting]:
    """Yield what is found in a text as a terminal shows it: without the escapes of its colours."""
    shown, shifts = _without_escapes(text)
    line, position = 1, 0
    for match in pattern.finditer(shown):
        if match[1] is None:
            continue
        line, position = line + shown.count("\n", position, match.start(1)), match.start(1)
        start, end = (place + _shift(shifts, place) for place in match.span(1))
        yield Sighting(match[1], f"characters {start}-{end}", (start, end), (line,), 1)


_Shifts = tuple[list[int], list[int]]
"""Places in the shown text, and how much further on they are in the text itself."""


def _without_escapes(text: str) -> tuple[str, _Shifts]:
    shown: list[str] = []
    places, shifts = [0], [0]
    length = end = 0
    for escape in _ESCAPE.finditer(text) if "\x1b" in text else ():
        shown.append(text[end : escape.start()])
        length, end = length + escape.start() - end, escape.end()
        places.append(length)
        shifts.append(end - length)
    return "".join((*shown, text[end:])), (places, shifts)


def _shift(shifts: _Shifts, place: int) -> int:
    return shifts[1][bisect_right(shifts[0], place) - 1]
