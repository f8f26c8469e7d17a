"""Whose a container is, and when nobody's."""

import json
import os
import subprocess
import sys

import pytest

from freshrun.machine.orphans import is_orphan, labels

CHILD = (
    "import json, freshrun.machine.orphans as o; print(json.dumps(o.labels()), flush=True); input()"
)


def test_what_a_live_process_made_is_its_own() -> None:
    """This process lives, so nothing of it is an orphan."""
    assert not is_orphan(labels(), running=True)


def test_what_a_dead_process_made_is_an_orphan() -> None:
    """A process that ended leaves orphans; one that its parent has not asked for yet, too."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        found = json.loads(child.stdout.readline())
        assert not is_orphan(found, running=True)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_orphan(found, running=True)
    assert is_orphan(found, running=True)


def test_a_process_number_that_came_again_is_another_process() -> None:
    """The number of a dead process can be this one's: its start time tells them apart."""
    assert is_orphan({**labels(), "freshrun.born": "1"}, running=True)


@pytest.mark.parametrize("running", [True, False])
def test_of_another_boot_only_what_has_ended_is_an_orphan(running: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    """Another host may share the engine: what runs for it is left alone."""
    other = {**labels(), "freshrun.boot": "another", "freshrun.born": "1"}
    assert is_orphan(other, running=running) is not running


@pytest.mark.parametrize("found", [{}, {"freshrun": "x"}, {**labels(), "freshrun.pidns": "other"}])
def test_what_can_not_be_judged_is_left_alone(found: dict[str, str]) -> None:
    """Labels of something else, or of another process namespace, say nothing here."""
    assert not is_orphan({"freshrun.born": "1", **found} if found else found, running=False)
