"""A run drawn on a terminal: what has ended stays above, what goes on is drawn anew below it."""

import os
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, ConsoleDimensions, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.segment import ControlType, Segment
from rich.text import Text

from freshrun import report
from freshrun.live.course import GOOD, Now, Part, command_line, folded
from freshrun.model import Ending, Outcome, Status

_OFTEN = 4
"""How many times a second it is drawn anew."""

_AROUND = 5
"""Lines that what goes on takes, and what stays free above it."""

_STYLES = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.NOT_REACHED: "yellow",
    Status.SKIPPED: "cyan",
    Status.BROKEN: "bold magenta",
}
_MARKS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.NOT_REACHED: "○",
    Status.SKIPPED: "↷",
    Status.BROKEN: "!",
}


class _Terminal(Console):
    """A console as large as the terminal that it draws on.

    Rich asks stdin, stdout and stderr, which pytest takes away while a check runs.
    """

    @property  # type: ignore[misc]  # nobody sets it: it is the terminal's
    def size(self) -> ConsoleDimensions:
        """Return its columns and lines, as they are at the moment."""
        try:
            return ConsoleDimensions(*os.get_terminal_size(self.file.fileno()))
        except (OSError, ValueError):
            return super().size


class Drawn:
    """Draws on a terminal, at whatever width it has at the moment."""

    draws = True

    def __init__(self, stream: TextIO) -> None:
        """Take the terminal; nothing is drawn yet."""
        self._console = _Terminal(file=stream, force_terminal=True, highlight=False, emoji=False)
        self._ended: list[Outcome] = []
        self._headed: Part | None = None
        self._lengths: list[int] = []
        self._now: Now | None = None
        self._part: Part | None = None
        self._live = Live(
            self,
            console=self._console,
            refresh_per_second=_OFTEN,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave what has to stay, and take away what went on."""
        self._now = None
        self._keep()
        self._part = None
        self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw what goes on: the section, its commands that ended, and the one that runs."""
        width = options.max_width
        # A terminal that was made narrower has wrapped what was drawn, and pushed it up.
        if wrapped := sum((length - 1) // width for length in self._lengths if length):
            yield Segment(f"\x1b[{wrapped}A\x1b[J", None, [(ControlType.CURSOR_UP, wrapped)])
        lines = self._lines(width, room=max(console.size.height - _AROUND, 1))
        self._lengths = [line.cell_len for line in lines]
        yield from lines

    def _lines(self, width: int, *, room: int) -> list[Text]:
        lines = [_ended_line(outcome, width=width) for outcome in list(self._ended)[-room:]]
        if self._part and self._part != self._headed:
            lines.insert(0, _cut(self._part.heading, width=width, style="bold"))
        return [*lines, *(_now_lines(self._now, width=width) if self._now else ())]

    def now(self, now: Now, part: Part | None) -> None:
        """Draw what goes on."""
        self._now, self._part = now, part

    def ended(self, part: Part, outcome: Outcome) -> None:
        """Draw a command that has ended."""
        self._now, self._part = None, part
        self._ended.append(outcome)

    def fold(self, part: Part, outcomes: list[Outcome]) -> None:
        """Leave one line of a section that went well, and every line of another one."""
        self._part = part
        if part != self._headed and all(one.status in GOOD for one in outcomes):
            self._ended = []
            line = f"✓ {folded(part, outcomes)}"
            self._print(_cut(line, width=self._console.width, style="green"))
        else:
            self._keep()
        self._part = None

    def say(self, text: str, status: Status | None = None) -> None:
        """Print lines that stay; where a command failed, below its line."""
        if status in {Status.FAILED, Status.BROKEN}:
            self._keep()
        style = _STYLES[status] if status else ""
        self._print(Group(*(Text(line, style=style) for line in text.split("\n"))))

    def _keep(self) -> None:
        """Print what has ended, which was only drawn so far, below its one heading."""
        ended, self._ended = self._ended, []
        width = self._console.width
        if ended and self._part and self._part != self._headed:
            self._headed = self._part
            self._print(_cut(self._part.heading, width=width, style="bold"))
        for outcome in ended:
            self._print(_ended_line(outcome, width=width))

    def _print(self, what: Text | Group) -> None:
        self._console.print(what, soft_wrap=isinstance(what, Group))


def _cut(text: str, *, width: int, style: str = "") -> Text:
    """Return one line, no wider than the terminal."""
    line = Text(text, style=style, no_wrap=True, overflow="ellipsis", end="\n")
    line.truncate(max(width, 1), overflow="ellipsis")
    return line


def _ended_line(outcome: Outcome, *, width: int) -> Text:
    """Return a command that has ended: its mark, line and text, and its time at the end."""
    text = command_line(outcome.command, text=outcome.command.text)
    took = "" if outcome.ending is Ending.NOT_RUN else f"  {report.duration(outcome.seconds)}"
    line = _cut(f"{_MARKS[outcome.status]} {text}", width=width - len(took))
    line.stylize(_STYLES[outcome.status], 0, 1)
    return line.append(took, style="dim")


def _now_lines(now: Now, *, width: int) -> list[Text]:
    """Return what goes on with its clock, and below it what it said last."""
    clock = f"  {now.clock}"
    line = _cut(f"▸ {now.doing}", width=width - len(clock), style="bold")
    lines = [line.append(clock, style="cyan")]
    return [*lines, _cut(f"         {now.said}", width=width, style="dim")] if now.said else lines
