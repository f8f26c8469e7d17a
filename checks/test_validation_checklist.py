"""Checklist item `validation checklist`: the table of the items is there, and runs every night."""

import pytest

from freshrun.checks import Judge, Machine, Runbook, nightly, repository_files


@pytest.mark.checklist("validation checklist")
def test_each_item_has_a_check_that_runs_every_night(
    runbook: Runbook, machine: Machine, judge: Judge
) -> None:
    """The checks that the rows link are there, and the nightly workflow runs them.

    That every row was judged, and every check has a row, is held when the rehearsal ends.
    """
    judge(nightly(runbook, files=repository_files(machine.repository)))
