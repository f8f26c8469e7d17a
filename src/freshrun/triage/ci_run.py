"""A run of the suite as its artifacts show it: which failures they name, and in which files."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from freshrun.checklist import (
    SCENARIO,
    Failure,
    Keys,
    Naming,
    Namings,
    Verdict,
    Where,
    as_outputs,
    contract_of,
    json_documents,
    matching,
    namings,
    output_folder,
    verdicts,
)
from freshrun.model import Finding, Runbook

SUCCESS = "success"
"""How GitHub calls the conclusion of a green run."""

_OF_THE_RUN = ("runId", "commit", "fault")
"""Fields that a failure may have from the document around it: they are the same for all."""


@dataclass(frozen=True, slots=True)
class CiRun:
    """One run of the suite: the files of each of its artifacts, by path in the artifact.

    `id`, `url`, `conclusion` and `attempt` are GitHub's, empty where the files came from a folder;
    without a conclusion the run has not ended, or nobody asked. An artifact is called as in the
    runbook, or by its folder; `called` then has the runbook's name for it. `notes` are sentences on
    what of the download was not looked at.
    """

    artifacts: Mapping[str, Mapping[str, bytes]]
    id: str = ""
    url: str = ""
    conclusion: str = ""
    attempt: int = 0
    called: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One failure, the artifact that names it, and its diagnostics file there.

    `file` is empty and `fields` has nothing where no diagnostics file is about the failure.
    `verdict` is its test case in a report, `report` that file.
    """

    artifact: str
    failure: Failure
    file: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    report: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Survey:
    """What one artifact says: the failures that it names, and how far it could be read.

    `damage` is what could not be read as it stands. `unnamed` are the red verdicts without an ID.
    `verdicts` is how many verdicts were read at all: of reports, and nulls in the place of an ID.
    """

    artifact: str
    hits: tuple[Hit, ...]
    damage: tuple[Finding, ...]
    unnamed: tuple[Finding, ...]
    verdicts: int
    lone: tuple[str, ...]

    @cached_property
    def is_green(self) -> bool:
        """Tell whether verdicts are there and none is red; without any, nothing is known."""
        return bool(self.verdicts) and not (self.hits or self.damage or self.unnamed)


def surveyed(runbook: Runbook, run: CiRun) -> tuple[Survey, ...]:
    """Return what each artifact says, in the order of the run's own list of them."""
    return tuple(_survey(runbook, artifact, files) for artifact, files in run.artifacts.items())


def missing(runbook: Runbook, run: CiRun) -> tuple[str, ...]:
    """Return the documented artifacts that are not there, though another one is."""
    documented = dict.fromkeys(row.artifact for row in contract_of(runbook).artifacts.rows)
    there = {run.called.get(name, name) for name in run.artifacts}
    return tuple(name for name in documented if documented.keys() & there and name not in there)


def _survey(runbook: Runbook, artifact: str, files: Mapping[str, bytes]) -> Survey:
    outputs = as_outputs(runbook, files)
    desk = _Desk(artifact, output_folder(runbook), outputs, namings(runbook, outputs))
    reports = _reports(runbook, outputs)
    read = {name: verdicts(outputs[name]) for name in reports}
    rows = {name: one.rows for name, one in read.items()}
    foreign = [desk.finding(name, 1, one.fault) for name, one in read.items() if one.fault]
    nulls = sum(one.selected.nulls for one in desk.names.found)
    seen = nulls + sum(map(len, rows.values()))
    if not seen and not desk.names.rows:
        foreign += desk.foreign()
    return Survey(
        artifact=artifact,
        hits=tuple(desk.hits(rows)),
        damage=tuple(dict.fromkeys([*desk.damage(), *foreign])),
        unnamed=tuple(desk.unnamed(rows)),
        verdicts=seen,
        lone=tuple(desk.lone()),
    )


def _reports(runbook: Runbook, outputs: Mapping[str, bytes]) -> tuple[str, ...]:
    rows = [row for row in contract_of(runbook).locations.rows if row.where is Where.JUNIT]
    return tuple(dict.fromkeys(name for row in rows for name in matching(row.path, outputs)))


@dataclass(frozen=True, slots=True)
class _Desk:
    """One artifact: its outputs by path below the checkout, and what they name."""

    artifact: str
    root: str
    outputs: Mapping[str, bytes]
    names: Namings

    def finding(self, output: str, line: int, message: str) -> Finding:
        return Finding(f"{self.artifact}/{self.inside(output)}", line or 1, message)

    def inside(self, output: str) -> str:
        return output.removeprefix(f"{self.root}/") if self.root else output

    def damage(self) -> Iterator[Finding]:
        said = [one for one in self.names.found if one.selected.sightings or one.selected.nulls]
        read = {one.output for one in said}
        for one in self.names.found:
            if one.selected.fault:
                more = "; the rest was read" if one.output in read else ""
                yield self.finding(one.output, one.selected.line, f"{one.selected.fault}{more}")

    def foreign(self) -> Iterator[Finding]:
        """Yield the JSON files that have nothing where a scenario is to stand."""
        for one in self.names.found:
            if one.selected.is_foreign and not one.selected.fault and one.location.id == SCENARIO:
                message = f"is of another shape: nothing is where {one.location.source} points"
                yield self.finding(one.output, 1, message)

    def lone(self) -> Iterator[str]:
        for output, values in self.names.lone.items():
            place = f"{self.artifact}/{self.inside(output)}"
            yield f"{place} names {', '.join(values[:5])} beside no one scenarioId"

    def hits(self, reports: Mapping[str, tuple[Verdict, ...]]) -> Iterator[Hit]:
        """Yield each failure with the first place of each kind that is about it."""
        about = _index(self.names.rows)
        tests = {(n, verdict.element): verdict for n, rows in reports.items() for verdict in rows}
        for failure in self.names.united:
            json, junit = (_about(about, where, failure) for where in (Where.JSON, Where.JUNIT))
            yield Hit(
                artifact=self.artifact,
                failure=failure,
                file=self.inside(json.output) if json else "",
                fields=_fields(self.outputs[json.output], json.element) if json else {},
                report=self.inside(junit.output) if junit else "",
                verdict=tests.get((junit.output, junit.element)) if junit else None,
            )

    def unnamed(self, reports: Mapping[str, tuple[Verdict, ...]]) -> Iterator[Finding]:
        """Yield the red verdicts that no ID is said of."""
        named = {(one.output, one.element) for one in self.names.rows if one.where is Where.JUNIT}
        for output, rows in reports.items():
            for one in (verdict for verdict in rows if verdict.red):
                above = (one.element[:depth] for depth in range(len(one.element) + 1))
                if not any((output, element) in named for element in above):
                    message = f"{one.name} is red and names no ID"
                    why = f": {one.message}" if one.message else ""
                    yield self.finding(output, one.line, f"{message}{why}")


_About = Mapping[tuple[Where, Failure], Naming]


def _index(rows: tuple[Naming, ...]) -> _About:
    found: dict[tuple[Where, Failure], Naming] = {}
    for one in rows:
        found.setdefault((one.where, one.failure), one)
    return found


def _about(about: _About, where: Where, failure: Failure) -> Naming | None:
    """Return what names the failure there, if only by its scenario."""
    return about.get((where, failure)) or about.get((where, Failure(failure.scenario)))


def _fields(content: bytes, element: Keys) -> Mapping[str, object]:
    """Return the fields of the object that a failure's IDs stand in."""
    documents = json_documents(content).documents
    node: object = documents[0] if len(documents) == 1 else list(documents)
    above: list[Mapping[str, object]] = []
    for key in element:
        if isinstance(node, dict):
            above.append({name: node[name] for name in _OF_THE_RUN if name in node})
            node = node.get(key)
        else:
            node = node[int(key)] if isinstance(node, list) else None
    return ChainMap(dict(node), *map(dict, reversed(above))) if isinstance(node, dict) else {}
