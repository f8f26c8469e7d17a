"""Where a run stands: its sections, what of them has ended, and what is going on now."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from freshrun import report
from freshrun.model import Command, Outcome, Runbook, Status

GOOD = frozenset({Status.PASSED, Status.SKIPPED})


@dataclass(frozen=True, slots=True)
class Part:
    """One section with commands: the `number`th `of` so many."""

    title: str
    number: int
    of: int
    commands: tuple[Command, ...]

    @property
    def heading(self) -> str:
        """Return its title, and where it stands."""
        return f"{self.title} (section {self.number} of {self.of})"

    @property
    def last(self) -> int:
        """Return the number of its last command."""
        return self.commands[-1].number


def parts(runbook: Runbook, *, hidden: Callable[[str], str]) -> tuple[Part, ...]:
    """Return the sections of a runbook that have commands."""
    own = [section for section in runbook.sections if section.commands]
    return tuple(
        Part(
            report.plain(hidden(one.title)) or "before the first heading", n, len(own), one.commands
        )
        for n, one in enumerate(own, 1)
    )


@dataclass(frozen=True, slots=True)
class Now:
    """What goes on at this moment, since when, how long it may take, and what it said last."""

    doing: str
    bound: str = ""
    said: str = ""
    since: float = field(default_factory=time.monotonic)

    @property
    def clock(self) -> str:
        """Return how long it has been going on, as `m:ss`, and how long it may."""
        minutes, seconds = divmod(int(time.monotonic() - self.since), 60)
        return f"{minutes}:{seconds:02}{self.bound}"


def bound(command: Command, *, timeout: float) -> str:
    """Return how long a command may take: its band, or the time after which it is ended."""
    band = command.options.band
    if band:
        return f" (band {report.duration(band[0])} to {report.duration(band[1])})"
    own = timeout if command.options.timeout is None else command.options.timeout
    minutes, seconds = divmod(int(own), 60)
    return f" of {minutes}:{seconds:02}"


def command_line(command: Command, *, text: str) -> str:
    """Return the line of a command in its document, and the first one of its own, `text`."""
    line, _, more = report.plain(text.strip()).partition("\n")
    return f"{command.line:>5}  {line}{' ...' if more else ''}"


def folded(part: Part, outcomes: list[Outcome]) -> str:
    """Return a section that went well, in one line."""
    seconds = report.duration(sum(one.seconds for one in outcomes))
    skipped = sum(one.status is Status.SKIPPED for one in outcomes)
    rest = f", {skipped} skipped" if skipped else ""
    return f"{part.title}: {report.count(len(outcomes), 'command')}{rest}, {seconds}"
