"""YAML text as a tree whose every node knows its line: for settings that a person wrote."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import yaml

from freshrun.model import Finding, Parsed


@dataclass(frozen=True, slots=True)
class Text:
    """A single value as it is written, whatever YAML takes it for; nothing at all is empty."""

    line: int
    value: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A map with keys of text; a value's line is that of its key."""

    line: int
    nodes: Mapping[str, "Node"]


Node = Text | Items | Entries
"""One node; `line` counts from 1 in the file."""


def read_yaml(data: bytes, *, path: str) -> Parsed[Node]:
    """Read one document; a finding of its line for what is no YAML, and for a key set twice."""
    text = data.decode("utf-8-sig", errors="replace")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        tree = _Tree({}, [])
        node = Text(1, "") if root is None else tree.node(root, _line(root))
        if root is not None and tree.size(root) > _NODES:
            problem = f"its aliases make more than {_NODES:,} nodes of it; write out what is meant"
            return Parsed(None, (Finding(path, 1, problem),))
    except (yaml.YAMLError, RecursionError) as error:
        line, problem = yaml_problem(error, text)
        return Parsed(None, (Finding(path, line, f"is no YAML: {problem}"),), line)
    twice = tuple(Finding(path, *one) for one in tree.doubled)
    return Parsed(node, twice)


def yaml_problem(error: yaml.YAMLError | RecursionError, text: str) -> tuple[int, str]:
    """Return the line of the mistake and what is wrong there."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, "a control character; remove it"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, "it is nested too deeply"
    mark = error.problem_mark
    # What was left open is mended where it opens, not where the reader gave up.
    if error.context_mark and re.search("flow|quoted", error.context or ""):
        mark = error.context_mark
    problem = ", ".join(filter(None, (error.context, error.problem)))
    return mark.line + 1, problem


def at(node: Node | None, *keys: str) -> Node | None:
    """Return the node below these keys; `None` where one of them is not there."""
    for key in keys:
        node = node.nodes.get(key) if isinstance(node, Entries) else None
    return node


def entries(node: Node | None, *keys: str) -> Mapping[str, Node]:
    """Return the nodes of the map below these keys, by name; none where there is no map."""
    child = at(node, *keys)
    return child.nodes if isinstance(child, Entries) else MappingProxyType({})


def items(node: Node | None, *keys: str) -> tuple[Node, ...]:
    """Return the nodes of the list below these keys; none where there is no list."""
    child = at(node, *keys)
    return child.nodes if isinstance(child, Items) else ()


def text(node: Node | None, *keys: str) -> str:
    """Return the value below these keys; empty where there is no single one."""
    child = at(node, *keys)
    return child.value if isinstance(child, Text) else ""


def texts(node: Node | None) -> Iterator[Text]:
    """Yield a single value, or those of a list; nothing of what is a map, or not there."""
    if isinstance(node, Text):
        yield node
    elif isinstance(node, Items):
        yield from (item for item in node.nodes if isinstance(item, Text))


def kind(node: Node) -> str:
    """Return what a node is, in words for a person."""
    match node:
        case Text(value=""):
            return "nothing"
        case Text(value=value):
            return f'"{value}"'
        case Items():
            return "a list"
        case Entries():
            return "a map"


_NODES = 1_000_000
"""Nodes of a tree in which each alias is written out."""


@dataclass(frozen=True, slots=True)
class _Tree:
    """The nodes made so far: what an alias stands for is read once, however often it is named.

    `sizes` are the nodes in each one, itself included, every alias written out.
    """

    read: dict[int, Mapping[str, Node] | tuple[Node, ...]]
    doubled: list[tuple[int, str]]
    sizes: dict[int, int] = field(default_factory=dict)

    def node(self, source: yaml.Node, line: int) -> Node:
        if isinstance(source, yaml.MappingNode | yaml.SequenceNode):
            if id(source) not in self.read:
                self.read[id(source)] = self._inside(source)
            inside = self.read[id(source)]
            return Items(line, inside) if isinstance(inside, tuple) else Entries(line, inside)
        is_null = source.tag == "tag:yaml.org,2002:null"
        return Text(line, "" if is_null else str(source.value))

    def size(self, source: yaml.Node) -> int:
        return self.sizes.get(id(source), 1)

    def _inside(
        self, source: yaml.MappingNode | yaml.SequenceNode
    ) -> Mapping[str, Node] | tuple[Node, ...]:
        if isinstance(source, yaml.SequenceNode):
            nodes = tuple(self.node(item, _line(item)) for item in source.value)
            self.sizes[id(source)] = 1 + sum(map(self.size, source.value))
            return nodes
        entries = MappingProxyType(self._entries(source))
        self.sizes[id(source)] = 1 + sum(self.size(value) for _, value in source.value)
        return entries

    def _entries(self, source: yaml.MappingNode) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key, value in source.value:
            name = str(key.value)
            if name in entries:
                first = entries[name].line
                message = f'"{name}" is set twice, first in line {first}; once is enough'
                self.doubled.append((_line(key), message))
            entries.setdefault(name, self.node(value, _line(key)))
        return entries


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
