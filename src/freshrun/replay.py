"""Recorded runs of GitHub Actions, for the real `gh` to read inside a fresh machine."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from freshrun.errors import FreshrunError
from freshrun.stand_ins.github.faults import FAULTS, NO_FAULT, Fault
from freshrun.stand_ins.github.fields import Malformed
from freshrun.stand_ins.github.journal import Exchange, exchanges
from freshrun.stand_ins.github.reading import read
from freshrun.stand_ins.github.recording import Artifact, Job, Recording, Run, Step, Workflow

__all__ = [
    "FAULTS",
    "NO_FAULT",
    "Artifact",
    "Exchange",
    "Fault",
    "Installation",
    "Job",
    "Recording",
    "RecordingError",
    "Run",
    "Step",
    "Workflow",
    "installation",
    "read_journal",
    "read_recording",
]

_PACKAGE = "freshrun.stand_ins.github"
_START = "import runpy\n\nrunpy.run_module('github', run_name='__main__')\n"


class RecordingError(FreshrunError):
    """A folder can't be read as a recording; its text names the file and what would be right."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What it takes to let gh talk to a recording, in a machine that needs only Python 3.10.

    `files` are contents by absolute path. `command` starts the server and lasts as long as it; run
    it as a user who may write into the folder of `socket`. `ready` exits with 0 once the server
    answers. `environment` is what the shell needs in which gh is typed; no token is part of it.
    `journal` is the path of the server's own log, for `read_journal`.
    """

    files: Mapping[str, bytes]
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
    recording: Recording, *, root: str = "/opt/freshrun/github", fault: Fault = NO_FAULT
) -> Installation:
    """Return what serves `recording` from the folder `root` of a machine.

    `fault` is what goes wrong there: one of `FAULTS`.
    """
    home = PurePosixPath(root)
    socket, journal = str(home / "github.sock"), str(home / "journal.jsonl")
    program, tree = str(home / "github.pyz"), home / "recording"
    options = ("--recording", str(tree), "--socket", socket, "--journal", journal)
    failing = () if fault is NO_FAULT else ("--fault", fault.name)
    config = {str(home / "config" / "config.yml"): f"http_unix_socket: {socket}\n".encode()}
    held = {str(tree / path): content for path, content in recording.files.items()}
    return Installation(
        files=MappingProxyType({program: _program(), **config, **held}),
        command=("python3", "-IS", program, "serve", *options, *failing),
        ready=("test", "-S", socket),
        environment=_environment(home),
        socket=socket,
        journal=journal,
    )


def read_journal(text: str) -> tuple[Exchange, ...]:
    """Return every request that a server answered, from the text of its journal."""
    return exchanges(text)


def _environment(home: PurePosixPath) -> Mapping[str, str]:
    """Return gh's settings: never ask, and never speak to another host."""
    return MappingProxyType(
        {
            "GH_CONFIG_DIR": str(home / "config"),
            "GH_PROMPT_DISABLED": "1",
            "GH_NO_UPDATE_NOTIFIER": "1",
            "GH_TELEMETRY": "0",
        }
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
