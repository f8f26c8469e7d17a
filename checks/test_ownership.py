"""Checklist item `ownership and escalation`: every failure has one owner, and another fallback."""

import pytest

from freshrun.checks import Judge, Machine, Runbook, ownership_agrees, repository_files


@pytest.mark.checklist("ownership and escalation")
def test_every_failure_has_one_owner_and_another_fallback(
    runbook: Runbook, machine: Machine, judge: Judge
) -> None:
    """Runbook, `ownership.yaml` and CODEOWNERS name the same owners, and enough of them."""
    judge(ownership_agrees(runbook, files=repository_files(machine.repository)))
