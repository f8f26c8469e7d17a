"""The repositories that a worker's host was sent, each once, and the checkouts made of them."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freshrun.host import Bundle, copy_checkout, unbundle
from freshrun.model import FreshrunError

MOST = 5
"""How many repositories are kept, beside those in use."""

_ID = re.compile(r"[0-9a-f]{64}")
_CHECKOUT = "checkout-"


def holds(repository: str) -> bool:
    """Tell whether a repository is there; it counts as used at this moment."""
    place = _place(repository)
    if not place.is_dir():
        return False
    os.utime(place)
    return True


def put(sent: Bundle) -> None:
    """Keep a repository that was sent; several workers of a host may do so at once."""
    if holds(sent.id):
        return
    with tempfile.TemporaryDirectory(prefix=".new-", dir=_folder()) as new:
        whole = Path(new, sent.id)
        whole.mkdir()
        unbundle(sent, whole / (Path(sent.name).name or "repository"))
        try:
            whole.rename(_place(sent.id))
        except OSError:
            if not holds(sent.id):  # another worker was as quick
                raise
    _bound()


@contextmanager
def checked_out(repository: str) -> Iterator[Path]:
    """Yield a checkout of its own, gone at the end, of a repository that was sent."""
    with _in_use(_place(repository)) as kept:
        at = Path(tempfile.mkdtemp(prefix=_CHECKOUT, dir=_folder()))
        with _in_use(at):
            try:
                (only,) = kept.iterdir()
                copy_checkout(only, at / only.name)
                yield at / only.name
            finally:
                shutil.rmtree(at, ignore_errors=True)


def sweep() -> None:
    """Remove the checkouts of processes that were killed."""
    for path in _folder().glob(f"{_CHECKOUT}*"):
        _remove_unused(path)


def _place(repository: str) -> Path:
    if not _ID.fullmatch(repository):
        raise FreshrunError("that is no id of a repository")
    return _folder() / repository


def _folder() -> Path:
    """Return the folder of all of them: this user's own, and open to nobody else."""
    folder = Path(tempfile.gettempdir(), f"freshrun-repositories-{os.geteuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise FreshrunError(f"{folder} is not this user's alone; remove it")
    return folder


def _bound() -> None:
    kept = [path for path in _folder().iterdir() if _ID.fullmatch(path.name)]
    for path in sorted(kept, key=lambda path: -path.stat().st_mtime)[MOST:]:
        _remove_unused(path)


@contextmanager
def _in_use(folder: Path) -> Iterator[Path]:
    """Keep others from removing a folder, as long as this process or one that it made lives."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        raise FreshrunError("the repository was put away on this worker meanwhile") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield folder
    finally:
        os.close(lock)


def _remove_unused(folder: Path) -> None:
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(lock)
