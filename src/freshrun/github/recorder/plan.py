"""What a workflow file plans for the job that uploads an artifact: its name and its steps."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from freshrun.document import Node, at, entries, items, read_yaml, text
from freshrun.github.replay import RecordingError
from freshrun.github.workflows import combinations
from freshrun.model import did_you_mean

_RETENTION = 90
"""Days, where a workflow doesn't say: GitHub's own default."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One job as its workflow file names it, expressions of its matrix written out.

    `steps` are the names of all steps, GitHub's own first and last one included; `suite` is the
    place among them of the one that runs the suite (the last command before the upload), `upload`
    that of the upload, both counted from 0. `retention` is in days. `workflows` are all of the
    folder, with their names.
    """

    workflow: str
    job: str
    label: str
    steps: tuple[str, ...]
    suite: int
    upload: int
    command: str
    retention: int
    workflows: tuple[tuple[Path, str], ...]


def plan(workflow: Path, *, artifact: str) -> Plan:
    """Return the plan of the job that uploads `artifact`; `RecordingError` where none does."""
    tree = _tree(workflow)
    found = {
        name: _Upload(key, job, values, position)
        for key, job in entries(tree, "jobs").items()
        for values in combinations(at(job, "strategy", "matrix"))
        for name, position in _uploads(job, values)
    }
    if artifact not in found:
        near = did_you_mean(artifact, found) or f"; it uploads {', '.join(found) or 'nothing'}"
        raise RecordingError(f'{workflow}: no job uploads "{artifact}"{near}')
    return _planned(workflow, tree, found[artifact])


@dataclass(frozen=True, slots=True)
class _Upload:
    """A step that uploads, counted from 0, in one job of a matrix."""

    key: str
    job: Node
    values: Mapping[str, str]
    position: int


def _planned(workflow: Path, tree: Node, upload: _Upload) -> Plan:
    steps = items(upload.job, "steps")
    commands = [n for n, step in enumerate(steps[: upload.position]) if text(step, "run")]
    if not commands:
        raise RecordingError(f"{workflow}: no step of {upload.key} runs anything before its upload")
    retention = text(steps[upload.position], "with", "retention-days")
    return Plan(
        workflow=_title(tree, workflow),
        job=_job_name(upload),
        label=_written(text(upload.job, "runs-on"), upload.values) or "ubuntu-latest",
        steps=("Set up job", *(_named(step, upload.values) for step in steps), "Complete job"),
        suite=commands[-1] + 1,
        upload=upload.position + 1,
        command=text(steps[commands[-1]], "run").partition("\n")[0],
        retention=int(retention) if retention.isdecimal() else _RETENTION,
        workflows=tuple(_workflows(workflow.parent)),
    )


def _tree(workflow: Path) -> Node:
    reading = read_yaml(workflow.read_bytes(), path=str(workflow))
    if reading.findings:
        raise RecordingError(str(reading.findings[0]))
    return reading.known


def _uploads(job: Node, values: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for position, step in enumerate(items(job, "steps")):
        if text(step, "uses").startswith("actions/upload-artifact@"):
            yield _written(text(step, "with", "name") or "artifact", values), position


def _workflows(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(p for p in folder.iterdir() if p.suffix in {".yml", ".yaml"}):
        yield path, _title(_tree(path), path)


def _title(tree: Node, path: Path) -> str:
    return text(tree, "name") or f".github/workflows/{path.name}"


def _job_name(upload: _Upload) -> str:
    """Return a job's name; one of a matrix without a name lists its values, as GitHub does."""
    name, values = text(upload.job, "name"), upload.values
    axes = list(entries(upload.job, "strategy", "matrix"))
    in_order = sorted(values, key=lambda key: _place(key.partition(".")[0], axes))
    listed = f" ({', '.join(values[key] for key in in_order)})" if values else ""
    return _written(name, values) if name else f"{upload.key}{listed}"


def _place(axis: str, axes: list[str]) -> int:
    """Return the place of an axis in the file; what only `include` names comes last."""
    return axes.index(axis) if axis in axes else len(axes)


def _named(step: Node, values: Mapping[str, str]) -> str:
    """Return a step's name; one without is called after what it runs."""
    what = text(step, "uses") or text(step, "run").partition("\n")[0]
    return _written(text(step, "name"), values) or f"Run {what}"


def _written(template: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return values.get(found[1].removeprefix("matrix."), found[0])

    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", value, template)
