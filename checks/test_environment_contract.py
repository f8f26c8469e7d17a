"""Checklist item `environment contract`: the declared variables are the ones that commands use."""

import pytest

from freshrun.checks import Judge, Machine, Runbook, environment, repository_files


@pytest.mark.checklist("environment contract")
def test_every_variable_is_set_or_declared_and_used(
    runbook: Runbook, machine: Machine, judge: Judge
) -> None:
    """`Environment contract` and the front matter declare what commands and programs read."""
    judge(environment(runbook, files=repository_files(machine.repository)))
