"""Who follows a run while it goes on."""

from typing import Protocol

from freshrun.model import Command, Outcome


class Audience(Protocol):
    """Hears of a run; nothing in here may hold it up or fail.

    One that `draws` is given the lines of progress that go to stderr else.
    """

    draws: bool

    def step(self, doing: str) -> None:
        """Hear what is being done before the first command."""

    def typing(self, command: Command, last_line: str) -> None:
        """Hear, about once a second, which command runs and what it printed last."""

    def ended(self, outcome: Outcome) -> None:
        """Hear what a command gave; its secrets are hidden."""


class Nobody:
    """Follows nothing."""

    draws = False

    def step(self, doing: str) -> None:
        """Pass it over."""

    def typing(self, command: Command, last_line: str) -> None:
        """Pass it over."""

    def ended(self, outcome: Outcome) -> None:
        """Pass it over."""
