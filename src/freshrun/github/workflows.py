"""GitHub workflows: the artifacts that they upload, the names of a matrix written out."""

import posixpath
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from types import MappingProxyType

from freshrun.document import Entries, Node, Text, at, entries, items, kind, read_yaml, text
from freshrun.model import Finding, Reading

UPLOAD = re.compile(r"actions/upload-artifact@.+")
"""The action that uploads an artifact."""

_EXPRESSION = re.compile(r"\$\{\{((?>(?:[^}$\n]|\$(?!\{\{)|\}(?!\}))*))\}\}")
_UNNAMED = "artifact"
"""What the action calls an artifact that the workflow gives no name."""

_Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Upload:
    """One artifact of one job; `paths` are below the root, and what begins with `!` is left out."""

    line: int
    artifact: str
    paths: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Return the folder whose files stand at the artifact's top, as the action finds it."""
        taken = [path for path in self.paths if not path.startswith("!")]
        folders = [_above_wildcards(path) for path in taken]
        return posixpath.commonpath(folders) if folders else ""


def _above_wildcards(path: str) -> str:
    plain = re.split(r"[*?\[]", path, maxsplit=1)[0]
    return path.rstrip("/") if plain == path else plain.rpartition("/")[0].rstrip("/")


def uploads(data: bytes, *, path: str) -> Reading[Upload]:
    """Read what a workflow uploads; a finding where it is none, or where a run alone could say."""
    tree = read_yaml(data, path=path)
    if tree.findings:
        return Reading(tree.line, findings=tree.findings)
    jobs = entries(tree.known, "jobs")
    if not jobs:
        problem = f"is no workflow: it is {kind(tree.known)} without jobs"
        return Reading(1, findings=(Finding(path, 1, problem),))
    found = [one for job in jobs.values() for one in _of_job(job)]
    return Reading(
        1,
        tuple(one for one in found if isinstance(one, Upload)),
        tuple(Finding(path, *one) for one in found if not isinstance(one, Upload)),
    )


_Wrong = tuple[int, str]


def _of_job(job: Node) -> Iterator[Upload | _Wrong]:
    steps = [step for step in items(job, "steps") if UPLOAD.fullmatch(text(step, "uses"))]
    matrix = at(job, "strategy", "matrix")
    if steps and (size := _size(matrix)) > _JOBS:
        yield _line(matrix, job), f"a matrix of {size:,} jobs; GitHub runs {_JOBS} at most"
        return
    jobs = combinations(matrix)
    for step in steps:
        line = _line(at(step, "with", "name"), step)
        for values in jobs:
            name = written_out(text(step, "with", "name") or _UNNAMED, values)
            paths = written_out(text(step, "with", "path"), values)
            unknown = _EXPRESSION.search(f"{name}{paths}")
            if unknown:
                yield line, f"{unknown[0]} of an uploaded artifact is known to a run only"
            else:
                given = (path.strip().removeprefix("./") for path in paths.splitlines())
                yield Upload(line, name, tuple(path for path in given if path))


_JOBS = 256
"""Jobs that GitHub makes of a matrix at most."""


def _size(matrix: Node | None) -> int:
    """Return how many jobs a matrix can make, before any is left out."""
    axes = [node for key, node in entries(matrix).items() if key not in _RULES]
    own = prod(len(items(node)) for node in axes) if axes else 0
    return own + len(items(matrix, "include"))


def combinations(matrix: Node | None) -> tuple[_Values, ...]:
    """Return the values of `matrix.KEY` for each job that a matrix makes; one job without any.

    The axes are multiplied, what `exclude` fits is left out, and each of `include` goes into the
    combinations whose axes it does not contradict, or is one more.
    """
    axes = {key: node for key, node in entries(matrix).items() if key not in _RULES}
    own = _multiplied({key: items(node) for key, node in axes.items()})
    excluded = [_flat(node) for node in items(matrix, "exclude")]
    made = [one for one in own if not any(_fits(rule, one) for rule in excluded)]
    jobs = [dict(one) for one in made]
    for extra in (_flat(node) for node in items(matrix, "include")):
        fitting = [job for job, one in zip(jobs, made, strict=False) if _agrees(extra, one)]
        for job in fitting:
            job.update(extra)
        if not fitting:
            jobs.append(extra)
    return tuple(MappingProxyType(job) for job in jobs) or (MappingProxyType({}),)


_RULES = ("include", "exclude")


def _multiplied(axes: Mapping[str, tuple[Node, ...]]) -> list[dict[str, str]]:
    values = ([_flat(node, key) for node in nodes] for key, nodes in axes.items())
    return [dict(ChainMap(*one)) for one in product(*values)] if axes else []


def _flat(node: Node, key: str = "") -> dict[str, str]:
    """Return a value of an axis by its key; of one that is a map, by dotted keys."""
    if isinstance(node, Text):
        return {key: node.value}
    below = entries(node) if isinstance(node, Entries) else {}
    dot = f"{key}." if key else ""
    return {k: v for name, one in below.items() for k, v in _flat(one, f"{dot}{name}").items()}


def _fits(rule: _Values, job: _Values) -> bool:
    return all(job.get(key) == value for key, value in rule.items())


def _agrees(extra: _Values, job: _Values) -> bool:
    return all(job.get(key, value) == value for key, value in extra.items())


def written_out(template: str, values: _Values) -> str:
    """Return a text with the expressions about a matrix replaced by the values of one job."""

    def value(found: re.Match[str]) -> str:
        return values.get(found[1].strip().removeprefix("matrix."), found[0])

    return _EXPRESSION.sub(value, template)


def _line(node: Node | None, otherwise: Node) -> int:
    return (node or otherwise).line
