"""Checklist item `gh troubleshooting`: `If gh refuses` tells what gh really says."""

from collections.abc import Callable, Mapping

import pytest

from freshrun.checks import Judge, Record, Runbook, Sandbox, attempts, gh_troubleshooting


@pytest.mark.checklist("gh troubleshooting", stand_in="gh")
def test_every_refusal_of_gh_is_told_by_one_row(
    runbook: Runbook,
    record: Record,
    sandbox: Sandbox,
    faulty_github: Callable[[str], Mapping[str, str]],
    judge: Judge,
) -> None:
    """With each fault of GitHub, gh prints the text of one row, and each text is printed."""
    tried = attempts(runbook, record, switch_on=faulty_github, sandbox=sandbox)
    judge(gh_troubleshooting(runbook, tried))
