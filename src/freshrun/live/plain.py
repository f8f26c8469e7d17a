"""A run line by line, for a log: each line once, and none that moves."""

from types import TracebackType
from typing import Self, TextIO

from freshrun import report
from freshrun.live.course import Now, Part, command_line
from freshrun.model import Outcome, Status

_UNTYPED = (Status.NOT_REACHED, Status.SKIPPED)


class Plain:
    """Writes a line for each command that has ended, below the title of its section."""

    draws = False

    def __init__(self, stream: TextIO) -> None:
        """Take the stream, whatever it can write."""
        self._stream = stream
        self._part: Part | None = None
        self._step = ""

    def __enter__(self) -> Self:
        """Begin; there is nothing to prepare."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; all is written."""

    def now(self, now: Now, part: Part | None) -> None:
        """Write a step once, and the title of a section when its first command runs."""
        if part is not None:
            self._title(part)
        elif now.doing != self._step:
            self._step = now.doing
            self.say(f"  {now.doing}")

    def ended(self, part: Part, outcome: Outcome) -> None:
        """Write a command with its status and time."""
        self._title(part)
        text = command_line(outcome.command, text=outcome.command.text)
        time = "" if outcome.status in _UNTYPED else f" ({report.duration(outcome.seconds)})"
        self.say(f"  {outcome.status.value:<11} {text}{time}")

    def fold(self, part: Part, outcomes: list[Outcome]) -> None:
        """Fold nothing: a log keeps its lines."""

    def say(self, text: str, status: Status | None = None) -> None:
        """Write lines, those on a command below it."""
        indent = "      " if status else ""
        lines = text.split("\n")
        self._stream.write("".join(f"{indent}{line}\n" for line in lines))
        self._stream.flush()

    def _title(self, part: Part) -> None:
        if part != self._part:
            self._part = part
            self.say(part.heading)
