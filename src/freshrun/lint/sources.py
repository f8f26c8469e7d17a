"""The variables that the programs of a repository read, as their sources say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from freshrun.checklist import matching, program_folders
from freshrun.model import Runbook
from freshrun.shell import is_ambient, names, read_in_file

_TESTS = {"test", "tests", "testing"}
_SHELL = {".sh", ".bash"}


@dataclass(frozen=True, slots=True)
class ReadInSource:
    """A variable that a program reads, and the first place where it does."""

    name: str
    file: str
    line: int


def read_in_sources(runbook: Runbook, files: Mapping[str, bytes]) -> tuple[ReadInSource, ...]:
    """Return what the programs that `Entrypoints` defines read, each variable once.

    `files` are those of the repository. Their own unit tests are left out: nobody types those.
    """
    found: dict[str, ReadInSource] = {}
    for folder in program_folders(runbook, files=files):
        for path in matching(folder, files):
            if not _TESTS & set(PurePosixPath(path).parts[:-1]):
                for read in _read(path, files[path].decode(errors="replace")):
                    found.setdefault(read.name, read)
    return tuple(found.values())


def _read(path: str, text: str) -> Iterator[ReadInSource]:
    for read in read_in_file(path, text):
        yield ReadInSource(read.name, path, read.line)
    if PurePosixPath(path).suffix in _SHELL:
        seen = names(text)
        for name in seen.used:
            if name not in seen.assigned and name.isupper() and not is_ambient(name):
                line = text[: text.find(name)].count("\n") + 1
                yield ReadInSource(name, path, line)
