"""The tables `Prerequisites` and `Known limitations`: what is needed, and may lack."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from freshrun.checklist.cells import CellError, Column, as_written, listed, plain, words
from freshrun.checklist.tables import TableRow, read_table
from freshrun.model import Reading, Runbook


class Kind(Enum):
    """What a prerequisite is, and so how it is confirmed."""

    PLAN = "plan"
    """A document that has the tables that it is asked for."""
    WORKFLOW = "workflow"
    """A CI workflow that uploads the artifacts that it is asked for, and no others."""
    TOOL = "tool"
    """Commands that end with 0, the first of which answers with the version, or a later one."""


def _kind(cell: str) -> Kind:
    try:
        return Kind(plain(cell))
    except ValueError:
        known = ", ".join(one.value for one in Kind)
        raise CellError(f'unknown kind "{cell}"; one of {known} is right') from None


@dataclass(frozen=True, slots=True)
class Prerequisite(TableRow):
    """One row of the table under `Prerequisites`.

    `source` is a link for a plan or a workflow, commands with commas between them for a tool.
    `gives` are titles of sections with a table, artifacts, or the lowest version.
    """

    name: Annotated[str, Column("Prerequisite", plain)]
    kind: Annotated[Kind, Column("Kind", _kind)]
    source: Annotated[str, Column("Confirmed by", as_written)]
    gives: Annotated[tuple[str, ...], Column("Gives", listed)]

    @property
    def commands(self) -> tuple[str, ...]:
        """Return a tool's commands."""
        return words(self.source) if self.kind is Kind.TOOL else ()


@dataclass(frozen=True, slots=True)
class Limitation(TableRow):
    """One row of `Known limitations`: `about` are prerequisites, none for one that stands.

    `follow_up` is what to do about it, empty where the table has no such column.
    """

    text: Annotated[str, Column("Limitation", plain)]
    about: Annotated[tuple[str, ...], Column("About", listed)]
    follow_up: Annotated[str, Column("Follow-up", as_written)] = ""

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the commands of ours and of `bd` that are the follow-up, or code in it."""
        spans = re.findall(r"`([^`]+)`", self.follow_up) or [self.follow_up]
        return tuple(span for span in spans if re.match(r"(?:invoke|freshrun|bd) ", span))


def prerequisites(runbook: Runbook) -> Reading[Prerequisite]:
    """Read the table under `Prerequisites` whose rows are confirmed."""
    return read_table(runbook, "Prerequisites", of=Prerequisite)


def limitations(runbook: Runbook) -> Reading[Limitation]:
    """Read the table under `Known limitations`."""
    return read_table(runbook, "Known limitations", of=Limitation)
