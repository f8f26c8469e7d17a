"""The file `ownership.yaml`: who gets the failures of which class, read by its schema."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from freshrun.checklist import CellError, seconds
from freshrun.document import (
    Entries,
    Items,
    Node,
    Text,
    at,
    entries,
    items,
    kind,
    read_yaml,
    text,
    texts,
)
from freshrun.model import Finding, Parsed, did_you_mean


@dataclass(frozen=True, slots=True)
class ClassOwners:
    """Who gets the failures of one class; `lines` are those of its keys.

    `response` is how soon a person answers, in seconds. `call` is a telephone number or the address
    of an on-call schedule, `hours` when somebody is there, `unanswered` what a missing answer leads
    to; each is empty where the file does not say it. `code` are paths below the repository's root,
    each with its line.
    """

    line: int
    failure_class: str
    first_owner: str
    reach: str
    response: float
    fallback: str
    escalation: str
    code: tuple[Text, ...]
    lines: Mapping[str, int]
    call: str = ""
    hours: str = ""
    unanswered: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """How a team that is no first owner is called, and when somebody is there."""

    line: int
    call: str
    hours: str


@dataclass(frozen=True, slots=True)
class Apart:
    """Classes of which no two have the same first owner."""

    line: int
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnershipFile:
    """The whole file; `teams` are ways to reach those that are no first owners, `phones` to call.

    `program` is the ID of the program plan, empty where the file names none.
    """

    path: str
    program: Text
    classes: tuple[ClassOwners, ...]
    apart: tuple[Apart, ...]
    teams: Mapping[str, str]
    phones: Mapping[str, Phone]


ANY_HOUR = "any hour"
"""The hours of somebody who is always there."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What a missing answer leads to: after how many seconds the fallback and the escalation."""

    fallback: float
    escalation: float


def unanswered(words: str) -> Unanswered:
    """Read `fallback after 30m, escalation after 1h`; `CellError` for anything else."""
    found = _UNANSWERED.fullmatch(words.strip())
    if found is None:
        right = "write it like fallback after 30 minutes, escalation after 1 hour"
        raise CellError(f'"{words}" does not say what a missing answer leads to; {right}')
    read = Unanswered(seconds(found["fallback"]), seconds(found["escalation"]))
    if read.escalation < read.fallback:
        raise CellError(f'"{words}": the escalation comes after the fallback')
    return read


def read_ownership(data: bytes, *, path: str) -> Parsed[OwnershipFile]:
    """Read the file; a finding of its line for all that its schema does not have."""
    tree = read_yaml(data, path=path)
    findings = list(tree.findings)
    if tree.value is not None:
        findings += [Finding(path, line, message) for line, message in _file(tree.value)]
    if findings:
        return Parsed(None, tuple(findings))
    return Parsed(_built(tree.known, path))


# --- the schema ---

_Wrong = tuple[int, str]
_Rule = Callable[[Node, str], Iterator[_Wrong]]

_ROOT = "the file"
_UNANSWERED = re.compile(r"fallback after (?P<fallback>.+?), escalation after (?P<escalation>.+)")
_CALL = re.compile(r"\+[1-9]\d{0,2}(?:[ -]?\d){6,12}|https://[\w.-]+/\S+")
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(rf"{ANY_HOUR}|{_DAY}-{_DAY} {_CLOCK}-{_CLOCK} [A-Z][\w/+-]+")
_OWNER = re.compile(r"@?[A-Za-z0-9][\w-]*(?:/[\w.-]+)?")


def _file(root: Node) -> Iterator[_Wrong]:
    yield from _map(_FILE, root, _ROOT, optional=("program", "teams"))
    known = entries(root, "classes")
    for group in items(root, "apart"):
        for name in texts(group):
            if name.value not in known:
                hint = did_you_mean(name.value, known)
                yield name.line, f'apart: no class "{name.value}" in this file{hint}'


def _map(
    rules: Mapping[str, _Rule], node: Node, where: str, *, optional: tuple[str, ...] = ()
) -> Iterator[_Wrong]:
    if not isinstance(node, Entries):
        yield node.line, f"{where} is {kind(node)}; a map of {', '.join(rules)} is right"
        return
    for key, value in node.nodes.items():
        if key in rules:
            yield from rules[key](value, _path(where, key))
        else:
            hint = did_you_mean(key, rules) or f"; known are {', '.join(rules)}"
            yield value.line, f'{where}: unknown key "{key}"{hint}'
    for key in rules:
        if key not in node.nodes and key not in optional:
            yield node.line, f'{where} has no "{key}"{_MISSING.get(key, "")}'


def _path(where: str, key: str) -> str:
    return key if where == _ROOT else f"{where}.{key}"


def _named(rule: _Rule, node: Node, where: str) -> Iterator[_Wrong]:
    """Hold each value of a map with free keys against a rule."""
    if not isinstance(node, Entries) or not node.nodes:
        yield node.line, f"{where} is {kind(node)}; a map with a name for each is right"
        return
    for key, value in node.nodes.items():
        yield from rule(value, _path(where, key))


def _text(node: Node, where: str) -> Iterator[_Wrong]:
    if not isinstance(node, Text) or not node.value.strip():
        yield node.line, f"{where} is {kind(node)}; a text is right"


def _owner(node: Node, where: str) -> Iterator[_Wrong]:
    if not isinstance(node, Text) or not _OWNER.fullmatch(node.value):
        right = "exactly one GitHub user or team, such as organization/team, is right"
        yield node.line, f"{where} is {kind(node)}; {right}"


def _time(node: Node, where: str) -> Iterator[_Wrong]:
    try:
        seconds(node.value if isinstance(node, Text) else "")
    except CellError as error:
        yield node.line, f"{where}: {error}"


def _called(node: Node, where: str) -> Iterator[_Wrong]:
    if not isinstance(node, Text) or not _CALL.fullmatch(node.value):
        right = (
            "a telephone number like +1-202-555-0142, or the https address of an on-call schedule"
        )
        yield node.line, f"{where} is {_quoted(node)}; {right}, is right"


def _hours(node: Node, where: str) -> Iterator[_Wrong]:
    if not isinstance(node, Text) or not _HOURS.fullmatch(node.value):
        right = f'"{ANY_HOUR}", or hours like Mon-Fri 08:00-18:00 UTC'
        yield node.line, f"{where} is {_quoted(node)}; {right}, are right"


def _led(node: Node, where: str) -> Iterator[_Wrong]:
    try:
        unanswered(node.value if isinstance(node, Text) else "")
    except CellError as error:
        yield node.line, f"{where}: {error}"


def _quoted(node: Node) -> str:
    return f'"{node.value}"' if isinstance(node, Text) and node.value else kind(node)


def _paths(node: Node, where: str) -> Iterator[_Wrong]:
    if not isinstance(node, Items):
        yield node.line, f"{where} is {kind(node)}; a list of paths is right"
        return
    for item in node.nodes:
        yield from _text(item, where)


def _apart(node: Node, where: str) -> Iterator[_Wrong]:
    if not isinstance(node, Items):
        yield node.line, f"{where} is {kind(node)}; a list of lists of classes is right"
        return
    for group in node.nodes:
        names = [name.value for name in texts(group)]
        if not isinstance(group, Items) or len(set(names)) < max(2, len(group.nodes)):
            yield group.line, f"{where}: two classes or more, each once, are right"


_CLASS: Mapping[str, _Rule] = {
    "first_owner": _owner,
    "reach": _text,
    "response": _time,
    "fallback": _owner,
    "escalation": _owner,
    "code": _paths,
    "call": _called,
    "hours": _hours,
    "unanswered": _led,
}
_CALLED = ("call", "hours", "unanswered")
"""What a reader needs at night; that it is there is held by `ownership_agrees`."""

_TEAM: Mapping[str, _Rule] = {"reach": _text, "call": _called, "hours": _hours}
_FILE: Mapping[str, _Rule] = {
    "program": _text,
    "classes": partial(_named, partial(_map, _CLASS, optional=("code", *_CALLED))),
    "apart": _apart,
    "teams": partial(_named, partial(_map, _TEAM, optional=_CALLED)),
}
_MISSING = {"apart": '; "apart: []" says that any two classes may share their first owner'}


# --- the values, of a file that keeps to the schema ---


def _built(root: Node, path: str) -> OwnershipFile:
    program = at(root, "program")
    return OwnershipFile(
        path=path,
        program=program if isinstance(program, Text) else Text(root.line, ""),
        classes=tuple(_class(name, node) for name, node in entries(root, "classes").items()),
        apart=tuple(_group(group) for group in items(root, "apart")),
        teams={name: text(node, "reach") for name, node in entries(root, "teams").items()},
        phones={
            name: Phone(node.line, text(node, "call"), text(node, "hours"))
            for name, node in entries(root, "teams").items()
        },
    )


def _class(name: str, node: Node) -> ClassOwners:
    return ClassOwners(
        line=node.line,
        failure_class=name,
        first_owner=text(node, "first_owner"),
        reach=text(node, "reach"),
        response=seconds(text(node, "response")),
        fallback=text(node, "fallback"),
        escalation=text(node, "escalation"),
        code=tuple(texts(at(node, "code"))),
        lines={key: value.line for key, value in entries(node).items()},
        call=text(node, "call"),
        hours=text(node, "hours"),
        unanswered=text(node, "unanswered"),
    )


def _group(node: Node) -> Apart:
    return Apart(node.line, tuple(name.value for name in texts(node)))


FILE = "runbook/ownership.yaml"


def ownership_file(files: Mapping[str, bytes], *, file: str = FILE) -> Parsed[OwnershipFile]:
    """Read the ownership file among the repository's files; a finding where it is not there."""
    if file not in files:
        message = f"there is no such file{did_you_mean(file, files)}"
        return Parsed(None, (Finding(file, 1, message),))
    return read_ownership(files[file], path=file)
