"""The repository that a runbook stands in: its files, and where the runbook's links lead."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from freshrun.host import Repository, checkout, unpack
from freshrun.model import Runbook

_LINK = re.compile(r"\[[^\]]*\]\(<?([^)#>\s]*)")


def repository_files(repository: Repository | None) -> Mapping[str, bytes]:
    """Return the files that a machine was given, by path below their root; none if it was not.

    What commands of the runbook changed afterwards is not among them.
    """
    files = unpack(checkout(repository)) if repository else {}
    return MappingProxyType({posixpath.normpath(name): data for name, data in files.items()})


def linked(runbook: Runbook, cell: str, *, files: Mapping[str, bytes]) -> str:
    """Return the path below the root that a cell's first link means; empty if it has none."""
    link = _LINK.search(cell)
    if link is None or not link[1] or "://" in link[1]:
        return ""
    if link[1].startswith("/"):
        return posixpath.normpath(link[1].lstrip("/"))
    return posixpath.normpath(str(path_in_repository(runbook, files=files).parent / link[1]))


def path_in_repository(runbook: Runbook, *, files: Mapping[str, bytes]) -> PurePosixPath:
    """Return the runbook's own path below the root; its name alone where it is not there."""
    path = PurePosixPath(Path(runbook.path).absolute())
    tails = (path.relative_to(parent) for parent in reversed(path.parents))
    return next((tail for tail in tails if str(tail) in files), PurePosixPath(path.name))
