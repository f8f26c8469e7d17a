"""The diagnostics that the program plan requires, held against those that failures left."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist import (
    INVARIANT,
    Invariant,
    Location,
    Plan,
    RequiredField,
    Where,
    contract_of,
    downloads,
    follow_up,
    matching,
    need_commands,
    program_plan,
)
from freshrun.model import Finding, Reading, Record, Runbook, did_you_mean
from freshrun.triage.content import read_document, unsound


def required_diagnostics(
    runbook: Runbook,
    record: Record,
    *,
    files: Mapping[str, bytes],
    artifacts: Mapping[str, Mapping[str, bytes]],
) -> tuple[Finding, ...]:
    """Hold the diagnostics in `artifacts` against the plan among the repository's `files`.

    Each diagnostics file has every field of the plan's `Required diagnostics`, with what it should
    say, and what the row of its invariant names; there is at least one. `artifacts` are those of
    `artifact_outputs`.
    """
    plan, contract, fetched = (
        program_plan(runbook, files=files),
        contract_of(runbook).locations,
        downloads(runbook),
    )
    stopped = [*plan.findings, *contract.findings, *fetched.findings]
    if stopped:
        return tuple(stopped)
    need_commands([download.command for download in fetched.rows], record)
    places = tuple(row for row in contract.rows if row.where is Where.JSON)
    left = [
        (f"{name} of {artifact}", outputs[name])
        for artifact, outputs in artifacts.items()
        for name in sorted({name for row in places for name in matching(row.path, outputs)})
    ]
    if not left:
        message = "no downloaded artifact holds a diagnostics file, so none can be judged"
        return (Finding(runbook.path, fetched.line, message),)
    return tuple(_judged(runbook, plan.known, places, left))


def _judged(
    runbook: Runbook, plan: Plan, places: tuple[Location, ...], left: list[tuple[str, bytes]]
) -> Iterator[Finding]:
    fields, rules = plan.required, plan.invariants
    yield from (*fields.findings, *rules.findings)
    asked = _Demands(plan, places, fields, rules)
    for name, content in left:
        document = read_document(runbook, name, content)
        unsaid = unsound(plan, document) if document else ()
        for line, about, message in (*asked.lacking(name, content), *unsaid):
            bead = follow_up(f"Reconcile plan and diagnostics: {about}", program=plan.program)
            yield Finding(plan.document.path, line, f"{message}; to settle it: {bead}")


@dataclass(frozen=True, slots=True)
class _Demands:
    plan: Plan
    places: tuple[Location, ...]
    fields: Reading[RequiredField]
    invariants: Reading[Invariant]

    def lacking(self, name: str, content: bytes) -> Iterator[tuple[int, str, str]]:
        """Yield line, subject and message for all that one diagnostics file does not have."""
        try:
            document: object = json.loads(content)
        except (ValueError, RecursionError) as error:
            yield self.fields.line, name, f"{name} is no JSON: {error}"
            return
        required = [(row.line, row.path) for row in self.fields.rows]
        for invariant in self._named(content):
            rows = [row for row in self.invariants.rows if row.id == invariant]
            required += [(row.line, path) for row in rows for path in row.diagnostics]
            if not rows:
                hint = did_you_mean(invariant, [row.id for row in self.invariants.rows])
                yield self.invariants.line, invariant, f"no row is {invariant}, of {name}{hint}"
        for line, path in required:
            if not _has(document, path):
                yield line, path, f"{path} is required here, and is not in {name}"

    def _named(self, content: bytes) -> set[str]:
        found = [row.selector(content) for row in self.places if row.id == INVARIANT]
        return {sighting.value for one in found for sighting in one.sightings}


def _has(document: object, path: str) -> bool:
    """Tell whether an object has what a dotted path names."""
    for key in path.split("."):
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
