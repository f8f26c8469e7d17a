"""Checklist item `prerequisites`: plan, workflow and tools are there, or their lack is told."""

import pytest

from freshrun.checks import (
    Finding,
    Judge,
    Machine,
    Record,
    Runbook,
    Sandbox,
    confirmations,
    contract_of,
    filed_as_printed,
    need_setup,
    prerequisites_hold,
    repository_files,
    typed_answers,
)
from freshrun.tasks import refusal


@pytest.mark.checklist("prerequisites", stand_in=("bd", "gh"))
def test_each_prerequisite_is_confirmed_or_a_known_limitation(
    runbook: Runbook, record: Record, sandbox: Sandbox, machine: Machine, judge: Judge
) -> None:
    """What is missing is documented, and what is documented as missing is.

    The command that files a limitation can be pasted as it is printed, and a command of ours that
    a limitation names as its follow-up can be followed.
    """
    need_setup(runbook, record)
    files, answers = repository_files(machine.repository), typed_answers(runbook, sandbox.shell)
    place = record.provenance.stand_ins
    held = prerequisites_hold(runbook, files=files, answers=answers, stand_ins=place, record=record)
    judge((*held, *uncalled(runbook)))
    confirmed = confirmations(runbook, files=files, answers=answers, stand_ins=place, record=record)
    printed = [(one.prerequisite.line, one.bead) for one in confirmed.rows if one.limited]
    limited = contract_of(runbook).limitations.rows
    follow_ups = [(row.line, text) for row in limited for text in row.commands]
    printed += [(line, text) for line, text in follow_ups if text.startswith("bd ")]
    judge(filed_as_printed(printed, like=runbook.commands[-1], sandbox=sandbox))


def uncalled(runbook: Runbook) -> tuple[Finding, ...]:
    """Return the follow-ups that call this program in a way that it can't follow."""
    return tuple(
        Finding(runbook.path, row.line, f"the follow-up `{text}` can't be called: {why}")
        for row in contract_of(runbook).limitations.rows
        for text in row.commands
        if not text.startswith("bd ") and (why := refusal(text))
    )
