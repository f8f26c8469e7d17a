"""A failure that a passing command hides: a stage of a pipeline inside a list or a substitution."""

from freshrun.diagnosis.case import Case, quoted
from freshrun.diagnosis.general import NETWORK
from freshrun.model import Outcome, Runbook, Status


def hidden_failure(outcome: Outcome, runbook: Runbook) -> str:
    """Return what a passed command with a pipe in it printed of a network that refused it.

    Empty where there is nothing of the kind. A plain pipeline tells the status of each stage by
    itself; one inside `&&`, `if` or `$(...)` does not.
    """
    piped = "|" in outcome.command.text and not outcome.command.stages
    if outcome.status is not Status.PASSED or not piped or not outcome.stderr.size:
        return ""
    case = Case(outcome, runbook)
    line = next((line for line in case.lines if NETWORK.read(case, line)), "")
    return f"it passed, and a part of it failed: {quoted(line)}" if line else ""
