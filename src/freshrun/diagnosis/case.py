"""A failed outcome in its document: where something stands, and what was printed."""

import re
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.model import Block, Command, Ending, Outcome, Output, Runbook
from freshrun.text import shown

# Programs say what stopped them at the end of their output or before a long text on their usage.
_FIRST, _LAST, _WIDTH = 20, 60, 500
_PLAIN_QUOTES = str.maketrans("\u2018\u2019", "''")
_SECOND_LEVEL = 2


@dataclass(frozen=True)
class Case:
    """A failed outcome in its document."""

    outcome: Outcome
    runbook: Runbook

    @property
    def command(self) -> Command:
        """Return the command that failed."""
        return self.outcome.command

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Return what can tell a cause, the last line first: stderr, then stdout."""
        return tuple(_printed(self.outcome))

    @cached_property
    def position(self) -> int:
        """Return the command's index in the document, its length where it is not there."""
        commands = self.runbook.commands
        return commands.index(self.command) if self.command in commands else len(commands)

    @property
    def earlier(self) -> tuple[Command, ...]:
        """Return the commands before it."""
        return self.runbook.commands[: self.position]

    @property
    def later(self) -> tuple[Command, ...]:
        """Return the commands after it."""
        return self.runbook.commands[self.position + 1 :]

    @property
    def reached(self) -> tuple[Command, ...]:
        """Return the commands before it that its state comes from."""
        return tuple(c for c in self.earlier if c.options.skip is None and self._shares(c))

    @property
    def apart(self) -> tuple[Command, ...]:
        """Return the commands before it in sections that this one can't count on."""
        return tuple(command for command in self.earlier if not self._shares(command))

    @property
    def skipped(self) -> tuple[Command, ...]:
        """Return the commands before it that the document skips."""
        return tuple(command for command in self.earlier if command.options.skip is not None)

    @cached_property
    def block(self) -> Block | None:
        """Return the block that the command stands in."""
        blocks = (block for block in self.runbook.blocks if self.command in block.commands)
        return next(blocks, None)

    @property
    def as_documented(self) -> bool:
        """Tell whether it ended by itself, with the exit status that the document promises."""
        exited = self.outcome.ending is Ending.EXITED
        return exited and self.outcome.exit_code == self.command.options.exit

    def names(self, word: str) -> bool:
        """Tell whether a printed line has the word."""
        return any(word in line for line in self.lines)

    def _shares(self, command: Command) -> bool:
        """Tell whether a command's section is the setup or the failed command's own."""
        if self.runbook.settings.sections != "independent":
            return True
        part = self._parts.get(command, 0)
        return part in {min(self._parts.values()), self._parts.get(self.command, part)}

    @cached_property
    def _parts(self) -> dict[Command, int]:
        """Map each command to the number of its second-level section."""
        parts: dict[Command, int] = {}
        number = 0
        for section in self.runbook.sections:
            number += section.level <= _SECOND_LEVEL
            parts |= dict.fromkeys(section.commands, number)
        return parts


Finder = Callable[[Case], Diagnosis | None]
"""Looks for one cause, or a few, in a case; `None` where the evidence is not there."""


def _printed(outcome: Outcome) -> Iterator[str]:
    for output in (outcome.stderr, outcome.stdout):
        lines = _lines(output)
        yield from reversed(lines[-_LAST:])
        yield from reversed(lines[:-_LAST][:_FIRST])


def _lines(output: Output) -> list[str]:
    """Return the lines that say something, as a terminal leaves them, with plain quotes."""
    text = shown(output.text).translate(_PLAIN_QUOTES)
    lines = (line.rstrip() for line in text.split("\n"))
    return [line[:_WIDTH] for line in lines if line]


# Places in the document.


def line_with(commands: Iterable[Command], pattern: str) -> str:
    """Return `file:line` of the first command that holds the pattern, empty where none does."""
    search = re.compile(pattern)
    for command in commands:
        # A line that goes on is one line; spaces in place of its end keep every position.
        if match := search.search(command.text.replace("\\\n", "  ")):
            return line_of(command, match.end() - 1)
    return ""


def line_of(command: Command, position: int = 0) -> str:
    """Return `file:line` of a position in the command's text."""
    return f"{command.file}:{command.line + command.text.count(chr(10), 0, position)}"


def token(word: str) -> str:
    """Return the pattern of the word as a whole."""
    return rf"(?<![\w.-]){re.escape(word)}(?![\w-])"


def prose(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield the lines outside of fenced blocks, numbered from 1."""
    fenced = {n for block in runbook.blocks for n in range(block.line, block.end_line + 1)}
    for number, line in enumerate(runbook.text.split("\n"), 1):
        if number not in fenced:
            yield number, line


def either(*patterns: str) -> re.Pattern[str]:
    """Return the pattern that is any of these."""
    return re.compile("|".join(patterns))


# What can always be said.

NOT_EXECUTABLE, NOT_FOUND, SIGNALLED = 126, 127, 128
_QUOTE_WIDTH = 160


def unknown(case: Case) -> Diagnosis:
    """Return that it can't be told, with the status and the last words."""
    seen = f"{status(case.outcome)} as documented" if case.as_documented else status(case.outcome)
    reason = f"; {case.outcome.reason}" if case.as_documented and case.outcome.reason else ""
    return Diagnosis(Cause.UNKNOWN, f"can't tell: {seen}{reason}; {last_words(case)}")


def status(outcome: Outcome) -> str:
    """Return the exit status, with what the shell means by it."""
    code = outcome.exit_code
    if code is None:
        return outcome.ending.value
    meanings = {
        NOT_EXECUTABLE: ", a shell's own for a file that it may not execute",
        NOT_FOUND: ", a shell's own for a command that is not found",
        **{SIGNALLED + each: f", which says {each.name}" for each in signal.Signals},
    }
    return f"exit status {code}{meanings.get(code, '')}"


_NPM = r"^npm (?:ERR!|error|WARN)"
_LOOSE = re.compile(rf"^(?!\s|{_NPM[1:]}).{{0,40}}?(?:[Ee]rror|ERROR|[Ff]atal|FATAL)\b")
_MARKED = re.compile(
    rf"^(?!\s|{_NPM[1:]})(?:\S{{1,60}}[:\]] ?|\[\W?)?"
    r"(?:[Ee]rror|ERROR|[Ff]atal|FATAL|panic|E)(?:(?:\[\w+\]|\])?: ?|\] )\S"
)
"""A line that a program marks as what went wrong."""
_REFERRING = either(
    r"^npm (?:ERR!|error)\s+(?:A complete log|/|$)",
    r"^Node\.js v\d|^\s*(?:at|from|thrown in) \S|^\W*$",
)
"""Lines that say where, not what: a log, a place in a program, the bracket that closes a list."""
_SUMMARY = re.compile(
    r"(?i)could not compile|aborting due to|exited with|exit (?:code|status)|command failed|see "
    r"|^make(?:\[\d+\])?: |returned \d|(?<!\d)\d+ errors?\b|some index files"
)
"""Lines that only say that it failed."""


def last_words(case: Case) -> str:
    """Return what the command printed last, or the line above it that a program marks as error."""
    if not case.lines:
        return "it printed nothing"
    telling = _telling(case)
    if telling and telling != case.lines[0]:
        return f"it printed: {quoted(telling)}"
    return f"it printed last: {quoted(case.lines[0])}"


def _telling(case: Case) -> str:
    """Return the line nearest to the end that is marked as an error, and not only sums it up."""
    marked = (each for each in case.lines if _MARKED.search(each) and not _SUMMARY.search(each))
    if line := next(marked, ""):
        return line
    if not _REFERRING.search(case.lines[0]):
        return ""
    return next((line for line in case.lines if _LOOSE.search(line)), "")


def quoted(line: str) -> str:
    """Return the line in double quotes, cut where it is long."""
    text = line.strip().replace("\n", " ")
    return f'"{text}"' if len(text) <= _QUOTE_WIDTH else f'"{text[:_QUOTE_WIDTH]}..."'
