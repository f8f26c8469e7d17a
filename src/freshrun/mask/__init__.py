"""Secrets in what a machine prints and in what is told of it, replaced before anyone sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import TypeVar, cast

from freshrun.mask.forms import forms

MASK = b"***"

SHORTEST = 4
"""Characters that a secret needs: a shorter one stands in half of all words."""

_TELLING = 0.5
"""The share of a secret that is hidden where the rest never came: a command was killed."""

_T = TypeVar("_T")


class Mask:
    """Replaces secrets, in bytes that arrive in pieces and in whole values.

    A secret is found plain, as JSON, URLs, XML and shells write it, in base64 and in hex, also
    where two pieces meet. What is shown does not depend on where the pieces were cut.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secrets; empty ones are passed over, since they would match everywhere."""
        self._secrets = frozenset(secret for secret in secrets if secret.strip())
        self._forms = forms(self._secrets) if self._secrets else None
        self._held = b""
        self._done = 0  # up to where the held bytes are shown or hidden already

    def fresh(self) -> "Mask":
        """Return a mask for the same secrets with nothing held back."""
        return Mask(self._secrets)

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown by now; the last bytes wait for what may complete a secret."""
        if self._forms is None:
            return data
        self._held += data
        return self._shown(len(self._held) - self._forms.longest + 1)

    def flush(self) -> bytes:
        """Return what was held back; the stream ends here, at worst in the middle of a secret."""
        cut_off = self._forms.begun(self._held, share=_TELLING) if self._forms else 0
        shown = self._shown(len(self._held) - cut_off)
        if self._held[self._done :]:
            shown += MASK
        self._held, self._done = b"", 0
        return shown

    def peek(self) -> bytes:
        """Return what is held back, but for what looks like the start of a secret; hold it on."""
        if self._forms is None:
            return b""
        end = len(self._held) - self._forms.begun(self._held)
        return self._masked(end)[0]

    def text(self, text: str) -> str:
        """Return `text` with every secret replaced."""
        encoded = text.encode(errors="surrogatepass")
        return self._whole(encoded).decode(errors="surrogatepass")

    def hide(self, value: _T) -> _T:
        """Return a value with every secret replaced in its texts and bytes, however deep.

        Tuples, mappings and dataclasses are looked into; anything else stays as it is.
        """
        return value if self._forms is None else cast("_T", self._hidden(value))

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
        if self._forms is None or not self._forms.possible_in(data):
            return data
        stream = self.fresh()
        return stream.feed(data) + stream.flush()

    def _shown(self, end: int) -> bytes:
        """Return what stands before `end`, and let go of it: no form that starts there is cut."""
        if end <= 0:
            return b""
        shown, done = self._masked(end)
        self._held, self._done = self._held[end:], done - end
        return shown

    def _masked(self, end: int) -> tuple[bytes, int]:
        """Return the held bytes before `end` for showing, and up to where they are dealt with."""
        shown, done = bytearray(), self._done
        for start, stop in self._forms.spans(self._held, end=end) if self._forms else ():
            if start >= done:
                shown += self._held[done:start] + MASK
            done = max(done, stop)
        shown += self._held[done:end]
        return bytes(shown), max(done, end)
