"""A starter for any repository: a runbook, its checklist and a workflow, ready to run."""

import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from freshrun.host import enclosing, requirements
from freshrun.model import FreshrunError

RUNBOOK = "runbook/runbook.md"
"""Where the starter's runbook stands in a repository."""

WORKFLOW = ".github/workflows/runbook.yml"
"""Where the starter's workflow stands."""

_SOURCES = {
    RUNBOOK: "runbook.md",
    "checks/conftest.py": "conftest.txt",
    "checks/test_setup.py": "test_setup.txt",
    "checks/test_smoke_run.py": "test_smoke_run.txt",
    "checks/test_environment_contract.py": "test_environment_contract.txt",
    WORKFLOW: "workflow.yml",
}


REQUIREMENTS = ".github/freshrun-requirements.txt"
"""What the starter's workflow installs, each at one version."""

_WHY = """\
# What the workflow runbook.yml installs: the freshrun that wrote this file, and all that it needs,
# each at one version. `freshrun init`, in an empty repository, writes the newer ones.
"""


def starter() -> Mapping[str, bytes]:
    """Return the files of the starter, by path below a repository's root."""
    folder = files("freshrun.scaffold").joinpath("starter")
    found = {path: folder.joinpath(name).read_bytes() for path, name in _SOURCES.items()}
    python = f"{sys.version_info.major}.{sys.version_info.minor}".encode()
    pinned = requirements()
    workflow = found[WORKFLOW].replace(b"PYTHON_VERSION", python)
    found[WORKFLOW] = workflow.replace(b"COMMIT", _commit(pinned[0]).encode())
    lines = "".join(f"{line}\n" for line in pinned)
    found[REQUIREMENTS] = f"{_WHY}{lines}".encode()
    return found


def _commit(own: str) -> str:
    """Return the commit of our action: the one that is installed, or a release by its tag."""
    commit = own.rpartition("@")[2]
    is_tag = commit.startswith("v")
    return f"{commit} # zizmor: ignore[unpinned-uses] a wheel knows no commit" if is_tag else commit


def scaffold(folder: Path) -> tuple[str, ...]:
    """Write the starter into the repository whose root is `folder`; return the paths written.

    Raises `FreshrunError`, with nothing written, where any of the files is there already or the
    folder is not the root of a git repository.
    """
    _check_root(folder)
    wanted = starter()
    there = [path for path in wanted if _taken(folder, path)]
    if there:
        raise FreshrunError(
            f"nothing was written, because this is there already: {', '.join(there)}; "
            "move or delete what is in the way"
        )
    for path, content in wanted.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return tuple(wanted)


def next_steps() -> str:
    """Return what to type once the starter is written."""
    return (
        "Next, as it is:\n"
        f"  freshrun validate-runbook --runbook {RUNBOOK} --worktree\n"
        "(with --install-engine where there is no Docker or Podman yet)\n"
        f"Then replace the commands and tables in {RUNBOOK} by yours, its clone URL first, and\n"
        "type that again after each block. Without --worktree only what is committed counts."
    )


def _check_root(named: Path) -> None:
    folder = named.resolve()
    if not folder.is_dir():
        raise FreshrunError(f"{folder} is no folder; to make one: git init {folder}")
    root = enclosing(folder)
    if root is None:
        raise FreshrunError(f"{folder} is in no git repository; first type: git init {folder}")
    if root != folder:
        raise FreshrunError(f"{folder} is not the root of its git repository: freshrun init {root}")


def _taken(folder: Path, path: str) -> bool:
    """Tell whether something is where a file has to go, or where one of its folders does."""
    target = folder / path
    above = (p for p in target.parents if p.is_relative_to(folder) and p != folder)
    return (
        target.exists() or target.is_symlink() or any(p.exists() and not p.is_dir() for p in above)
    )
