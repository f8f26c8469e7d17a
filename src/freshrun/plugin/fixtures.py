"""The fixtures through which a checklist judges a rehearsal."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freshrun.model import Finding, FreshrunError
from freshrun.plugin.found import keep

if TYPE_CHECKING:  # a pytest run without a rehearsal needs none of these
    from freshrun.machine import Machine
    from freshrun.model import Record, Runbook
    from freshrun.rehearsal import Run

JUDGED = pytest.StashKey[int]()
"""How often a check called `judge`."""

RUNS = pytest.StashKey[dict[Path, "Run"]]()
"""The runs of a pytest session, by the absolute path of the runbook."""

TYPES_ON = frozenset({"record", "machine", "shell", "faulty_github"})
"""The fixtures that need the machine of a rehearsal."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of checklist items."""
    config.addinivalue_line(
        "markers",
        "checklist(name, stand_in=None): an item of a runbook's checklist; "
        "stand_in is the program, or the programs, whose stand-in the verdict has to name",
    )


def run_of(item: pytest.Item) -> "Run":
    """Return the run that an item belongs to: the session's only one, or the one it stands by."""
    runs = item.config.stash.get(RUNS, {})
    if len(runs) == 1:
        return next(iter(runs.values()))
    for run in runs.values():
        if run.checklist and item.path.is_relative_to(run.checklist):
            return run
    raise FreshrunError(f"{item.path}: no runbook to judge; name one runbook beside the checks")


@pytest.fixture
def runbook(request: pytest.FixtureRequest) -> "Runbook":
    """Return the runbook that this session rehearses."""
    return run_of(request.node).runbook


@pytest.fixture
def record(request: pytest.FixtureRequest) -> "Record":
    """Return the record of the whole rehearsal; commands that were not run yet run now."""
    run = run_of(request.node)
    run.finish()
    return run.draft.record


@pytest.fixture
def machine(request: pytest.FixtureRequest, record: "Record") -> "Machine":  # noqa: ARG001 - the rehearsal comes first
    """Return the machine as the rehearsal left it."""
    return run_of(request.node).machine


@pytest.fixture
def shell(request: pytest.FixtureRequest, record: "Record") -> "Run":  # noqa: ARG001 - the rehearsal comes first
    """Return where a check types on: the shell as the rehearsal left it (see `contract.Shell`)."""
    return run_of(request.node)


@pytest.fixture
def faulty_github(request: pytest.FixtureRequest) -> Callable[[str], Mapping[str, str]]:
    """Return what switches a fault of GitHub on, by name, and gives the environment to see it in.

    The names are those of `freshrun.github.replay.FAULTS`; the recorded run is the runbook's own.
    """
    return run_of(request.node).faulty_github


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Callable[[tuple[Finding, ...]], None]:
    """Return what fails the test with the findings' own lines, where there are any.

    The test goes on, so that whatever it judges after that is told too.
    """
    run, stash = run_of(request.node), request.node.stash

    def fail_with(findings: tuple[Finding, ...]) -> None:
        stash[JUDGED] = stash.get(JUDGED, 0) + 1
        keep(request.node, (run.draft.hidden(str(one)) for one in findings))

    return fail_with
