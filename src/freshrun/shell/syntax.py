"""The syntax tree of a shell text, as mvdan/sh's own program gives it."""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TypedDict, cast

from freshrun.model import FreshrunError

PIECE = 16_384
"""Characters read at once: a tree takes about 200 times its text, and is dropped piece by piece."""


class Position(TypedDict):
    """A place in the text: bytes from 0, lines from 1."""

    Offset: int
    Line: int


class Node(TypedDict, total=False):
    """The parts that are read of a node; each kind of node has only some of them."""

    Type: str
    Pos: Position
    End: Position
    OpPos: Position
    Cmd: "Node"
    Stmt: "Node"
    X: "Node"
    Y: "Node"
    Word: "Node"
    Hdoc: "Node"
    Name: "Node"
    Array: "Node"
    Param: "Node"
    Variant: "Node"
    Exp: "Node"
    Index: "Node"
    Loop: "Node"
    Body: "Node"
    Stmts: list["Node"]
    Parts: list["Node"]
    Args: list["Node"]
    Assigns: list["Node"]
    Exprs: list["Node"]
    Redirs: list["Node"]
    Excl: bool
    Names: object
    Naked: bool
    Background: bool
    Value: str


class ShellSyntaxError(Exception):
    """The text is not what shfmt takes for shell, seen at `line` and `column`; `why` is its word.

    Both count from 1, the column in bytes.
    """

    def __init__(self, line: int, column: int = 1, why: str = "") -> None:
        """Take the place and the reason."""
        super().__init__(line)
        self.line = line
        self.column = column
        self.why = why


@dataclass(frozen=True, slots=True)
class Tree:
    """The statements of one text, and the source that their offsets count in.

    `first_line` is the line of that source on which the text begins.
    """

    statements: tuple[Node, ...] = ()
    source: bytes = b""
    first_line: int = 1


_FAULT = re.compile(r"(?:^|:)(\d+):(\d+): ([^\n]*)")


_CHAIN = 500
"""Joints of one chain, such as `&&`, past which its tree is deeper than anybody can read."""

_MEMORY = 1_500_000_000
"""Bytes of addresses that shfmt may have: it indents its tree, whose size is depth times length."""


def syntax_tree(text: str) -> Node:
    """Return the tree of the whole text; `ShellSyntaxError` where there is none."""
    if _has_endless_chain(text):
        raise ShellSyntaxError(1)
    code, printed, said = _shfmt(text.encode())
    if code:
        fault = _FAULT.search(said.decode(errors="replace")) if code == 1 else None
        if fault is None:
            raise ShellSyntaxError(1)
        raise ShellSyntaxError(int(fault[1]), int(fault[2]), fault[3])
    try:
        return cast("Node", json.loads(printed))
    except RecursionError:  # a chain of hundreds of `&&`
        raise ShellSyntaxError(1) from None


def _shfmt(text: bytes) -> tuple[int, bytes, bytes]:
    """Return the exit status of shfmt, and what it printed on both streams."""
    with subprocess.Popen(
        [shfmt(), "--to-json", "-ln", "bash"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A short-lived process is faster when it collects less garbage.
        env={**os.environ, "GOGC": "400"},
    ) as run:
        if sys.platform == "linux":  # it begins once it has its input
            resource.prlimit(run.pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        printed, said = run.communicate(text)
        return run.returncode, printed, said


_JOINT = re.compile(r"&&|\|\|?")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_CHAIN_END = re.compile(r"(?<![|&\\])\n|\n(?=[ \t]*+\|)|;")


def _has_endless_chain(text: str) -> bool:
    """Tell whether a statement is a chain of so many commands that its tree fills the memory."""
    if len(_JOINT.findall(text)) <= _CHAIN:
        return False
    chains = _CHAIN_END.split(_QUOTED.sub("", text))
    return any(len(_JOINT.findall(chain)) > _CHAIN for chain in chains)


def trees(texts: Sequence[str]) -> tuple[Tree, ...]:
    """Return the tree of each text, an empty one where it is no shell; few processes for many."""
    return tuple(chain.from_iterable(_trees_together(batch) for batch in batches(texts)))


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield runs of neighbouring texts that fit into one piece."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > PIECE:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _trees_together(texts: list[str]) -> list[Tree]:
    """Read texts as one; halve them where one is at fault or runs on into its neighbour."""
    source = "".join(f"{text}\n" for text in texts)
    try:
        return list(_dealt_out(syntax_tree(source), texts, source=source.encode()))
    except ShellSyntaxError:
        if len(texts) == 1:
            return [Tree()]
        half = len(texts) // 2
        return _trees_together(texts[:half]) + _trees_together(texts[half:])


def _dealt_out(tree: Node, texts: list[str], *, source: bytes) -> Iterator[Tree]:
    """Give each text its statements; one that crosses into the next text is a fault."""
    waiting = deque(tree.get("Stmts", []))
    start = 1
    for text in texts:
        end = start + text.count("\n")
        own: list[Node] = []
        while waiting and waiting[0]["Pos"]["Line"] <= end:
            own.append(waiting.popleft())
        if own and own[-1]["End"]["Line"] > end:
            raise ShellSyntaxError(start)
        yield Tree(tuple(own), source, start)
        start = end + 1


@cache
def shfmt() -> str:
    """Return the path of shfmt, the one beside the running Python first."""
    beside = Path(sys.executable).parent
    path = shutil.which("shfmt", path=beside) or shutil.which("shfmt")
    if path is None:
        raise FreshrunError(
            f"shfmt is neither in {beside} nor on PATH; install it: pip install shfmt-py"
        )
    return path


def nodes(tree: object) -> Iterator[Node]:
    """Yield every node in the order of the text; no recursion, so that depth is no limit."""
    stack = [tree]
    while stack:
        branch = stack.pop()
        if isinstance(branch, dict):
            yield cast("Node", branch)
            stack.extend(reversed(branch.values()))
        elif isinstance(branch, list):
            stack.extend(reversed(branch))


def plain(word: Node) -> str:
    """Return the text of a word with its quotes undone; nothing where anything is expanded."""
    parts = word.get("Parts", [])
    texts = [plain(part) if "Parts" in part else part.get("Value", "") for part in parts]
    return "".join(texts) if all(texts) else ""
