"""Recorded runs of GitHub Actions, for the real `gh` to read inside a fresh machine."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from freshrun.github.server.faults import NO_FAULT, Fault
from freshrun.github.server.fields import Malformed
from freshrun.github.server.journal import Exchange, exchanges
from freshrun.github.server.proxy import HOSTS
from freshrun.github.server.reading import read
from freshrun.github.server.recording import Recording
from freshrun.model import FreshrunError

Way = Literal["socket", "proxy"]
"""How gh finds the recording: a Unix socket in its settings, or a proxy with a CA of its own."""

_PACKAGE = "freshrun.github.server"
_START = "import runpy\n\nrunpy.run_module('github', run_name='__main__')\n"
_PORTS = range(20000, 30000)  # below those that Linux gives to outgoing connections
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_TELEMETRY": "0"}
"""gh's settings: never ask, and never speak to another host."""


class RecordingError(FreshrunError):
    """A folder can't be read as a recording; its text names the file and what would be right."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What it takes to let gh talk to a recording, in a machine that needs only Python 3.10.

    `files` are contents by absolute path; `private` are those that nobody but root may read.
    `command` starts the server and lasts as long as it; run it as root. `ready` exits with 0 once
    the server answers. `environment` is what the shell needs in which gh is typed; no token is part
    of it. `socket` is the path of the server's socket, which stands while it answers, and `journal`
    that of its own log, for `read_journal`.

    Installations below different folders serve side by side in one machine, each for the shells
    that have its environment. gh itself keeps the logs that it has downloaded, in `~/.cache/gh`.
    """

    files: Mapping[str, bytes]
    private: Mapping[str, bytes]
    command: tuple[str, ...]
    ready: tuple[str, ...]
    environment: Mapping[str, str]
    socket: str
    journal: str


def read_recording(folder: str | Path) -> Recording:
    """Return what a recording folder holds; `RecordingError` names what is wrong in which file."""
    try:
        return read(Path(folder))
    except Malformed as problem:
        raise RecordingError(str(problem)) from None
    except OSError as problem:
        raise RecordingError(
            f"{problem.filename}: {problem.strerror}; it must be readable"
        ) from None


def installation(
    recording: Recording,
    *,
    root: str = "/opt/freshrun/github",
    fault: Fault = NO_FAULT,
    via: Way = "socket",
) -> Installation:
    """Return what serves `recording` from the folder `root` of a machine.

    `fault` is what goes wrong there: one of `FAULTS`. With `via="proxy"` every program finds the
    recording that heeds `HTTPS_PROXY` and `SSL_CERT_FILE`; hosts other than GitHub's API and its
    archives are reached as they are.
    """
    home = PurePosixPath(root)
    door = _proxy(home) if via == "proxy" else _setting(home)
    program, tree, journal = str(home / "github.pyz"), home / "recording", home / "journal.jsonl"
    socket = _socket(home)
    options = ("--recording", str(tree), "--socket", socket, "--journal", str(journal))
    failing = () if fault is NO_FAULT else ("--fault", fault.name)
    held = {str(tree / path): content for path, content in recording.files.items()}
    return Installation(
        files=MappingProxyType({program: _program(), **door.files, **held}),
        private=MappingProxyType(door.private),
        command=("python3", "-IS", program, "serve", *options, *door.options, *failing),
        ready=("test", "-S", socket),
        environment=MappingProxyType({**door.environment, **_QUIET}),
        socket=socket,
        journal=str(journal),
    )


def read_journal(text: str) -> tuple[Exchange, ...]:
    """Return every request that a server answered, from the text of its journal."""
    return exchanges(text)


@dataclass(frozen=True, slots=True)
class _Door:
    """The part of an installation that is another one for each way."""

    environment: Mapping[str, str]
    options: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    private: Mapping[str, bytes] = field(default_factory=dict)


def _socket(home: PurePosixPath) -> str:
    return str(home / "github.sock")


def _setting(home: PurePosixPath) -> _Door:
    """Return the way of gh's own setting: no port, no certificate, and no program but gh."""
    config = home / "config"
    return _Door(
        files={str(config / "config.yml"): f"http_unix_socket: {_socket(home)}\n".encode()},
        environment={"GH_CONFIG_DIR": str(config)},
    )


def _proxy(home: PurePosixPath) -> _Door:
    """Return the way of a proxy; the authority's key is never written down."""
    tls, port = home / "tls", str(_PORTS[zlib.crc32(str(home).encode()) % len(_PORTS)])
    import trustme  # noqa: PLC0415 - it is slow to load, and only the proxy needs it

    authority = trustme.CA(organization_name="freshrun: a recorded run, not GitHub")
    issued = authority.issue_cert(*sorted(HOSTS))
    chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
    return _Door(
        files={
            str(tls / "authority.pem"): authority.cert_pem.bytes(),
            str(tls / "certificate.pem"): chain,
        },
        private={str(tls / "key.pem"): issued.private_key_pem.bytes()},
        options=("--proxy", port, "--tls", str(tls)),
        environment={
            "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            "NO_PROXY": "localhost,127.0.0.1,::1",
            "SSL_CERT_FILE": str(tls / "trust.pem"),
        },
    )


def _program() -> bytes:
    """Return the stand-in as one zip that Python runs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py"), _START)
        for source in files(_PACKAGE).iterdir():
            if source.name.endswith(".py"):
                archive.writestr(zipfile.ZipInfo(f"github/{source.name}"), source.read_bytes())
    return buffer.getvalue()
