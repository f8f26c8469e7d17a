"""What a person sees of a run while it goes on."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self, TextIO

from freshrun import report
from freshrun.live.course import GOOD, Now, Part, bound, command_line, parts
from freshrun.model import Command, Outcome, Runbook, Status

_STARTING = Now("")


class Screen(Protocol):
    """Where it is shown; one that `draws` has nothing else written beside it."""

    draws: bool

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave what has to stay."""

    def now(self, now: Now, part: Part | None) -> None:
        """Show what goes on."""

    def ended(self, part: Part, outcome: Outcome) -> None:
        """Show a command that has ended, a line with its time."""

    def fold(self, part: Part, outcomes: list[Outcome]) -> None:
        """Show a section that is over."""

    def say(self, text: str, status: Status | None = None) -> None:
        """Show lines that stay."""


class Show:
    """Follows one run, and shows it on a screen; `hidden` hides its secrets in a text."""

    def __init__(
        self, runbook: Runbook, screen: Screen, *, hidden: Callable[[str], str], timeout: float
    ) -> None:
        """Show nothing yet; `timeout` is that of a command which names none."""
        self.draws = screen.draws
        self._screen = screen
        self._hidden = hidden
        self._timeout = timeout
        self._parts = parts(runbook, hidden=hidden)
        self._of: Mapping[int, Part] = {
            command.number: part for part in self._parts for command in part.commands
        }
        self._name = report.plain(hidden(runbook.path))
        self._outcomes: list[Outcome] = []
        self._now, self._number = _STARTING, 0

    def __enter__(self) -> Self:
        """Begin with the one heading."""
        self._screen.__enter__()
        commands = sum(len(part.commands) for part in self._parts)
        told = (report.count(commands, "command"), report.count(len(self._parts), "section"))
        self._screen.say(f"{self._name}: {' in '.join(told)}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave what has to stay."""
        self._screen.__exit__(kind, error, trace)

    def step(self, doing: str) -> None:
        """Show what is being done before the first command."""
        self._now, self._number = Now(report.plain(self._hidden(doing))), 0
        self._screen.now(self._now, None)

    def typing(self, command: Command, last_line: str) -> None:
        """Show which command runs, and what it printed last."""
        if command.number != self._number:
            doing = command_line(command, text=self._hidden(command.text))
            self._now = Now(doing, bound(command, timeout=self._timeout))
            self._number = command.number
        self._now = replace(self._now, said=report.plain(self._hidden(last_line)))
        self._screen.now(self._now, self._of.get(command.number))

    def ended(self, outcome: Outcome) -> None:
        """Show what a command gave; with the last one of its section, the section."""
        self._outcomes.append(outcome)
        part = self._of[outcome.command.number]
        if outcome.status is not Status.NOT_REACHED:
            self._screen.ended(part, outcome)
        for warning in outcome.warnings if outcome.status in GOOD else ():
            text = f"{outcome.command.line:>5}  warning: {report.plain(warning)}"
            self._screen.say(text, Status.NOT_REACHED)
        if outcome.status in {Status.FAILED, Status.BROKEN}:
            self._screen.say("\n".join(report.cause_lines(outcome)), outcome.status)
        if outcome.command.number == part.last:
            self._fold(part)

    def checking(self, name: str) -> None:
        """Show which item of the checklist is being judged."""
        self._now, self._number = Now(f"checking: {report.plain(self._hidden(name))}"), 0
        self._screen.now(self._now, None)

    def _fold(self, part: Part) -> None:
        left = [one for one in self._outcomes if one.status is Status.NOT_REACHED]
        if len(left) == len(self._outcomes):
            self._screen.say(f"{part.title}: not reached", Status.NOT_REACHED)
        else:
            self._screen.fold(part, self._outcomes)
            if left:
                text = f"{left[0].command.line:>5}  {len(left)} not reached from here on"
                self._screen.say(text, Status.NOT_REACHED)
        self._outcomes = []


def is_drawn(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether somebody sits before a terminal that can draw."""
    plain = environ.get("NO_COLOR") or environ.get("CI") or environ.get("TERM", "dumb") == "dumb"
    return stream.isatty() and not plain


def show_on(
    stream: TextIO, runbook: Runbook, *, hidden: Callable[[str], str], timeout: float
) -> Show:
    """Return what shows a run on a stream: drawn where it is a terminal, else line by line."""
    from freshrun.live.plain import Plain  # noqa: PLC0415 - one of the two is needed

    screen: Screen = Plain(stream)
    if is_drawn(stream, os.environ):
        from freshrun.live.drawn import Drawn  # noqa: PLC0415 - rich is slow to load

        screen = Drawn(stream)
    return Show(runbook, screen, hidden=hidden, timeout=timeout)
