"""What the checks share: drills and entrypoints are run once, however many checks look at them."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from freshrun.checks import (
    DrillRun,
    EntryRun,
    Machine,
    Reading,
    Record,
    Runbook,
    Sandbox,
    Shell,
    drilled,
    entry_runs,
    value_of,
)

Value = TypeVar("Value")

DRILLS = pytest.StashKey[Reading[DrillRun]]()
ENTRIES = pytest.StashKey[Reading[EntryRun]]()


@pytest.fixture
def sandbox(shell: Shell, machine: Machine) -> Sandbox:
    """Return the live shell and the files of its machine, to try things out."""
    return Sandbox(shell, machine)


@pytest.fixture
def drill_runs(
    request: pytest.FixtureRequest, runbook: Runbook, record: Record, sandbox: Sandbox
) -> Reading[DrillRun]:
    """Return a run of each drill, made as if for the CI run that the shell is about.

    Their faults are shown twice more: to the scenario alone, by the command of the bead, and to the
    full suite, by the item `seen red`. A run that parts from the others is told there.
    """

    def make() -> Reading[DrillRun]:
        run = value_of("RUN_ID", like=runbook.commands[-1], shell=sandbox.shell)
        return drilled(runbook, record, sandbox=sandbox, times=1, env={"DRV_RUN_ID": run})

    return _once(request, DRILLS, make=make)


@pytest.fixture
def entrypoint_runs(
    request: pytest.FixtureRequest, runbook: Runbook, record: Record, sandbox: Sandbox
) -> Reading[EntryRun]:
    """Return each entrypoint, tried out."""
    return _once(request, ENTRIES, make=lambda: entry_runs(runbook, record, sandbox=sandbox))


def _once(
    request: pytest.FixtureRequest, key: pytest.StashKey[Value], *, make: Callable[[], Value]
) -> Value:
    stash = request.session.stash
    if key not in stash:
        stash[key] = make()
    return stash[key]
