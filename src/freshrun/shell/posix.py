"""What only bash reads of a shell text, and a POSIX shell refuses or takes for something else."""

from collections.abc import Iterator, Mapping, Sequence

from freshrun.shell.syntax import Node, Tree, nodes, trees

_TYPES: Mapping[str, str] = {
    "TestClause": "`[[`",
    "ProcSubst": "a process substitution",
    "ArithmCmd": "`((` as a command",
    "LetClause": "`let`",
    "CStyleLoop": "a loop `for ((`",
    "CoprocClause": "`coproc`",
}
_OPERATORS = ((b"<<<", "`<<<`"), (b"&>", "`&>`"))


def bash_alone(texts: Sequence[str]) -> tuple[tuple[tuple[int, str], ...], ...]:
    """Return for each text the places, in characters, of what only bash reads, and what it is."""
    return tuple(tuple(_found(tree)) for tree in trees(texts))


def _found(tree: Tree) -> Iterator[tuple[int, str]]:
    begin = 0
    for _ in range(tree.first_line - 1):
        begin = tree.source.index(b"\n", begin) + 1
    for node in nodes(list(tree.statements)):
        offset, what = _bash(node, tree.source)
        if what:
            yield len(tree.source[begin:offset].decode(errors="replace")), what


def _bash(node: Node, source: bytes) -> tuple[int, str]:
    if "Word" in node and "OpPos" in node:
        offset = node["OpPos"]["Offset"]
        return offset, next(
            (what for sign, what in _OPERATORS if source.startswith(sign, offset)), ""
        )
    if "Array" in node:
        return node["Array"]["Pos"]["Offset"], "an array"
    return node.get("Pos", {"Offset": 0})["Offset"], _TYPES.get(node.get("Type", ""), "")
