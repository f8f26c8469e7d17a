"""The tables of classes and of invariants: `Failure taxonomy` and `Invariant glossary`."""

from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist.cells import Column, listed, plain, words
from freshrun.checklist.tables import TableRow, read_table
from freshrun.model import Reading, Runbook

SECTION = "Failure taxonomy"
GLOSSARY = "Invariant glossary"


def bare(prefix: str) -> str:
    """Return a documented prefix of IDs without the mark that ends it, or stands for the rest."""
    return prefix.rstrip("*").rstrip("-_./")


def begins(scenario: str, prefix: str) -> bool:
    """Tell whether an ID begins with a whole prefix: `ISO-1` and `ISO1` do, `ISOLATE-1` not."""
    rest = scenario.removeprefix(prefix)
    if rest == scenario:
        return False
    return not rest or not rest[0].isalnum() or (rest[0].isdigit() and prefix[-1].isalpha())


def _prefixes(cell: str) -> tuple[str, ...]:
    return tuple(map(bare, words(cell)))


@dataclass(frozen=True, slots=True)
class FailureClass(TableRow):
    """One row of `Failure taxonomy`; `meaning` is empty where the table has no such column."""

    name: Annotated[str, Column("Class", plain)]
    prefixes: Annotated[tuple[str, ...], Column("Scenario prefix", _prefixes)]
    invariants: Annotated[tuple[str, ...], Column("Invariants", words)]
    owner: Annotated[str, Column("First owner", plain)]
    meaning: Annotated[str, Column("Meaning", plain)] = ""

    def covers(self, scenario: str) -> bool:
        """Tell whether the scenario's ID has one of the prefixes of this class."""
        return any(begins(scenario, prefix) for prefix in self.prefixes)


@dataclass(frozen=True, slots=True)
class Definition(TableRow):
    """One row of `Invariant glossary`; `evidence` are dotted paths in a diagnostics file.

    What a table has no column for is empty.
    """

    invariant: Annotated[str, Column("Invariant", plain)]
    statement: Annotated[str, Column("Statement", plain)] = ""
    evidence: Annotated[tuple[str, ...], Column("Evidence to capture", listed)] = ()


def taxonomy(runbook: Runbook) -> Reading[FailureClass]:
    """Read the table `Failure taxonomy`."""
    return read_table(runbook, SECTION, of=FailureClass)


def glossary(runbook: Runbook) -> Reading[Definition]:
    """Read the table `Invariant glossary`, as far as it goes: it has to name the invariants."""
    return read_table(runbook, GLOSSARY, of=Definition)


def definitions(runbook: Runbook) -> Reading[Definition]:
    """Read the table `Invariant glossary`; a finding where it lacks a column."""
    return read_table(runbook, GLOSSARY, of=Definition, needs=("statement", "evidence"))
