"""The table `Environment contract`: the variables that a runbook declares."""

import re
from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist.cells import CellError, Column, as_written, plain, yes_or_no
from freshrun.checklist.tables import TableRow, read_table
from freshrun.model import Reading, Runbook

SECTION = "Environment contract"

_VARIABLE, _REQUIRED, _SECRET, _SET_BY = "Variable", "Required", "Secret", "Set by"


def _name(cell: str) -> str:
    name = cell.strip("` ")
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise CellError(f'"{name}" is no name of a variable; one row is about one variable')
    return name


@dataclass(frozen=True, slots=True)
class Declared(TableRow):
    """One row; `set_by` is the cell's Markdown."""

    name: Annotated[str, Column(_VARIABLE, _name)]
    required: Annotated[bool, yes_or_no(_REQUIRED)]
    secret: Annotated[bool, yes_or_no(_SECRET)]
    set_by: Annotated[str, Column(_SET_BY, as_written)] = ""


@dataclass(frozen=True, slots=True)
class Noted(TableRow):
    """The same row in its own words, whatever they are; empty where there is no such column."""

    name: Annotated[str, Column(_VARIABLE, plain)]
    required: Annotated[str, Column(_REQUIRED, plain)] = ""
    secret: Annotated[str, Column(_SECRET, plain)] = ""
    set_by: Annotated[str, Column(_SET_BY, plain)] = ""


def declared_variables(runbook: Runbook) -> Reading[Declared]:
    """Read the table, with a finding for each cell that can't be read."""
    return read_table(runbook, SECTION, of=Declared)


def noted_variables(runbook: Runbook) -> Reading[Noted]:
    """Read the words of the table."""
    return read_table(runbook, SECTION, of=Noted)
