"""The files of a recording folder, read once; every refusal names the file."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .credentials import credential
from .fields import Fields, Malformed, each, known

_TOP = ("README.md", "recording.json", "workflows.json", "runs")
_RUN = ("run.json", "jobs.json", "artifacts.json", "artifacts", "logs")


@dataclass(frozen=True, slots=True)
class Tree:
    """Files by their paths below one folder; `where` is that folder as messages name it."""

    where: str
    files: Mapping[str, bytes]

    def below(self, folder: str) -> "Tree":
        """Return the files below a folder, by their paths inside it."""
        files = {
            path.removeprefix(f"{folder}/"): content
            for path, content in self.files.items()
            if path.startswith(f"{folder}/")
        }
        return Tree(f"{self.where}/{folder}", MappingProxyType(files))

    def folders(self) -> Collection[str]:
        """Return the names of the folders that stand right in this one."""
        return sorted({path.split("/")[0] for path in self.files if "/" in path})

    def facts(self, path: str, *, allowed: Collection[str]) -> Fields:
        """Return the one JSON object that a file holds; the file must be there."""
        if path not in self.files:
            raise Malformed(f"{self.where}/{path}: no such file; it is required")
        return Fields(f"{self.where}/{path}", self._json(path), allowed=allowed)

    def entries(self, path: str, *, allowed: Collection[str]) -> Iterator[Fields]:
        """Yield the objects of a file that holds a JSON list; a missing file holds none."""
        if path in self.files:
            yield from each(f"{self.where}/{path}", self._json(path), allowed=allowed)

    def _json(self, path: str) -> object:
        try:
            document: object = json.loads(self.files[path])
        except (ValueError, RecursionError) as problem:
            raise Malformed(f"{self.where}/{path}: not JSON: {problem}") from None
        return document


def tree(folder: Path) -> Tree:
    """Return the files of a recording folder; `Malformed` for what can't belong to one."""
    if not (folder / "recording.json").is_file():
        found = "no recording.json in it" if folder.is_dir() else "no such folder"
        raise Malformed(f"{folder}: {found}; a recording is a folder with a recording.json")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
    whole = Tree(str(folder), MappingProxyType(files))
    _refuse_strays(whole)
    _refuse_credentials(whole)
    return whole


def _files(folder: Path) -> Iterator[Path]:
    """Yield every file, in order; a link is refused, since it may lead out of the folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise Malformed(f"{path}: found a symbolic link, expected a plain file")
        if path.is_file():
            yield path


def _refuse_strays(whole: Tree) -> None:
    """Raise `Malformed` for a file that no reader would look at: most likely a wrong name."""
    for path in whole.files:
        known(f"{whole.where}/{path}", "name", path.split("/")[0], among=_TOP)
    for run in whole.below("runs").files:
        inside = run.split("/")[1:2] or [run]
        known(f"{whole.where}/runs/{run}", "name", inside[0], among=_RUN)


def _refuse_credentials(whole: Tree) -> None:
    for path, content in whole.files.items():
        found = credential(content)
        if found:
            where = f"{whole.where}/{path}"
            raise Malformed(f"{where}: found {found}; remove it, and revoke it where it is valid")
