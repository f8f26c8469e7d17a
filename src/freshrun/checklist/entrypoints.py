"""The table `Entrypoints`: the commands that a runbook promises, and on which terms."""

import re
from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist.cells import (
    CellError,
    Column,
    as_written,
    listed_or_none,
    plain,
    seconds,
    variable_names,
    words,
)
from freshrun.checklist.tables import TableRow, read_table, read_table_into
from freshrun.model import Reading, Runbook

SECTION = "Entrypoints"

_NAME = Column("Entrypoint", plain)
_COMMAND = Column("Command", as_written)
_OUTPUTS = Column("Outputs", words)
_DEFINED_IN = Column("Defined in", as_written)
_REQUIRED, _OPTIONAL, _SECRETS = "Required variables", "Optional variables", "Secrets"


@dataclass(frozen=True, slots=True)
class Entrypoint(TableRow):
    """What every such table says in a row; `outputs` are globs below the checkout."""

    name: Annotated[str, _NAME]
    command: Annotated[str, _COMMAND]
    outputs: Annotated[tuple[str, ...], _OUTPUTS]


@dataclass(frozen=True, slots=True)
class Takes(TableRow):
    """The variables that a row names, in capitals, and where the command is defined.

    A table needs no such column: what it does not say is empty.
    """

    required: Annotated[tuple[str, ...], Column(_REQUIRED, variable_names)] = ()
    optional: Annotated[tuple[str, ...], Column(_OPTIONAL, variable_names)] = ()
    secrets: Annotated[tuple[str, ...], Column(_SECRETS, variable_names)] = ()
    defined_in: Annotated[str, _DEFINED_IN] = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """One row of a table that has every column.

    `defined_in` is the cell with its link. Without a required variable the command ends with the
    exit status `refusal` and says one of the texts `says`. `band` is in seconds. `red` are the
    outputs that only a failure leaves, as globs below the checkout, like `entry.outputs`.
    """

    entry: Entrypoint
    defined_in: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    refusal: int
    says: tuple[str, ...]
    secrets: tuple[str, ...]
    band: tuple[float, float]
    red: tuple[str, ...]

    @property
    def line(self) -> int:
        """Return the line of the row."""
        return self.entry.line


def entrypoints(runbook: Runbook) -> Reading[Entrypoint]:
    """Read the table."""
    return read_table(runbook, SECTION, of=Entrypoint)


def entry_variables(runbook: Runbook) -> Reading[Takes]:
    """Read what the table says of variables and definitions, as far as it has such columns."""
    return read_table(runbook, SECTION, of=Takes)


def entry_terms(runbook: Runbook) -> Reading[Terms]:
    """Read the whole table; a finding where it lacks a column."""
    return read_table_into(runbook, SECTION, of=_Whole, into=_Whole.terms)


def _band(cell: str) -> tuple[float, float]:
    low, dots, high = plain(cell).partition("..")
    if not dots:
        raise CellError(f'the runtime band "{plain(cell)}" is none; write it like 5s..2m')
    return (0.0 if low in {"0", "0s"} else seconds(low)), seconds(high)


@dataclass(frozen=True, slots=True)
class _Whole(TableRow):
    """One row as its cells have it."""

    name: Annotated[str, _NAME]
    command: Annotated[str, _COMMAND]
    defined_in: Annotated[str, _DEFINED_IN]
    required: Annotated[tuple[str, ...], Column(_REQUIRED, listed_or_none)]
    left_out: Annotated[str, Column("Left out", as_written)]
    optional: Annotated[tuple[str, ...], Column(_OPTIONAL, listed_or_none)]
    secrets: Annotated[tuple[str, ...], Column(_SECRETS, listed_or_none)]
    band: Annotated[tuple[float, float], Column("Runtime band", _band)]
    outputs: Annotated[tuple[str, ...], _OUTPUTS]
    red: Annotated[tuple[str, ...], Column("Outputs of a failure", listed_or_none)]

    def terms(self) -> Terms:
        refusal = re.search(r"exit status (\d+): *(.+)", self.left_out)
        if self.required and refusal is None:
            right = "write it like exit status 2: `X is not set`"
            raise CellError(f'"Left out" is "{self.left_out}"; {right}')
        return Terms(
            entry=Entrypoint(self.line, self.name, self.command, self.outputs),
            defined_in=self.defined_in,
            required=self.required,
            optional=self.optional,
            refusal=int(refusal[1]) if refusal else 0,
            says=words(refusal[2]) if refusal else (),
            secrets=self.secrets,
            band=self.band,
            red=self.red,
        )
