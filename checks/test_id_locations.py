"""Checklist item `ID locations`: a failure names its IDs where the runbook says, and only there."""

import pytest

from freshrun.checks import (
    DrillRun,
    Judge,
    Reading,
    Record,
    Runbook,
    Sandbox,
    downloaded_files,
    drill_locations,
    exact_formats,
    extracted,
    extractions,
    id_locations,
    output_files,
    representative,
)


@pytest.mark.checklist("ID locations")
def test_a_failing_run_names_its_ids_in_the_documented_places_only(
    runbook: Runbook,
    record: Record,
    sandbox: Sandbox,
    drill_runs: Reading[DrillRun],
    judge: Judge,
) -> None:
    """Each place of `Failure output contract` holds the same, known IDs, and no other place one.

    That is so for a failure of each class, and where a place is lost, the workaround of the runbook
    prints them.
    """
    judge(exact_formats(runbook))
    judge(representative(runbook))
    judge(id_locations(runbook, record, files=output_files(runbook, sandbox.machine)))
    judge(drill_locations(runbook, drill_runs))
    downloaded = downloaded_files(runbook, record, machine=sandbox.machine)
    typed = extractions(runbook, record, runs=drill_runs, downloaded=downloaded, sandbox=sandbox)
    judge(extracted(runbook, typed))
