"""Checklist item `reconciliation`: plan, runbook and suite tell of the same failures."""

import pytest

from freshrun.checks import (
    DrillRun,
    Judge,
    Machine,
    Reading,
    Record,
    Runbook,
    artifact_outputs,
    downloaded_files,
    drill_diagnostics,
    output_files,
    reconciled,
    repository_files,
    required_diagnostics,
)


@pytest.mark.checklist("reconciliation", stand_in="gh")
def test_plan_runbook_and_suite_name_the_same_classes_and_invariants(
    runbook: Runbook, record: Record, machine: Machine, drill_runs: Reading[DrillRun], judge: Judge
) -> None:
    """What one of the three knows or says, the others do; the diagnostics are as planned."""
    files = repository_files(machine.repository)
    fetched = artifact_outputs(runbook, downloaded_files(runbook, record, machine=machine))
    left = {**fetched, "the last run here": output_files(runbook, machine)}
    mismatches = reconciled(runbook, record, files=files)
    judge((*mismatches, *required_diagnostics(runbook, record, files=files, artifacts=left)))
    judge(drill_diagnostics(runbook, drill_runs, files=files))
