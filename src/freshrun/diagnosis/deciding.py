"""Why a command failed: a fixed word and one sentence with its evidence. Pure, no I/O.

A cause is found by what the outcome itself says (a timeout, a promise not kept), by the text of
the command (a placeholder, another shell's), by the document around it, or by a *sign*: a line
that a program is known to print. What `_TRIED` lists is asked in turn, the most specific evidence
first, and the first answer wins; among signs, the line nearest to the end wins, since the last
command of a text decides its exit status. Where none answers, the diagnosis says that it can't
tell.
"""

from freshrun.diagnosis.alternatives import alternatives
from freshrun.diagnosis.announced import documented_failure, hard_coded
from freshrun.diagnosis.case import Case, Finder, unknown
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.characters import characters
from freshrun.diagnosis.ended import (
    asked,
    killed,
    other_output,
    other_promise,
    outside_band,
    required_variable,
    shell_ended,
    unexpected_success,
)
from freshrun.diagnosis.foreign import (
    other_fence,
    other_prompt,
    other_shell,
    other_system,
    shown_output,
)
from freshrun.diagnosis.general import NETWORK
from freshrun.diagnosis.known import ALWAYS, KNOWN
from freshrun.diagnosis.placeholder import placeholder
from freshrun.diagnosis.prompt import history_expansion, read_on, unclosed
from freshrun.diagnosis.signs import by_signs
from freshrun.diagnosis.statuses import by_status
from freshrun.diagnosis.timeouts import timed_out
from freshrun.diagnosis.waiting import drew_a_screen, waiting
from freshrun.model import Outcome, Runbook


def diagnose(outcome: Outcome, runbook: Runbook) -> Diagnosis:
    """Return why the command of a failed outcome failed, `Cause.UNKNOWN` where it can't be told."""
    case = Case(outcome, runbook)
    for find in _TRIED:
        diagnosis = find(case)
        if diagnosis is not None:
            return diagnosis
    return unknown(case)


def _decisive(case: Case) -> Diagnosis | None:
    return by_signs(case, ALWAYS)


def _unreachable_packages(case: Case) -> Diagnosis | None:
    """Look through a package manager that finds no package because it can't reach its index."""
    found = _by_signs(case)
    if found is None or found.cause is not Cause.PACKAGE_NOT_FOUND:
        return None
    return by_signs(case, (NETWORK,))


def _by_signs(case: Case) -> Diagnosis | None:
    return by_signs(case, KNOWN)


_TRIED: tuple[Finder, ...] = (
    history_expansion,
    read_on,
    timed_out,
    waiting,
    unclosed,
    unexpected_success,
    outside_band,
    other_output,
    other_promise,
    characters,
    _decisive,
    placeholder,
    alternatives,
    other_shell,
    other_fence,
    other_system,
    other_prompt,
    shown_output,
    hard_coded,
    documented_failure,
    required_variable,
    _unreachable_packages,
    _by_signs,
    drew_a_screen,
    asked,
    killed,
    shell_ended,
    by_status,
)
