"""The table `CI artifacts`: what a red run uploads, and what is in it."""

from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist.cells import Column, as_written, plain
from freshrun.checklist.tables import TableRow, read_table
from freshrun.model import Reading, Runbook

SECTION = "CI artifacts"


@dataclass(frozen=True, slots=True)
class ArtifactPath(TableRow):
    """One row: `path` is a glob inside the downloaded artifact, `holds` tells what is in there."""

    artifact: Annotated[str, Column("Artifact", plain)]
    path: Annotated[str, Column("Path", as_written)]
    holds: Annotated[str, Column("Holds", plain)] = ""


def artifact_table(runbook: Runbook) -> Reading[ArtifactPath]:
    """Read the table."""
    return read_table(runbook, SECTION, of=ArtifactPath)
