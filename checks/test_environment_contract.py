"""Checklist item `environment contract`: the declared variables are the ones that commands use."""

import pytest

from freshrun.contract import Judge, repository_files
from freshrun.lint import environment
from freshrun.machine import Machine
from freshrun.runbook import Runbook


@pytest.mark.checklist("environment contract")
def test_every_variable_is_set_or_declared_and_used(
    runbook: Runbook, machine: Machine, judge: Judge
) -> None:
    """`Environment contract` and the front matter declare what commands and programs read."""
    judge(environment(runbook, files=repository_files(machine.repository)))
