"""What diagnostics say: the content that the plan's `Required diagnostics` asks of each field."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

from freshrun.checklist import (
    INVARIANT,
    SCENARIO,
    Demand,
    Plan,
    RequiredField,
    Where,
    contract_of,
    found,
    program_plan,
)
from freshrun.model import Finding, Reading, Runbook
from freshrun.triage.agreement import disagreements
from freshrun.triage.drills import DrillRun

EXPECTED, ACTUAL = "expected", "actual"
"""The two fields that can't be the same: a failure is that they differ."""


@dataclass(frozen=True, slots=True)
class Document:
    """One diagnostics file, with the IDs that stand in the documented places of it."""

    name: str
    fields: Mapping[str, object]
    scenario: str
    invariant: str


def read_document(runbook: Runbook, name: str, content: bytes) -> Document | None:
    """Read a diagnostics file; `None` where it is no JSON object."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    ids = {
        row.id: sighting.value
        for row in reversed(contract_of(runbook).locations.rows)
        if row.where is Where.JSON
        for sighting in row.selector(content).sightings
    }
    return Document(name, value, ids.get(SCENARIO, ""), ids.get(INVARIANT, ""))


def unsound(plan: Plan, document: Document) -> Iterator[tuple[int, str, str]]:
    """Yield line of the plan, field and message for each field that does not say what it should."""
    cells = _cells(plan, document)
    for row in plan.required.rows:
        if row.path not in document.fields or row.demand is None:
            continue
        value = document.fields[row.path]
        fault = _fault(row.demand, value, failure_class=cells.get("Class", ""))
        right = cells.get(row.source)
        if not fault and right is not None and value != right:
            fault = f"is {_shown(value)}; {_shown(right)} is right, the plan's {row.source}"
        if fault:
            yield row.line, row.path, f"{row.path} {fault}, in {document.name}"
        if row.path == ACTUAL and value == document.fields.get(EXPECTED, value is None):
            message = f"{EXPECTED} and {ACTUAL} are both {_shown(value)}, which is no failure"
            yield row.line, row.path, f"{message}, in {document.name}"
    yield from _evidence(plan, document)
    yield from _order(plan, document)


def drill_diagnostics(
    runbook: Runbook, runs: Reading[DrillRun], *, files: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Hold the diagnostics of all drills against the plan among the repository's `files`.

    Each field has its type and says something; what comes from a variable has that variable's
    value; and what has to differ between runs, scenarios, invariants or classes differs.
    """
    found_plan = program_plan(runbook, files=files)
    if runs.findings or found_plan.findings:
        return (*runs.findings, *found_plan.findings)
    plan = found_plan.known
    told = [one for run in runs.rows for one in documents_of(runbook, run)]
    rows = plan.required
    lines = [
        (line, f"{message} ({_drill(run)})")
        for run, document in told
        for line, _, message in unsound(plan, document)
    ]
    for row in rows.rows:
        lines += [(row.line, message) for message in (*_constant(row, told), *unread(row, told))]
    first = {
        (line, message.partition(" (")[0]): (line, message) for line, message in reversed(lines)
    }
    found_lines = sorted(first.values())
    return (
        *rows.findings,
        *(Finding(plan.document.path, line, message) for line, message in found_lines),
        *parting(runbook, plan, runs.rows),
    )


def parting(runbook: Runbook, plan: Plan, runs: Sequence[DrillRun]) -> tuple[Finding, ...]:
    """Return where runs part from their own diagnostics, once for each line of a document."""
    first: dict[tuple[str, int], Finding] = {}
    for run in runs:
        told = {one.name: one.fields for _, one in documents_of(runbook, run)}
        for finding in disagreements(runbook, plan, run, told=told):
            first.setdefault((finding.file, finding.line), finding)
    return tuple(first.values())


_Told = tuple[DrillRun, Document]


def documents_of(runbook: Runbook, run: DrillRun) -> Iterator[_Told]:
    """Yield the diagnostics files that a run left, each with the run."""
    places = [row for row in contract_of(runbook).locations.rows if row.where is Where.JSON]
    names = dict.fromkeys(one.output for row in places for one in found(row, run.files))
    for name in names:
        document = read_document(runbook, name, run.files[name])
        if document is not None:
            yield run, document


def _drill(run: DrillRun) -> str:
    return f"drill of {run.drill.failure_class}, run {run.number}"


# --- one field of one file ---


def _evidence(plan: Plan, document: Document) -> Iterator[tuple[int, str, str]]:
    """Yield the fields of the evidence that are not of the type that the plan gives them."""
    for row in plan.evidence.rows:
        value: object = document.fields
        for key in row.path.split("."):
            value = value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
        if value is not _ABSENT and row.demand is not None:
            fault = _fault(row.demand, value, failure_class="")
            if fault:
                yield row.line, row.path, f"{row.path} {fault}, in {document.name}"


_ABSENT = object()


def _cells(plan: Plan, document: Document) -> dict[str, str]:
    """Return what the plan says of the file's scenario and invariant, by column."""
    cells: dict[str, str] = {}
    for row in plan.scenarios.rows:
        if row.id == document.scenario:
            cells |= {"Scenario": row.id, "Class": row.failure_class, "Invariant": row.invariant}
            cells |= {"What it proves": row.proves}
    for rule in plan.invariants.rows:
        if rule.id == document.invariant:
            cells |= {"Statement": rule.statement}
    return cells


def _fault(demand: Demand, value: object, *, failure_class: str) -> str:
    """Return what is wrong with a value, empty where nothing is."""
    if value is None:
        return "" if demand.nullable else f"is null; {demand.text} is right"
    if demand.kind == "any":
        return ""
    fits, empty = _KINDS[demand.kind]
    if not fits(value):
        return f"is {_shown(value)}; {demand.text} is right"
    if empty(value) and failure_class not in demand.empty_for and not demand.may_be_empty:
        return f"is empty ({_shown(value)}); {demand.text} is right"
    return ""


def _blank(value: object) -> bool:
    """Tell whether a value says nothing: an empty list does, of what could have been there."""
    return value is None or value == {} or (isinstance(value, str) and not value.strip())


def _holds_blank(value: object) -> bool:
    return not isinstance(value, dict) or not value or any(map(_blank, value.values()))


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _has_no_texts(value: object) -> bool:
    return not isinstance(value, list) or not value or any(map(_blank, value))


def _is_line(value: object) -> bool:
    return isinstance(value, str) and "\n" not in value.strip()


def _is_time(value: object) -> bool:
    return isinstance(value, str) and _time(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _has_nothing(value: object) -> bool:
    return value in ([], {}, "", None)


def _never(_: object) -> bool:
    return False


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


_KINDS: Mapping[str, tuple[Callable[[object], bool], Callable[[object], bool]]] = {
    "text": (_is_line, _blank),
    "texts": (_are_texts, _has_no_texts),
    "object": (_is_object, _holds_blank),
    "list": (_is_list, _has_nothing),
    "number": (_is_number, _never),
    "truth": (_is_truth, _never),
    "time": (_is_time, _blank),
}


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.utcoffset() == timedelta(0) else None


def _order(plan: Plan, document: Document) -> Iterator[tuple[int, str, str]]:
    """Yield where the times of one failure do not follow each other in the order of their rows."""
    rows = [r for r in plan.required.rows if r.demand and r.demand.kind == "time"]
    times = [(row, _time(str(document.fields.get(row.path)))) for row in rows]
    for (one, early), (other, late) in pairwise(times):
        if early and late and late < early:
            message = f"{other.path} is before {one.path}, in {document.name}"
            yield other.line, other.path, message
        if late and late > datetime.now(UTC) + timedelta(days=1):
            yield other.line, other.path, f"{other.path} is in the future, in {document.name}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."


_WIDTH = 60

# --- one field of all files ---


def _constant(row: RequiredField, told: Sequence[_Told]) -> Iterator[str]:
    """Say where a field is the same although what it is about is not."""
    key = _BY.get(row.differs)
    having = [one for one in told if row.path in one[1].fields]
    if row.differs == "some":
        spared = row.demand.empty_for if row.demand else ()
        having = [one for one in having if one[0].drill.failure_class not in spared]
        values = {json.dumps(document.fields[row.path]) for _, document in having}
        if len(having) > 1 and len(values) == 1:
            yield f"{row.path} is {_shown(having[0][1].fields[row.path])} in every drill"
        return
    for one, other in combinations(having, 2) if key else ():
        value = one[1].fields[row.path]
        if key and key(*one) != key(*other) and value == other[1].fields[row.path]:
            where = f"{_drill(one[0])}, and {_drill(other[0])}"
            message = f"{row.path} is {_shown(value)} for each {row.differs}"
            yield f"{message}; it has to differ ({where})"
            return


def unread(row: RequiredField, told: Sequence[_Told]) -> Iterator[str]:
    """Yield where a field is not the value of the variable that it comes from."""
    for run, document in told:
        if row.source in run.env and row.path in document.fields:
            value, right = document.fields[row.path], run.env[row.source] or None
            if right is not None and value != right:
                message = f"{row.path} is {_shown(value)} where {row.source} is {_shown(right)}"
                yield f"{message}: nothing reads the variable ({_drill(run)})"
                return


def _key_of_run(run: DrillRun, _: Document) -> str:
    return f"{run.drill.line} {run.number}"


def _key_of_scenario(_: DrillRun, document: Document) -> str:
    return document.scenario


def _key_of_invariant(_: DrillRun, document: Document) -> str:
    return document.invariant


def _key_of_class(run: DrillRun, _: Document) -> str:
    return run.drill.failure_class


_BY: Mapping[str, Callable[[DrillRun, Document], str]] = {
    "run": _key_of_run,
    "scenario": _key_of_scenario,
    "invariant": _key_of_invariant,
    "class": _key_of_class,
}
