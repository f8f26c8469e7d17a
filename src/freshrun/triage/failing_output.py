"""The failing output that a runbook shows: promised, so that the rehearsal compares it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from freshrun.checklist import Location, contract_of
from freshrun.model import Command, Finding, Runbook
from freshrun.triage.drills import BLOCK


def representative(runbook: Runbook) -> tuple[Finding, ...]:
    """Return which places of the IDs the document shows no failing output of.

    For each row of `Failure output contract` a transcript has a command that reads the place, and
    shows an ID of the row's format under it: the block `failing-smoke` for a stream, else a command
    that names a file of the row's path. Whether that is what is printed, the rehearsal tells.
    """
    table = contract_of(runbook).locations
    return (*table.findings, *(one for row in table.rows for one in _unshown(runbook, row)))


def _unshown(runbook: Runbook, row: Location) -> Iterator[Finding]:
    reading = [command for command in runbook.commands if _reads(command, row)]
    if not any(row.scan.search(command.promised or "") for command in reading):
        where = f"the block {BLOCK}" if row.where.is_stream else f"a command that reads {row.path}"
        right = f"a transcript shows it: {where}, and the {row.id} under it"
        message = f"no failing output with the {row.id} in {row.where.value} is shown; {right}"
        line = reading[0].line if reading else row.line
        yield Finding(runbook.path, line, message)


def _reads(command: Command, row: Location) -> bool:
    if row.where.is_stream:
        return command.options.name == BLOCK
    return any(_is_in(word.strip("'\""), row.path) for word in command.text.split())


def _is_in(word: str, path: str) -> bool:
    """Tell whether a word is the path, or its end, as seen from a folder on the way to it."""
    parts = path.split("/")
    return any(fnmatchcase(word, "/".join(parts[n:])) for n in range(len(parts)))
