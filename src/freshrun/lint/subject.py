"""What lint looks at: a runbook, with its lines, its commands and what happens in each."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from freshrun import shell
from freshrun.lint.flaw import Edit, Flaw
from freshrun.lint.not_shell import is_listing, is_of_another_prompt, is_settings
from freshrun.model import Block, Command, Finding, Runbook
from freshrun.shell import Call, Event


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a command: where it starts in the command's text, and in the document's line."""

    start: int
    column: int


@dataclass(frozen=True)
class Subject:
    """One document, as the rules look at it."""

    runbook: Runbook

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Return the lines of the document."""
        return tuple(self.runbook.text.split("\n"))

    def line(self, number: int) -> str:
        """Return a line, counted from 1; empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks that are typed, without those that surely hold something else."""
        return tuple(
            each
            for each in self.runbook.blocks
            if each.commands and each.options.skip is None and not self._is_of_others(each)
        )

    def _is_of_others(self, block: Block) -> bool:
        shown = [self.line(command.line) for command in block.commands]
        return is_settings(block) or is_listing(block) or is_of_another_prompt(block, shown)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Return the commands that are typed."""
        return tuple(command for block in self.blocks for command in block.commands)

    @cached_property
    def events(self) -> Mapping[int, tuple[Event, ...]]:
        """Return what happens in each command, by its number."""
        commands = self.runbook.commands
        found = shell.events([command.text for command in commands])
        return dict(zip((each.number for each in commands), found, strict=True))

    def calls(self, command: Command) -> Iterator[Call]:
        """Yield the programs that a command calls."""
        found = shell.flat(self.events[command.number])
        return (event for event in found if isinstance(event, Call))

    def place(self, command: Command, offset: int) -> tuple[int, int]:
        """Return the line, and the index in it, of a position in a command's text."""
        rows = self._rows.get(command.number) or self._rows.setdefault(
            command.number, tuple(self._rows_of(command))
        )
        row = bisect_right(rows, offset, key=lambda each: each.start) - 1
        return command.line + row, rows[row].column + offset - rows[row].start

    @cached_property
    def _rows(self) -> dict[int, tuple[_Row, ...]]:
        """Keep the rows of commands that were asked for: one can have thousands of findings."""
        return {}

    def _rows_of(self, command: Command) -> Iterator[_Row]:
        start = 0
        for number, own in enumerate(command.text.split("\n"), command.line):
            yield _Row(start, max(0, self.line(number).find(own)))
            start += len(own) + 1

    def flaw(self, rule: str, line: int, message: str, *, at: str = "") -> Flaw:
        """Return a finding of a line, in the column where the text `at` stands in it."""
        text = self.line(line)
        column = text.find(at) if at else -1
        width = len(at) if column >= 0 else 0
        column = column if column >= 0 else len(text) - len(text.lstrip())
        return Flaw(self.runbook.path, line, message, column + 1, rule, width=width)

    def flaw_in(
        self,
        command: Command,
        rule: str,
        message: str,
        *,
        span: tuple[int, int],
        right: str | None = None,
    ) -> Flaw:
        """Return a finding of some characters of a command, and what would be `right` there."""
        line, start = self.place(command, span[0])
        end = start + span[1] - span[0]
        edits = () if right is None else (Edit(line, start, end, right),)
        return Flaw(
            self.runbook.path, line, message, start + 1, rule, edits, width=span[1] - span[0]
        )

    def ruled(self, rule: str, finding: Finding) -> Flaw:
        """Return a finding of one line with its rule, and the column of what it names first."""
        named = finding.message.partition("`")[2].partition("`")[0]
        at = named if named and named in self.line(finding.line) else ""
        return self.flaw(rule, finding.line, finding.message, at=at)
