"""Checklist item `ID locations`: a failure names its IDs where the runbook says, and only there."""

import pytest

from freshrun.contract import Judge, id_locations, output_files
from freshrun.machine import Machine
from freshrun.record import Record
from freshrun.runbook import Runbook


@pytest.mark.checklist("ID locations")
def test_a_failing_run_names_its_ids_in_the_documented_places_only(
    runbook: Runbook, record: Record, machine: Machine, judge: Judge
) -> None:
    """Each place of `Failure output contract` holds the same, known IDs, and no other place one."""
    files = output_files(runbook, machine)
    judge(id_locations(runbook, record, files=files))
