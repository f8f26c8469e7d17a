"""A recorded run, served to the gh of this host."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import IO

from freshrun.github import installation, read_recording
from freshrun.host import running
from freshrun.model import FreshrunError

_READY = 15.0
_ANY_TOKEN = {"GH_TOKEN": "a-recorded-run-asks-for-no-real-token"}


@contextmanager
def environment_of(recording: Path | None, *, scratch: Path) -> Iterator[Mapping[str, str]]:
    """Yield the environment that gh is called in: the caller's own, or that of a recorded run."""
    if recording is None:
        yield os.environ
        return
    served = installation(read_recording(recording), root=str(scratch))
    for name, content in served.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)
    command = [sys.executable, *served.command[1:]]
    with tempfile.TemporaryFile() as said, running(command, stderr=said) as server:
        _await(Path(served.socket), server, said=said)
        own = {name: value for name, value in os.environ.items() if not name.startswith("GH_")}
        yield {**own, **served.environment, **_ANY_TOKEN, "XDG_CACHE_HOME": str(scratch / "cache")}


def _await(socket: Path, server: "Popen[bytes]", *, said: IO[bytes]) -> None:
    deadline = time.monotonic() + _READY
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            said.seek(0)
            reason = said.read().decode(errors="replace").strip() or "it did not start"
            raise FreshrunError(f"the recorded run is not served: {reason}")
        time.sleep(0.02)
