"""The `^C` of a transcript is a key: pressed once what is shown above it is there."""

from collections.abc import Callable

import pytest

from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.session.key import Interrupt, interrupt

Rehearse = Callable[[str], tuple[Outcome, ...]]


@pytest.mark.parametrize(
    ("promised", "key"),
    [
        ("ready\n^C", Interrupt("ready\n", "ready\n")),
        ("^C", Interrupt("", "")),
        ("up\n^Cbye\nnow", Interrupt("up\n", "up\nbye\nnow")),
        ("up\n^C\nbye", Interrupt("up\n", "up\nbye")),
        ("press ^C to stop", None),
        ("", None),
        (None, None),
    ],
)
def test_a_key_stands_at_the_beginning_of_a_line(
    promised: str | None, key: Interrupt | None
) -> None:
    """In the middle of one it is text of the program."""
    assert interrupt(promised) == key


@pytest.mark.engine
def test_a_key_ends_its_command_and_the_transcript_goes_on(rehearsed: Rehearse) -> None:
    """The status is what the program then has; what it says of it is compared."""
    outcomes = rehearsed(
        "```console timeout=15s\n$ sh -c 'echo ready; sleep 1000'\nready\n^C\n$ echo next $?\n"
        "next 130\n$ while true; do sleep 1; done\n^C\n"
        "$ sh -c 'trap \"echo bye; exit 7\" INT; echo up; while :; do sleep 0.1; done'\nup\n^Cbye\n"
        "$ echo and on\nand on\n```\n"
    )
    assert [outcome.status for outcome in outcomes] == [Status.PASSED] * 5
    assert [outcome.exit_code for outcome in outcomes] == [130, 0, 130, 7, 0]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("typed", "ending"),
    [
        ("sh -c 'echo x; exit 4'\nx\n^C", Ending.EXITED),
        ("sh -c 'echo other; sleep 100'\nready\n^C", Ending.TIMED_OUT),
        (
            "sh -c 'echo ready; trap \"echo no\" INT; sleep 3; exit 0'\nready\n^C\nyes",
            Ending.EXITED,
        ),
    ],
)
def test_a_key_excuses_no_failure(rehearsed: Rehearse, typed: str, ending: Ending) -> None:
    """A command that failed by itself, never came so far, or says something else."""
    (outcome,) = rehearsed(f"```console timeout=5s\n$ {typed}\n```\n")
    assert (outcome.status, outcome.ending) == (Status.FAILED, ending)
