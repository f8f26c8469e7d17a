"""The first response, executed: where the decision tree leads on real failures."""

import json
import re
from collections.abc import Iterator, Mapping

from freshrun.checklist import (
    Failure,
    Where,
    by_jsonpath,
    contract_of,
    failures,
    found,
    unknown_leaves,
)
from freshrun.model import Finding, Reading, Runbook, did_you_mean
from freshrun.triage.branching import misleading
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.decision_tree import Advice, Tree
from freshrun.triage.drills import DrillRun, first_runs
from freshrun.triage.routes import Route, walk

_UNKNOWN = "UNKNOWN"
"""A prefix that no suite has: the longest one known is shorter."""

_CLASS = by_jsonpath("$.class")
_FIELD = re.compile(r"`(evidence\.\w+)`")


def first_response(
    runbook: Runbook, runs: Reading[DrillRun], *, silent: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Hold the tree against the other tables and its reader, then walk it for each drill.

    Each drill leads to the class of its row, which its diagnostics name too, and to that class's
    first owner. A run with the outputs `silent`, which did not start, leads to the outer branch,
    and a failure with an unknown ID to the branch for those.
    """
    tree = triage_contract_of(runbook).tree
    tables = (
        tree,
        triage_contract_of(runbook).leaves,
        contract_of(runbook).classes,
        triage_contract_of(runbook).owners,
    )
    stopped = [finding for table in tables for finding in table.findings]
    if stopped:
        return tuple(stopped)
    only = tree.known
    known = {str(row.leaf) for row in triage_contract_of(runbook).leaves.rows}
    mentioned = unknown_leaves(runbook, known=known)
    agreed = (*_branches(runbook, only), *_leaves(runbook, only), *mentioned)
    agreed = agreed or misleading(runbook, only)
    walked = [finding for run in first_runs(runs) for finding in _walked(runbook, run)]
    edges = _edges(runbook, only, runs=runs, silent=silent)
    return (*agreed, *runs.findings, *walked, *edges)


def _branches(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    """Yield where the branches and the prefixes of the taxonomy part."""
    leaves = {row.leaf: row for row in triage_contract_of(runbook).leaves.rows}
    classes = contract_of(runbook).classes
    prefixes = {prefix: one for one in classes.rows for prefix in one.prefixes}
    for branch in (tree.silent, *tree.prefixes, tree.other):
        if branch.leaf not in leaves:
            message = f'the branch "{branch.label}" ends in leaf {branch.leaf}, which has no row'
            yield Finding(runbook.path, branch.line, message)
    for branch in tree.prefixes:
        one, leaf = prefixes.get(branch.label), leaves.get(branch.leaf)
        if one is None:
            hint = did_you_mean(branch.label, prefixes)
            message = f'the branch "{branch.label}" is no prefix of "Failure taxonomy"{hint}'
            yield Finding(runbook.path, branch.line, message)
        elif leaf and leaf.failure_class != one.name:
            message = f'leaf {leaf.leaf} says "{leaf.failure_class}"; the prefix {branch.label} is'
            yield Finding(runbook.path, leaf.line, f'{message} of "{one.name}" (line {one.line})')
    for prefix in sorted(prefixes.keys() - {branch.label for branch in tree.prefixes}):
        message = f'the tree has no branch for {prefix}, of "{prefixes[prefix].name}"'
        yield Finding(runbook.path, tree.line, message)


def _leaves(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    """Yield where the leaves part from the owners, and from each other."""
    rows = triage_contract_of(runbook).leaves.rows
    used = {branch.leaf for branch in (tree.silent, *tree.prefixes, tree.other)}
    owners = {row.failure_class: row for row in triage_contract_of(runbook).owners.rows}
    urgent: dict[str, Advice] = {}
    for row in rows:
        owner = owners.get(row.failure_class)
        if row.leaf not in used:
            yield Finding(runbook.path, row.line, f"no branch of the tree ends in leaf {row.leaf}")
        if owner is None:
            hint = did_you_mean(row.failure_class, owners)
            message = f'leaf {row.leaf}: nobody owns the class "{row.failure_class}"{hint}'
            yield Finding(runbook.path, row.line, message)
        elif owner.owner != row.owner:
            right = f'"{owner.owner}", first owner of "{row.failure_class}" (line {owner.line})'
            message = f'leaf {row.leaf} says "{row.owner}"; {right}, is right'
            yield Finding(runbook.path, row.line, message)
        same = urgent.setdefault(row.failure_class, row)
        if same.priority != row.priority:
            other = f"leaf {same.leaf} (line {same.line}), of the same class, {same.priority}"
            yield Finding(runbook.path, row.line, f"leaf {row.leaf} is {row.priority}, and {other}")


def _walked(runbook: Runbook, run: DrillRun) -> Iterator[Finding]:
    """Yield where the tree leads a drill astray."""
    drill = run.drill
    routes = walk(runbook, failures(runbook, run.outputs))
    yield from routes.findings
    for position, route in enumerate(routes.rows):
        leaf = f"leaf {route.advice.leaf} (line {route.advice.line})"
        led = f"`{drill.command}` leads to {leaf}, {route.advice.failure_class}"
        if route.advice.failure_class != drill.failure_class:
            too = " too" if position else ""
            message = f"{led}{too}; its row says {drill.failure_class}"
            yield Finding(runbook.path, drill.line, message)
        yield from (
            Finding(runbook.path, route.advice.line, f"{led}; {message}")
            for message in _against_diagnostics(runbook, route, run=run)
        )


def _against_diagnostics(runbook: Runbook, route: Route, *, run: DrillRun) -> Iterator[str]:
    """Say where the diagnostics of the failure part from the leaf that it was led to."""
    for name in _about(runbook, route.failure, outputs=run.outputs):
        content = run.outputs[name]
        for sighting in _CLASS(content).sightings:
            if sighting.value != route.advice.failure_class:
                yield f"{name} says {sighting.value}"
        for field in _FIELD.findall(route.advice.first):
            if not _holds(content, field):
                yield f"{name} holds no {field}, which the leaf says to keep"


def _about(
    runbook: Runbook, failure: Failure | None, *, outputs: Mapping[str, bytes]
) -> tuple[str, ...]:
    """Return the JSON files that name the failure's scenario."""
    rows = [row for row in contract_of(runbook).locations.rows if row.where is Where.JSON]
    hits = (one for row in rows for one in found(row, outputs))
    return tuple(one.output for one in hits if failure and failure.scenario in one.values)


def _holds(content: bytes, path: str) -> bool:
    node: object = json.loads(content)
    for key in path.split("."):
        if not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return True


def _edges(
    runbook: Runbook, tree: Tree, *, runs: Reading[DrillRun], silent: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Yield where a run that did not start, or an unknown ID, is led anywhere else."""
    first = first_runs(runs)[:1]
    unknown = [_renamed(runbook, run.outputs) for run in first]
    for outputs, branch in ((silent, tree.silent), *((one, tree.other) for one in unknown)):
        for route in walk(runbook, failures(runbook, outputs)).rows:
            if route.branch != branch:
                named = route.failure.scenario if route.failure else "no failure"
                message = f'a run that names {named} goes to "{route.branch.label}" in the tree'
                right = f'"{branch.label}" (line {branch.line}) is right'
                yield Finding(runbook.path, route.branch.line, f"{message}; {right}")


def _renamed(runbook: Runbook, outputs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a run's outputs with a prefix in every scenario's ID that no table knows."""
    prefixes = sorted({p for row in contract_of(runbook).classes.rows for p in row.prefixes})
    known = re.compile(rf"\b({'|'.join(map(re.escape, prefixes))})(?=-\d)".encode())
    return {name: known.sub(_UNKNOWN.encode(), content) for name, content in outputs.items()}
