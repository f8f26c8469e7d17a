"""The ways in which output can be read: each with the way back to the bytes it came from."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import accumulate, compress, pairwise
from string import ascii_letters, digits

from freshrun.mask.covering import COLOUR, COVERING, ORDINARY, bare, uncoloured
from freshrun.mask.escapes import ESCAPED, LEVELS, meant, unescaped
from freshrun.text import jumps, moves, painted, rendered

Span = tuple[int, int]
"""Where something begins and where it ends."""

_PLAIN = ORDINARY.translate(None, rb"\%&=")

_KEPT = (ascii_letters + digits).encode() + bytes(range(0x80, 0x100))
DROPPED = bytes(set(range(0x100)) - set(_KEPT))
"""What quoting, wrapping and dumping put between the letters of a text, or change."""
_IS_KEPT = bytes(byte in _KEPT for byte in range(0x100))
_LOWER = bytes(range(0x100)).lower()

_PLACE = rb"[ \t]*(?:[0-9a-fA-F]{6,16}:?|0x[0-9a-fA-F]{4,16}:)"
_OFFSET = re.compile(rb"(?:\A|(?<=\n))" + _PLACE + rb"(?=[ \t])")
_HAS_OFFSET = re.compile(rb"\n" + _PLACE + rb"[ \t]")
_BESIDE_LAST = re.compile(rb"[0-9a-fA-F \t]*[ \t][ \t|>][^ \t\n][^\n]{0,32}(?=\n|\Z)")
_BESIDE = re.compile(
    rb"(?:\A|(?<=\n))" + _PLACE + rb"(?=[ \t])"
    rb"|(?<=[0-9a-fA-F])[ \t]+[|>][^\n]{0,32}[|<](?=[ \t\r]*(?:\n|\Z))"
    rb"|(?<=[0-9a-fA-F])[ \t]{2,}[^ \t\n][^\n]{0,16}(?=\n|\Z)"
)


class View:
    """One way to read some bytes; `back` leads from a place in it to the bytes themselves."""

    def __init__(self, data: bytes, back: "Callable[[int], Span] | None" = None) -> None:
        """Take the text; without `back` it is the bytes themselves."""
        self.data = data
        self._back = back

    def back(self, place: int) -> Span:
        """Return where the byte at `place` came from."""
        return self._back(place) if self._back else (place, place + 1)

    def span(self, start: int, end: int) -> Span:
        """Return where what stands from `start` to `end` came from; nothing where from nowhere."""
        if not self.scattered:
            return self.back(start)[0], self.back(end - 1)[1]
        places = map(self.back, range(start, end))
        known = [place for place in places if place[0] >= 0]
        return (min(a for a, _ in known), max(b for _, b in known)) if known else (0, 0)

    @property
    def scattered(self) -> bool:
        """Tell whether what stands side by side here can come from any places."""
        return False

    @property
    def whole(self) -> bytes:
        """Return the bytes themselves."""
        return self.data

    @cached_property
    def bones(self) -> bytes:
        """Return its letters and digits alone, in lower case: what no quoting changes."""
        return self.data.translate(_LOWER, DROPPED)

    @cached_property
    def joints(self) -> list[int]:
        """Return where each byte of the bones stands in the text."""
        return list(compress(range(len(self.data)), self.data.translate(_IS_KEPT)))


class _Rendered(View):
    """What a terminal shows in the end, whose letters came in any order."""

    def __init__(self, data: bytes, whole: bytes, back: Callable[[int], Span]) -> None:
        super().__init__(data, back)
        self._whole = whole

    @property
    def whole(self) -> bytes:
        return self._whole

    @property
    def scattered(self) -> bool:
        return True


class _Edited(View):
    """A view in which some places of another are replaced; `data` is what that gives."""

    def __init__(
        self,
        parent: View,
        pattern: re.Pattern[bytes],
        data: bytes,
        new: Callable[[bytes], bytes] | None = None,
    ) -> None:
        super().__init__(data)
        self._parent, self._pattern, self._new = parent, pattern, new

    @property
    def whole(self) -> bytes:
        return self._parent.whole

    def back(self, place: int) -> Span:
        starts, edits = self._edits
        before = bisect_right(starts, place) - 1
        if before < 0:
            return self._parent.back(place)
        end, (first, last) = edits[before]
        if place < end:
            return self._parent.back(first)[0], self._parent.back(last - 1)[1]
        return self._parent.back(last + place - end)

    @property
    def scattered(self) -> bool:
        return self._parent.scattered

    @cached_property
    def _edits(self) -> tuple[list[int], list[tuple[int, Span]]]:
        """Return where each edit begins and ends in this view, and in the other."""
        starts: list[int] = []
        edits: list[tuple[int, Span]] = []
        moved = 0
        for found in self._pattern.finditer(self._parent.data):
            start, length = found.start() + moved, len(self._new(found[0])) if self._new else 0
            starts.append(start)
            edits.append((start + length, found.span()))
            moved += length - (found.end() - found.start())
        return starts, edits


class _Dumped(_Edited):
    """A dump of bytes: what its last line shows of them beside belongs to what is found in it."""

    def span(self, start: int, end: int) -> Span:
        first, last = super().span(start, end)
        beside = _BESIDE_LAST.match(self.whole, last)
        return first, beside.end() if beside else last


def views(data: bytes, *, telling: Callable[[View], bool]) -> Iterator[View]:
    """Yield the ways in which the bytes can be read, themselves first.

    `telling` says whether a view holds anything that is looked for. What a terminal shows is traced
    to where it came from only where its letters alone tell.
    """
    raw = View(data)
    if not data.translate(None, _PLAIN):
        yield from (raw, *_dumped(raw))
        return
    plain = uncoloured(data)
    for seen in _seen(raw, plain=plain):
        yield from _read(seen)
    for lines in _screens(data) if plain is None else ():
        if any(map(telling, _read(_painted(data, lines=lines)))):
            yield from _read(_rendered(data, lines=lines))


def fewest(data: bytes) -> int:
    """Return how many letters and digits the bytes have at least, in whatever way they are read."""
    raw = View(data)
    if not data.translate(None, _PLAIN):
        return len(raw.bones)
    seen = _seen(raw, plain=uncoloured(data))
    return min(len(view.bones) for each in seen for view in _unescaped(each))


def bones(text: bytes) -> bytes:
    """Return the letters and digits of a text in lower case."""
    return View(text).bones


def _read(seen: View) -> Iterator[View]:
    yield from _unescaped(seen)
    yield from _dumped(seen)


def _seen(raw: View, *, plain: bytes | None) -> Iterator[View]:
    """Yield it as it is, and without what nobody sees; `plain` is it where that is colours."""
    yield raw
    pattern = COVERING if plain is None else COLOUR
    plain = bare(raw.data) if plain is None else plain
    if plain != raw.data:
        yield _Edited(raw, pattern, plain)


def _screens(data: bytes) -> Iterator[bool]:
    """Yield whether a terminal leaves more out than what nobody sees: by line, and over lines."""
    text = _text(data)
    if moves(text):
        yield True
        if jumps(text):
            yield False


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _painted(data: bytes, *, lines: bool) -> View:
    """Return what a terminal shows in the end, without the way back."""
    return View(painted(_text(data), lines=lines).encode("utf-8", "surrogateescape"))


def _rendered(data: bytes, *, lines: bool) -> View:
    text = _text(data)
    shown, origins = rendered(text, lines=lines)
    if text.isascii():
        return _Rendered(shown.encode(), data, lambda place: (origins[place], origins[place] + 1))
    places = _places(text)
    source = [
        places[origin]
        for letter, origin in zip(shown, origins, strict=True)
        for _ in range(_width(letter))
    ]
    return _Rendered(shown.encode("utf-8", "surrogateescape"), data, source.__getitem__)


def _places(text: str) -> list[Span]:
    """Return where the bytes of each letter stand; the last place is nowhere."""
    ends = list(accumulate(map(_width, text), initial=0))
    return [*pairwise(ends), (-1, 0)]


def _width(letter: str) -> int:
    return 1 if letter < "\x80" else len(letter.encode("utf-8", "surrogateescape"))


def _unescaped(view: View) -> Iterator[View]:
    """Yield the view, and with each escape replaced by what it stands for, and so on."""
    yield view
    for _ in range(LEVELS):
        data = unescaped(view.data)
        if data == view.data:
            return
        view = _Edited(view, ESCAPED, data, meant)
        yield view


def _dumped(view: View) -> Iterator[View]:
    """Yield dumps of bytes without the offsets of their lines, and without the text beside them."""
    if (b" " in view.data or b"\t" in view.data) and _HAS_OFFSET.search(view.data):
        for beside in (_OFFSET, _BESIDE):
            yield _Dumped(view, beside, beside.sub(b"", view.data))
