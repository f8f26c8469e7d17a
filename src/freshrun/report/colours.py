"""What was printed, in the colours that a terminal gives it, as HTML that needs no inline style."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

from markupsafe import Markup
from rich.ansi import AnsiDecoder
from rich.color import ColorSystem
from rich.style import Style

from freshrun.report import words
from freshrun.text import rendered

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_LETTERS = ("bold", "italic", "underline", "strike")


def coloured(text: str, *, hidden: Callable[[str], str] = str) -> Markup:
    """Return a text as a terminal leaves it, its colours as classes; plain where it has none."""
    plain = hidden(words.plain(text))
    if "\x1b[" not in text or not _COLOUR.search(text):
        return _escaped(plain)
    letters, origins = rendered(text, lines=True)
    if hidden(words.plain(letters)) != words.plain(letters):
        return _escaped(plain)
    return Markup("").join(_spans(letters, origins, _Styles(text)))


class _Styles:
    """The classes that hold at each place of a text."""

    def __init__(self, text: str) -> None:
        decoder = AnsiDecoder()
        self._starts, self._classes = [0], [""]
        for found in _COLOUR.finditer(text):
            decoder.decode_line(found[0].replace(":", ";"))
            self._starts.append(found.end())
            self._classes.append(_classes(decoder.style))

    def at(self, place: int) -> str:
        """Return the classes of the letter that was printed there; none of a blank from nowhere."""
        return self._classes[bisect_right(self._starts, place) - 1] if place >= 0 else ""


def _classes(style: Style) -> str:
    """Return the classes of a style; a ground of its own is marked, whatever its colour was."""
    names = [name for name in _LETTERS if getattr(style, name)]
    if style.bgcolor is not None or style.reverse:
        names.append("marked")
    elif style.dim:
        names.append("dim")
    elif style.color is not None and not style.color.is_default:
        number = style.color.downgrade(ColorSystem.STANDARD).number or 0
        names.append(f"c{number % 8}")
    return " ".join(names)


def _spans(letters: str, origins: list[int], styles: _Styles) -> Iterator[Markup]:
    styled = zip(letters, map(styles.at, origins), strict=True)
    for classes, run in groupby(styled, key=lambda each: each[1]):
        text = _escaped(words.plain("".join(letter for letter, _ in run)))
        yield Markup('<span class="{}">{}</span>').format(classes, text) if classes else text


def _escaped(text: str) -> Markup:
    return Markup(escape(text))  # noqa: S704 - this is the escaping
