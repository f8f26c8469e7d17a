"""The certificates that this host trusts beyond the public ones: a company's proxy, mostly."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import certifi

from freshrun.model import EngineError

BUNDLE = "/etc/ssl/freshrun-host-ca.pem"
"""Where the host's whole bundle is in an image."""

VARIABLES = (
    "SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
)
"""What makes programs with a trust store of their own read it."""

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PUBLIC = Path("/usr/share/ca-certificates/mozilla")
_UPDATE = (
    "if command -v update-ca-certificates; then update-ca-certificates; "
    "elif command -v update-ca-trust; then "
    "cp /usr/local/share/ca-certificates/freshrun-* /etc/pki/ca-trust/source/anchors/; "
    "update-ca-trust; fi"
)


@dataclass(frozen=True, slots=True)
class Trust:
    """The host's bundle, and those of its certificates (PEM) that are not public ones."""

    bundle: bytes
    own: tuple[str, ...]

    @property
    def note(self) -> str:
        """Return the sentence for the report."""
        return (
            f"the host's CA bundle (SSL_CERT_FILE) is in the machine's trust store: "
            f"{len(self.own)} certificate(s) beyond the public ones; "
            "SSL_CERT_FILE, PIP_CERT and the like point to it"
        )


def host_trust() -> Trust | None:
    """Return what SSL_CERT_FILE adds to the public certificates, `None` where that is nothing.

    Raises `EngineError` where the variable names a file that can't be read.
    """
    path = os.environ.get("SSL_CERT_FILE")
    if not path:
        return None
    try:
        bundle = Path(path).read_bytes()
    except OSError as fault:
        raise EngineError(f"SSL_CERT_FILE is {path}: {fault.strerror}; mend or unset it") from fault
    public = _public()
    found = _PEM.findall(bundle.decode("ascii", errors="replace"))
    own = tuple(pem for pem in found if ssl.PEM_cert_to_DER_cert(pem) not in public)
    return Trust(bundle, own) if own else None


def trusting(trust: Trust, *, base: str, user: str) -> Mapping[str, bytes]:
    """Return the build context of an image on `base` that trusts what the host does.

    The trust store takes the certificates now, or when its package is installed. sudo keeps the
    variables, or a program would fail under it that works without.
    """
    settings = " ".join(f"{name}={BUNDLE}" for name in VARIABLES)
    recipe = (
        f"FROM {base}\nUSER 0\nCOPY files /\nRUN {_UPDATE}\nENV {settings}\nUSER {user}\n"
    ).encode()
    keep = f'Defaults env_keep += "{" ".join(VARIABLES)}"\n'.encode()
    store = {
        f"files/usr/local/share/ca-certificates/freshrun-host-{number}.crt": f"{pem}\n".encode()
        for number, pem in enumerate(trust.own, start=1)
    }
    sudo = {"files/etc/sudoers.d/freshrun-host-ca": keep}
    return {"Dockerfile": recipe, f"files{BUNDLE}": trust.bundle, **sudo, **store}


def _public() -> set[bytes]:
    files = _PUBLIC.glob("*.crt") if _PUBLIC.is_dir() else (Path(certifi.where()),)
    texts = (file.read_text(encoding="ascii", errors="replace") for file in files)
    return {ssl.PEM_cert_to_DER_cert(pem) for text in texts for pem in _PEM.findall(text)}
