"""A folder that somebody else filled: listed and read, but never left or waited on."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_FILES = 100_000
"""So many entries of a folder are looked at."""

LARGEST = 256 * 2**20
"""So many bytes of a file are read."""

_KINDS = (
    (stat.S_ISLNK, "is a link; it was not followed"),
    (stat.S_ISFIFO, "is a pipe; it was not read"),
    (stat.S_ISSOCK, "is a socket; it was not read"),
    (stat.S_ISBLK, "is a device; it was not read"),
    (stat.S_ISCHR, "is a device; it was not read"),
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The plain files and the empty folders below a folder, by path in it.

    `passed_over` says of each other entry by its path why it is none of them; `cut` tells whether
    there are more than were looked at.
    """

    files: tuple[str, ...]
    empty: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...]
    cut: bool


def listing(folder: Path) -> Listing:
    """List a folder, at most `MOST_FILES` entries of it, in the order of their names."""
    files: list[str] = []
    empty: list[str] = []
    others: list[tuple[str, str]] = []
    for seen, (path, reason) in enumerate(_walk(folder, others)):
        if seen >= MOST_FILES:
            return Listing(tuple(files), tuple(empty), tuple(others), cut=True)
        name = path.relative_to(folder).as_posix()
        if reason:
            others.append((name, reason))
        else:
            (empty if path.is_dir() else files).append(name)
    return Listing(tuple(files), tuple(empty), tuple(others), cut=False)


def content(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a plain file, or why it was not read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                return b"", "is no plain file"
            if found.st_size > LARGEST:
                return b"", f"has {found.st_size:,} bytes; {LARGEST:,} at most are read"
            return file.read(LARGEST), ""
    except OSError as error:
        return b"", f"can't be read: {error.strerror}"


def size(folder: Path, *, bound: int) -> int:
    """Return how many bytes the files below a folder have; no more than `bound` is counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it may be gone by now
                total += (Path(parent) / name).lstat().st_size
            if total > bound:
                return total
    return total


def _walk(folder: Path, others: list[tuple[str, str]]) -> Iterator[tuple[Path, str]]:
    """Yield each file, each empty folder and whatever else there is, with why it is passed over."""

    def refused(error: OSError) -> None:
        path = Path(error.filename or folder)
        others.append((_below(folder, path), f"can't be read: {error.strerror}"))

    for parent, folders, names in os.walk(folder, onerror=refused):
        folders.sort()
        here = Path(parent)
        if not folders and not names and here != folder:
            yield here, ""
        for name in sorted([*names, *(one for one in folders if (here / one).is_symlink())]):
            yield here / name, _strange(here / name)


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path != folder else "."


def _strange(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return f"can't be read: {error.strerror}"
    return next((reason for is_kind, reason in _KINDS if is_kind(mode)), "")
