"""Documented paths: globs of files, relative to one folder, in POSIX form."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from freshrun.model import Runbook


class FileTree(Protocol):
    """The machine as far as a check needs it: the home directory, and the files below a folder."""

    @property
    def home(self) -> str:
        """Return the absolute path of the directory that the rehearsal began in."""

    def tree(self, folder: str) -> Mapping[str, bytes]:
        """Return the files below an absolute folder by relative path; none if it is missing."""


class Disk(FileTree, Protocol):
    """A machine's files, which a check may read one by one and put back."""

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file by its absolute path, `None` where there is no such file."""

    def write_tree(self, files: Mapping[str, bytes], *, folder: str) -> None:
        """Put files in, by their path relative to `folder`."""


_WILD = re.compile(r"(\*\*/|\*\*|\*|\?)")


def matching(glob: str, files: Iterable[str]) -> tuple[str, ...]:
    """Return the files that a documented path means: itself, a glob, or all below a folder.

    The rules are those of a workflow's filters: `**` is any text, also in the middle of a name;
    `[` and `{` are letters of a name. wcmatch reads all but the first of these alike.
    """
    parts = [part for part in _WILD.split(glob.removeprefix("./").rstrip("/")) if part]
    return tuple(sorted(file for file in files if _means(parts, file)))


def _means(parts: Sequence[str], file: str) -> bool:
    """Tell whether the parts of a glob reach to the end of a path, or to a folder above it.

    Each part is tried once from each place, so that no number of stars takes long.
    """
    places = {0}
    for part in parts:
        places = {end for start in places for end in _ends(part, file, start=start)}
    return any(place == len(file) or file[place] == "/" for place in places)


def _ends(part: str, file: str, *, start: int) -> Iterable[int]:
    """Return where a part of a glob can end that begins at a place of a path."""
    name = file.find("/", start) if "/" in file[start:] else len(file)
    match part:
        case "**/":
            return (start, *(at + 1 for at in range(start, len(file)) if file[at] == "/"))
        case "**":
            return range(start, len(file) + 1)
        case "*":
            return range(start, name + 1)
        case "?":
            return (start + 1,) if start < name else ()
    return (start + len(part),) if file.startswith(part, start) else ()


def folder_of(glob: str) -> str:
    """Return the folder that holds what a documented path means; one that ends with / is itself."""
    fixed = _WILD.split(glob.removeprefix("./"))[0]
    return fixed.rpartition("/")[0]


def checkout(runbook: Runbook, *, home: str) -> str:
    """Return the folder that cloning the runbook's repository makes in the home directory."""
    if runbook.settings.repository is None:
        return home
    return f"{home}/{PurePosixPath(runbook.settings.repository).name.removesuffix('.git')}"


def address(runbook: Runbook) -> str:
    """Return where the runbook's repository is on the web, empty where it names none."""
    return (runbook.settings.repository or "").removesuffix(".git")


def gathered(root: str, globs: Iterable[str], *, machine: FileTree) -> dict[str, bytes]:
    """Return the files of the folders that the documented paths name, by path below `root`.

    Of `root` itself, which holds much else, only what the paths mean is returned.
    """
    paths = tuple(globs)
    return {
        name: content
        for folder in sorted({folder_of(path) for path in paths})
        for name, content in _below(root, folder, machine=machine).items()
        if folder or any(matching(path, [name]) for path in paths)
    }


def _below(root: str, folder: str, *, machine: FileTree) -> dict[str, bytes]:
    files = machine.tree(f"{root}/{folder}".rstrip("/"))
    return {f"{folder}/{name}".removeprefix("/"): content for name, content in files.items()}
