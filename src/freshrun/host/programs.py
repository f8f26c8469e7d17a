"""This host: its long-running programs, with progress for the person at the terminal."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from freshrun.model import EngineError, FreshrunError

EVERY = 5.0
"""After how many seconds a line says that something is still going on."""


_listeners: list[Callable[[str], None]] = []


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Give each line of progress to a listener, who shows it in a way of its own."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def say(text: str) -> None:
    """Tell one line of progress: to whoever listens, else on stderr."""
    if _listeners:
        _listeners[-1](text)
        return
    sys.stderr.write(f"freshrun: {text}\n")
    sys.stderr.flush()


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Say what is being done, and every few seconds that it still is."""
    done, begin = threading.Event(), time.monotonic()

    def still() -> None:
        while not done.wait(EVERY):
            if not _listeners:  # who listens has a clock of its own
                say(f"... {time.monotonic() - begin:.0f} s")

    say(doing)
    thread = threading.Thread(target=still, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    limit: float | None = None,
    error: type[FreshrunError] = EngineError,
) -> str:
    """Run a program of this host to its end and return its stdout.

    Raises `error` with the last lines that it printed where it fails or is not there, and where it
    takes more than `limit` seconds.
    """
    try:
        done = subprocess.run(
            list(argv),
            stdin=None if stdin else subprocess.DEVNULL,
            input=stdin or None,
            timeout=limit,
            capture_output=True,
            env={**environment(), **(env or {})},
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise error(f"`{' '.join(argv)}` did not end within {limit:.0f} s") from fault
    except OSError as fault:
        raise error(f"{argv[0]} can't be run on this host: {fault.strerror}") from fault
    if done.returncode:
        said = last_lines(done.stderr or done.stdout)
        raise error(f"`{' '.join(argv)}` ended with {done.returncode}:{said}")
    return done.stdout


@contextmanager
def running(argv: Sequence[str], *, stderr: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program of this host beside what goes on in the `with`; it is ended with that.

    What it says goes into the file `stderr`: a pipe that nobody reads would stop it in the end.
    """
    nothing = subprocess.DEVNULL
    with subprocess.Popen(list(argv), stdin=nothing, stdout=nothing, stderr=stderr) as process:
        try:
            yield process
        finally:
            process.terminate()


def unmount_below(folder: Path) -> bool:
    """Take away what is mounted in a folder, the innermost first; tell whether nothing is left."""
    for mount in sorted(_mounts(folder), reverse=True):
        with suppress(EngineError):
            run(["umount", "--lazy", mount])
    return not _mounts(folder)


def _mounts(folder: Path) -> list[str]:
    mounted = (line.split()[1] for line in Path("/proc/mounts").read_text().splitlines())
    return [mount for mount in mounted if Path(mount).is_relative_to(folder)]


def environment() -> dict[str, str]:
    """Return this process's environment with the system's own program folders on PATH."""
    path = os.environ.get("PATH", os.defpath)
    return {**os.environ, "PATH": f"{path}:/usr/sbin:/sbin"}


def last_lines(text: str, *, count: int = 8) -> str:
    """Return the last lines of a program's output, each indented on a line of its own."""
    return "".join(f"\n  {line}" for line in text.strip().splitlines()[-count:])


def is_debian() -> bool:
    """Tell whether this host is Debian or made from it, such as Ubuntu."""
    return Path("/etc/debian_version").exists()


def is_root() -> bool:
    """Tell whether this process may install packages and start daemons."""
    return os.geteuid() == 0
