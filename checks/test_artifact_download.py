"""Checklist items `artifact download` and `artifact paths`: what `gh` brings, and what is in it."""

import pytest

from freshrun.checks import (
    Judge,
    Machine,
    Record,
    Runbook,
    artifact_outputs,
    artifact_paths,
    downloaded,
    downloaded_files,
    own_artifacts,
    repository_files,
    unmet,
)


@pytest.mark.checklist("artifact download", stand_in="gh")
def test_the_artifacts_of_a_named_run_are_downloaded(
    runbook: Runbook, record: Record, machine: Machine, judge: Judge
) -> None:
    """Each `gh run download` leaves files, those of the run whose address was printed."""
    files = downloaded_files(runbook, record, machine=machine)
    judge(downloaded(runbook, record, files=files))
    sources, artifacts = repository_files(machine.repository), artifact_outputs(runbook, files)
    judge(own_artifacts(runbook, record, files=sources, artifacts=artifacts))
    judge(unmet(runbook, record, block="read-artifacts"))


@pytest.mark.checklist("artifact paths", stand_in="gh")
def test_the_downloaded_artifact_holds_the_documented_paths_only(
    runbook: Runbook, record: Record, machine: Machine, judge: Judge
) -> None:
    """The tree that `gh run download` unpacks is the one that `CI artifacts` describes."""
    files = downloaded_files(runbook, record, machine=machine)
    judge(artifact_paths(runbook, record, files=files))
