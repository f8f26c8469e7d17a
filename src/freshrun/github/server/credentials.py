"""What opens a door and must stand in no recording: tokens and keys, told by their look."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_LOOKS = (
    ("a GitHub token", r"gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}"),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("a JSON web token", r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    ("an AWS access key", r"(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a Google API key", r"AIza[\w-]{35}"),
    ("a GitLab token", r"glpat-[\w-]{20,}"),
    ("a Slack token", r"xox[abeoprs]-[\w-]{10,}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a PyPI token", r"pypi-AgE[\w-]{50,}"),
    ("a Stripe key", r"[rs]k_live_[A-Za-z0-9]{16,}"),
    ("a bearer token", r"(?i:bearer) [\w.~+/-]{20,}"),
    ("a signed address", r"(?i:[?&]|&amp;|\\u0026)(?i:sig|x-(?:amz|goog)-signature)=[\w%/+-]{16,}"),
)
_LOOK = re.compile("|".join(f"({look})" for _, look in _LOOKS).encode())
_LARGEST = 64 << 20


def credential(content: bytes) -> str | None:
    """Return what a file holds that looks like a credential, in words; `None` where nothing does.

    Files inside a zip or gzip are looked at, too; what is encrypted can't be.
    """
    for text in _texts(content):
        found = _LOOK.search(text)
        if found and found.lastindex:
            return _LOOKS[found.lastindex - 1][0]
    return None


def _texts(content: bytes) -> Iterator[bytes]:
    """Yield the content itself, and what is packed in it."""
    yield content
    try:
        yield from _unpacked(content)
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return  # damaged, encrypted or no archive after all: it holds no text


def _unpacked(content: bytes) -> Iterator[bytes]:
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as packed:
            yield packed.read(_LARGEST)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as packed:
                    yield packed.read(_LARGEST)
