"""History expansion: what a `!` does to a line that is typed at bash's own prompt.

The rules are those of bash 5.2 at a terminal, measured there: see the tests.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """What stands behind a `!` that bash takes for an event of its history, with its line, from 1.

    `found` tells whether there is such an event: the line is then another one. Where there is none,
    bash refuses the whole line.
    """

    text: str
    line: int
    found: bool


def history_event(text: str, *, earlier: Sequence[str] = ()) -> HistoryEvent | None:
    """Return the first event in a command that is typed after some others, `None` for none.

    After `set +H` a `!` is a letter as any other, and after `shopt -s extglob` one in `!(…)`.
    """
    for number, line, quoted in _typed_lines(text) if "!" in text else ():
        at = next(history_marks(line, quoted=quoted), None)
        if at is None or (_NEGATES.match(line, at) and any(map(_EXTENDED.search, earlier))):
            continue
        if any(map(_SWITCHED_OFF.search, earlier)):
            return None
        found = _EVENT.match(line, at)
        event = found[0] if found else "!"
        return HistoryEvent(event, number, found=_is_known(event, earlier))
    return None


_EVENT = re.compile(r'!(?:[!$^*#]|-?\d+|\?[^?\n]*\??|[^\s:;&()|<>"]*)')
_EXTENDED = re.compile(r"(?m)^\s*shopt\s+-s\s[^\n;&|]*\bextglob\b")
_NEGATES = re.compile(r"!\([^()]*\)[^!]*\Z")
_SWITCHED_OFF = re.compile(r"(?m)^\s*set\s+\+(?:H|o\s+histexpand)\b")
_RELATIVE = re.compile(r"!(?:[!$^*#:]|-?\d+)?")


def _is_known(event: str, before: Sequence[str]) -> bool:
    if event.startswith("!?"):
        return any(event[2:].rstrip("?") in text for text in before)
    if _RELATIVE.fullmatch(event):
        return bool(before) and event != "!"
    return any(text.startswith(event[1:]) for text in before)


_HERE_DOCUMENT = re.compile(r"<<(?P<tabs>-?)\s*\\?(?P<quote>['\"]?)(?P<end>[\w.-]+)(?P=quote)")


def _typed_lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the lines that bash looks for a `!` in: number, text, and whether `'` is open before.

    What stands in a here-document it leaves alone.
    """
    quote, ends = "", list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if ends:
            if line.strip("\t") == ends[0]:
                ends.pop(0)
            continue
        yield number, line, quote == "'"
        quote = _open_after(line, quote)
        ends = [found["end"] for found in _HERE_DOCUMENT.finditer(line)] if not quote else []


def _open_after(line: str, quote: str) -> str:
    """Return the quote that is open after a line, given the one that is open before it."""
    for piece in _PIECE.finditer(line):
        sign = piece[0]
        if quote == "" and sign in {"'", '"', "$'"}:
            quote = sign[-1] if sign != "$'" else "$"
        elif (quote in {"'", "$"} and sign.endswith("'")) or (quote == '"' and sign == '"'):
            quote = ""
        elif quote == "" and sign.startswith("#"):
            return ""
    return quote


_PIECE = re.compile(r"\\.|\$'|['\"]|(?:(?<=\s)|^)#|!")
_NO_EVENT = re.compile(r"!(?:[\s=]|$)")


def history_marks(line: str, *, quoted: bool = False) -> Iterator[int]:
    """Yield where in a line a `!` begins an event; `quoted` where it begins within `'`."""
    quote = "'" if quoted else ""
    ends = {"[": line.rfind("]"), "{": line.rfind("}")}
    for piece in _PIECE.finditer(line):
        sign, at = piece[0], piece.start()
        if quote in {"'", "$"}:
            quote = "" if sign.endswith("'") else quote
        elif sign == '"':
            quote = "" if quote else '"'
        elif quote == "" and sign in {"'", "$'"}:
            quote = sign[0]
        elif quote == "" and sign == "#":
            return
        elif sign == "!" and not (
            _NO_EVENT.match(line, at)
            or (quote and line.startswith(quote, at + 1))
            or line.startswith("$", at - 1)
            or (line.startswith("[", at - 1) and ends["["] > at)
            or (line.startswith("${", at - 2) and ends["{"] > at)
        ):
            yield at
