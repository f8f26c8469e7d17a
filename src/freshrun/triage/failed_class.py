"""What a reader needs to know about each class that failed: owner, evidence and commands."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from freshrun.checklist import Failure, address, plain
from freshrun.model import Parsed, Reading, Runbook
from freshrun.triage.ci_run import CiRun, Hit
from freshrun.triage.commands import Paste, field_of, paste, wanted
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.decision_tree import Advice, Tree
from freshrun.triage.ownership_file import ClassOwners, OwnershipFile, ownership_file
from freshrun.triage.ownership_table import Ownership
from freshrun.triage.routes import Route

FAULT = "fault"
"""The field of the diagnostics that says which fault was switched on; `null` is none."""

CLASS = "class"
"""The field of the diagnostics that names the failure's class."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is told; `reach` is empty where nobody wrote it down, `response` 0 (in seconds).

    `call` is a telephone number or a schedule's address, `hours` when somebody is there.
    """

    name: str
    reach: str = ""
    response: float = 0.0
    call: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of the diagnostics by its dotted path; `value` is its text, else its JSON."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class FailedClass:
    """One class that failed, told by its first failure; of a run that named none, without any.

    `leaf` and `first`, what to do first, are those of the decision tree. `names` are all failures
    of the class as `scenario invariant`, `seen` the artifacts that name them. `drill` is the fault
    that was switched on, empty for a real failure. `source` is the diagnostics file, or the test
    case; `facts` is what the bead says of it and `evidence` what its invariant asks for.
    `fallback` and `escalation` are `None` where the class has no row; `unanswered` is when each of
    them has it.
    """

    failure_class: str
    leaf: str
    priority: str
    first: str
    owner: Contact
    unanswered: str
    fallback: Contact | None
    escalation: Contact | None
    names: tuple[str, ...]
    seen: tuple[str, ...]
    drill: str
    source: str
    facts: tuple[Fact, ...]
    evidence: tuple[Fact, ...]
    paste: Paste


@dataclass(frozen=True)
class Book:
    """Who owns what: the runbook's table, and the ownership file where there is one."""

    runbook: Runbook
    files: Mapping[str, bytes]

    @cached_property
    def table(self) -> Reading[Ownership]:
        """Return the table."""
        return triage_contract_of(self.runbook).owners

    @cached_property
    def file(self) -> Parsed[OwnershipFile]:
        """Return the file; nothing at all where there is none."""
        return ownership_file(self.files) if self.files else Parsed()

    def row(self, failure_class: str) -> Ownership | None:
        """Return the table's row for a class."""
        return next((row for row in self.table.rows if row.failure_class == failure_class), None)

    def contact(self, name: str, *, response: float = 0.0) -> Contact:
        """Return how somebody is reached: as first owner of anything, or as a team."""
        known = self._known.get(name, Contact(name))
        return replace(known, response=response)

    @cached_property
    def _known(self) -> Mapping[str, Contact]:
        """Return everybody whom table or file know how to reach; the table is what people read."""
        found: dict[str, Contact] = {}
        if self.file.value is not None:
            found |= _in_file(self.file.value)
        for team in triage_contract_of(self.runbook).teams.rows:
            found[team.name] = Contact(team.name, team.reach, 0.0, team.call, team.hours)
        for row in self.table.rows:
            found[row.owner] = _owner(row.owner, row)
        return found


def _in_file(file: OwnershipFile) -> Mapping[str, Contact]:
    """Return the teams and the first owners of the ownership file."""
    found: dict[str, Contact] = {}
    for name, reach in file.teams.items():
        phone = file.phones.get(name)
        found[name] = Contact(name, reach)
        if phone:
            found[name] = Contact(name, reach, 0.0, phone.call, phone.hours)
    for one in file.classes:
        found[one.first_owner] = _owner(one.first_owner, one)
    return found


def _owner(name: str, row: Ownership | ClassOwners) -> Contact:
    return Contact(name, row.reach, 0.0, row.call, row.hours)


@dataclass(frozen=True)
class Desk:
    """A run's failures, beside the tables that say what each of them means."""

    runbook: Runbook
    run: CiRun
    hits: Sequence[Hit]
    book: Book

    @cached_property
    def tree(self) -> Tree:
        """Return the decision tree, which has been found sound before."""
        return triage_contract_of(self.runbook).tree.known

    @cached_property
    def leaves(self) -> Mapping[str, Advice]:
        """Return the leaves by their numbers."""
        return {row.leaf: row for row in triage_contract_of(self.runbook).leaves.rows}

    @cached_property
    def by_class(self) -> Mapping[str, Sequence[Hit]]:
        """Return the failures of each class, in order."""
        found: dict[str, list[Hit]] = {}
        for hit in self.hits:
            found.setdefault(self.leaf(hit).failure_class, []).append(hit)
        return found

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Return the fields that the template's variables are named after."""
        return {variable: field_of(variable) for variable in wanted(self.runbook)}

    def leaf(self, hit: Hit) -> Advice:
        """Return the leaf that a failure is led to."""
        return self.leaves[self.tree.branch(hit.failure).leaf]

    def case(self, route: Route) -> FailedClass:
        """Return what is known of one class."""
        advice, row = route.advice, self.book.row(route.advice.failure_class)
        hit = self.hit(route)
        faults = [one.fields[FAULT] for one in self.same(route) if FAULT in one.fields]
        fault = faults[0] if faults and all(one is not None for one in faults) else None
        return FailedClass(
            failure_class=advice.failure_class,
            leaf=advice.leaf,
            priority=advice.priority,
            first=plain(advice.first),
            owner=self.book.contact(advice.owner, response=row.response if row else 0.0),
            unanswered=row.unanswered if row else "",
            fallback=self.book.contact(row.fallback) if row else None,
            escalation=self.book.contact(row.escalation) if row else None,
            names=tuple(dict.fromkeys(_name(one.failure) for one in self.same(route))),
            seen=tuple(dict.fromkeys(one.artifact for one in self.same(route))),
            drill=_text(fault) if fault is not None else "",
            source=_source(hit) if hit else "",
            facts=tuple(self.facts(hit)) if hit else (),
            evidence=tuple(held(hit, route.evidence)) if hit else (),
            paste=self.paste(route, hit) if hit else Paste(),
        )

    def hit(self, route: Route) -> Hit | None:
        """Return the failure that a route begins with, from an artifact with its diagnostics."""
        same = [hit for hit in self.same(route) if hit.failure == route.failure]
        return next((hit for hit in same if hit.file), same[0] if same else None)

    def same(self, route: Route) -> Sequence[Hit]:
        """Return all failures of the route's class; none of a run that named none."""
        return self.by_class.get(route.advice.failure_class, ()) if route.failure else ()

    def facts(self, hit: Hit) -> Iterator[Fact]:
        """Yield what the bead says of the failure beside its IDs and its evidence.

        A test case says it where no diagnostics do.
        """
        told = {CLASS, FAULT, "evidence", "scenarioId", "invariantId"}
        facts = tuple(held(hit, [path for path in self.variables.values() if path not in told]))
        yield from facts
        if not facts and hit.verdict and hit.verdict.message:
            yield Fact(hit.verdict.name, hit.verdict.message)

    def paste(self, route: Route, hit: Hit) -> Paste:
        """Return the template with the values of a failure, and gaps for what nobody said."""
        values = {
            variable: _text(hit.fields[path])
            for variable, path in self.variables.items()
            if path in hit.fields
        }
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


def _name(failure: Failure) -> str:
    return f"{failure.scenario} {failure.invariant}".strip()


def _source(hit: Hit) -> str:
    if hit.file or not hit.verdict:
        return f"{hit.artifact}/{hit.file}" if hit.file else ""
    return f"{hit.artifact}/{hit.report}:{hit.verdict.line or 1}"


def _url(runbook: Runbook, run: str) -> str:
    """Return where GitHub shows a run; runs elsewhere have no number."""
    repository = address(runbook)
    number = re.fullmatch(r"\d+", run)
    return f"{repository}/actions/runs/{run}" if repository and number else "none: not on GitHub"


def held(hit: Hit, paths: Sequence[str]) -> Iterator[Fact]:
    """Yield the fields of a failure that are there, by dotted path."""
    for path in paths:
        value = at(hit.fields, path)
        if value is not NOTHING:
            yield Fact(path, _text(value))


NOTHING = object()
"""No value at all; `None` is JSON's null."""


def at(fields: Mapping[str, object], path: str) -> object:
    """Return the value at a dotted path, `NOTHING` where there is none."""
    node: object = fields
    for key in path.split("."):
        if not isinstance(node, Mapping) or key not in node:
            return NOTHING
        node = node[key]
    return node


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
