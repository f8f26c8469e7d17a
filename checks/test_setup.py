"""Checklist item `setup`: a newcomer's machine becomes one that can run the suite."""

import pytest

from freshrun.checks import Judge, Record, Runbook, setup


@pytest.mark.checklist("setup")
def test_every_setup_command_passes(runbook: Runbook, record: Record, judge: Judge) -> None:
    """Every command that stands before the smoke command passes on a fresh machine."""
    judge(setup(runbook, record, before="smoke"))
