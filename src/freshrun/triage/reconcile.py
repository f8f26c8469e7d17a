"""Taxonomy and invariants held three ways: the plan, the runbook, and what the suite can report.

No side is right by itself: a finding names all of them, and the bead that settles it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun.checklist import (
    IDS,
    Definition,
    FailureClass,
    Invariant,
    Plan,
    PlannedClass,
    Scenario,
    contract_of,
    follow_up,
    program_plan,
    unknown_ids,
)
from freshrun.model import Finding, Reading, Record, Runbook
from freshrun.triage.suite_listing import Listing, suite_listing


def reconciled(
    runbook: Runbook, record: Record, *, files: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Hold the program plan among `files`, the runbook's tables and the suite's listing together.

    Every class, scenario prefix, scenario and invariant is known to each side that tells of its
    kind, and every side says the same of it: class, meaning, statement, evidence and so on. No
    sentence of plan or runbook names an ID that the suite can't report.
    """
    found, listing = program_plan(runbook, files=files), suite_listing(runbook, record)
    classes, terms = contract_of(runbook).classes, contract_of(runbook).definitions
    stopped = [*found.findings, *listing.findings, *classes.findings, *terms.findings]
    if stopped:
        return tuple(stopped)
    plan = found.known
    planned = plan.classes, plan.scenarios, plan.invariants
    stopped = [finding for table in planned for finding in table.findings]
    if stopped:
        return tuple(stopped)
    sides = (
        *_of_plan(plan, *planned),
        *_of_runbook(runbook, classes, terms),
        *_of_suite(runbook, listing.known),
    )
    known = {
        name: {
            row[name]
            for row in (*listing.known.scenarios, *listing.known.invariants)
            if name in row
        }
        for name in IDS
    }
    mentioned = unknown_ids(runbook, documents=(plan.document, runbook), known=known)
    mismatches = tuple(_mismatches(sides, program=plan.program))
    told = {(one.file, one.line) for one in mismatches}
    return (*mismatches, *(one for one in mentioned if (one.file, one.line) not in told))


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a side says about one thing: that it is there, where `about` is empty."""

    line: int
    kind: str
    name: str
    about: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Side:
    """One table, or one list of the suite's; `line` is where a missing row would stand."""

    name: str
    file: str
    line: int
    statements: tuple[_Statement, ...]

    def tells(self, kind: str) -> bool:
        return any(one.kind == kind for one in self.statements)

    def said(self, key: tuple[str, str, str]) -> tuple[_Statement, ...]:
        return tuple(one for one in self.statements if (one.kind, one.name, one.about) == key)

    def at(self, line: int) -> str:
        return f"{self.name} ({self.file}:{line})"


# --- what each side says ---


def _of_plan(
    plan: Plan,
    classes: Reading[PlannedClass],
    tests: Reading[Scenario],
    rules: Reading[Invariant],
) -> Iterator[_Side]:
    file = plan.document.path
    said = [s for row in classes.rows for s in _class(row.line, row.name, row.prefixes)]
    said += [
        _Statement(row.line, "class", row.name, "meaning", row.meaning) for row in classes.rows
    ]
    yield _Side('the plan\'s "Failure classes"', file, classes.line, tuple(said))
    said = []
    for row in tests.rows:
        more = {"suite": row.suite, "what it proves": row.proves}
        said += _scenario(row.line, row.id, row.failure_class, row.invariant, more)
    yield _Side('the plan\'s "Scenarios"', file, tests.line, tuple(said))
    said = [
        s for r in rules.rows for s in _invariant(r.line, r.id, r.statement, evidence=r.diagnostics)
    ]
    yield _Side('the plan\'s "Invariants"', file, rules.line, tuple(said))


def _of_runbook(
    runbook: Runbook, classes: Reading[FailureClass], terms: Reading[Definition]
) -> Iterator[_Side]:
    said: list[_Statement] = []
    for row in classes.rows:
        said += _class(row.line, row.name, row.prefixes)
        said += [_Statement(row.line, "class", row.name, "meaning", row.meaning)] * bool(
            row.meaning
        )
        said += [s for name in row.invariants for s in _classified(row.line, name, row.name)]
    yield _Side('the runbook\'s "Failure taxonomy"', runbook.path, classes.line, tuple(said))
    said = [
        statement
        for term in terms.rows
        for statement in _invariant(
            term.line, term.invariant, term.statement, evidence=term.evidence
        )
    ]
    yield _Side('the runbook\'s "Invariant glossary"', runbook.path, terms.line, tuple(said))


def _of_suite(runbook: Runbook, listing: Listing) -> Iterator[_Side]:
    said: list[_Statement] = []
    for row in listing.scenarios:
        keys = {"suite": "suite", "proves": "what it proves"}
        more = {about: row[key] for key, about in keys.items() if row.get(key)}
        said += _scenario(listing.line, row["scenarioId"], row["class"], row["invariantId"], more)
    name = f"the scenarios of `{listing.command}`"
    yield _Side(name, runbook.path, listing.line, tuple(said))
    said = []
    for row in listing.invariants:
        name = row["invariantId"]
        evidence = [f"evidence.{field}" for field in row["evidence"].split(", ")]
        said += _invariant(listing.line, name, row["statement"], evidence=evidence)
        said += _classified(listing.line, name, row["class"])
    name = f"the invariants of `{listing.command}`"
    yield _Side(name, runbook.path, listing.line, tuple(said))


def _class(line: int, name: str, prefixes: Iterable[str]) -> Iterator[_Statement]:
    yield _Statement(line, "class", name)
    for prefix in prefixes:
        yield _Statement(line, "scenario prefix", prefix)
        yield _Statement(line, "scenario prefix", prefix, "class", name)


def _scenario(
    line: int, name: str, failure_class: str, invariant: str, more: Mapping[str, str]
) -> Iterator[_Statement]:
    yield _Statement(line, "scenario", name)
    values = {"class": failure_class, "invariant": invariant, **more}
    for about, value in values.items():
        yield _Statement(line, "scenario", name, about, value)
    yield from _class(line, failure_class, [name.rpartition("-")[0]])
    yield from _classified(line, invariant, failure_class)


def _classified(line: int, invariant: str, failure_class: str) -> Iterator[_Statement]:
    yield _Statement(line, "invariant", invariant)
    yield _Statement(line, "invariant", invariant, "class", failure_class)


def _invariant(
    line: int, name: str, statement: str, *, evidence: Iterable[str]
) -> Iterator[_Statement]:
    yield _Statement(line, "invariant", name)
    yield _Statement(line, "invariant", name, "statement", statement)
    yield _Statement(line, "invariant", name, "evidence", ", ".join(sorted(evidence)))


# --- where they part ---


def _mismatches(sides: Sequence[_Side], *, program: str) -> Iterator[Finding]:
    keys = dict.fromkeys((s.kind, s.name, s.about) for side in sides for s in side.statements)
    for kind, name, about in keys:
        key = (kind, name, about)
        if about:
            mismatch = _different(sides, key)
        else:
            mismatch = _lacking([side for side in sides if side.tells(kind)], key)
        if mismatch:
            what = f"{kind} {name}{about and f', {about}'}"
            bead = follow_up(f"Reconcile plan, runbook and suite: {what}", program=program)
            side = next(side for side in sides if side.said(key))
            message = f"{what}: {mismatch}; to settle it: {bead}"
            yield Finding(side.file, side.said(key)[0].line, message)


def _lacking(sides: Iterable[_Side], key: tuple[str, str, str]) -> str:
    having: list[str] = []
    without: list[str] = []
    for side in sides:
        said = side.said(key)
        (having if said else without).append(side.at(said[0].line if said else side.line))
    if not without:
        return ""
    return f"in {', '.join(having)}; not in {', '.join(without)}"


def _different(sides: Iterable[_Side], key: tuple[str, str, str]) -> str:
    places: dict[str, list[str]] = {}
    for side in sides:
        for value, line in {s.value: s.line for s in reversed(side.said(key))}.items():
            places.setdefault(value, []).append(side.at(line))
    if len(places) < 2:  # noqa: PLR2004 - one value is agreement
        return ""
    return "; ".join(f'"{value}" in {", ".join(where)}' for value, where in places.items())
