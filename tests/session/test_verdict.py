"""The verdict on one command, from what its shell said of it."""

import pytest

from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.runbook import Command, Options
from freshrun.session import verdict
from freshrun.session.protocol import Ended, Finished, Outputs


def judged(
    *, exit_code: int = 0, options: Options | None = None, promised: str | None = None
) -> Outcome:
    """Return the outcome of `echo hi`, which took half a second."""
    command = Command("echo hi", "x.md", 4, 4, "", options or Options(), promised=promised)
    outputs = Outputs(Output(b"hi\n", size=3))
    event = Finished(1, exit_code, 0.0, 0.5, 7, None, (), "/srv", outputs)
    return verdict.ended(command, event, seconds=0.5)


@pytest.mark.parametrize(
    ("exit_code", "promised", "reason"),
    [
        (0, 0, ""),
        (3, 3, ""),
        (3, 0, "exit status 3, expected 0"),
        (0, 3, "exit status 0, expected 3"),
    ],
)
def test_the_exit_status_decides(exit_code: int, promised: int, reason: str) -> None:
    """The promised one passes, any other fails, 0 too."""
    outcome = judged(exit_code=exit_code, options=Options(exit=promised))
    assert (outcome.reason, outcome.status is Status.PASSED) == (reason, not reason)


def test_the_band_and_the_promised_output_decide_where_the_status_is_right() -> None:
    """What was promised beside the status has to hold, too; a wrong status is told first."""
    late = judged(options=Options(band=(0.0, 0.1)))
    assert late.reason == "took 0.50 s, above the documented band of 0 s to 0.1 s"
    other = judged(promised="ho")
    assert (other.reason, other.diff[-7:]) == ("the output is not the promised one", "-ho\n+hi")
    assert judged(exit_code=1, promised="ho").reason == "exit status 1, expected 0"
    assert judged(promised="h...").status is Status.PASSED


def test_a_new_output_can_be_accepted_and_a_wrong_status_never() -> None:
    """`--update` passes what only printed something else."""
    assert verdict.accepted(judged(promised="ho")).status is Status.PASSED
    assert verdict.accepted(judged(exit_code=1, promised="ho")).status is Status.FAILED


def test_a_shell_that_was_taken_away_from_us_is_broken() -> None:
    """The document did not end it: that is nobody's failure and no pass."""
    command = Command("exec 198>&-", "x.md", 4, 4, "")
    outcome = verdict.ended(command, Ended(0, lost=True, outputs=Outputs()), seconds=0.1)
    assert (outcome.status, outcome.ending) == (Status.BROKEN, Ending.LOST)
