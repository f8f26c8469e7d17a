"""What gh says where it refuses, by the rows of `If gh refuses`."""

import re
from dataclasses import dataclass

from freshrun.checklist import REFUSALS, Refusal, read_table
from freshrun.model import Reading, Runbook

_REFUSED = 1
"""gh's exit status where the row names no other."""

_SPAN = re.compile(r"`([^`]+)`")
_STATUS = re.compile(r"exit status (\d+)")


@dataclass(frozen=True, slots=True)
class Symptom:
    """One row: texts, any of which gh prints, and gh's exit status.

    Without texts it is about a command that prints nothing and finds nothing. `remedy` is what to
    do, with its marks; "the same" is what the row above does.
    """

    line: int
    texts: tuple[str, ...]
    exit_code: int
    remedy: str


def symptoms(runbook: Runbook) -> Reading[Symptom]:
    """Return the rows of the table."""
    table = read_table(runbook, REFUSALS, of=Refusal, needs=("means",))
    return Reading(table.line, tuple(map(_symptom, table.rows)), table.findings)


def _symptom(row: Refusal) -> Symptom:
    spans = tuple(text for text in _SPAN.findall(row.says) if text)
    # A cell that is one code span comes without its marks; only words about silence have none.
    texts = spans or (() if row.says.startswith("nothing") else (row.says,))
    status = _STATUS.search(row.says)
    return Symptom(row.line, texts, int(status[1]) if status else _REFUSED, row.remedy)
