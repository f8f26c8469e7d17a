"""The table under `Quick-start triage`: what the first answer says, and what is to be done then."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist import Column, TableRow, as_written, plain, read_table
from freshrun.model import Finding, Reading, Runbook
from freshrun.triage.contract import triage_contract_of

SECTION = "Quick-start triage"

_DRILL = re.compile(r"\bdrill\b", re.IGNORECASE)
_REFUSAL = re.compile(r"\bgh\b")
_REST = re.compile(r"\belse\b|\bother", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NextStep(TableRow):
    """One row: what the first commands may print, and what their reader does then."""

    says: Annotated[str, Column("It says", plain)]
    do: Annotated[str, Column("Do", as_written)]


def next_steps(runbook: Runbook) -> Reading[NextStep]:
    """Read the table."""
    return read_table(runbook, SECTION, of=NextStep)


def unadvised(runbook: Runbook, said: str) -> Iterator[Finding]:
    """Yield what the first commands can say, or did, that the table has no row for.

    That is each priority of a leaf, with a call where its leaf asks for one; a drill, where one was
    told; what gh says where it refuses; and, in the last row, all the rest.
    """
    table = next_steps(runbook)
    if table.findings:
        yield from table.findings
        return
    for message in (*_priorities(runbook, table), *_situations(runbook, table, said=said)):
        yield Finding(runbook.path, table.line, message)


def _priorities(runbook: Runbook, table: Reading[NextStep]) -> Iterator[str]:
    called: dict[str, bool] = {}
    for leaf in triage_contract_of(runbook).leaves.rows:
        called[leaf.priority] = called.get(leaf.priority, False) or _calls(leaf.first)
    for priority, calls in called.items():
        rows = [row for row in table.rows if re.search(rf"\b{priority}\b", row.says)]
        if not rows:
            yield f"no row tells what to do at the priority {priority}, which a leaf has"
        elif calls and not any(_calls(row.do) for row in rows):
            yield f"a leaf of {priority} has somebody called, and the row of {priority} does not"


def _calls(text: str) -> bool:
    return re.search(r"\bcall\b", text, re.IGNORECASE) is not None


def _situations(runbook: Runbook, table: Reading[NextStep], *, said: str) -> Iterator[str]:
    if _DRILL.search(said) and not any(_DRILL.search(row.says) for row in table.rows):
        yield "the first commands tell of a drill, and no row does"
    refused = triage_contract_of(runbook).symptoms.rows
    if refused and not any(_REFUSAL.search(row.says) for row in table.rows):
        yield "no row tells what to do where gh refuses"
    if not _REST.search(table.rows[-1].says):
        yield "the last row is not about anything else that may be said"
