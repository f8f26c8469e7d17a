"""The table `If gh refuses`: what gh says, and what to do about it."""

from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist.cells import Column, as_written
from freshrun.checklist.tables import TableRow, read_table
from freshrun.model import Reading, Runbook

REFUSALS = "If gh refuses"


@dataclass(frozen=True, slots=True)
class Refusal(TableRow):
    """One row, each cell with its marks; `means` is empty where there is no such column."""

    says: Annotated[str, Column("gh says", as_written)]
    remedy: Annotated[str, Column("Do", as_written)]
    means: Annotated[str, Column("Means", as_written)] = ""


def refusals(runbook: Runbook) -> Reading[Refusal]:
    """Read the table."""
    return read_table(runbook, REFUSALS, of=Refusal)
