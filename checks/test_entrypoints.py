"""Checklist item `entrypoints`: each command of `Entrypoints` keeps what its row promises."""

import pytest

from freshrun.checks import (
    EntryRun,
    Judge,
    Machine,
    Reading,
    Record,
    Runbook,
    entrypoints_kept,
    output_files,
    repository_files,
)


@pytest.mark.checklist("entrypoints")
def test_each_entrypoint_needs_and_leaves_what_its_row_says(
    runbook: Runbook,
    record: Record,
    machine: Machine,
    entrypoint_runs: Reading[EntryRun],
    judge: Judge,
) -> None:
    """Its variables, its time, its outputs and where it is defined are those of the row."""
    files, sources = output_files(runbook, machine), repository_files(machine.repository)
    judge(entrypoints_kept(runbook, record, files=files, sources=sources, runs=entrypoint_runs))
