"""Checklist item `prerequisites`: plan, workflow and tools are there, or their lack is told."""

import pytest

from freshrun.contract import (
    Judge,
    Prompt,
    need_setup,
    prerequisites_hold,
    repository_files,
    typed_answers,
)
from freshrun.machine import Machine
from freshrun.record import Record
from freshrun.runbook import Runbook


@pytest.mark.checklist("prerequisites", stand_in=("bd", "gh"))
def test_each_prerequisite_is_confirmed_or_a_known_limitation(
    runbook: Runbook, record: Record, machine: Machine, prompt: Prompt, judge: Judge
) -> None:
    """What is missing is documented, and what is documented as missing is."""
    need_setup(runbook, record)
    files, answers = repository_files(machine.repository), typed_answers(runbook, prompt)
    stand_ins = record.place.stand_ins
    judge(prerequisites_hold(runbook, files=files, answers=answers, stand_ins=stand_ins))
