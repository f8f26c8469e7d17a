"""Checklist item `prerequisites`: plan, workflow and tools are there, or their lack is told."""

import pytest

from freshrun.contract import (
    Bench,
    Judge,
    confirmations,
    filed_as_printed,
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
    runbook: Runbook, record: Record, bench: Bench, machine: Machine, judge: Judge
) -> None:
    """What is missing is documented, and what is documented as missing is.

    The command that files a limitation can be pasted as it is printed.
    """
    need_setup(runbook, record)
    files, answers = repository_files(machine.repository), typed_answers(runbook, bench.prompt)
    place = record.place.stand_ins
    judge(prerequisites_hold(runbook, files=files, answers=answers, stand_ins=place, record=record))
    confirmed = confirmations(runbook, files=files, answers=answers, stand_ins=place, record=record)
    printed = [(one.prerequisite.line, one.bead) for one in confirmed.rows if one.limited]
    judge(filed_as_printed(printed, like=runbook.commands[-1], bench=bench))
