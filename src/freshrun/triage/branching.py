"""What would lead a reader of the decision tree astray: its order, its answers, its leaves.

The tree is also walked, with failures made up for every prefix, for none, and for two at once.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations

from freshrun.checklist import Failure, contract_of
from freshrun.model import Finding, Runbook
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.decision_tree import Tree, tree_texts
from freshrun.triage.routes import walk

_NEGATED = re.compile(r"\b(?:no|not|none|neither|nor|never|without)\b|n't\b", re.IGNORECASE)
_OTHER_CLASS = re.compile(r"(?:\b|an)(?:other|each|every) class\b", re.IGNORECASE)
_NOTHING_LEFT = re.compile(r"\bevidence\b|\bdiagnostics\b", re.IGNORECASE)
_UNKNOWN_ID = re.compile(r"\bunknown\b", re.IGNORECASE)


def misleading(runbook: Runbook, tree: Tree) -> tuple[Finding, ...]:
    """Return what leads a reader of the tree astray, each at its line.

    The question asks for what is there, and `no` goes to the leaf of a run that named no failure.
    Each branch can be reached: the one for anything else is the last. The leaves are numbered from
    top to bottom, in tree and table, and ask for what their branch can have.
    """
    read = (_question, _answers, _order, _numbers, _contents)
    found = tuple(finding for verdict in read for finding in verdict(runbook, tree))
    return found or tuple(_walked(runbook, tree))


def _question(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    texts = tree_texts(runbook)
    before = [(line, text) for line, text in texts if line < tree.line and text.strip()]
    if not before or not before[-1][1].rstrip().endswith("?"):
        message = "no question stands above the tree, so nobody can tell what no and yes mean"
        yield Finding(runbook.path, tree.line, message)
    elif _NEGATED.search(before[-1][1]):
        line, text = before[-1]
        message = f'the question "{text.strip()}" asks for what is not there; ask for what is, so'
        yield Finding(runbook.path, line, f"{message} that yes leads to the failures")
    if not any(_OTHER_CLASS.search(text) for _, text in texts):
        message = "nothing beside the tree says what a failure of another class needs"
        yield Finding(runbook.path, tree.line, f"{message}; a line about that is right")


def _answers(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    label = tree.silent.label.lower()
    if label != "no":
        message = f'the branch for a run that names no failure is "{tree.silent.label}"; no is'
        yield Finding(runbook.path, tree.silent.line, f"{message} right")
    fork = tree.fork
    if not fork.label.lower().startswith("yes"):
        message = f'the branch to the failures is "{fork.label}"; yes is right'
        yield Finding(runbook.path, fork.line, message)
    elif not re.search(r"\bfirst\b", fork.label):
        message = f'"{fork.label}" does not say which failure is taken; the first is right'
        yield Finding(runbook.path, fork.line, message)


def _order(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    hidden = [branch.label for branch in tree.prefixes if branch.line > tree.other.line]
    if hidden:
        message = f'"{tree.other.label}" takes every failure before {", ".join(hidden)} can'
        yield Finding(runbook.path, tree.other.line, f"{message}; make it the last branch")


def _numbers(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    branches = sorted((tree.silent, *tree.prefixes, tree.other), key=lambda branch: branch.line)
    yield from _falling(runbook, [(branch.leaf, branch.line) for branch in branches])
    yield from _falling(
        runbook, [(row.leaf, row.line) for row in triage_contract_of(runbook).leaves.rows]
    )


def _falling(runbook: Runbook, leaves: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    for (above, line), (below, place) in pairwise(leaves):
        if above.isdecimal() and below.isdecimal() and int(below) < int(above):
            message = f"leaf {below} stands below leaf {above} (line {line})"
            right = "they are numbered from top to bottom, so that none is taken for another"
            yield Finding(runbook.path, place, f"{message}; {right}")


def _contents(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    rows = {row.leaf: row for row in triage_contract_of(runbook).leaves.rows}
    known = [rows[branch.leaf] for branch in tree.prefixes if branch.leaf in rows]
    silent = rows.get(tree.silent.leaf)
    if silent and (found := _NOTHING_LEFT.search(silent.first)):
        message = f'leaf {silent.leaf} asks for "{found[0]}", but its branch is that of a run which'
        yield Finding(runbook.path, silent.line, f"{message} left none")
    for row in (*known, *([silent] if silent else ())):
        if row.leaf != tree.other.leaf and _UNKNOWN_ID.search(row.first):
            message = f"leaf {row.leaf} speaks of an unknown ID, but leaf {tree.other.leaf} is the"
            yield Finding(runbook.path, row.line, f"{message} one for those")


# --- walks with failures that are made up ---


def _walked(runbook: Runbook, tree: Tree) -> Iterator[Finding]:
    """Yield where a failure goes to a class that the taxonomy does not give it."""
    classes = {
        prefix: row.name for row in contract_of(runbook).classes.rows for prefix in row.prefixes
    }
    leaves = {row.leaf: row.failure_class for row in triage_contract_of(runbook).leaves.rows}
    unknown = leaves.get(tree.other.leaf, "")
    walks: list[tuple[tuple[str, ...], list[str]]] = [((), [leaves.get(tree.silent.leaf, "")])]
    walks += [((f"{p}-{n}",), [one]) for p, one in classes.items() for n in ("001", "999")]
    walks += [((name,), [unknown]) for name in _strange(classes)]
    walks += [
        ((f"{p}-001", f"{q}-002"), list(dict.fromkeys((classes[p], classes[q]))))
        for p, q in permutations(classes, 2)
    ]
    for named, wanted in walks:
        routes = walk(runbook, [Failure(name) for name in named])
        reached = [route.advice.failure_class for route in routes.rows]
        if reached != wanted and not routes.findings:
            said = " and ".join(named) or "no failure"
            message = f"a run that names {said} goes to {', '.join(reached)}; {', '.join(wanted)}"
            line = routes.rows[0].branch.line if routes.rows else tree.line
            yield Finding(runbook.path, line, f"{message} is right")


def _strange(known: dict[str, str]) -> Iterator[str]:
    """Yield IDs with a prefix that no table has."""
    for prefix in known:
        yield from (
            f"{other}-001"
            for other in (f"{prefix}X", f"X{prefix}", prefix[:-1], prefix.lower())
            if other and other not in known
        )
