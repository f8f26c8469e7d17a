"""A document that is open in an editor: its text as it stands, and what lint says of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from freshrun.document import parse
from freshrun.lint import RULES, Flaw, lint
from freshrun.model import DocumentError, Runbook

SLOW = ("dead-link", "shellcheck")
"""Rules that ask git, or another program about the whole: when a document is opened or saved."""
LIVE = tuple(rule for rule in RULES if rule not in SLOW)


@dataclass(frozen=True, slots=True)
class Opened:
    """A document, read if it can be, with the findings of both kinds of rules.

    `slow` are those of the last time that they were asked for, at the lines where they now stand.
    """

    path: str
    text: str
    runbook: Runbook | None = None
    live: tuple[Flaw, ...] = ()
    slow: tuple[Flaw, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Return the lines of the text."""
        return self.text.split("\n")

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """Return all findings, by place."""
        return tuple(sorted({*self.live, *self.slow}, key=lambda flaw: (flaw.line, flaw.column)))


def typed(path: str, text: str, *, before: Opened | None = None) -> Opened:
    """Return a document as it stands after a key, with the findings that cost little."""
    text = re.sub(r"\r\n?", "\n", text)
    try:
        runbook = parse(text, path=path)
    except DocumentError as error:
        return Opened(path, text, live=(_unreadable(path, error),))
    live = lint(runbook, Path(path).parent, rules=LIVE)
    slow = _moved(before, text) if before else ()
    return Opened(path, text, runbook, live, slow)


def looked_at(opened: Opened) -> Opened:
    """Return the same document with the findings that cost more."""
    if opened.runbook is None:
        return opened
    return replace(opened, slow=lint(opened.runbook, Path(opened.path).parent, rules=SLOW))


def _unreadable(path: str, error: DocumentError) -> Flaw:
    told = re.match(rf"{re.escape(path)}:(?P<line>\d+): (?P<why>.*)", str(error), re.DOTALL)
    line, why = (int(told["line"]), told["why"]) if told else (1, str(error))
    return Flaw(path, line, why, rule="unreadable")


def _moved(before: Opened, text: str) -> tuple[Flaw, ...]:
    """Return the findings of lines that are still there, where they now stand."""
    old, new = before.lines, text.split("\n")
    shift = len(new) - len(old)
    return tuple(_still_there(before.slow, old, new, shift=shift))


def _still_there(
    flaws: Iterable[Flaw], old: list[str], new: list[str], *, shift: int
) -> list[Flaw]:
    kept: list[Flaw] = []
    for flaw in flaws:
        for line in (flaw.line, flaw.line + shift):
            if 0 < line <= len(new) and new[line - 1] == old[flaw.line - 1]:
                kept.append(replace(flaw, line=line))
                break
    return kept
