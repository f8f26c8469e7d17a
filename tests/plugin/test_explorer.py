"""What a test explorer asks of pytest, in a workspace that holds runbooks beside tests."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """\
import pytest


@pytest.mark.parametrize("x", ["a b", "c::d"])
def test_it(x):
    assert x
"""
RUNBOOK = """\
# One

## Set up: now::then [1]

```bash
echo a::b [c]
test -d / && echo "d e"
```
"""
IDS = [
    "tests/test_a.py::test_it[a b]",
    "tests/test_a.py::test_it[c::d]",
    "docs/a b.md::Set up: now: :then (1)::6: echo a: :b [c]",
    'docs/a b.md::Set up: now: :then (1)::7: test -d / && echo "d e"',
]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a folder with tests and a runbook, and what an explorer's own plugin reads."""
    for name, text in (("tests/test_a.py", TESTS), ("docs/a b.md", RUNBOOK), ("explorer.py", ASKS)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


ASKS = """\
import pytest


def pytest_collection_finish(session):
    for item in session.items:
        file, line, _ = item.location
        assert item.path.is_file(), item.path
        assert line is None or isinstance(line, int)
        parent = item.parent
        while not isinstance(parent, pytest.Session):
            assert parent.name, parent
            parent = parent.parent
        print("ID", item.nodeid)
"""


def asked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as an explorer does, with its plugin."""
    command = [sys.executable, "-m", "pytest", "-p", "explorer", f"--rootdir={folder}", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_workspace_is_collected(workspace: Path) -> None:
    """Tests and runbooks, with their ids and places; nothing is run, and no engine is asked."""
    found = asked(workspace, "--collect-only", "-q", "tests", "docs/a b.md")
    assert found.returncode == 0, found.stdout + found.stderr
    assert [line[3:] for line in found.stdout.splitlines() if line.startswith("ID ")] == IDS


def test_a_test_beside_a_runbook_is_run_by_its_id(workspace: Path) -> None:
    """The plugin leaves it alone."""
    ran = asked(workspace, IDS[1])
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout


@pytest.mark.engine
def test_a_command_is_run_by_its_id(workspace: Path) -> None:
    """With blanks, colons and brackets in it."""
    ran = asked(workspace, "--freshrun-keep-engine", *IDS[2:])
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout
