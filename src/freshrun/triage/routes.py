"""Where the decision tree leads the failures of a run, as its reader follows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freshrun.checklist import Failure
from freshrun.model import Finding, Reading, Runbook
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.decision_tree import Advice, Branch


@dataclass(frozen=True, slots=True)
class Route:
    """Where the tree leads: the leaf, whose line is `advice.line`, and what to keep for its owner.

    `failure` is the one that led there, `None` where the run named none. `evidence` are the fields
    of its diagnostics that the glossary asks for.
    """

    failure: Failure | None
    branch: Branch
    advice: Advice
    evidence: tuple[str, ...]


def walk(runbook: Runbook, failures: Sequence[Failure]) -> Reading[Route]:
    """Follow the tree as its reader does: the first failure, then the first of each other class.

    Without a failure there is one route, that of a suite that did not run. Findings where the tree
    or its leaves can't be read, or a branch ends in no leaf.
    """
    contract = triage_contract_of(runbook)
    tree, leaves = contract.tree, contract.leaves
    if tree.findings or leaves.findings:
        return Reading(tree.line, findings=(*tree.findings, *leaves.findings))
    rows = {row.leaf: row for row in leaves.rows}
    evidence = {term.invariant: term.evidence for term in reversed(contract.base.glossary.rows)}
    routes: dict[str, Route] = {}
    for failure in failures or (None,):
        branch = tree.known.branch(failure)
        if branch.leaf not in rows:
            return Reading(tree.line, findings=(_no_leaf(runbook, branch, known=rows),))
        row = rows[branch.leaf]
        if row.failure_class not in routes:
            fields = evidence.get(failure.invariant, ()) if failure else ()
            routes[row.failure_class] = Route(failure, branch, row, fields)
    return Reading(tree.line, tuple(routes.values()))


def _no_leaf(runbook: Runbook, branch: Branch, *, known: Mapping[str, Advice]) -> Finding:
    numbers = ", ".join(known)
    message = f'the branch "{branch.label}" ends in leaf {branch.leaf}; there are {numbers}'
    return Finding(runbook.path, branch.line, message)
