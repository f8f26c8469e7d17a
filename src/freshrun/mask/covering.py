"""What stands in an output and is no letter to whoever looks at a terminal, taken away fast.

`re` needs a microsecond for each sequence that it replaces, and looks at every byte in between.
Most outputs repeat a few sequences, all of them whole: those are removed one after the other. That
gives what the expression gives, since a whole sequence begins with an escape character, holds no
other one, and is never the begin of a longer one. Where anything else begins with an escape
character, the expression itself decides.
"""

import re

from freshrun.text import SEQUENCE

COVERING = re.compile(
    (
        f"(?:{SEQUENCE}"
        r"|\x1b|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]+"
        r"|\xc2\x9b[0-?]*[ -/]*[@-~]|\xc2[\x80-\xa0\xad]"  # C1, blanks, soft hyphens
        r"|\xcd\x8f|\xef\xbb\xbf|\xef\xb8[\x80-\x8f]"  # joiners, marks of order, variants
        # no width, directions, boxes
        r"|\xe2(?:\x80[\x80-\xbf]|\x81[\x9f-\xaf]|[\x94\x95][\x80-\xbf]))+"
    ).encode("latin-1")
)
"""All of it."""

COLOUR = re.compile(rb"\x1b(?:\[(?:[0-9;]*(?:m|\Z)|K)|\Z)|\r(?=\n|\Z)")
"""What most of it is; none of it moves the cursor."""

_NARROW = rb"\xe2(?:\x80[\x80-\xbf]|\x81[\x9f-\xaf]|[\x94\x95][\x80-\xbf])"
_WIDE = {
    b"\xe2": re.compile(_NARROW + b"(?:" + _NARROW + b")*"),
    b"\xc2": re.compile(rb"\xc2(?:\x9b[0-?]*[ -/]*[@-~]|[\x80-\xa0\xad])"),
    b"\xcd": re.compile(rb"\xcd\x8f"),
    b"\xef": re.compile(rb"\xef(?:\xbb\xbf|\xb8[\x80-\x8f])"),
    b"\x9b": re.compile(rb"\x9b[0-?]*[ -/]*[@-~]"),
}
"""What begins with a byte past ASCII, by that byte; the last can be a part of the others."""

_COLOURED = re.compile(rb"\x1b\[(?:[0-9;]*m|K)")
_WHOLE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])")
_OPEN = re.compile(rb"\x1b(?:\[[0-9;]*)?\Z")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n")) + b"\x7f"
_KINDS = 32
"""Different sequences that are replaced one after the other; with more of them it doesn't pay."""

ORDINARY = bytes(range(0x20, 0x7F)) + b"\t\n"
"""What needs no terminal to be read."""

_COLOURABLE = ORDINARY + b"\x1b\r"


def uncoloured(data: bytes) -> bytes | None:
    """Return the bytes without colours and ends of lines, `None` where there is more than those."""
    first, last = data.find(b"\x1b"), data.rfind(b"\x1b")
    text = data.removesuffix(b"\r")
    if first >= 0 and _OPEN.match(data, last):
        text = data[:last]
    if last >= 0 and not _COLOURED.match(text, first) and first < len(text):
        return None
    if data.translate(None, _COLOURABLE):
        return None
    plain = _with_nuls(_COLOURED, text.replace(b"\r\n", b"\n"))
    return None if plain is None or b"\r" in plain else plain.replace(b"\0", b"")


def bare(data: bytes) -> bytes:
    """Return the bytes without anything that is no letter to whoever looks at a terminal."""
    last = data.rfind(b"\x1b")
    cut = len(data) if last < 0 or _WHOLE.match(data, last) else last  # in the middle of a sequence
    text = data[:cut]
    if not text.isascii():
        for lead, covering in _WIDE.items():
            if lead in text:
                text = covering.sub(b"\0", text)  # a NUL keeps apart what was so; it goes at last
    plain = _with_nuls(_WHOLE, text)
    if plain is None:
        return COVERING.sub(b"", data)
    return plain.translate(None, _CONTROLS) + COVERING.sub(b"", data[cut:])


def _with_nuls(kind: re.Pattern[bytes], data: bytes) -> bytes | None:
    """Return the bytes with a NUL for each sequence, `None` where there are any of another kind.

    The NUL keeps what stood before one from making a sequence with what stands behind it.
    """
    at = data.find(b"\x1b")
    for _ in range(_KINDS):
        if at < 0:
            return data
        if (found := kind.match(data, at)) is None:
            return None
        data = data.replace(found[0], b"\0")
        at = data.find(b"\x1b", at)
    data = kind.sub(b"\0", data)
    return None if b"\x1b" in data else data
