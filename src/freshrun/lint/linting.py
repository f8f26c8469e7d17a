"""Findings that need no container: links, variables, and commands that can't work as they stand.

Each has file, line and what would be right. Thin evidence is no finding.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from freshrun import shell
from freshrun.lint.blocks import contradictions, terminals, two_ways, untyped
from freshrun.lint.environment_contract import TITLE, environment, undeclared
from freshrun.lint.pages import dead_links, documents
from freshrun.lint.placeholders import left_in
from freshrun.lint.waiting import follows, waiting
from freshrun.model import Finding, Runbook


def lint(runbook: Runbook, root: str | Path) -> tuple[Finding, ...]:
    """Return what is wrong with a runbook as it stands, by line; `root` is its repository."""
    has_contract = any(section.title == TITLE for section in runbook.sections)
    found = (
        *_links(runbook, root),
        *(environment(runbook) if has_contract else undeclared(runbook)),
        *untyped(runbook),
        *two_ways(runbook),
        *contradictions(runbook),
        *terminals(runbook),
        *_commands(runbook),
    )
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: finding.line))


def _links(runbook: Runbook, root: str | Path) -> Iterator[Finding]:
    there = documents(root, with_file=runbook.path, address=runbook.settings.repository)
    name = there.name(runbook.path)
    yield from (replace(each, file=runbook.path) for each in dead_links(there, of=name))


def _commands(runbook: Runbook) -> Iterator[Finding]:
    """Find what would hold a command up, or is left in it; a block that is not run is passed."""
    commands = [command for command in runbook.commands if command.options.skip is None]
    events = shell.events([command.text for command in commands])
    for command, happening in zip(commands, events, strict=True):
        yield from (Finding(command.file, each.line, each.message) for each in left_in(command))
        for message in (waiting(command, happening), follows(command, happening)):
            if message:
                yield Finding(command.file, command.line, message)
