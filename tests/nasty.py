"""Inputs that a regular expression finds hardest: its own beginnings again and again, no end."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import cast

Part = tuple[object, object]
"""An operator of a parsed expression and what it works on."""

_COMMON = (
    *("a", "1", " ", "'", '"', "-", "?", "<a", "[Y/n", "\x1b[", ": ", "a ", "a: ", "1.", "/", "a/"),
    *("\n", " \n", "\n ", "a\n", "(", "<", "$", "a-", "a.", "_", "=", "A ", "#", "\t", "&", "~"),
    *("%", "\\", "a\\", "a=b ", "|", "; ", "(a "),
)
_CHARACTERS = "a1 -./:_'\"A\n<[(~@\t%$=?#"
"""One of these stands for a class of characters."""


def nasty(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Yield texts of about `size` characters that the pattern nearly fits, in many places."""
    pieces = [*_COMMON]
    _sample(_parsed(pattern), pieces)
    for piece in dict.fromkeys(filter(None, pieces)):
        for unit in (piece, f"{piece} ", f"{piece}\n"):
            yield f"{unit * (size // len(unit) + 1)}\0"
    for start in dict.fromkeys(pieces):
        for last in start[-1:] + "a ":
            yield f"{start}{last * size}\0"


def _parsed(pattern: re.Pattern[str]) -> Sequence[Part]:
    parser = import_module("re._parser")
    return cast("Sequence[Part]", parser.parse(pattern.pattern, pattern.flags))


def _sample(parts: Sequence[Part], pieces: list[str]) -> str:
    """Return a text that the parts fit, and note its beginnings."""
    text = ""
    for part in parts:
        pieces.extend([text + piece for piece in _texts(part, pieces)])
        text += next(iter(_texts(part, [])), "")
    return text


def _texts(part: Part, pieces: list[str]) -> list[str]:
    """Return texts that one part fits, the first one for all that comes after it."""
    match str(part[0]):
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
            return _one(part)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, _, inner = cast("tuple[int, int, Sequence[Part]]", part[1])
            return [_sample(inner, pieces) * max(low, 1)]
        case "SUBPATTERN":
            return [
                _sample(cast("tuple[object, object, object, Sequence[Part]]", part[1])[3], pieces)
            ]
        case "ATOMIC_GROUP":
            return [_sample(cast("Sequence[Part]", part[1]), pieces)]
        case "BRANCH":
            ways = cast("tuple[object, list[Sequence[Part]]]", part[1])[1]
            return [_sample(way, pieces) for way in ways]
        case "ASSERT" | "ASSERT_NOT":
            _sample(cast("tuple[int, Sequence[Part]]", part[1])[1], pieces)
    return []


def _one(part: Part) -> list[str]:
    """Return a few characters that one part fits, asked of the part itself."""
    if str(part[0]) == "LITERAL":
        return [chr(cast("int", part[1]))]
    compiler, parser = import_module("re._compiler"), import_module("re._parser")
    one = parser.SubPattern(parser.State(), [part])
    one.state.str = ""
    alone = cast("re.Pattern[str]", compiler.compile(one, 0))
    taken = [character for character in _CHARACTERS if alone.fullmatch(character)]
    return taken[:1] + [each for each in taken[1:] if each in " 1-"]
