"""Checklist item `defect template`: the template's own commands file a complete bead."""

import pytest

from freshrun.contract import Judge, defect, downloaded_files
from freshrun.machine import Machine
from freshrun.record import Record
from freshrun.runbook import Runbook


@pytest.mark.checklist("defect template", stand_in="bd")
def test_the_filed_bead_names_ids_owner_run_and_artifact(
    runbook: Runbook, record: Record, machine: Machine, judge: Judge
) -> None:
    """The bead, read back, has the failure's IDs, owner, run and paths, and no placeholder."""
    files = downloaded_files(runbook, record, machine=machine)
    judge(defect(runbook, record, files=files))
