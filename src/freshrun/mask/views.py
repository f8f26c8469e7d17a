"""The ways in which output can be read: each with the way back to the bytes it came from."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from html.entities import html5
from itertools import accumulate, compress, pairwise
from string import ascii_letters, digits

from freshrun.text import SEQUENCE, jumps, moves, rendered

Span = tuple[int, int]
"""Where something begins and where it ends."""

LEVELS = 3
"""How often an escape can be escaped again: JSON in JSON in a shell's quotes."""

_UNSEEN = (
    r"[\x00-\x08\x0b-\x1f\x7f]+"
    r"|\xc2\x9b[0-?]*[ -/]*[@-~]|\xc2[\x80-\xa0\xad]"  # C1, blanks, soft hyphens
    r"|\xcd\x8f|\xef\xbb\xbf|\xef\xb8[\x80-\x8f]"  # joiners, marks of order, variants
    r"|\xe2(?:\x80[\x80-\xbf]|\x81[\x9f-\xaf]|[\x94\x95][\x80-\xbf])"  # no width, directions, boxes
)
_COVERING = re.compile(f"(?:{SEQUENCE}|{_UNSEEN})+".encode("latin-1"))
"""What stands in an output and is no letter to whoever looks at a terminal."""

_COLOUR = re.compile(rb"\x1b(?:\[(?:[0-9;]*(?:m|\Z)|K)|\Z)|\r(?=\n|\Z)")
"""Most of that, and found in a fraction of the time; none of it moves the cursor."""

_HEX = "[0-9A-Fa-f]"
_ESCAPED = re.compile(
    (
        rf"\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"
        rf"|\\x\{{(?P<braced>{_HEX}{{1,8}})\}}|\\u\{{(?P<point>{_HEX}{{1,6}})\}}"
        rf"|\\x(?P<byte>{_HEX}{{1,2}})|\\u+(?P<unit>{_HEX}{{4}})|\\U(?P<long>{_HEX}{{8}})"
        r"|\\(?P<octal>0[0-3][0-7]{2}|[0-3][0-7]{2}|[0-7]{1,2})"
        r"|\\\r?\n|=\r?\n|\\(?P<letter>[^\x80-\xff])"
        rf"|%u(?P<percent>{_HEX}{{4}})|%(?P<url>{_HEX}{{2}})|=(?P<quoted>{_HEX}{{2}})"
        r"|&#0*(?P<decimal>[0-9]{1,7});?"
        rf"|&#[xX]0*(?P<hex>{_HEX}{{1,6}});?|&(?P<name>[A-Za-z][A-Za-z0-9]{{1,31}});?"
    ).encode("latin-1"),
    re.DOTALL,
)
_ORDINARY = bytes(range(0x20, 0x7F)) + b"\t\n"
_PLAIN = _ORDINARY.translate(None, rb"\%&=")
_UNESCAPED = bytes(set(range(0x100)) - set(rb"\%&="))
_CONTROLS = {ord("n"): b"\n", ord("t"): b"\t", ord("r"): b"\r", ord("0"): b"\0"}

_KEPT = (ascii_letters + digits).encode() + bytes(range(0x80, 0x100))
DROPPED = bytes(set(range(0x100)) - set(_KEPT))
"""What quoting, wrapping and dumping put between the letters of a text, or change."""
_IS_KEPT = bytes(byte in _KEPT for byte in range(0x100))
_LOWER = bytes(range(0x100)).lower()

_OFFSET = re.compile(rb"(?:\A|(?<=\n))[ \t]*[0-9a-fA-F]{6,16}:?(?=[ \t])")
_HAS_OFFSET = re.compile(rb"\n[ \t]*[0-9a-fA-F]{6,16}:?[ \t]")
_BESIDE_LAST = re.compile(rb"[0-9a-fA-F \t]*[ \t][ \t|>][^ \t\n][^\n]{0,32}(?=\n|\Z)")
_BESIDE = re.compile(
    rb"(?:\A|(?<=\n))[ \t]*[0-9a-fA-F]{6,16}:?(?=[ \t])"
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
    """A view in which some places of another are replaced."""

    def __init__(
        self, parent: View, pattern: re.Pattern[bytes], new: Callable[[bytes], bytes] | None = None
    ) -> None:
        super().__init__(pattern.sub((lambda found: new(found[0])) if new else b"", parent.data))
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


def views(data: bytes) -> Iterator[View]:
    """Yield every way in which the bytes can be read, themselves first."""
    raw = View(data)
    if not data.translate(None, _PLAIN):
        yield from (raw, *_dumped(raw))
        return
    for seen in (raw, *_uncovered(raw), *_on_screen(raw)):
        yield from _unescaped(seen)
        yield from _dumped(seen)


def fewest(data: bytes) -> int:
    """Return how many letters and digits the bytes have at least, in whatever way they are read."""
    raw = View(data)
    return min(len(view.bones) for seen in (raw, *_uncovered(raw)) for view in _unescaped(seen))


def bare(text: bytes) -> bytes:
    """Return the text without what is no letter to whoever looks at a terminal."""
    return _COVERING.sub(b"", text)


def unescaped(text: bytes) -> bytes:
    """Return the text with each escape replaced by what it stands for, once."""
    return _ESCAPED.sub(lambda found: _meant(found[0]), text)


def bones(text: bytes) -> bytes:
    """Return the letters and digits of a text in lower case."""
    return View(text).bones


def _uncovered(raw: View) -> Iterator[View]:
    """Yield it without escape sequences and characters that nobody sees."""
    if not raw.data.translate(None, _ORDINARY):
        return
    view = _Edited(raw, _COLOUR)
    if view.data.translate(None, _ORDINARY):
        view = _Edited(raw, _COVERING)
    if view.data != raw.data:
        yield view


def _on_screen(raw: View) -> Iterator[View]:
    """Yield it as a terminal leaves it, where that is more than to leave something out."""
    if not raw.data.translate(None, _ORDINARY):
        return
    if not _COLOUR.sub(b"", raw.data).translate(None, _ORDINARY):
        return
    text = raw.data.decode("utf-8", "surrogateescape")
    if moves(text):
        yield _screen(text, raw.data, lines=True)
        if jumps(text):
            yield _screen(text, raw.data, lines=False)


def _screen(text: str, whole: bytes, *, lines: bool) -> View:
    shown, origins = rendered(text, lines=lines)
    if text.isascii():
        return _Rendered(shown.encode(), whole, lambda place: (origins[place], origins[place] + 1))
    places = _places(text)
    source = [
        places[origin]
        for letter, origin in zip(shown, origins, strict=True)
        for _ in range(_width(letter))
    ]
    return _Rendered(shown.encode("utf-8", "surrogateescape"), whole, source.__getitem__)


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
        if not view.data.translate(None, _UNESCAPED):
            return
        view, before = _Edited(view, _ESCAPED, _meant), view
        if view.data == before.data:
            return
        yield view


@lru_cache(maxsize=4096)
def _meant(escape: bytes) -> bytes:
    """Return what an escape stands for."""
    found = _ESCAPED.match(escape)
    kind = found.lastgroup if found else None
    if found is None or kind is None:
        return b"" if escape.endswith(b"\n") else _pair(escape)
    text = found[kind]
    if kind == "letter":
        return _CONTROLS.get(text[0], text)
    if kind == "octal":
        return bytes([int(text, 8)])
    if kind in {"byte", "url", "quoted"}:
        return bytes([int(text, 16)])
    if kind == "name":
        return _named(text.decode(), whole=escape)
    return _character(int(text, 10 if kind == "decimal" else 16), otherwise=escape)


def _pair(text: bytes) -> bytes:
    r"""Return the character of `\ud83d\ude00`, the two halves that JSON makes of it."""
    high, low = (int(half, 16) for half in text[2:].split(rb"\u"))
    return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)).encode()


def _named(name: str, *, whole: bytes) -> bytes:
    if whole.endswith(b";"):
        return html5[f"{name};"].encode() if f"{name};" in html5 else whole
    lengths = range(len(name), 1, -1)  # `&ltb` is a `<` and a `b`
    known = next((length for length in lengths if name[:length] in html5), 0)
    return html5[name[:known]].encode() + name[known:].encode() if known else whole


def _character(code: int, *, otherwise: bytes) -> bytes:
    return chr(code).encode(errors="surrogatepass") if code <= 0x10FFFF else otherwise  # noqa: PLR2004


def _dumped(view: View) -> Iterator[View]:
    """Yield dumps of bytes without the offsets of their lines, and without the text beside them."""
    if _HAS_OFFSET.search(view.data):
        yield _Dumped(view, _OFFSET)
        yield _Dumped(view, _BESIDE)
