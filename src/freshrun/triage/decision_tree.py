"""The decision tree of `First response`: from the IDs of a failure to its class and its owner.

A branch is a line such as `├── ISO  what it means ..... leaf 3`. The outer branch with a leaf is
for a run that named no failure; the inner ones begin with the prefix of a scenario's ID, and the
last of them, in words, is for any other ID.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist import (
    CellError,
    Column,
    Failure,
    TableRow,
    as_written,
    bare,
    begins,
    plain,
    read_table,
)
from freshrun.model import Block, BlockKind, Finding, Parsed, Reading, Runbook, did_you_mean

SECTION = "First response"

_MARKED = re.compile(r"^(?P<depth>[│ ]*)[├└]──\s*(?P<text>.*)$")
_LEAF = re.compile(r"^(?P<head>\S.*?) ?\.{2,} ?leaf (?P<leaf>\w+)\b")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]*(?:[-_./][A-Z0-9]+)*[-_./]?\*?")
_PRIORITY = re.compile(r"P[0-4]")


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of the tree: its label, and the leaf that it ends in."""

    line: int
    label: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The decision tree: `silent` is for a run without a failure's IDs, `other` for unknown IDs.

    `fork` is the branch that the prefixes are below; it has no leaf.
    """

    line: int
    silent: Branch
    fork: Branch
    prefixes: tuple[Branch, ...]
    other: Branch

    def branch(self, failure: Failure | None) -> Branch:
        """Return the branch that a failure belongs to; `None` is a run that named none."""
        if failure is None:
            return self.silent
        fitting = (b for b in self.prefixes if begins(failure.scenario, b.label))
        return max(fitting, key=lambda branch: len(branch.label), default=self.other)


def _priority(cell: str) -> str:
    priority = plain(cell)
    if not _PRIORITY.fullmatch(priority):
        hint = did_you_mean(priority, [f"P{n}" for n in range(5)]) or "; one of P0 to P4 is right"
        raise CellError(f'unknown priority "{priority}"{hint}')
    return priority


@dataclass(frozen=True, slots=True)
class Advice(TableRow):
    """One leaf: a row of the table under the tree. `priority` is one of P0 to P4."""

    leaf: Annotated[str, Column("Leaf", plain)]
    failure_class: Annotated[str, Column("Class", plain)]
    owner: Annotated[str, Column("First owner", plain)]
    priority: Annotated[str, Column("Priority", _priority)]
    first: Annotated[str, Column("What to do first", as_written)]


def decision_tree(runbook: Runbook) -> Parsed[Tree]:
    """Read the tree from the block of text under `First response`."""
    lines = _tree_lines(runbook)
    if not lines:
        line = next((s.line for s in runbook.sections if s.title == SECTION), 1)
        message = f'"{SECTION}" has no decision tree: a block of text with ├── LABEL ... leaf N'
        return Parsed(None, (Finding(runbook.path, line, message),), line)
    findings = tuple(_dead_ends(runbook, lines))
    outer = min(depth for _, depth, _ in lines)
    branches = [(depth, branch) for depth, branch in map(_branch, lines) if branch]
    silent = [branch for depth, branch in branches if depth == outer]
    inner = [branch for depth, branch in branches if depth > outer]
    prefixes = tuple(branch for branch in inner if _PREFIX.fullmatch(branch.label))
    others = [branch for branch in inner if branch not in prefixes]
    first = lines[0][0]
    findings += tuple(_uneven(runbook, first, silent=silent, prefixes=prefixes, others=others))
    if findings:
        return Parsed(None, findings, first)
    forks = (
        Branch(n, text, "") for n, depth, text in lines if depth == outer and n != silent[0].line
    )
    fork = next(forks, Branch(first, "", ""))
    return Parsed(Tree(first, silent[0], fork, prefixes, others[0]), (), first)


def tree_texts(runbook: Runbook) -> tuple[tuple[int, str], ...]:
    """Return the lines of the tree's block that are no branches, with their numbers."""
    block = _tree_block(runbook)
    lines = enumerate(block.text.splitlines(), start=block.line + 1) if block else ()
    return tuple((n, line) for n, line in lines if not _MARKED.match(line))


def advice(runbook: Runbook) -> Reading[Advice]:
    """Read the leaves: the table under `First response`."""
    return read_table(runbook, SECTION, of=Advice)


_Marked = tuple[int, int, str]
"""A line of the tree: its number in the document, its depth in characters, its text."""


def _tree_lines(runbook: Runbook) -> tuple[_Marked, ...]:
    block = _tree_block(runbook)
    numbered = enumerate(block.text.splitlines(), start=block.line + 1) if block else ()
    marked = [(n, match) for n, line in numbered if (match := _MARKED.match(line))]
    return tuple((n, len(match["depth"]), match["text"]) for n, match in marked)


def _tree_block(runbook: Runbook) -> Block | None:
    blocks = (b for s in runbook.sections if s.title == SECTION for b in s.blocks)
    trees = (b for b in blocks if any(map(_MARKED.match, b.text.splitlines())))
    return next((block for block in trees if block.kind is BlockKind.OTHER), None)


def _branch(marked: _Marked) -> tuple[int, Branch | None]:
    line, depth, text = marked
    match = _LEAF.match(text)
    return depth, Branch(line, _label(match["head"]), match["leaf"]) if match else None


def _label(head: str) -> str:
    """Return a prefix, or the words before what a branch means."""
    first, parts = head.partition(" ")[0], re.split(r" {2,}|:", head)
    return bare(first) if _PREFIX.fullmatch(first) else parts[0]


def _dead_ends(runbook: Runbook, lines: Sequence[_Marked]) -> Iterator[Finding]:
    """Yield the branches that neither end in a leaf nor fork below."""
    depths = [depth for _, depth, _ in lines]
    for (line, depth, text), below in zip(lines, [*depths[1:], 0], strict=True):
        if not _LEAF.match(text) and below <= depth:
            message = f'the branch "{text}" leads nowhere; end it with ... leaf N'
            yield Finding(runbook.path, line, message)


def _uneven(
    runbook: Runbook,
    line: int,
    *,
    silent: Sequence[Branch],
    prefixes: Sequence[Branch],
    others: Sequence[Branch],
) -> Iterator[Finding]:
    """Yield what keeps the tree from leading every failure to exactly one leaf."""
    for branches, meaning in (
        (silent, "outer branch for a run that names no failure"),
        (others, "inner branch, in words, for an unknown prefix"),
    ):
        if len(branches) != 1:
            message = f"the tree has {len(branches)} times an {meaning}; one is right"
            yield Finding(runbook.path, branches[1].line if branches else line, message)
    labels = [branch.label for branch in prefixes]
    for position, branch in enumerate(prefixes):
        if branch.label in labels[:position]:
            message = f'the tree has the prefix "{branch.label}" twice'
            yield Finding(runbook.path, branch.line, message)
