"""A run of the suite as its artifacts show it: which failures they name, and in which files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from freshrun.contract import (
    IDS,
    Failure,
    Where,
    artifact_table,
    as_outputs,
    by_xpath,
    downloads,
    failure_contract,
    failures,
    found,
    matching,
    output_folder,
)
from freshrun.runbook import Runbook

SUCCESS = "success"
"""How GitHub calls the conclusion of a green run."""

_SCENARIOS = by_xpath("//testcase/@name")
_RED = by_xpath("name((//testcase/failure | //testcase/error)[1])")


@dataclass(frozen=True, slots=True)
class CiRun:
    """One run of the suite: the files of each of its artifacts, by path in the artifact.

    `id`, `url` and `conclusion` are GitHub's, empty where the files came from a folder; without a
    conclusion the run has not ended, or nobody asked. An artifact is called as in the runbook, or
    by its folder where the runbook has no such artifact.
    """

    artifacts: Mapping[str, Mapping[str, bytes]]
    id: str = ""
    url: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One failure, the artifact that names it, and its diagnostics file there.

    `file` is empty and `fields` has nothing where no diagnostics file is about the failure.
    """

    artifact: str
    failure: Failure
    file: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


def arranged(
    runbook: Runbook, names: Iterable[str], *, folder: str
) -> Mapping[str, Mapping[str, str]]:
    """Return which of the files in a folder belong to which artifact, by path in the artifact.

    The folder holds one artifact, or a folder for each, called as `gh run download` calls it or as
    the runbook's own download does. `names` are the files below it; those that the runbook does not
    document are left out.
    """
    documented: dict[str, list[str]] = {}
    for row in artifact_table(runbook).rows:
        documented.setdefault(row.artifact, []).append(row.path)
    every, short = tuple(names), _short_names(runbook)
    apart = {
        artifact: kept
        for artifact, paths in documented.items()
        for name in (artifact, short.get(artifact, artifact))
        if (kept := _kept(paths, every, below=f"{name}/"))
    }
    if apart:
        return apart
    paths = [path for one in documented.values() for path in one]
    whole = _kept(paths, every, below="")
    return {_named(runbook, folder, known=documented): whole} if whole else {}


def hits(runbook: Runbook, run: CiRun) -> tuple[Hit, ...]:
    """Return the failures of all artifacts, in the order of the runbook's table of them."""
    return tuple(
        _hit(runbook, artifact, failure, outputs=outputs)
        for artifact, files in run.artifacts.items()
        for outputs in (as_outputs(runbook, files),)
        for failure in failures(runbook, outputs)
    )


def silent(runbook: Runbook, run: CiRun) -> tuple[str, ...]:
    """Return the artifacts whose verdicts do not show a green run, nor any failure's IDs."""
    return tuple(
        artifact
        for artifact, files in run.artifacts.items()
        for outputs in (as_outputs(runbook, files),)
        if not failures(runbook, outputs) and not _green(runbook, outputs)
    )


def missing(runbook: Runbook, run: CiRun) -> tuple[str, ...]:
    """Return the documented artifacts that are not there, though another one is."""
    documented = dict.fromkeys(row.artifact for row in artifact_table(runbook).rows)
    known = documented.keys() & run.artifacts.keys()
    return tuple(name for name in documented if known and name not in run.artifacts)


def _kept(paths: Iterable[str], names: Iterable[str], *, below: str) -> dict[str, str]:
    """Return the documented files by path in the artifact, with their path in the folder."""
    inner = {name.removeprefix(below): name for name in names if name.startswith(below)}
    return {inside: inner[inside] for path in paths for inside in matching(path, inner)}


def _short_names(runbook: Runbook) -> Mapping[str, str]:
    """Return the last part of the folder that the runbook downloads an artifact into."""
    return {one.artifact: PurePosixPath(one.folder).name for one in downloads(runbook).rows}


def _named(runbook: Runbook, folder: str, *, known: Iterable[str]) -> str:
    """Return the artifact that a folder of files is, by its own name or that of its download."""
    place = PurePosixPath(folder)
    if place.name in known:
        return place.name
    for download in downloads(runbook).rows:
        parts = PurePosixPath(download.folder).parts
        if place.parts[-len(parts) :] == parts:
            return download.artifact
    return folder


def _hit(runbook: Runbook, artifact: str, failure: Failure, *, outputs: Mapping[str, bytes]) -> Hit:
    for output in _about(runbook, failure, outputs=outputs):
        inside = output.removeprefix(f"{output_folder(runbook)}/")
        return Hit(artifact, failure, inside, _fields(outputs[output]))
    return Hit(artifact, failure)


def _about(runbook: Runbook, failure: Failure, *, outputs: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the JSON files that hold all IDs of the failure."""
    held: dict[str, set[str]] = {}
    for row in failure_contract(runbook).rows:
        for one in found(row, outputs) if row.where is Where.JSON and row.id in IDS else ():
            held.setdefault(one.output, set()).update(one.values)
    wanted = {failure.scenario, failure.invariant} - {""}
    return tuple(output for output, values in held.items() if wanted <= values)


def _fields(content: bytes) -> Mapping[str, object]:
    document: object = json.loads(content)  # a selector has read it before
    return document if isinstance(document, dict) else {}


def _green(runbook: Runbook, outputs: Mapping[str, bytes]) -> bool:
    """Tell whether verdicts are there and none is red; without any, nothing is known."""
    rows = [row for row in failure_contract(runbook).rows if row.where is Where.JUNIT]
    verdicts = {name for row in rows for name in matching(row.path, outputs)}
    return bool(verdicts) and all(_passed(outputs[name]) for name in verdicts)


def _passed(content: bytes) -> bool:
    named, red = _SCENARIOS(content), _RED(content)
    return bool(named.sightings) and not (named.fault or red.fault or red.sightings)
