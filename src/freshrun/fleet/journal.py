"""What a call on a cluster has finished, kept for the next one until all of the call has ended."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from freshrun.model import FreshrunError, Record, Status, from_json, to_json
from freshrun.rehearsal import FOLDER, write_whole, writing

PLACE = Path(FOLDER, "cluster")
"""Where each call has a folder of its own, while it goes on or where it was broken off."""

DAY = 24 * 60 * 60.0
"""Seconds after which what a call has finished is rehearsed anew all the same."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The records of one call, each in a file under its key, synced as soon as it is known."""

    folder: Path

    def keep(self, key: str, record: Record) -> None:
        """Keep a record; one that is broken is no result, and is not kept."""
        if record.verdict is not Status.BROKEN:
            write_whole(self.folder / f"{key}.json", to_json(record))

    def found(self, key: str) -> Record | None:
        """Return the record of a key, where there is one."""
        path = self.folder / f"{key}.json"
        try:
            return from_json(path.read_text("utf-8"), source=str(path))
        except (OSError, FreshrunError, UnicodeDecodeError):
            return None

    def forget(self) -> None:
        """Take all away: the call has ended, and the next one begins anew."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def journal(keys: Collection[str], *, place: Path = PLACE) -> Iterator[Journal]:
    """Yield the journal of a call, with what earlier calls have finished of the same keys.

    What a call that goes on at this moment has finished is its own.
    """
    with writing(place / "call"):
        lock, own = _own(place)
        for folder in place.glob("call-*"):
            same = folder.name.startswith(_start())
            _take_over(folder, keys if same else (), into=own)
    try:
        yield Journal(own)
    finally:
        os.close(lock)
        with suppress(OSError):
            own.rmdir()  # where nothing was finished


def _start() -> str:
    return f"call-{version('freshrun')}-"


def _own(place: Path) -> tuple[int, Path]:
    folder = Path(tempfile.mkdtemp(prefix=_start(), dir=place))
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock, folder


def _take_over(folder: Path, keys: Collection[str], *, into: Path) -> None:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.glob("*.json"):
            if path.stat().st_mtime < time.time() - DAY:
                path.unlink()
            elif path.stem in keys:
                path.rename(into / path.name)
        folder.rmdir()
    except OSError:
        pass  # another call's that goes on, or one of other documents, which may go on as well
    finally:
        os.close(lock)
