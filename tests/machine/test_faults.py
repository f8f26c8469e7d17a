"""Faults of the engine: told as such, never blamed on the document, and nothing left behind."""

import gc
import shutil
import signal
import tempfile
from collections.abc import Iterator
from os import kill
from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.host.programs import is_root
from freshrun.machine.daemon import State, private_daemon
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.errors import MachineError
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.rehearsal.rehearsal import played_in

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not is_root(), reason="a private daemon needs root"),
]


@pytest.fixture
def place() -> Iterator[State]:
    """Return a place for a daemon of its own, which a test may kill."""
    folder = Path(tempfile.mkdtemp(prefix="fr"))  # pytest's own paths are too long for sockets
    yield State(folder, folder / "run")
    shutil.rmtree(folder)


def carried_over(image: Image, *, source: Engine, target: Engine) -> None:
    """Copy an image from one engine to another."""
    with connected(source) as here, connected(target) as there:
        there.images.load(b"".join(here.api.get_image(image.id)))


def rehearse_and_kill(machine: Machine, place: State) -> Iterator[Outcome]:
    """Yield the outcomes of a rehearsal whose engine is killed after the first command."""
    text = "```bash\necho fine\nsleep 600\necho never\n```\n"
    with machine:
        outcomes = played_in(parse(text, path="runbook.md"), machine)
        yield next(outcomes)
        kill(int(place.pid_file.read_text("ascii")), signal.SIGKILL)
        yield from outcomes


# Docker's client does not close a socket that could not connect; `gc` keeps the warning here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_that_is_killed_in_the_middle_is_broken_and_leaves_nothing(
    engine: Engine, fresh_image: Image, place: State
) -> None:
    """The command that ran is broken, not failed; no process of the container outlives the run."""
    with private_daemon(place) as url:
        doomed = Engine(url, "docker", "")
        carried_over(fresh_image, source=engine, target=doomed)
        outcomes = rehearse_and_kill(Machine(fresh_image, engine=doomed), place)
        fine, broken, never = (next(outcomes) for _ in range(3))
        with pytest.raises(MachineError, match="the container engine was lost"):
            next(outcomes)
    gc.collect()
    assert fine.status is Status.PASSED
    assert (broken.status, broken.ending) == (Status.BROKEN, Ending.LOST)
    assert "engine" in broken.reason
    assert never.status is Status.NOT_REACHED
    left = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not [line for line in left if str(place.run).encode() in line]
