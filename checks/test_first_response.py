"""Checklist item `first response`: the decision tree leads to the class and its owner."""

import pytest

from freshrun.checks import (
    DrillRun,
    EntryRun,
    Judge,
    Reading,
    Runbook,
    first_response,
    silent_outputs,
)


@pytest.mark.checklist("first response")
def test_the_tree_leads_each_failure_to_its_class_and_owner(
    runbook: Runbook,
    drill_runs: Reading[DrillRun],
    entrypoint_runs: Reading[EntryRun],
    judge: Judge,
) -> None:
    """A failure of each class, a run that did not start and an unknown ID reach their leaves."""
    silent = silent_outputs(entrypoint_runs)
    judge((*entrypoint_runs.findings, *first_response(runbook, drill_runs, silent=silent)))
