"""The tables `Ownership and escalation`: who gets which class of failure, and how to reach them."""

from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist import Column, TableRow, listed, plain, read_table, seconds
from freshrun.model import Reading, Runbook

SECTION = "Ownership and escalation"

_REACH = Column("Reach", plain)
_CALL = Column("Call", plain)
_HOURS = Column("Hours", plain)


@dataclass(frozen=True, slots=True)
class Ownership(TableRow):
    """One row of the first table.

    `apart` are the classes whose first owner has to be another one. `response` is how soon a person
    answers, in seconds. `call`, `hours` and `unanswered` are as in the ownership file, empty where
    the table has no such column.
    """

    failure_class: Annotated[str, Column("Failure class", plain)]
    owner: Annotated[str, Column("First owner", plain)]
    fallback: Annotated[str, Column("Fallback", plain)]
    escalation: Annotated[str, Column("Escalation", plain)]
    apart: Annotated[tuple[str, ...], Column("Apart from", listed)]
    reach: Annotated[str, _REACH]
    response: Annotated[float, Column("Response", seconds)]
    call: Annotated[str, _CALL] = ""
    hours: Annotated[str, _HOURS] = ""
    unanswered: Annotated[str, Column("No answer", plain)] = ""


@dataclass(frozen=True, slots=True)
class Team(TableRow):
    """One row of the second table: a team that is no first owner."""

    name: Annotated[str, Column("Team", plain)]
    reach: Annotated[str, _REACH]
    call: Annotated[str, _CALL]
    hours: Annotated[str, _HOURS]


def ownership(runbook: Runbook) -> Reading[Ownership]:
    """Read the table of the first owners."""
    return read_table(runbook, SECTION, of=Ownership)


def teams(runbook: Runbook) -> Reading[Team]:
    """Read the table of the teams that are no first owners."""
    return read_table(runbook, SECTION, of=Team)
