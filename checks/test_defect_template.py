"""Checklist item `defect template`: the template's own commands file a complete bead."""

import pytest

from freshrun.checks import (
    DrillRun,
    Judge,
    Reading,
    Record,
    Runbook,
    Sandbox,
    defect,
    downloaded_files,
    filed,
    filings,
)


@pytest.mark.checklist("defect template", stand_in="bd")
def test_a_bead_names_ids_owner_run_and_artifact_of_its_failure(
    runbook: Runbook,
    record: Record,
    sandbox: Sandbox,
    drill_runs: Reading[DrillRun],
    judge: Judge,
) -> None:
    """The bead, read back, has the failure's IDs, owner, run and paths, and no placeholder.

    That is so for a failure of each class, and a second search finds the bead.
    """
    judge(defect(runbook, record, files=downloaded_files(runbook, record, machine=sandbox.machine)))
    judge(filed(runbook, filings(runbook, record, runs=drill_runs, sandbox=sandbox)))
