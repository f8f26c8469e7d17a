"""Documented paths: globs of files, relative to one folder, in POSIX form."""

import re
from collections.abc import Iterable, Mapping
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
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matching(glob: str, files: Iterable[str]) -> tuple[str, ...]:
    """Return the files that a documented path means: itself, a glob, or all below a folder."""
    parts = _WILD.split(glob.removeprefix("./").rstrip("/"))
    pattern = "".join(_MEANING.get(part, re.escape(part)) for part in parts)
    return tuple(sorted(file for file in files if re.fullmatch(rf"{pattern}(/.*)?", file)))


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
