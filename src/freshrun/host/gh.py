"""gh, the real one: one call of it, within bounds of time and of what it prints."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import sh

PATIENCE = 600.0
"""After so many seconds gh is ended."""

_TURN = 0.05
_SAID = 65536
"""So many bytes of its complaints are taken."""

_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_TELEMETRY": "0"}


@dataclass(frozen=True, slots=True)
class Answer:
    """How gh ended, and what it printed, byte for byte; of stderr the beginning."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        """Return what it said on stderr, in one line."""
        return " ".join(self.stderr.decode(errors="replace").split())


def _nothing(_size: int) -> None:
    pass


def asked_gh(
    *arguments: str,
    environment: Mapping[str, str],
    watch: Callable[[int], None] = _nothing,
    patience: float = PATIENCE,
) -> Answer:
    """Run gh to its end in an environment, without questions and with nothing to read.

    `watch` is called again and again with the bytes that gh has printed, and once at its end; what
    it raises ends gh. Raises `FileNotFoundError` where there is no gh on the environment's PATH,
    and `TimeoutError` where it takes too long.
    """
    try:
        gh = sh.Command("gh", environment.get("PATH", os.defpath).split(os.pathsep))
    except sh.CommandNotFound:
        raise FileNotFoundError("gh") from None
    with TemporaryFile() as out, TemporaryFile() as err:
        running = gh(
            *arguments,
            _env={**environment, **_QUIET},
            _in=b"",
            _out=out,
            _err=err,
            _bg=True,
            _bg_exc=False,
            _ok_code=_ANY,
        )
        _await(running, out, watch=watch, patience=patience)
        out.seek(0)
        err.seek(0)
        return Answer(running.exit_code, out.read(), err.read(_SAID))


_ANY = tuple(range(-64, 256))
"""How a program can end: by a signal, or with an exit status."""


def _await(
    running: sh.RunningCommand,
    out: IO[bytes],
    *,
    watch: Callable[[int], None],
    patience: float,
) -> None:
    deadline = time.monotonic() + patience
    try:
        while running.is_alive():
            watch(_size(out))
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(_TURN)
        watch(_size(out))
    finally:
        if running.is_alive():
            with suppress(ProcessLookupError):
                running.kill()
        running.wait()


def _size(out: IO[bytes]) -> int:
    return os.fstat(out.fileno()).st_size
