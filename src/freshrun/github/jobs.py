"""The jobs of a workflow, matrix written out: what each step runs, when, where and with what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from freshrun.document import Node, at, entries, items, read_yaml, text, texts
from freshrun.github.workflows import UPLOAD, combinations, written_out
from freshrun.model import Parsed

_FALSE = {"", "false"}
_FOLDER = "working-directory"
_PARTS: tuple[tuple[str, ...], ...] = ((), ("with",))


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `run`, `env`, `folder` and what it is `given` are those of its job's matrix.

    `tolerated` tells that its failure is passed over, by `continue-on-error`. `uploads` is the
    artifact that it uploads, and `lines` are those of its keys. `minutes` are after how many it is
    ended.
    """

    line: int
    name: str
    uses: str
    run: str
    condition: str
    env: Mapping[str, str]
    folder: str
    shell: str
    tolerated: bool
    uploads: str
    given: Mapping[str, str]
    lines: Mapping[str, int]
    minutes: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job of one combination of its matrix; `name` is what GitHub shows.

    `fails_fast` tells that another one's failure cancels it. `permissions` are those of its token,
    in the words of the workflow; `None` where nothing sets them. `minutes` are after how many it is
    ended. `key` is its own in the workflow, `needs` are those of the jobs that it waits for.
    `serves` tells that it has services, or a container, of its own.
    """

    line: int
    key: str
    needs: tuple[str, ...]
    name: str
    condition: str
    tolerated: bool
    fails_fast: bool
    permissions: Mapping[str, str] | None
    minutes: str
    steps: tuple[Step, ...]
    serves: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event that starts the workflow, with its filters, if it has any.

    What `paths` and `branches` leave out begins with `!`, and so does what is to be ignored.
    `choices` are the words that a person may choose for an input, by its name.
    """

    line: int
    event: str
    paths: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workflow:
    """What starts a workflow, and its jobs."""

    path: str
    triggers: tuple[Trigger, ...]
    jobs: tuple[Job, ...]


def read_workflow(data: bytes, *, path: str) -> Parsed[Workflow]:
    """Read a workflow; the findings are those of what is no YAML."""
    tree = read_yaml(data, path=path)
    if tree.findings:
        return Parsed(None, tree.findings, tree.line)
    root = tree.known
    jobs = tuple(
        _job(root, key, node, values)
        for key, node in entries(root, "jobs").items()
        for values in combinations(at(node, "strategy", "matrix"))
    )
    return Parsed(Workflow(path, tuple(_triggers(root)), jobs))


def _triggers(root: Node) -> Iterator[Trigger]:
    events = entries(root, "on")
    for event, node in events.items():
        inputs = entries(node, "inputs")
        yield Trigger(
            node.line,
            event,
            paths=_filter(node, "paths"),
            branches=_filter(node, "branches"),
            types=_words(node, "types"),
            choices={name: _words(one, "options") for name, one in inputs.items()},
        )
    if not events:
        yield from (Trigger(one.line, one.value) for one in texts(at(root, "on")))


def _filter(node: Node, key: str) -> tuple[str, ...]:
    """Return what starts it, and what is ignored behind a `!`."""
    return (*_words(node, key), *(f"!{word}" for word in _words(node, f"{key}-ignore")))


def _words(node: Node, key: str) -> tuple[str, ...]:
    return tuple(one.value for one in texts(at(node, key)))


def _job(root: Node, key: str, node: Node, values: Mapping[str, str]) -> Job:
    name = written_out(text(node, "name") or _shown(key, values), values)
    tolerated = text(node, "continue-on-error").lower() not in _FALSE
    steps = tuple(_step(root, node, step, values) for step in items(node, "steps"))
    fails_fast = bool(values) and text(node, "strategy", "fail-fast").lower() != "false"
    rights = _permissions(at(node, "permissions") or at(root, "permissions"))
    minutes = text(node, "timeout-minutes")
    serves = at(node, "services") is not None or at(node, "container") is not None
    return Job(
        node.line, key, _words(node, "needs"), name, text(node, "if"), tolerated, fails_fast,
        rights, minutes, steps, serves,
    )  # fmt: skip


def _permissions(node: Node | None) -> Mapping[str, str] | None:
    """Return what a token may do; `*` is the word for all, as `read-all`."""
    if node is None:
        return None
    return {"*": text(node).removesuffix("-all")} if text(node) else _texts(node)


def _shown(key: str, values: Mapping[str, str]) -> str:
    return f"{key} ({', '.join(values.values())})" if values else key


def _step(root: Node, job: Node, node: Node, values: Mapping[str, str]) -> Step:
    env = {
        name: written_out(value, values)
        for level in (root, job, node)
        for name, value in _texts(level, "env").items()
    }
    defaults = [_texts(level, "defaults", "run") for level in (root, job)]
    run = {**defaults[0], **defaults[1]}
    return Step(
        line=node.line,
        name=written_out(text(node, "name"), values),
        uses=text(node, "uses"),
        run=written_out(text(node, "run"), values),
        condition=re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", text(node, "if").strip()),
        env=env,
        folder=written_out(text(node, _FOLDER) or run.get(_FOLDER, ""), values),
        shell=text(node, "shell") or run.get("shell", ""),
        tolerated=text(node, "continue-on-error").lower() not in _FALSE,
        uploads=_uploaded(node, values),
        given={name: written_out(value, values) for name, value in _texts(node, "with").items()},
        lines={key: one.line for part in _PARTS for key, one in entries(node, *part).items()},
        minutes=text(node, "timeout-minutes"),
    )


def _uploaded(node: Node, values: Mapping[str, str]) -> str:
    """Return the name of the artifact that a step uploads, empty where it uploads none."""
    if not UPLOAD.fullmatch(text(node, "uses")):
        return ""
    return written_out(text(node, "with", "name") or "artifact", values)


def _texts(node: Node | None, *keys: str) -> dict[str, str]:
    return {name: text(one) for name, one in entries(node, *keys).items()}
