"""Comments that switch a rule off: `<!-- freshrun: ignore[rule] -->`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from freshrun.lint.flaw import Flaw
from freshrun.lint.rules import RULES
from freshrun.lint.subject import Subject
from freshrun.model import did_you_mean

_COMMENT = re.compile(
    r"(?<!`)<!--[ \t]*+(?:#[ \t]*+)?freshrun:[ \t]*+ignore\[(?P<rules>[\w ,-]{1,400})\][ \t]*+-->"
)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Rules that are switched off in some lines, and where the comment says so."""

    rules: frozenset[str]
    first: int
    last: int

    def holds(self, flaw: Flaw) -> bool:
        """Tell whether a finding is one of those."""
        return flaw.rule in self.rules and self.first <= flaw.line <= self.last


def without_ignored(flaws: Iterable[Flaw], subject: Subject) -> Iterator[Flaw]:
    """Yield the findings that no comment switches off."""
    ignored = list(_ignored(subject)) if "freshrun:" in subject.runbook.text else []
    for flaw in flaws:
        if not any(each.holds(flaw) for each in ignored):
            yield flaw


def unknown_rules(subject: Subject) -> Iterator[Flaw]:
    """Find comments that name no rule."""
    for ignored in _ignored(subject) if "freshrun:" in subject.runbook.text else ():
        for name in sorted(ignored.rules - RULES.keys()):
            hint = did_you_mean(name, RULES) or "; docs/lint.md lists them"
            message = f'"{name}" is no rule of lint{hint}'
            yield subject.flaw("unknown-rule", ignored.first, message, at=name)


def _ignored(subject: Subject) -> Iterator[Ignored]:
    """Yield each comment with the lines that it is about: its own, and what stands next."""
    code = {
        number
        for block in subject.runbook.blocks
        for number in range(block.line + 1, block.end_line)
    }
    for number, line in enumerate(subject.lines, 1):
        if number in code:
            continue
        for found in _COMMENT.finditer(line):
            rules = frozenset(name.strip() for name in found["rules"].split(","))
            alone = not _COMMENT.sub("", line).strip()
            last = _end(subject, number + 1) if alone else number
            yield Ignored(rules, number, last)


def _end(subject: Subject, number: int) -> int:
    """Return the last line of the block or paragraph that begins at a line, or below blank ones."""
    while number <= len(subject.lines) and _says_nothing(subject.line(number)):
        number += 1
    for block in subject.runbook.blocks:
        if block.line == number:
            return block.end_line
    while number <= len(subject.lines) and subject.line(number).strip():
        number += 1
    return number - 1


def _says_nothing(line: str) -> bool:
    """Tell whether a line is blank, or holds such comments alone."""
    return not _COMMENT.sub("", line).strip()
