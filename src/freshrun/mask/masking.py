"""Secrets in what a machine prints and in what is told of it, replaced before anyone sees them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import accumulate, repeat
from operator import mul
from types import MappingProxyType
from typing import TypeVar, cast

from freshrun.mask.search import Search, search
from freshrun.mask.views import Span, fewest

MASK = b"***"

SHORTEST = 4
"""Characters that a secret needs: a shorter one stands in half of all words."""

_BATCH = 128 * 1024
"""Bytes that are searched at once, at least."""

_REST = 8 * 1024
"""Bytes that are held back and searched again, at least."""

_SPREAD = 512 * 1024
"""Bytes over which a secret may be spread."""

_HELD = 8
"""How often the longest form fits into what is held back at most: it may come in many pieces."""

_AGAIN = 3
"""How often what is hidden is searched again: what it leaves may meet."""

_INTRICATE = re.compile(rb"[^\t\x20-\x24\x27-\x3c\x3e-\x5b\x5d-\x7e]")

_T = TypeVar("_T")


class Mask:
    """Replaces secrets, in bytes that arrive in pieces and in whole values.

    A secret is found as a reader could find it: past colours and movements of the cursor, as a
    terminal leaves it, in escapes of any usual kind, in base64, hex and dumps, in any case of
    letters, wrapped and quoted, also where two pieces meet. What is shown does not depend on where
    the pieces were cut. A secret whose letters and digits are too few to be no other text by
    chance is found as it is written, and escaped or encoded.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secrets; empty ones are passed over, since they would match everywhere."""
        self._secrets = frozenset(secret for secret in secrets if secret.strip())
        self._search = search(self._secrets) if self._secrets else None
        self._held = bytearray()
        self._enough = _BATCH
        self._done = 0  # up to where the held bytes are shown or hidden already

    def fresh(self) -> "Mask":
        """Return a mask for the same secrets with nothing held back."""
        return Mask(self._secrets)

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown by now; the last bytes wait for what may complete a secret."""
        if self._search is None:
            return data
        self._held += data
        if len(self._held) < self._enough:
            return b""
        held = bytes(self._held)
        end = settled(held, longest=self._search.longest)
        shown = self._released(self._search, held, end) if end else b""
        self._enough = len(self._held) + max(_BATCH, len(self._held))
        return shown

    def flush(self) -> bytes:
        """Return what was held back; the stream ends here, at worst in the middle of a secret."""
        held, done = bytes(self._held), self._done
        self._held.clear()
        self._enough, self._done = _BATCH, 0
        return _hidden(self._search, held, done=done) if self._search and held else held

    def peek(self) -> bytes:
        """Return what is held back, but for what looks like the start of a secret; hold it on."""
        held = bytes(self._held)
        if self._search is None or not held:
            return held
        end = self._search.find(held).started
        return _hidden(self._search, held[:end], done=min(self._done, end))

    def text(self, text: str) -> str:
        """Return `text` with every secret replaced."""
        encoded = text.encode(errors="surrogatepass")
        return self._whole(encoded).decode(errors="surrogatepass")

    def hide(self, value: _T) -> _T:
        """Return a value with every secret replaced in its texts and bytes, however deep.

        Tuples, mappings and dataclasses are looked into; anything else stays as it is.
        """
        return value if self._search is None else cast("_T", self._hidden(value))

    def _hidden(self, value: object) -> object:
        match value:
            case str():
                return self.text(value)
            case bytes():
                return self._whole(value)
            case tuple():
                return tuple(map(self._hidden, value))
            case Mapping():
                hidden = {self._hidden(key): self._hidden(item) for key, item in value.items()}
                return MappingProxyType(hidden)
        if is_dataclass(value) and not isinstance(value, type):
            parts = {part.name: self._hidden(getattr(value, part.name)) for part in fields(value)}
            return replace(value, **parts)
        return value

    def _whole(self, data: bytes) -> bytes:
        return _hidden(self._search, data) if self._search and data else data

    def _released(self, search: Search, held: bytes, end: int) -> bytes:
        """Return what stands before `end`, and let go of it: no form that starts there is cut."""
        spans = [span for span in search.find(held).spans if span[0] < end]
        shown = _replaced(held[:end], spans, done=self._done)
        self._done = max([self._done, *(stop for _, stop in spans), end]) - end
        del self._held[:end]
        return shown


def _hidden(search: Search, data: bytes, *, done: int = 0) -> bytes:
    """Return the data from `done` on with every secret replaced, also one that is cut off."""
    for _ in range(_AGAIN):
        found = search.find(data)
        spans = [*found.spans, *([(found.begun, len(data))] if found.begun < len(data) else [])]
        if not spans:
            break
        data, done = _replaced(data, spans, done=done), 0
    return data[done:]


def _replaced(data: bytes, spans: Iterable[Span], *, done: int) -> bytes:
    """Return the data from `done` on with a mask in place of each span; `done` is inside of one."""
    shown = bytearray()
    for start, stop in spans:
        if start >= done:
            shown += data[done:start] + MASK
        done = max(done, stop)
    return bytes(shown + data[done:])


def settled(held: bytes, *, longest: int) -> int:
    """Return up to where held bytes can be judged: no form begins there whose end is to come.

    No escape is cut in two, and what is left begins as it would if all before it was never there.
    """
    most = max(_SPREAD, _HELD * longest)
    for size in accumulate(repeat(2, 12), mul, initial=longest + _REST):
        rest = held[-size:]
        if size >= len(held) or size > most:
            break
        if fewest(rest) >= longest:
            return _boundary(held, len(held) - size)
    return len(held) - most if len(held) >= 2 * most else 0


def _boundary(held: bytes, end: int) -> int:
    """Return the last place up to `end` where nothing is in the middle of a line or an escape."""
    line = held.rfind(b"\n", 0, end) + 1
    while line and held[:line].endswith((b"=\n", b"\\\n", b"=\r\n", b"\\\r\n")):
        line = held.rfind(b"\n", 0, line - 1) + 1
    if _INTRICATE.search(held, line, end):
        return line
    return end
