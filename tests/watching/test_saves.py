"""An author's loop: each save is linted at once and rehearsed, however the editor writes it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest

from freshrun.machine.engine import Engine, connected

FRESHRUN = Path(sys.executable).parent / "freshrun"
PASSING = "# T\n\n```bash\necho one\n```\n"
FAILING = "# T\n\n```bash\nfalse\n```\n"
BROKEN = "---\nfreshrun:\n  imgae: x\n---\n" + PASSING
SLOW = "# T\n\n```bash\nsleep 600\n```\n"


class Author:
    """Somebody who leaves `freshrun --watch` open beside the editor."""

    def __init__(self, document: Path) -> None:
        """Open it."""
        self.document = document
        words = (FRESHRUN, document.name, "--image=debian:bookworm", "--keep-engine", "--watch")
        self.process = subprocess.Popen(
            ("env", "--default-signal=INT", *words),
            cwd=document.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._unread = ""

    def saves(self, text: str) -> None:
        """Save as many editors do: a new file is put in the place of the old one."""
        beside = self.document.with_suffix(".tmp")
        beside.write_text(text, "utf-8")
        beside.replace(self.document)

    def reads(self, text: str, *, seconds: float = 90) -> str:
        """Read on until this is told; return what stood before it."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        while text not in self._unread:
            assert time.monotonic() < deadline, self._unread
            if select([self.process.stdout], [], [], 0.2)[0]:
                data = os.read(self.process.stdout.fileno(), 65536)
                assert data, self._unread
                self._unread += data.decode()
        before, _, self._unread = self._unread.partition(text)
        return before


@pytest.fixture
def author(tmp_path: Path) -> Iterator[Author]:
    """Return an author whose document passes."""
    document = tmp_path / "a.md"
    document.write_text(PASSING, "utf-8")
    made = Author(document)
    yield made
    made.process.terminate()
    made.process.communicate()


@pytest.mark.engine
def test_each_save_has_its_verdict(author: Author) -> None:
    """Also behind a document that can't be read for a moment, and behind several saves at once."""
    author.reads("PASSED  a.md")
    author.reads("waiting for the next save of a.md")
    author.saves(FAILING)
    author.reads("FAILED  a.md")
    author.saves(BROKEN)
    author.reads('a.md:3: unknown setting "imgae"')
    for text in (FAILING, PASSING, FAILING, PASSING):
        author.saves(text)
    author.reads("PASSED  a.md")
    author.document.unlink()
    time.sleep(1)
    author.saves(FAILING)
    author.reads("FAILED  a.md")
    author.document.touch()
    author.reads("waiting for the next save")
    assert author.process.poll() is None


@pytest.mark.engine
def test_a_save_while_it_runs_begins_afresh_and_ctrl_c_leaves_nothing(
    author: Author, engine: Engine
) -> None:
    """It says so; the machine of the run that was ended is gone, and so is the last one."""
    author.saves(SLOW)
    author.reads("T (section 1 of 1)")
    author.saves(PASSING + "\n")
    author.reads("saved while a rehearsal ran: it is ended, and a fresh one begins")
    author.reads("PASSED  a.md")
    author.saves(SLOW)
    author.reads("T (section 1 of 1)")
    children = subprocess.run(
        ["pgrep", "-P", str(author.process.pid)], capture_output=True, text=True, check=True
    )
    author.process.send_signal(signal.SIGINT)
    assert author.process.wait(60) == 130
    with connected(engine) as client:
        owned = client.api.containers(all=True, filters={"label": "freshrun"})
        pids = {one["Labels"].get("freshrun.pid", "") for one in owned}
    assert not pids & {*children.stdout.split()}
