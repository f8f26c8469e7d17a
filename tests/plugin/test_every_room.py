"""An exception in any room of the house, at its first call: told in one line, and never green."""

import json
import os
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

INJECT = """
import builtins, json, sys, threading

kind, target = sys.argv[1:3]
called = {}

def step(frame, event, _argument):
    home = frame.f_globals.get("__name__", "")
    if event != "call" or not home.startswith("freshrun."):
        return
    name = f"{home}:{frame.f_code.co_qualname}"
    called[name] = True
    if name == target and not hit:
        hit.append(name)
        if kind == "UnicodeDecodeError":
            raise UnicodeDecodeError("utf-8", b"?", 0, 1, "on purpose")
        raise getattr(builtins, kind)("on purpose")

hit = []
import freshrun.plugin.alone
from freshrun.tasks import program
sys.settrace(step), threading.settrace(step)
try:
    program.run(["freshrun", *sys.argv[3:]])
finally:
    sys.settrace(None)
    open("called.json", "w").write(json.dumps([list(called), bool(hit)]))
"""

DOCUMENT = """---
freshrun: {checklist: checks, secrets: [TOKEN]}
---
# Title

```bash
echo "one $TOKEN"; sleep 0.1 &
```

```console exit=1
$ echo two; false
two
```

```bash
cat /nowhere/$
```
"""

CHECK = """import pytest

@pytest.mark.checklist("all ran")
def test_x(record, judge):
    judge(())
"""

IMAGE = Path(__file__).resolve().parents[2] / "Dockerfile.fresh"
SECRET = "s3cr3t-T0ken-value-9f8e7d"  # noqa: S105 - it opens nothing

PACKAGES = (
    "checklist", "diagnosis", "document", "host", "machine", "mask", "model", "plugin",
    "rehearsal", "report", "session", "shell", "text",
)  # fmt: skip
KINDS = (
    "RuntimeError", "MemoryError", "RecursionError", "UnicodeDecodeError", "KeyboardInterrupt",
    "OSError",
)  # fmt: skip
EXPECTED = {"KeyboardInterrupt", "RecursionError"}
"""What has words of its own: a person stopped it, a document is nested too deeply."""

ROOMS = [
    (package, kind, place)
    for package, kind, place in zip(PACKAGES, cycle(KINDS), cycle((0.3, 0.7)), strict=False)
]
"""A package, what is raised, and how far along the functions of it that a run calls."""


class Room:
    """A folder with a document, rehearsed there with an exception on purpose, or without one."""

    def __init__(self, folder: Path) -> None:
        """Write it."""
        self.folder = folder
        (folder / "checks").mkdir(parents=True)
        (folder / "checks" / "test_x.py").write_text(CHECK)
        (folder / "README.md").write_text(DOCUMENT)
        (folder / "inject.py").write_text(INJECT)

    def rehearse(self, kind: str, target: str) -> "subprocess.CompletedProcess[str]":
        """Rehearse it as anybody would."""
        words = ("validate-runbook", "--runbook", "README.md", "--image", str(IMAGE))
        argv = [sys.executable, "inject.py", kind, target, *words, "--html", "p.html"]
        env = {**os.environ, "TOKEN": SECRET}
        return subprocess.run(
            argv, cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )

    @property
    def called(self) -> tuple[list[str], bool]:
        """Return the functions that were called, and whether the exception was raised."""
        names, hit = json.loads((self.folder / "called.json").read_text("utf-8"))
        return names, hit

    @property
    def statuses(self) -> tuple[str, list[str]]:
        """Return the verdict, and the status of each command."""
        record = json.loads((self.folder / ".freshrun" / "record.json").read_text("utf-8"))
        return record["verdict"], [one["status"] for one in record["commands"]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Return a rehearsal without an exception: it fails, as its document does."""
    room = Room(tmp_path_factory.mktemp("plain") / "room")
    done = room.rehearse("none", "")
    assert done.returncode == 1, done.stdout + done.stderr
    return room


@pytest.mark.parametrize(("package", "kind", "place"), ROOMS)
def test_an_exception_in_a_room_is_told_or_makes_no_difference(
    tmp_path: Path, plain: Room, package: str, kind: str, place: float
) -> None:
    """Broken, one line, exit code 2; or, where somebody expects it, the verdict without it."""
    names = [name for name in plain.called[0] if name.startswith(f"freshrun.{package}.")]
    own = sorted(name for name in names if "<" not in name)
    assert own, f"a rehearsal calls nothing of {package}"
    target = own[int(place * len(own))]
    room = Room(tmp_path / "room")
    done = room.rehearse(kind, target)
    told = done.stdout + done.stderr
    assert "Traceback" not in told, target
    assert SECRET not in told
    assert room.called[1], target
    if done.returncode != 2:
        assert (done.returncode, room.statuses) == (1, plain.statuses), target
    elif (room.folder / ".freshrun" / "record.json").exists():
        assert room.statuses[0] == "broken", target
        assert "on purpose" in told or kind in EXPECTED, target
