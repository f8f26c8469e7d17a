"""What a reader needs to know about each class that failed: owner, evidence and commands."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun.contract import (
    Definition,
    Failure,
    Ownership,
    Route,
    decision_tree,
    definitions,
    failure_contract,
    ownership,
    ownership_file,
    taxonomy,
    walk,
)
from freshrun.contract.paths import address
from freshrun.contract.tables import plain
from freshrun.errors import DocumentError
from freshrun.finding import Finding, did_you_mean
from freshrun.runbook import Runbook
from freshrun.triage.artifacts import SUCCESS, CiRun, Hit, hits, missing, silent
from freshrun.triage.commands import Paste, field_of, paste, wanted

FAULT = "fault"
"""The field of the diagnostics that says which fault was switched on; `null` is none."""

CLASS = "class"
"""The field of the diagnostics that names the failure's class."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is told; `reach` is empty where nobody wrote it down, `response` 0 (in seconds)."""

    name: str
    reach: str = ""
    response: float = 0.0


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of the diagnostics by its dotted path; `value` is its text, else its JSON."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Case:
    """One class that failed, told by its first failure; of a run that named none, without any.

    `leaf` and `first`, what to do first, are those of the decision tree. `names` are all failures
    of the class as `scenario invariant`. `drill` is the fault that was switched on, empty for a
    real failure. `source` is the diagnostics file, `facts` what the bead says of it and `evidence`
    what its invariant asks for. `fallback` and `escalation` are `None` where the class has no row.
    """

    failure_class: str
    leaf: str
    priority: str
    first: str
    owner: Contact
    fallback: Contact | None
    escalation: Contact | None
    names: tuple[str, ...]
    drill: str
    source: str
    facts: tuple[Fact, ...]
    evidence: tuple[Fact, ...]
    paste: Paste


@dataclass(frozen=True, slots=True)
class Triage:
    """A run by class, in the order in which they failed; no case means that nothing did.

    `notes` are sentences on what is not known; `findings` are where run and runbook contradict
    each other.
    """

    run: CiRun
    cases: tuple[Case, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def triaged(runbook: Runbook, run: CiRun, *, files: Mapping[str, bytes] | None = None) -> Triage:
    """Follow the runbook's decision tree from a run's artifacts.

    `files` may hold the repository's ownership file, which knows how teams are reached that own
    nothing. Raises `DocumentError` where the runbook has no contract or tree that can be read.
    """
    named, notes = hits(runbook, run), tuple(_notes(runbook, run))
    for table in (failure_contract(runbook), decision_tree(runbook)):
        for finding in table.findings:
            raise DocumentError(str(finding))
    if not named and _nothing_failed(runbook, run):
        return Triage(run, notes=notes)
    routes = walk(runbook, [hit.failure for hit in named])
    for finding in routes.findings:
        raise DocumentError(str(finding))
    desk = _Desk(runbook, run, named, _Book(runbook, files or {}))
    cases = tuple(desk.case(route) for route in routes.rows)
    return Triage(run, cases, notes, tuple(_contradictions(desk, routes.rows)))


def _nothing_failed(runbook: Runbook, run: CiRun) -> bool:
    """Tell whether a run that names no failure is known to be green: by GitHub, else by verdicts.

    A run that failed without naming anything is not, nor one without any verdict.
    """
    if run.conclusion:
        return run.conclusion == SUCCESS
    return bool(run.artifacts) and not silent(runbook, run)


def _notes(runbook: Runbook, run: CiRun) -> Iterator[str]:
    if run.url and not run.conclusion:
        yield "the run has not ended: more may fail"
    if run.conclusion == SUCCESS and not run.artifacts:
        yield "the run left no artifacts that could be looked at; GitHub calls it a success"
    for artifact in missing(runbook, run):
        yield f"{artifact} is not there: nothing is known of what it would hold"
    for artifact in silent(runbook, run) if run.conclusion == SUCCESS or hits(runbook, run) else ():
        yield f"{artifact} names no failure, and its verdicts are red or missing"


@dataclass(frozen=True, slots=True)
class _Book:
    """Who owns what: the runbook's table, and the ownership file where there is one."""

    runbook: Runbook
    files: Mapping[str, bytes]

    def row(self, failure_class: str) -> Ownership | None:
        rows = ownership(self.runbook).rows
        return next((row for row in rows if row.failure_class == failure_class), None)

    def contact(self, name: str, *, response: float = 0.0) -> Contact:
        """Return how somebody is reached: as first owner of anything, or as a team."""
        teams = [one.teams for one in ownership_file(self.files).rows] if self.files else []
        ways = {team: way for one in teams for team, way in one.items()}
        ways |= {row.owner: row.reach for row in ownership(self.runbook).rows}
        return Contact(name, ways.get(name, ""), response)


@dataclass(frozen=True, slots=True)
class _Desk:
    runbook: Runbook
    run: CiRun
    hits: Sequence[Hit]
    book: _Book

    def case(self, route: Route) -> Case:
        """Return what is known of one class."""
        advice, row = route.advice, self.book.row(route.advice.failure_class)
        hit = self.hit(route)
        fault = hit.fields.get(FAULT) if hit else None
        return Case(
            failure_class=advice.failure_class,
            leaf=advice.leaf,
            priority=advice.priority,
            first=plain(advice.first),
            owner=self.book.contact(advice.owner, response=row.response if row else 0.0),
            fallback=self.book.contact(row.fallback) if row else None,
            escalation=self.book.contact(row.escalation) if row else None,
            names=self.names(route),
            drill=_text(fault) if fault is not None else "",
            source=f"{hit.artifact}/{hit.file}" if hit and hit.file else "",
            facts=tuple(self.facts(hit)) if hit else (),
            evidence=tuple(_held(hit, route.evidence)) if hit else (),
            paste=self.paste(route, hit) if hit else Paste(),
        )

    def hit(self, route: Route) -> Hit | None:
        return next((hit for hit in self.hits if hit.failure == route.failure), None)

    def names(self, route: Route) -> tuple[str, ...]:
        """Return all failures of the route's class."""
        name = route.advice.failure_class
        same = (hit.failure for hit in self.hits if self.failure_class(hit.failure) == name)
        return tuple(dict.fromkeys(f"{one.scenario} {one.invariant}".strip() for one in same))

    def failure_class(self, failure: Failure) -> str:
        return next(r.advice.failure_class for r in walk(self.runbook, [failure]).rows)

    def facts(self, hit: Hit) -> Iterator[Fact]:
        """Yield what the bead says of the failure beside its IDs and its evidence."""
        told = {CLASS, FAULT, "evidence", "scenarioId", "invariantId"}
        paths = (field_of(variable) for variable in wanted(self.runbook))
        yield from _held(hit, [path for path in paths if path not in told])

    def paste(self, route: Route, hit: Hit) -> Paste:
        fields = {variable: field_of(variable) for variable in wanted(self.runbook)}
        values = {v: _text(hit.fields[path]) for v, path in fields.items() if path in hit.fields}
        values |= {
            "SCENARIO_ID": hit.failure.scenario,
            "INVARIANT_ID": hit.failure.invariant,
            "CLASS": route.advice.failure_class,
            "OWNER": route.advice.owner,
            "PRIORITY": route.advice.priority,
            "RUN_ID": self.run.id or values.get("RUN_ID", "unknown"),
        }
        values["RUN_URL"] = self.run.url or _url(self.runbook, values["RUN_ID"])
        return paste(self.runbook, values=values, artifact=hit.artifact, file=hit.file)


def _url(runbook: Runbook, run: str) -> str:
    """Return where GitHub shows a run; runs elsewhere have no number."""
    repository = address(runbook)
    number = re.fullmatch(r"\d+", run)
    return f"{repository}/actions/runs/{run}" if repository and number else "none: not on GitHub"


def _held(hit: Hit, paths: Sequence[str]) -> Iterator[Fact]:
    for path in paths:
        value = _at(hit.fields, path)
        if value is not _NOTHING:
            yield Fact(path, _text(value))


_NOTHING = object()


def _at(fields: Mapping[str, object], path: str) -> object:
    node: object = fields
    for key in path.split("."):
        if not isinstance(node, dict) or key not in node:
            return _NOTHING
        node = node[key]
    return node


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- where the run and the runbook contradict each other ---


def _contradictions(desk: _Desk, routes: Sequence[Route]) -> Iterator[Finding]:
    yield from _unowned(desk, routes)
    for hit in {hit.failure: hit for hit in reversed(desk.hits)}.values():
        yield from _unknown(desk, hit)
        yield from _against(desk, hit)
    for route in routes:
        yield from _lacking(desk, route)


def _unowned(desk: _Desk, routes: Sequence[Route]) -> Iterator[Finding]:
    yield from ownership(desk.runbook).findings
    for advice in (route.advice for route in routes):
        row = desk.book.row(advice.failure_class)
        if row is None:
            known = (one.failure_class for one in ownership(desk.runbook).rows)
            hint = did_you_mean(advice.failure_class, known)
            message = f'nobody owns the class "{advice.failure_class}"{hint}'
            yield Finding(desk.runbook.path, advice.line, message)
        elif row.owner != advice.owner:
            message = f'leaf {advice.leaf} says "{advice.owner}"; "Ownership and escalation" says'
            yield Finding(desk.runbook.path, advice.line, f'{message} "{row.owner}" ({row.line})')


def _unknown(desk: _Desk, hit: Hit) -> Iterator[Finding]:
    """Yield the IDs that no table has."""
    classes, terms = taxonomy(desk.runbook), definitions(desk.runbook)
    scenario, invariant = hit.failure.scenario, hit.failure.invariant
    if not any(one.covers(scenario) for one in classes.rows):
        message = f'{scenario} in {hit.artifact} has no prefix in "Failure taxonomy"'
        yield Finding(desk.runbook.path, classes.line, message)
    known = [term.invariant for term in terms.rows]
    if invariant and invariant not in known:
        message = f'{invariant} in {hit.artifact} is not in "Invariant glossary"'
        hint = did_you_mean(invariant, known)
        yield Finding(desk.runbook.path, terms.line, f"{message}{hint}")


def _against(desk: _Desk, hit: Hit) -> Iterator[Finding]:
    """Yield where the diagnostics are not there, or say another class than the tree."""
    (route,) = walk(desk.runbook, [hit.failure]).rows
    said = hit.fields.get(CLASS)
    if not hit.file:
        line = failure_contract(desk.runbook).line
        message = f"no JSON file of {hit.artifact} is about {hit.failure.scenario}"
        yield Finding(desk.runbook.path, line, f"{message}; a row says that one is")
    elif isinstance(said, str) and said != route.advice.failure_class and _known(desk, hit):
        message = f"leaf {route.advice.leaf} is {route.advice.failure_class}"
        other = f'{hit.artifact}/{hit.file} says "{said}"'
        yield Finding(desk.runbook.path, route.advice.line, f"{message}; {other}")


def _known(desk: _Desk, hit: Hit) -> bool:
    return any(one.covers(hit.failure.scenario) for one in taxonomy(desk.runbook).rows)


def _lacking(desk: _Desk, route: Route) -> Iterator[Finding]:
    """Yield the evidence and the fields of the template that the diagnostics don't hold."""
    hit = desk.hit(route)
    if hit is None or not hit.file:
        return
    place = f"{hit.artifact}/{hit.file}"
    for path in route.evidence:
        if _at(hit.fields, path) is _NOTHING:
            line = next(t.line for t in _terms(desk, hit))
            yield Finding(desk.runbook.path, line, f"{place} holds no {path}")
    for variable in desk.paste(route, hit).missing:
        message = f"the template needs {variable}; {place} holds no {field_of(variable)}"
        yield Finding(desk.runbook.path, route.advice.line, message)


def _terms(desk: _Desk, hit: Hit) -> Iterator[Definition]:
    rows = definitions(desk.runbook).rows
    return (term for term in rows if term.invariant == hit.failure.invariant)
