"""The verdict on one command, from what its shell said of it."""

import pytest

from freshrun import verdict
from freshrun.outcome import Outcome, Output
from freshrun.protocol import Finished
from freshrun.runbook import Command


def passed(text: str) -> Outcome:
    """Return the outcome of a command that ended with 0."""
    command = Command(text, "x.md", 1, 1, "")
    event = Finished(1, 0, 0.0, 0.5, 7, None, (), "/srv", Output(), Output())
    return verdict.ended(command, event, seconds=0.5)


@pytest.mark.parametrize(
    "text", ["bash", "sudo -i", "sudo su -", "su - postgres", "sudo -s", "zsh", "bash -l"]
)
def test_a_shell_in_the_shell_is_a_warning(text: str) -> None:
    """A reader would go on in it; the commands below run outside of it."""
    (warning,) = passed(text).warnings
    assert warning.startswith("it opens another shell")


@pytest.mark.parametrize(
    "text", ["bash script.sh", "sudo -i id", "sudo su -c id", "bash -c true", "su - db -c ls", "ls"]
)
def test_a_shell_that_is_given_its_work_is_none(text: str) -> None:
    """It ends by itself, for a reader too."""
    assert passed(text).warnings == ()
