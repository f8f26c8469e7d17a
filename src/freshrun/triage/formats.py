"""The formats of IDs held against the IDs that are known, and against what only looks like one."""

import re
from collections.abc import Iterable, Iterator

from freshrun.checklist import SCENARIO, Location, contract_of
from freshrun.model import Finding, Runbook
from freshrun.triage.contract import triage_contract_of

_SHOWN = 3
"""So many near misses are named; a format that takes anything takes dozens."""


def exact_formats(runbook: Runbook) -> tuple[Finding, ...]:
    """Hold each format of `Failure output contract` against the IDs that the runbook names.

    A format takes each of them: the scenarios of `Rehearse a failure`, one for each other prefix of
    `Failure taxonomy`, and the invariants of `Invariant glossary`. It takes nothing that is almost
    one, such as `ISO-01`, `iso-001` or `INV-`: else it would hide an ID that is cut or misspelt.
    """
    contract = contract_of(runbook)
    locations, classes, terms = contract.locations, contract.classes, contract.glossary
    stopped = (*locations.findings, *classes.findings, *terms.findings)
    if stopped:
        return stopped
    prefixes = tuple(prefix for row in classes.rows for prefix in row.prefixes)
    scenarios = tuple(_scenarios(runbook, prefixes))
    invariants = tuple(term.invariant for term in terms.rows)
    return tuple(
        Finding(runbook.path, row.line, f"{row.id}: the format {row.format.pattern} {message}")
        for row in locations.rows
        for message in (
            _wrong(row, scenarios, misses=_scenario_misses(scenarios, prefixes))
            if row.id == SCENARIO
            else _wrong(row, invariants, misses=_invariant_misses(invariants))
        )
    )


def _scenarios(runbook: Runbook, prefixes: Iterable[str]) -> Iterator[str]:
    """Yield the scenarios that the drills name, and one for each prefix without a drill."""
    drilled = tuple(
        name for row in triage_contract_of(runbook).drills.rows for name in row.scenarios
    )
    yield from drilled
    digits = next((len(name.rpartition("-")[2]) for name in drilled), 3)
    for prefix in prefixes:
        if not any(name.startswith(f"{prefix}-") for name in drilled):
            yield f"{prefix}-{1:0{digits}}"


def _wrong(row: Location, known: Iterable[str], *, misses: Iterable[str]) -> Iterator[str]:
    for name in known:
        if not row.format.fullmatch(name):
            yield f"does not take {name}"
    taken = [f'"{miss}"' for miss in dict.fromkeys(misses) if row.format.fullmatch(miss)]
    if taken:
        shown = ", ".join(taken[:_SHOWN])
        more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
        yield f"takes {shown}{more}, which is no ID; it must be exact"


def _scenario_misses(known: Iterable[str], prefixes: Iterable[str]) -> Iterator[str]:
    """Yield what is almost a scenario's ID: with another prefix, separator or number."""
    real = set(prefixes)
    for name in known:
        prefix, _, number = name.rpartition("-")
        yield from _around(name, letters=prefix, rest=number)
        yield from (f"{prefix}-{number[1:]}", f"{prefix}-0{number}", f"{prefix}-{number}X")
        yield from (f"{prefix}-", prefix, f"{prefix}-O{number[1:]}", f"-{number}")
        strange = (f"{prefix}{prefix[-1]}", prefix[:-1], f"X{prefix}", prefix[::-1])
        yield from (f"{other}-{number}" for other in strange if other not in real)


def _invariant_misses(known: Iterable[str]) -> Iterator[str]:
    """Yield what is almost an invariant's ID: with another first word, separator or case."""
    for name in known:
        first, _, rest = name.partition("-")
        yield from _around(name, letters=first, rest=rest)
        yield from (first, f"{first}-", f"{name}-", f"X{name}", f"{first[:-1]}-{rest}", f"-{rest}")
        if not re.search(r"\d", name):
            yield f"{name}1"


def _around(name: str, *, letters: str, rest: str) -> Iterator[str]:
    """Yield what any ID is mistaken for."""
    yield from (f"{letters}{rest}", f"{letters}_{rest}", f"{letters}--{rest}", f"{letters} {rest}")
    yield from (f" {name}", f"{name} ", f"{name}.", f'"{name}"', "", "ID")
    if name.lower() != name:
        yield from (name.lower(), name.capitalize())
