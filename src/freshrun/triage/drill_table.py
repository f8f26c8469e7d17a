"""The table `Rehearse a failure`: one command for each class, that fails on purpose."""

from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist import Column, TableRow, as_written, plain, read_table, words
from freshrun.model import Reading, Runbook

SECTION = "Rehearse a failure"


@dataclass(frozen=True, slots=True)
class Drill(TableRow):
    """One row: a command that fails on purpose, and what it reports."""

    failure_class: Annotated[str, Column("Class", plain)]
    command: Annotated[str, Column("Command", as_written)]
    scenarios: Annotated[tuple[str, ...], Column("Scenarios", words)]


def drill_table(runbook: Runbook) -> Reading[Drill]:
    """Read the table."""
    return read_table(runbook, SECTION, of=Drill)
