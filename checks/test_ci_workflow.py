"""Checklist item `CI workflow`: CI runs what the runbook says, and keeps what a red run leaves."""

import pytest

from freshrun.checks import (
    Judge,
    Machine,
    Record,
    Runbook,
    Sandbox,
    need_setup,
    repository_files,
    token_permissions,
    workflow_runs,
)


@pytest.mark.checklist("CI workflow")
def test_the_workflow_runs_the_suite_and_keeps_its_outputs(
    runbook: Runbook, record: Record, sandbox: Sandbox, machine: Machine, judge: Judge
) -> None:
    """Its steps type the entrypoints, a red run uploads, and the days are those of the text."""
    need_setup(runbook, record)
    files = repository_files(machine.repository)
    judge(workflow_runs(runbook, files=files, sandbox=sandbox, record=record))
    judge(token_permissions(runbook))
