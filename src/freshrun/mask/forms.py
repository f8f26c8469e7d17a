"""The forms in which a secret is written, and the search for all of them at once."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.entities import codepoint2name
from string import ascii_letters, digits

_SAME = frozenset(ascii_letters + digits + "_.-")
"""Characters that JSON, URLs, XML and shells all leave as they are."""

_LINE = 8
"""Characters that a line of a secret needs to be a secret by itself."""

_HINT = 24
_WORD_END = re.compile(rb"\\.|[^A-Za-z0-9_.-]+")
_LINE_BREAK = rb"(?:\r?\n[ \t]{0,8}|\\n)?"
_LINE_BREAK_WIDTH = 10
_BYTE_BREAK = rb"[\s:%]{0,3}"
_BYTE_WIDTH = 5
_BREAKS = b" \t\r\n:%"


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms of some secrets: `pattern` matches one, in at most `longest` bytes.

    `literals` are the forms as they stand in one piece. `hints` are words, one of which is in
    every match when line breaks are left out: to look for them takes a tenth of the time.
    """

    pattern: re.Pattern[bytes]
    longest: int
    literals: frozenset[bytes]
    hints: frozenset[bytes]

    def possible_in(self, data: bytes) -> bool:
        """Tell whether `data` may hold a form; only "no" is certain."""
        whole = data.replace(rb"\n", b"") if b"\\" in data else data
        bare = whole.translate(None, _BREAKS)
        return any(hint in bare for hint in self.hints)

    def spans(self, data: bytes, *, end: int) -> Iterator[tuple[int, int]]:
        """Yield where the forms stand that start before `end`, also where they overlap."""
        start = 0 if self.possible_in(data) else end
        while start < end and (found := self.pattern.search(data, start)):
            if found.start() >= end:
                return
            yield found.span()
            start = found.start() + 1

    def begun(self, data: bytes, *, share: float = 0) -> int:
        """Return how many bytes at the end of `data` begin a form, if over `share` of it."""
        starts = (
            form[:length]
            for form in self.literals
            for length in range(int(share * len(form)) + 1, len(form))
        )
        return max((len(start) for start in starts if data.endswith(start)), default=0)


@cache
def forms(secrets: frozenset[str]) -> Forms:
    """Return every form of the secrets; of one with several lines, its longer lines' as well."""
    # Where two start at one place, the first in the pattern is taken: the longer one.
    by_length = sorted((secret.strip() for secret in secrets), key=len, reverse=True)
    found = [
        *(form for secret in by_length for form in _forms(secret)),
        *(_text(line) for secret in by_length for line in _lines(secret)),
    ]
    return Forms(
        re.compile(b"|".join(form.pattern for form in found)),
        max(form.longest for form in found),
        frozenset(form.literal for form in found),
        frozenset(max(_WORD_END.split(form.literal), key=len)[:_HINT] for form in found),
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """One form: what matches it, in at most how many bytes, and how it stands in one piece."""

    pattern: bytes
    longest: int
    literal: bytes


def _forms(secret: str) -> Iterator[_Form]:
    yield _text(secret)
    data = _bytes(secret)
    yield from (_base64(data, shift) for shift in range(3))
    yield from (_hex(digits.encode()) for digits in (data.hex(), data.hex().upper()))


def _lines(secret: str) -> Iterator[str]:
    lines = [line.strip() for line in secret.splitlines()]
    return (line for line in lines if len(line) >= _LINE and line != secret)


def _text(secret: str) -> _Form:
    """Return the form of a text, each character of which may be escaped in any usual way."""
    ways = [sorted(_ways(character), key=len, reverse=True) for character in secret]
    pattern = b"".join(b"(?:%b)" % b"|".join(map(re.escape, each)) for each in ways)
    return _Form(pattern, sum(len(each[0]) for each in ways), _bytes(secret))


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _ways(character: str) -> set[bytes]:
    """Return how a character is written: as it is, and as JSON, URLs, XML and shells do it."""
    raw, code = _bytes(character), ord(character)
    if character in _SAME:
        return {raw}
    percent = "".join(f"%{byte:02X}" for byte in raw)
    texts = {
        *(percent, percent.lower()),
        *(f"&#{code};", f"&#x{code:x};", f"&#x{code:X};", f"&{_NAMES.get(code, f'#{code}')};"),
        *(json.dumps(character)[1:-1], f"\\u{code:04x}", f"\\u{code:04X}"),
        "".join(f"\\{byte:03o}" for byte in raw),
        "".join(f"\\x{byte:02x}" for byte in raw),
        *_ELSE.get(character, ()),
    }
    escaped = {b"\\" * count + raw for count in (0, 1, 3)}
    return escaped | {text.encode() for text in texts}


_NAMES = {ord("'"): "apos", **codepoint2name}
_ELSE = {
    " ": ("+",),
    "'": ("'\\''", "'\"'\"'", "''"),
    "\n": ("\r\n", " ", "\\\\n", "\\r\\n"),
}
"""What forms, shells, YAML and terminals make of a character."""


def _base64(plain: bytes, shift: int) -> _Form:
    """Return the base64 digits that `plain` alone decides when `shift` bytes stand before it.

    Lines are broken after groups of four digits, whatever their length.
    """
    encoded = b64encode(bytes(shift) + plain).rstrip(b"=")
    first, (last, shared) = -(-shift * 8 // 6), divmod((shift + len(plain)) * 8, 6)
    groups = [encoded[max(at, first) : min(at + 4, last)] for at in range(first // 4 * 4, last, 4)]
    lines = (b"".join(_DIGITS.get(digit, bytes([digit])) for digit in group) for group in groups)
    pattern = _LINE_BREAK.join(lines) + (_SHARED_DIGIT if shared else b"")
    return _Form(pattern, _GROUP_WIDTH * (len(groups) + 1), encoded[first:last])


_DIGITS = {ord("+"): b"(?:[+-]|%2[bB])", ord("/"): rb"(?:[/_]|%2[fF]|\\/)"}
"""The two digits that URLs write in another way."""

_SHARED_DIGIT = b"[A-Za-z0-9+/_-]?={0,2}"
"""The digit that also holds bits of what follows the secret, and the end of the encoding."""

_GROUP_WIDTH = 4 * len("%2B") + _LINE_BREAK_WIDTH


def _hex(digits: bytes) -> _Form:
    """Return the form of hex digits, two for each byte, with what dumps put between them."""
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    return _Form(_BYTE_BREAK.join(pairs), _BYTE_WIDTH * len(pairs), digits)
