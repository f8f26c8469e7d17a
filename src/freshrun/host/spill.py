"""The files that hold outputs which are too long for memory: a folder for each run, bounded."""

import fcntl
import os
import re
import shutil
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from typing import IO

from freshrun.model import MachineError

LARGEST = 2 * 2**30
"""Bytes that the files of one run hold together; outputs beyond keep head and tail alone."""

RUNS = 10
"""How many runs' folders are kept, beside those of runs that go on."""


class Spill:
    """One run's files below a folder that many runs share, also at the same time.

    The run's own folder is made with the first file. Every method raises `MachineError` where the
    disk refuses it.
    """

    def __init__(self, folder: Path) -> None:
        """Describe it; nothing is made yet."""
        self._parent = folder
        self._folder: Path | None = None
        self._lock = -1
        self._left = LARGEST
        self._making = threading.Lock()

    def file(self) -> IO[bytes]:
        """Return a new file of this run, open for writing."""
        with self._making:
            folder = self._folder or self._made()
        try:
            return NamedTemporaryFile(dir=folder, prefix="output-", delete=False)
        except OSError as fault:
            raise _refused(self._parent, fault) from fault

    def write(self, file: IO[bytes], data: bytes) -> bool:
        """Write to a file of this run; tell whether there was room for all of it."""
        if len(data) > self._left:
            return False
        self._left -= len(data)
        try:
            file.write(data)
            file.flush()
        except OSError as fault:
            self.drop(file)
            raise _refused(self._parent, fault) from fault
        return True

    def drop(self, file: IO[bytes]) -> None:
        """Take away a file that is not whole."""
        with suppress(OSError):
            self._left += Path(file.name).stat().st_size
            Path(file.name).unlink()
        with suppress(OSError):  # what it still holds finds no room
            file.close()

    def close(self) -> None:
        """Let the next runs take this one's files away, in their time."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _made(self) -> Path:
        """Make the run's own folder, and take the oldest ones away; a lock tells that it lives."""
        try:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(mkdtemp(dir=self._parent, prefix="run-"))
            self._lock = os.open(self._folder, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            _prune(self._parent)
        except OSError as fault:
            raise _refused(self._parent, fault) from fault
        return self._folder


_NAME = re.compile(r"run-\w+/output-\w+")


def take_in(folder: Path, files: Mapping[str, bytes]) -> None:
    """Keep the files of a run that another host made, under the names that they had there.

    What has another form of name is left out. Raises `MachineError` where the disk refuses it.
    """
    try:
        for name in filter(_NAME.fullmatch, files):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(files[name])
        if files:
            _prune(folder)
    except OSError as fault:
        raise _refused(folder, fault) from fault


def _prune(parent: Path) -> None:
    """Keep the newest folders of ended runs, and what an earlier version left as files."""
    folders = sorted(parent.glob("run-*"), key=lambda folder: -folder.stat().st_mtime)
    ended = [folder for folder in folders if not _lives(folder)]
    for folder in ended[RUNS:]:
        shutil.rmtree(folder, ignore_errors=True)
    for file in parent.glob("output-*"):
        file.unlink(missing_ok=True)


def _lives(folder: Path) -> bool:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return True  # another run is taking it away
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _refused(folder: Path, fault: OSError) -> MachineError:
    return MachineError(
        f"{folder}: long outputs can't be kept there: {fault.strerror}; free or unlock its disk"
    )
