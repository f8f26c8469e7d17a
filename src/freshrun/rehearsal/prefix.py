"""What was typed in front of a place of a document, and all that decides what came of it.

Where two documents have the same prefix, a machine that typed the one has typed the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from freshrun.model import Command, Runbook, Settings
from freshrun.rehearsal.rehearsal import parts_of, terminals_of
from freshrun.rehearsal.setup import Setup


@dataclass(frozen=True, slots=True)
class Prefix:
    """The commands in front of a place, the first ones of a document.

    `parts` are what they are of the parts that a failure stops at; where they stand in the file
    does not matter, and stands in `lines` for whoever is told. `terminals` are those of them that
    are real ones.
    """

    settings: Settings
    setup: Setup
    parts: tuple[tuple[Command, ...], ...]
    terminals: frozenset[str | None]
    lines: tuple[int, ...]

    @property
    def commands(self) -> tuple[Command, ...]:
        """Return what is typed, in order."""
        return tuple(command for part in self.parts for command in part)


def prefix_of(runbook: Runbook, setup: Setup, *, upto: int) -> Prefix:
    """Return the first `upto` commands of a document, or all that there are."""
    first = runbook.commands[:upto]
    used = {command.options.terminal for command in first}
    cut = (
        tuple(_placeless(command) for command in part if command.number <= upto)
        for part in parts_of(runbook, setup.sections)
    )
    return Prefix(
        runbook.settings,
        setup,
        tuple(part for part in cut if part),
        frozenset(terminals_of(runbook) & used),
        tuple(command.line for command in first),
    )


def difference(typed: Prefix, wanted: Prefix) -> str:
    """Return why a machine that typed the one has not typed the other; nothing where it has.

    What was typed in front of the same place is compared, whole: where in doubt, it differs.
    """
    pairs = zip(typed.commands, wanted.commands, wanted.lines, strict=False)
    others = (line for before, now, line in pairs if before != now)
    if line := next(others, 0):
        return f"the command of line {line} is another one"
    reasons = (
        (typed.settings == wanted.settings, "the front matter is another one"),
        (typed.setup == wanted.setup, "the setup of the run is another one"),
        (len(typed.lines) == len(wanted.lines), "commands in front of it are gone"),
        (typed.parts == wanted.parts, "the sections in front of it are others"),
        (typed.terminals == wanted.terminals, "a terminal that was used in front of it changes"),
    )
    return next((reason for same, reason in reasons if not same), "")


def places_of(runbook: Runbook) -> tuple[int, ...]:
    """Return how many commands stand in front of each section that has some: 0 for the first."""
    counts = [len(section.commands) for section in runbook.sections if section.commands]
    return (0, *accumulate(counts[:-1])) if counts else ()


def edited(before: Runbook, now: Runbook) -> int | None:
    """Return how many commands stand in front of the section where two documents part.

    `None` where every command is the same one.
    """
    first = next(_parting(before, now), None)
    return None if first is None else max(each for each in places_of(now) or (0,) if each <= first)


def _parting(before: Runbook, now: Runbook) -> Iterator[int]:
    pairs = zip(before.commands, now.commands, strict=False)
    for number, (old, new) in enumerate(pairs):
        if _placeless(old) != _placeless(new):
            yield number
    lengths = len(before.commands), len(now.commands)
    if lengths[0] != lengths[1]:
        # What was added at the end, or taken from there, is of the section in front of that end.
        yield max(min(lengths) - (lengths[0] > lengths[1]), 0)


def _placeless(command: Command) -> Command:
    return replace(command, line=0, end_line=0, section="")
