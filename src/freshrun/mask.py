"""Secrets in a stream of bytes, replaced before anyone sees them."""

import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = b"***"


class Mask:
    """Replaces secrets in bytes that arrive in pieces.

    A secret is found plain, base64-encoded and URL-encoded, and also where two pieces meet.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secrets; empty ones are passed over, since they would match everywhere."""
        self._secrets = tuple(secret for secret in secrets if secret)
        forms = sorted({form for secret in self._secrets for form in _forms(secret)}, key=len)
        self._longest = len(forms[-1]) if forms else 0
        self._pattern = re.compile(b"|".join(map(re.escape, reversed(forms)))) if forms else None
        self._held = b""

    def fresh(self) -> "Mask":
        """Return a mask for the same secrets with nothing held back."""
        return Mask(self._secrets)

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown by now; the last bytes wait for what may complete a secret."""
        if self._pattern is None:
            return data
        text = self._pattern.sub(MASK, self._held + data)
        cut = max(len(text) - self._longest + 1, 0)
        self._held = text[cut:]
        return text[:cut]

    def flush(self) -> bytes:
        """Return what was held back; the stream ends here."""
        held, self._held = self._held, b""
        return held

    def text(self, text: str) -> str:
        """Return `text` with every secret replaced."""
        if self._pattern is None:
            return text
        return self._pattern.sub(MASK, text.encode(errors="surrogateescape")).decode(
            errors="surrogateescape"
        )


def _forms(secret: str) -> set[bytes]:
    plain = secret.encode()
    return {
        plain,
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
        *(_inner_base64(plain, shift) for shift in range(3)),
    }


def _inner_base64(plain: bytes, shift: int) -> bytes:
    """Return the base64 digits that `plain` alone decides when `shift` bytes stand before it."""
    digits = b64encode(bytes(shift) + plain).rstrip(b"=")
    first = -(-shift * 8 // 6)
    last = (shift + len(plain)) * 8 // 6
    return digits[first:last]
