"""The first commands of a triage runbook: from the alert to class, owner and first evidence."""

import re
from collections.abc import Iterator

from freshrun.checklist import (
    INVARIANT,
    SCENARIO,
    FailureClass,
    contract_of,
    unpassed,
)
from freshrun.model import Command, Finding, Record, Runbook
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.quick_table import SECTION, unadvised
from freshrun.triage.routes import walk

COMMANDS = 3
"""So many commands lead from the alert to an answer."""


def quick_start(runbook: Runbook, record: Record) -> tuple[Finding, ...]:
    """Hold the document's first three commands to an answer, before anything else is set up.

    They stand under `Quick-start triage`, and what they print names the class of the failure, its
    first owner with a way to reach it, and evidence that the glossary asks for. Of a run that named
    no failure it is the class and the owner of the leaf for those. The section's table says what to
    do then.
    """
    first = runbook.commands[:COMMANDS]
    astray = [one for one in first if one.section != SECTION]
    if astray or len(first) < COMMANDS:
        where = astray[0].line if astray else 1
        message = f'the first {COMMANDS} commands stand under "{SECTION}", before any setup'
        return (Finding(runbook.path, where, f"{message}; this one does not"),)
    tables = (
        contract_of(runbook).classes,
        triage_contract_of(runbook).owners,
        contract_of(runbook).definitions,
        contract_of(runbook).locations,
    )
    stopped = [finding for table in tables for finding in table.findings]
    stopped += unpassed(first, record)
    if stopped:
        return tuple(stopped)
    numbers = {command.number for command in first}
    said = "".join(o.stdout.text for o in record.outcomes if o.command.number in numbers)
    return (*_unsaid(runbook, said, last=first[-1]), *unadvised(runbook, said))


def _unsaid(runbook: Runbook, said: str, *, last: Command) -> Iterator[Finding]:
    scenarios, invariants = _ids(runbook, said, SCENARIO), _ids(runbook, said, INVARIANT)
    for one in _classes(runbook, scenarios):
        owner = next(
            (
                row
                for row in triage_contract_of(runbook).owners.rows
                if row.failure_class == one.name
            ),
            None,
        )
        ways = {owner.reach, owner.call} - {""} if owner else set()
        for what, words in (
            ("class", {one.name}), ("first owner", {one.owner}), (f"way to reach {one.owner}", ways)
        ):  # fmt: skip
            if not any(_says(said, word) for word in words):
                right = (
                    " or ".join(sorted(words))
                    or f'a row of "Ownership and escalation" for {one.name}'
                )
                message = f"the first {COMMANDS} commands do not tell the {what}: {right}"
                yield Finding(runbook.path, last.line, message)
    wanted = {
        path
        for term in contract_of(runbook).definitions.rows
        if term.invariant in invariants
        for path in term.evidence
    }
    if scenarios and not any(path in said for path in wanted):
        right = ", ".join(sorted(wanted)) or "there is no invariant's ID either"
        message = f"the first {COMMANDS} commands show no evidence that the glossary asks for"
        yield Finding(runbook.path, last.line, f"{message}: {right}")


def _says(said: str, word: str) -> bool:
    """Tell whether a word stands by itself: `core` does not in `acme/core`."""
    return re.search(rf"(?<![\w/#+-]){re.escape(word)}(?![\w/-])", said) is not None


def _ids(runbook: Runbook, said: str, name: str) -> set[str]:
    scans = [row.scan for row in contract_of(runbook).locations.rows if row.id == name]
    return {match[0] for scan in scans for match in scan.finditer(said)}


def _classes(runbook: Runbook, scenarios: set[str]) -> tuple[FailureClass, ...]:
    """Return the classes that the scenarios are of; of none, that of the leaf for such a run."""
    rows = contract_of(runbook).classes.rows
    if scenarios:
        return tuple(row for row in rows if any(row.covers(one) for one in scenarios))
    silent = {route.advice.failure_class for route in walk(runbook, ()).rows}
    return tuple(row for row in rows if row.name in silent)
