"""A runbook as pytest collects it: a file, its sections, and an item for each command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from freshrun import report
from freshrun.model import Command, FreshrunError, Outcome, Section, Status
from freshrun.rehearsal import Run


class RunbookFile(pytest.File):
    """A runbook, as a file of tests."""

    def __init__(self, *, run: Run, **rest: object) -> None:
        """Take the run whose commands are collected."""
        super().__init__(**rest)  # type: ignore[arg-type]  # what pytest's own constructor takes
        self.run = run

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield a collector for each section that has commands."""
        for section in self.run.runbook.sections:
            if section.commands:
                title = self.run.draft.hidden(section.title) or "(before the first heading)"
                # Behind a bracket pytest looks for no more parts of an id.
                name = _part(title).translate({ord("["): "(", ord("]"): ")"})
                yield SectionCollector.from_parent(self, name=name, section=section, run=self.run)


class SectionCollector(pytest.Collector):
    """A section of a runbook, so that `-k` finds it by its title."""

    def __init__(self, *, section: Section, run: Run, **rest: object) -> None:
        """Take the section and the run that it belongs to."""
        super().__init__(**rest)  # type: ignore[arg-type]  # what pytest's own constructor takes
        self.section = section
        self.run = run

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each command."""
        for command in self.section.commands:
            name = f"{command.line}: {_part(_first_line(self.run.draft.hidden(command.text)))}"
            yield CommandItem.from_parent(self, name=name, command=command, run=self.run)


class CommandItem(pytest.Item):
    """One command of a runbook."""

    def __init__(self, *, command: Command, run: Run, **rest: object) -> None:
        """Take the command and the run that types it."""
        super().__init__(**rest)  # type: ignore[arg-type]  # what pytest's own constructor takes
        self.command = command
        self.run = run

    def runtest(self) -> None:
        """Wait for the command's outcome; raise where it is anything but a pass."""
        if self.run.draft.fault and not self.run.has_run(self.command):
            self.user_properties.append(("status", Status.NOT_REACHED.value))
            pytest.skip(f"the run broke off: {self.run.draft.fault}")
        try:
            outcome = self.run.outcome(self.command)
        except FreshrunError:
            self.user_properties.append(("status", Status.BROKEN.value))
            raise
        self.user_properties += [
            ("file", self.command.file),
            ("line", self.command.line),
            ("status", outcome.status.value),
            ("seconds", round(outcome.seconds, 3)),
        ]
        if outcome.status in {Status.SKIPPED, Status.NOT_REACHED}:
            pytest.skip(outcome.reason)
        if outcome.status is not Status.PASSED:
            raise CommandError(outcome)

    def repr_failure(  # type: ignore[override]  # the plain text is one of pytest's own forms
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str:
        """Return what the document's author needs, without a traceback of ours."""
        if isinstance(excinfo.value, CommandError):
            return report.failure_text(excinfo.value.outcome)
        if isinstance(excinfo.value, FreshrunError):
            return f"broken: {excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the document's file and line (pytest counts lines from 0)."""
        return self.path, self.command.line - 1, f"{self.command.file}:{self.command.line}"


class CommandError(Exception):
    """A command failed; `outcome` says how."""

    def __init__(self, outcome: Outcome) -> None:
        """Take the outcome that is no pass."""
        super().__init__(outcome.reason)
        self.outcome = outcome


def _part(text: str) -> str:
    """Return a name that may be a part of an id: pytest cuts that at each `::`."""
    return text.replace("::", ": :")


def _first_line(text: str) -> str:
    line, _, more = text.strip().partition("\n")
    width = 72
    return f"{line[:width]} ..." if more or len(line) > width else line
