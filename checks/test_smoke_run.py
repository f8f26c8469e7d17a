"""Checklist item `smoke run`: the documented smoke command is the one that runs, and it passes."""

import pytest

from freshrun.checks import Judge, Machine, Record, Runbook, output_files, smoke


@pytest.mark.checklist("smoke run")
def test_the_smoke_entrypoint_passes_and_leaves_its_outputs(
    runbook: Runbook, record: Record, machine: Machine, judge: Judge
) -> None:
    """The smoke row of `Entrypoints` names the command that ran, and the outputs that it left."""
    files = output_files(runbook, machine)
    judge(smoke(runbook, record, files=files))
