"""Where a run and the runbook contradict each other, or nobody can read who owns what."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from freshrun.checklist import (
    Definition,
    FailureClass,
    Where,
    contract_of,
    matching,
    output_folder,
)
from freshrun.model import Finding, Reading, did_you_mean
from freshrun.triage.ci_run import Hit
from freshrun.triage.commands import field_of
from freshrun.triage.failed_class import CLASS, NOTHING, Desk, at
from freshrun.triage.routes import Route


def contradictions(
    desk: Desk, routes: Sequence[Route], *, damaged: Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong between the run, the tables and the ownership file.

    Of the `damaged` artifacts nobody can say what their files would have held.
    """
    tables = _Tables(desk, contract_of(desk.runbook).classes, contract_of(desk.runbook).definitions)
    artifacts = {hit.artifact for hit in desk.hits} - set(damaged)
    diagnosed = {artifact for artifact in artifacts if _diagnosed(desk, artifact)}
    line = contract_of(desk.runbook).locations.line
    yield from _unowned(desk, routes)
    for hit in {hit.failure: hit for hit in reversed(desk.hits)}.values():
        yield from tables.unknown(hit)
        if not hit.file and hit.artifact in diagnosed:
            message = f"no JSON file of {hit.artifact} is about {hit.failure.scenario}"
            yield Finding(desk.runbook.path, line, f"{message}; a row says that one is")
        yield from tables.against(hit)
    for route in routes:
        yield from _lacking(desk, route)


def _unowned(desk: Desk, routes: Sequence[Route]) -> Iterator[Finding]:
    """Yield where table, leaf and ownership file part, and where one of them can't be read."""
    book = desk.book
    yield from (*book.table.findings, *book.file.findings)
    owners = {
        one.failure_class: one for one in (book.file.value.classes if book.file.value else ())
    }
    for advice in (route.advice for route in routes):
        row, other = book.row(advice.failure_class), owners.get(advice.failure_class)
        if row is None:
            hint = did_you_mean(advice.failure_class, [r.failure_class for r in book.table.rows])
            message = f'nobody owns the class "{advice.failure_class}"{hint}'
            yield Finding(desk.runbook.path, advice.line, message)
        elif row.owner != advice.owner:
            message = f'leaf {advice.leaf} says "{advice.owner}"; "Ownership and escalation" says'
            yield Finding(desk.runbook.path, advice.line, f'{message} "{row.owner}" ({row.line})')
        if other and other.first_owner.removeprefix("@") != advice.owner.removeprefix("@"):
            place = f"{book.file.known.path}:{other.lines['first_owner']}"
            message = f'leaf {advice.leaf} says "{advice.owner}"; {place} "{other.first_owner}"'
            yield Finding(desk.runbook.path, advice.line, message)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables that say which IDs and which classes there are."""

    desk: Desk
    classes: Reading[FailureClass]
    terms: Reading[Definition]

    def unknown(self, hit: Hit) -> Iterator[Finding]:
        """Yield the IDs that no table has."""
        scenario, invariant = hit.failure.scenario, hit.failure.invariant
        if not self.knows(hit):
            message = f'{scenario} in {hit.artifact} has no prefix in "Failure taxonomy"'
            yield Finding(self.desk.runbook.path, self.classes.line, message)
        known = [term.invariant for term in self.terms.rows]
        if invariant and invariant not in known:
            message = f'{invariant} in {hit.artifact} is not in "Invariant glossary"'
            hint = did_you_mean(invariant, known)
            yield Finding(self.desk.runbook.path, self.terms.line, f"{message}{hint}")

    def against(self, hit: Hit) -> Iterator[Finding]:
        """Yield where the diagnostics say another class than the tree."""
        leaf, said = self.desk.leaf(hit), hit.fields.get(CLASS)
        if isinstance(said, str) and said != leaf.failure_class and self.knows(hit):
            message = f"leaf {leaf.leaf} is {leaf.failure_class}"
            other = f'{hit.artifact}/{hit.file} says "{said}"'
            yield Finding(self.desk.runbook.path, leaf.line, f"{message}; {other}")

    def knows(self, hit: Hit) -> bool:
        """Tell whether the taxonomy has the scenario's prefix."""
        return any(one.covers(hit.failure.scenario) for one in self.classes.rows)


def _diagnosed(desk: Desk, artifact: str) -> bool:
    """Tell whether an artifact is to hold diagnostics, as the runbook has it."""
    root = f"{output_folder(desk.runbook)}/"
    name = desk.run.called.get(artifact, artifact)
    table = [row for row in contract_of(desk.runbook).artifacts.rows if row.artifact == name]
    rows = (row for row in contract_of(desk.runbook).locations.rows if row.where is Where.JSON)
    globs = {row.path.removeprefix(root) for row in rows}
    return any(_overlap(g, row.path) for g in globs for row in table) if table else bool(globs)


def _overlap(one: str, other: str) -> bool:
    """Tell whether two documented paths mean a file in common, as far as their texts show it."""
    return bool(matching(one, [other]) or matching(other, [one]))


def _lacking(desk: Desk, route: Route) -> Iterator[Finding]:
    """Yield the evidence and the fields of the template that the diagnostics don't hold."""
    hit = desk.hit(route)
    if hit is None or not hit.file:
        return
    place = f"{hit.artifact}/{hit.file}"
    for path in route.evidence:
        if at(hit.fields, path) is NOTHING:
            line = next((t.line for t in _terms(desk, hit)), route.advice.line)
            yield Finding(desk.runbook.path, line, f"{place} holds no {path}")
    for variable in desk.paste(route, hit).missing:
        message = f"the template needs {variable}; {place} holds no {field_of(variable)}"
        yield Finding(desk.runbook.path, route.advice.line, message)


def _terms(desk: Desk, hit: Hit) -> Iterator[Definition]:
    rows = contract_of(desk.runbook).definitions.rows
    return (term for term in rows if term.invariant == hit.failure.invariant)
