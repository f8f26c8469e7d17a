"""Checklist item `artifact download`: `gh` brings the artifact that the runbook describes."""

import pytest

from freshrun.contract import Judge, artifact_paths, downloaded_files
from freshrun.machine import Machine
from freshrun.record import Record
from freshrun.runbook import Runbook


@pytest.mark.checklist("artifact download", stand_in="gh")
def test_the_downloaded_artifact_holds_the_documented_paths_only(
    runbook: Runbook, record: Record, machine: Machine, judge: Judge
) -> None:
    """The tree that `gh run download` unpacks is the one that `CI artifacts` describes."""
    files = downloaded_files(runbook, record, machine=machine)
    judge(artifact_paths(runbook, record, files=files))
