"""Temporary folders for long work on this host; what a killed run left of them goes with the next.

A build in such a folder mounts and starts programs there, which a kill of its run leaves behind.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from freshrun.host import say, unmount_below
from freshrun.machine import orphans

_PREFIX = "freshrun-"
_NAME = re.compile(rf"{_PREFIX}(?P<stamp>\d+\.\d+)\..*")
_SECONDS = 5.0


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a new folder that is gone at the end, with all that still runs or is mounted there."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{orphans.stamp()}."))
    try:
        yield folder
    finally:
        _remove(folder)


@contextmanager
def one_at_a_time(made: str) -> Iterator[None]:
    """Wait while another run of this user, on this host, makes the same thing."""
    digest = hashlib.sha256(made.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir(), f"{_PREFIX}making-{os.geteuid()}-{digest}")
    lock = _locked(path, made)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is locked: whoever waits for it makes it anew
        os.close(lock)


def _locked(path: Path, made: str) -> int:
    """Return the descriptor of a file that stands at its path and that nobody else has locked."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            _wait_for(lock, made)
            if _stands_at(path, lock):
                return lock
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)


def _stands_at(path: Path, lock: int) -> bool:
    """Tell whether a path leads to the file that is locked: who had it before took it away."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(lock), path.lstat())
    return False


def _wait_for(lock: int, made: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"another run is making {made}: waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def sweep() -> None:
    """Remove the folders of runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        named = _NAME.fullmatch(folder.name)
        if named and _is_mine(folder) and not orphans.stamped(named["stamp"]):
            _remove(folder)


def _is_mine(folder: Path) -> bool:
    """Tell whether a folder is a real one that this user made, and no one's trap."""
    with suppress(OSError):
        return folder.lstat().st_uid == os.geteuid() and not folder.is_symlink()
    return False


def _remove(folder: Path) -> None:
    _end_programs(folder)
    if unmount_below(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _end_programs(folder: Path) -> None:
    """End what works in a folder, and wait until it is gone: it would go on writing there."""
    deadline = time.monotonic() + _SECONDS
    while (programs := tuple(_programs(folder))) and time.monotonic() < deadline:
        for pid in programs:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _programs(folder: Path) -> Iterator[int]:
    """Yield the processes that name a folder as an argument or a variable, or stand in it."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            folders = [(process / name).readlink() for name in ("cwd", "root")]
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            inside = any(each.is_relative_to(folder) for each in folders)
            is_own = int(process.name) == os.getpid()
            if words and not is_own and (inside or str(folder).encode() in words):
                yield int(process.name)
