"""Checklist items `planned scenarios` and `seen red`: what the suite runs, and that it can fail."""

import pytest

from freshrun.checks import (
    EntryRun,
    Judge,
    Machine,
    Reading,
    Record,
    Runbook,
    Sandbox,
    artifact_outputs,
    downloaded_files,
    faulted,
    planned_verdicts,
    repository_files,
    seen_red,
)


@pytest.mark.checklist("planned scenarios", stand_in="gh")
def test_the_suite_runs_every_planned_scenario(
    runbook: Runbook,
    record: Record,
    machine: Machine,
    entrypoint_runs: Reading[EntryRun],
    judge: Judge,
) -> None:
    """The verdicts of green runs and of the downloaded artifacts are those of the plan."""
    files, greens = repository_files(machine.repository), entrypoint_runs
    artifacts = artifact_outputs(runbook, downloaded_files(runbook, record, machine=machine))
    judge(planned_verdicts(runbook, record, files=files, greens=greens, artifacts=artifacts))


@pytest.mark.checklist("seen red")
def test_every_scenario_is_seen_red_or_named_as_never(
    runbook: Runbook, record: Record, machine: Machine, sandbox: Sandbox, judge: Judge
) -> None:
    """With each fault of the plan the suite reports scenarios of its class, those of its row."""
    files = repository_files(machine.repository)
    judge(seen_red(runbook, faulted(runbook, record, files=files, sandbox=sandbox), files=files))
