"""The forms in which a secret is written, but for escapes, quotes and blanks, which views undo."""

import codecs
import unicodedata
from base64 import a85encode, b32encode, b64encode, b85encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase, digits

from freshrun.mask.covering import bare
from freshrun.mask.escapes import LEVELS, unescaped
from freshrun.mask.views import DROPPED, bones

_LINE = 8
"""Characters that a line of a secret needs to be a secret by itself."""

_MIXED, _UNIFORM = 8, 12
"""Letters and digits that tell a form by themselves: both kinds of them, and of one kind."""

_DIGITS = digits.encode()
_LETTERS = ascii_lowercase.encode()

_NUMBERS = ("{:#04x}", "{:#x}", "{:d}", "{:03o}", "{:08b}")
"""How a list of bytes is written: in C, in Go, in most languages, and in dumps."""

_POINTS = ("{:d}", "u{:04x}", "chr{:d}", "char{:d}", "h{:02x}", "x{:02x}")
"""How one of code points is: lists, `U+0041`, `chr(65)`, `CHAR 65`, `&H41`, `#x41`."""

_CONTROLS = """
nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si
dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp
"""
"""What `od -a` calls the first bytes."""

_C_ESCAPES = {0: "0", **dict(enumerate("abtnvfr", start=7))}
"""The letters of C's escapes, as `od -c` has them."""

_PAST_ASCII = 0x80

_LONG = 1024
"""Bytes past which a secret is looked for in its usual forms alone."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a secret: `text`, the `bones` of it, and what stands around those.

    `before` and `after` are the other characters at both ends of the text. `open_ended` tells that
    its last digit may be followed by one that holds bits of it and of what comes next. `strong`
    tells that the bones alone can't be another text by chance.
    """

    text: bytes
    bones: bytes
    before: bytes
    after: bytes
    open_ended: bool
    strong: bool


def _form(text: bytes, *, open_ended: bool = False) -> Form:
    kept = bones(text)
    before = text[: len(text) - len(text.lstrip(DROPPED))]
    after = text[len(text.rstrip(DROPPED)) :] if kept else b""
    uniform = not kept.translate(None, _DIGITS) or not kept.translate(None, _LETTERS)
    strong = len(kept) >= (_UNIFORM if uniform else _MIXED)
    return Form(text, kept, before, after, open_ended, strong)


@cache
def forms(secrets: frozenset[str]) -> tuple[Form, ...]:
    """Return every form of the secrets; of one with several lines, its longer lines' as well."""
    texts = [secret.strip() for secret in secrets]
    found = [
        *(form for text in texts for form in _forms(text)),
        *(form for text in texts for line in _lines(text) for form in _plain(_bytes(line))),
    ]
    return tuple(dict.fromkeys(form for form in found if form.text.strip()))


def _forms(secret: str) -> Iterator[Form]:
    spellings = {secret, *(unicodedata.normalize(form, secret) for form in ("NFC", "NFD"))}
    if not secret.isascii():  # the case of other letters is none for the search
        spellings |= {secret.upper(), secret.lower(), secret.swapcase()}
    for text in sorted(spellings):
        yield from _plain(_bytes(text))
        if not text.isascii():
            yield _form(b"".join(map(_short, text)))
            yield from (_form(wide) for order in ("le", "be") for wide in _wide(text, order))
    data = _bytes(secret)
    yield from (_form(data.replace(b"'", way)) for way in _QUOTED if b"'" in data)
    yield from _usual(data)
    for wide in _wide(secret, "le"):
        yield from _usual(wide)
    if len(data) <= _LONG:
        yield from _unusual(data)


_QUOTED = (b"'\"'\"'", rb"'\''")
"""A quote between single quotes, as Python's and as people's shell text has it."""


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _short(letter: str) -> bytes:
    r"""Return a letter as `\xe4` and Latin-1 have it, where they do."""
    return bytes([ord(letter)]) if letter < "\u0100" else _bytes(letter)


def _wide(text: str, order: str) -> Iterator[bytes]:
    """Yield the text in UTF-16, nothing where that can't hold it."""
    try:
        yield text.encode(f"utf-16-{order}")
    except UnicodeEncodeError:
        return


def _lines(secret: str) -> Iterator[str]:
    lines = dict.fromkeys(line.strip() for line in secret.splitlines())
    return (line for line in lines if len(line) >= _LINE and line != secret)


def _plain(data: bytes) -> Iterator[Form]:
    """Yield a text, and what is left of it when escapes that stand in it are taken for such."""
    for _ in range(LEVELS + 1):
        for text in dict.fromkeys((data, bare(data))):
            yield _form(text)
        if (plainer := unescaped(data)) == data:
            return
        data = plainer


def _usual(data: bytes) -> Iterator[Form]:
    """Yield base64 and hex, which are told by their digits alone."""
    for text in (*_base64(data), *_shifted(data, 5, b32encode)):
        yield _form(text, open_ended=True)
    pairs = data.hex().encode()
    yield _form(pairs)
    if not _form(pairs).strong:
        yield _form(pairs.upper())


def _unusual(data: bytes) -> Iterator[Form]:
    text = data.decode(errors="surrogateescape")
    texts = [
        *(outer for inner in _base64(data) for outer in _base64(inner)),
        *(form for encode in (b85encode, a85encode) for form in _in_fives(data, encode)),
        *("".join(map(kind.format, data)).encode() for kind in _NUMBERS),
        *("".join(map(kind.format, map(ord, text))).encode() for kind in _POINTS),
        *(words for width in (2, 4, 8) for words in _words(data, width, f"0{2 * width}x")),
        *(words for kind in ("06o", "d", "05d") for words in _words(data, 2, kind)),
        *_as_tools_show(data),
        data[::-1],
        _bytes(text[::-1]),
        codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1"),
    ]
    return (form for text in texts if (form := _form(text, open_ended=True)).strong)


def _base64(data: bytes) -> Iterator[bytes]:
    return _shifted(data, 3, b64encode)


def _shifted(data: bytes, group: int, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Yield the digits that `data` alone decides, for each place in a group where it can begin."""
    width = {3: 6, 5: 5}[group]
    for shift in range(group):
        encoded = encode(bytes(shift) + data)
        yield encoded[-(-shift * 8 // width) : (shift + len(data)) * 8 // width]


def _in_fives(data: bytes, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Yield the whole groups of base85, four bytes each, for each place where they can begin."""
    for start in range(4):
        whole = (len(data) - start) // 4 * 4
        yield encode(data[start : start + whole])


def _words(data: bytes, width: int, form: str) -> Iterator[bytes]:
    """Yield the words in which dumps show it on machines that store the last byte first."""
    for start in range(width):
        ends = range(start + width, len(data) + 1, width)
        words = (int.from_bytes(data[end - width : end], "little") for end in ends)
        yield "".join(f"{word:{form}}" for word in words).encode()


def _as_tools_show(data: bytes) -> Iterator[bytes]:
    """Yield what `od -c`, `od -a`, `od -t d1` and `cat -v` make of the bytes."""
    yield "".join(map(_with_c, data)).encode()
    names = (*_CONTROLS.split(), *map(chr, range(0x21, _PAST_ASCII)))
    yield "".join(names[b & 0x7F] for b in data).encode()
    yield "".join(str(b if b < _PAST_ASCII else b - 0x100) for b in data).encode()
    yield "".join(chr(b) if b < _PAST_ASCII else f"M-{_caret(b & 0x7F)}" for b in data).encode()


def _with_c(byte: int) -> str:
    """Return a byte as `od -c` shows it."""
    if 0x20 <= byte < 0x7F:  # noqa: PLR2004
        return chr(byte)
    return _C_ESCAPES.get(byte) or f"{byte:03o}"


def _caret(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else f"^{chr(byte ^ 0x40)}"  # noqa: PLR2004
