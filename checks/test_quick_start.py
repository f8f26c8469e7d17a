"""Checklist item `quick start`: three commands lead from the alert to class, owner and evidence."""

import pytest

from freshrun.checks import Judge, Record, Runbook, quick_start


@pytest.mark.checklist("quick start", stand_in="gh")
def test_three_commands_tell_class_owner_and_evidence(
    runbook: Runbook, record: Record, judge: Judge
) -> None:
    """What the first three commands print names them, before any database is installed."""
    judge(quick_start(runbook, record))
