"""The table `ID extraction workarounds`: what prints the IDs where a place of theirs is lost."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, TypeVar

from freshrun.checklist import (
    CellError,
    Column,
    TableRow,
    Where,
    contract_of,
    plain,
    read_table,
    words,
)
from freshrun.model import Finding, Reading, Runbook, did_you_mean

SECTION = "ID extraction workarounds"

_E = TypeVar("_E", bound=Enum)


class Of(Enum):
    """Whose outputs a workaround reads."""

    HERE = "here"
    """The last run on this machine."""
    CI = "CI"
    """The failed run whose artifact was downloaded."""


def _member(kind: type[_E], word: str, *, meaning: str) -> _E:
    known = [str(member.value) for member in kind]
    if word not in known:
        hint = did_you_mean(word, known) or f"; one of {', '.join(known)} is right"
        raise CellError(f'unknown {meaning} "{word}"{hint}')
    return kind(word)


def _places(cell: str) -> tuple[Where, ...]:
    return tuple(_member(Where, word, meaning="place") for word in words(cell))


def _run(cell: str) -> Of:
    return _member(Of, plain(cell), meaning="run")


@dataclass(frozen=True, slots=True)
class Workaround(TableRow):
    """One row.

    Where the IDs in the places `lost` are missing or differ from run to run, the commands of the
    block print them.
    """

    lost: Annotated[tuple[Where, ...], Column("Missing or unstable", _places)]
    of: Annotated[Of, Column("Run", _run)]
    block: Annotated[str, Column("Block", plain)]


def workaround_table(runbook: Runbook) -> Reading[Workaround]:
    """Read the table; each place of the failure contract needs a row."""
    table = read_table(runbook, SECTION, of=Workaround)
    contract = contract_of(runbook).locations
    if table.findings or contract.findings:
        return Reading(table.line, findings=(*table.findings, *contract.findings))
    covered = {where for row in table.rows for where in row.lost}
    places = {row.where: row.line for row in reversed(contract.rows)}
    missing = tuple(
        Finding(runbook.path, line, f'"{SECTION}" does not say what to do without {where.value}')
        for where, line in places.items()
        if where not in covered
    )
    return Reading(table.line, table.rows, missing)
