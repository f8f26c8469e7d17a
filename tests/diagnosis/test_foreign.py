"""Documents that nobody wrote for freshrun, by their usual hazards: the line and its cause."""

from collections.abc import Callable

import pytest

from freshrun.diagnosis.cause import Cause
from freshrun.model.outcome import Outcome, Status

pytestmark = pytest.mark.engine

Example = Callable[[str], tuple[Outcome, ...]]


@pytest.mark.parametrize(
    ("name", "line", "cause", "said"),
    [
        ("installers", 6, Cause.ALTERNATIVES, "`brew` and `dnf` are package managers of systems"),
        ("transcript", 9, Cause.COMMAND_NOT_FOUND, "`harbour-pilot` is not found: no earlier"),
        ("other-prompt", 4, Cause.COMMAND_NOT_FOUND, "`harbour-pilot` is not found: no earlier"),
        ("windows", 10, Cause.OTHER_SHELL, '"powershell" at runbook.md:10 is PowerShell, not bash'),
        (
            "piped-installer",
            8,
            Cause.COMMAND_NOT_FOUND,
            "unless the script that runbook.md:4 downloads should have",
        ),
        (
            "unmarked-installer",
            8,
            Cause.MISSING_STEP,
            "runbook.md:4 installs it, but in a block that is not run",
        ),
        ("certificate", 4, Cause.WAITS_FOR_INPUT, "it asks for the parts of a certificate's name"),
        ("pipeline", 5, Cause.COMMAND_NOT_FOUND, "are not found either"),
        ("empty-variable", 6, Cause.UNSET_VARIABLE, "for `RELEASE` in `harbour-pilot-${RELEASE}-"),
    ],
)
def test_first_failing_line_and_its_cause(
    example: Example, name: str, line: int, cause: Cause, said: str
) -> None:
    """The first command that can't work is the one that fails, and its hint leads to the fix."""
    outcomes = example(f"foreign-{name}")
    first = next(outcome for outcome in outcomes if outcome.status is not Status.PASSED)
    assert (first.status, first.command.line) == (Status.FAILED, line)
    assert (first.cause, first.hint) == (cause.value, first.hint)
    assert said in first.hint
