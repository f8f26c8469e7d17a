"""The runbook's tables as typed rows; a cell that can't be read is a finding of its line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from freshrun.checklist.readers import (
    Selector,
    SelectorError,
    by_expression,
    by_jsonpath,
    by_xpath,
    expression,
)
from freshrun.model import Finding, Reading, Row, Runbook, Section, Table, did_you_mean
from freshrun.text import Expression

Value = TypeVar("Value")


SCENARIO = "scenarioId"
INVARIANT = "invariantId"
IDS = (SCENARIO, INVARIANT)
"""What a failure names: the scenario that found it, and the invariant that does not hold."""


class Where(Enum):
    """The kind of output that holds an ID."""

    STDOUT = "stdout"
    STDERR = "stderr"
    LOG = "log"
    JUNIT = "JUnit XML"
    JSON = "JSON"

    @property
    def is_stream(self) -> bool:
        """Tell whether it is a stream of the command, so that it has no path."""
        return self in {Where.STDOUT, Where.STDERR}


@dataclass(frozen=True, slots=True)
class Location:
    """One row of `Failure output contract`: where an ID stands, and how it is read from there.

    `path` is a glob below the checkout, or the name of the stream. `format` matches a whole ID,
    `scan` finds one in any text.
    """

    line: int
    id: str
    where: Where
    path: str
    source: str
    selector: Selector
    format: Expression
    scan: Expression


@dataclass(frozen=True, slots=True)
class Entrypoint:
    """One row of `Entrypoints`; `outputs` are globs below the checkout."""

    line: int
    name: str
    command: str
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArtifactPath:
    """One row of `CI artifacts`: `path` is a glob inside the downloaded artifact."""

    line: int
    artifact: str
    path: str


@dataclass(frozen=True, slots=True)
class FailureClass:
    """One row of `Failure taxonomy`; `meaning` is empty where the table has no such column."""

    line: int
    name: str
    prefixes: tuple[str, ...]
    invariants: tuple[str, ...]
    owner: str
    meaning: str = ""

    def covers(self, scenario: str) -> bool:
        """Tell whether the scenario's ID has one of the prefixes of this class."""
        return any(begins(scenario, prefix) for prefix in self.prefixes)


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of `Invariant glossary`; `evidence` are dotted paths in a diagnostics file."""

    line: int
    invariant: str
    statement: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ownership:
    """One row of `Ownership and escalation`.

    `apart` are the classes whose first owner has to be another one. `response` is how soon a person
    answers, in seconds. `call`, `hours` and `unanswered` are as in the ownership file, empty where
    the table has no such column.
    """

    line: int
    failure_class: str
    owner: str
    apart: tuple[str, ...]
    reach: str
    response: float
    fallback: str
    escalation: str
    call: str = ""
    hours: str = ""
    unanswered: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """One row of the second table of `Ownership and escalation`: a team that is no first owner."""

    line: int
    name: str
    reach: str
    call: str
    hours: str


class Kind(Enum):
    """What a prerequisite is, and so how it is confirmed."""

    PLAN = "plan"
    """A document that has the tables that it is asked for."""
    WORKFLOW = "workflow"
    """A CI workflow that uploads the artifacts that it is asked for, and no others."""
    TOOL = "tool"
    """Commands that end with 0, the first of which answers with the version, or a later one."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """One row of the table under `Prerequisites`.

    `source` is a link for a plan or a workflow, commands with commas between them for a tool.
    `gives` are titles of sections with a table, artifacts, or the lowest version.
    """

    line: int
    name: str
    kind: Kind
    source: str
    gives: tuple[str, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """Return a tool's commands."""
        return words(self.source) if self.kind is Kind.TOOL else ()


@dataclass(frozen=True, slots=True)
class Limitation:
    """One row of `Known limitations`: `about` are prerequisites, none for one that stands.

    `follow_up` is what to do about it, empty where the table has no such column.
    """

    line: int
    text: str
    about: tuple[str, ...]
    follow_up: str = ""

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the commands of ours and of `bd` that are the follow-up, or code in it."""
        spans = re.findall(r"`([^`]+)`", self.follow_up) or [self.follow_up]
        return tuple(span for span in spans if re.match(r"(?:invoke|freshrun|bd) ", span))


def failure_contract(runbook: Runbook) -> Reading[Location]:
    """Read the table under `Failure output contract`; each of the `IDS` needs a row in it."""
    columns = ("ID", "Where", "Path", "Selector", "Format")
    table = typed_rows(runbook, "Failure output contract", columns=columns, build=_location)
    if table.findings:
        return table
    missing = tuple(
        Finding(runbook.path, table.line, f"no row says where {name} stands")
        for name in IDS
        if name not in {row.id for row in table.rows}
    )
    return Reading(table.line, table.rows, missing)


def entrypoints(runbook: Runbook) -> Reading[Entrypoint]:
    """Read the table under `Entrypoints`."""
    return typed_rows(
        runbook,
        "Entrypoints",
        columns=("Entrypoint", "Command", "Outputs"),
        build=lambda row: Entrypoint(
            row.line, plain(row["Entrypoint"]), row["Command"], words(row["Outputs"])
        ),
    )


def artifact_table(runbook: Runbook) -> Reading[ArtifactPath]:
    """Read the table under `CI artifacts`."""
    return typed_rows(
        runbook,
        "CI artifacts",
        columns=("Artifact", "Path"),
        build=lambda row: ArtifactPath(row.line, plain(row["Artifact"]), row["Path"]),
    )


def taxonomy(runbook: Runbook) -> Reading[FailureClass]:
    """Read the table under `Failure taxonomy`."""
    columns = ("Class", "Scenario prefix", "Invariants", "First owner")
    return typed_rows(runbook, "Failure taxonomy", columns=columns, build=_failure_class)


def glossary(runbook: Runbook) -> Reading[str]:
    """Read the invariants of the table under `Invariant glossary`."""
    return typed_rows(
        runbook,
        "Invariant glossary",
        columns=("Invariant",),
        build=lambda row: plain(row["Invariant"]),
    )


def definitions(runbook: Runbook) -> Reading[Definition]:
    """Read the whole rows of the table under `Invariant glossary`."""
    return typed_rows(
        runbook,
        "Invariant glossary",
        columns=("Invariant", "Statement", "Evidence to capture"),
        build=lambda row: Definition(
            row.line,
            plain(row["Invariant"]),
            plain(row["Statement"]),
            listed(row["Evidence to capture"]),
        ),
    )


def ownership(runbook: Runbook) -> Reading[Ownership]:
    """Read the table under `Ownership and escalation`."""
    owners = ("First owner", "Fallback", "Escalation")
    columns = ("Failure class", *owners, "Apart from", "Reach", "Response")
    return typed_rows(runbook, "Ownership and escalation", columns=columns, build=_ownership)


def teams(runbook: Runbook) -> Reading[Team]:
    """Read the table of the teams that are no first owners, under `Ownership and escalation`."""
    return typed_rows(
        runbook,
        "Ownership and escalation",
        columns=("Team", "Reach", "Call", "Hours"),
        build=lambda row: Team(
            row.line,
            plain(row["Team"]),
            plain(row["Reach"]),
            plain(row["Call"]),
            plain(row["Hours"]),
        ),
    )


def prerequisites(runbook: Runbook) -> Reading[Prerequisite]:
    """Read the table under `Prerequisites` whose rows are confirmed."""
    columns = ("Prerequisite", "Kind", "Confirmed by", "Gives")
    return typed_rows(runbook, "Prerequisites", columns=columns, build=_prerequisite)


def limitations(runbook: Runbook) -> Reading[Limitation]:
    """Read the table under `Known limitations`."""
    return typed_rows(
        runbook,
        "Known limitations",
        columns=("Limitation", "About"),
        build=lambda row: Limitation(
            row.line,
            plain(row["Limitation"]),
            listed(row["About"]),
            row.cells.get("Follow-up", ""),
        ),
    )


def typed_rows(
    runbook: Runbook, title: str, *, columns: Sequence[str], build: Callable[[Row], Value]
) -> Reading[Value]:
    """Read the section's first table that has the columns, each row through `build`.

    `build` raises `SelectorError` for a cell that it can't read.
    """
    try:
        table = _table(runbook, title, columns=columns)
    except _NoTableError as missing:
        return Reading(missing.finding.line, findings=(missing.finding,))
    rows: list[Value] = []
    findings: list[Finding] = []
    for row in table.rows:
        try:
            rows.append(build(row))
        except SelectorError as error:
            findings.append(Finding(runbook.path, row.line, str(error)))
    if not table.rows:
        findings.append(Finding(runbook.path, table.line, f'the table of "{title}" has no row'))
    return Reading(table.line, tuple(rows), tuple(findings))


def plain(cell: str) -> str:
    """Return a cell's text without the marks of code, emphasis and links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace("`", "").replace("*", "").strip()


def words(cell: str) -> tuple[str, ...]:
    """Return the comma-separated words of a cell, without the marks of code."""
    return tuple(filter(None, (word.strip(" `") for word in cell.split(","))))


_UNITS = {"ms": 0.001, "s": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0}
_UNITS |= {"h": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0}


def seconds(text: str) -> float:
    """Return a time such as `15m`, `15 minutes` or `1 hour` in seconds; `SelectorError` if none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) *([a-z]*)", text.strip())
    if found and not found[2]:
        raise SelectorError(f'the time "{text}" has no unit; write it like 15m or 1 hour')
    unit = _UNITS.get(found[2]) or _UNITS.get(found[2].removesuffix("s")) if found else None
    if not found or not unit or not float(found[1]):
        raise SelectorError(f'"{text}" is no time; write it like 15m, 15 minutes or 1 hour')
    return float(found[1]) * unit


def listed(cell: str) -> tuple[str, ...]:
    """Return the comma-separated words of a cell; none where it holds a dash for nothing."""
    return () if plain(cell) in {"", "-"} else words(cell)


def bare(prefix: str) -> str:
    """Return a documented prefix of IDs without the mark that ends it, or stands for the rest."""
    return prefix.rstrip("*").rstrip("-_./")


def begins(scenario: str, prefix: str) -> bool:
    """Tell whether an ID begins with a whole prefix: `ISO-1` and `ISO1` do, `ISOLATE-1` not."""
    rest = scenario.removeprefix(prefix)
    if rest == scenario:
        return False
    return not rest or not rest[0].isalnum() or (rest[0].isdigit() and prefix[-1].isalpha())


class _NoTableError(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def _table(runbook: Runbook, title: str, *, columns: Sequence[str]) -> Table:
    section = _section(runbook, title)
    for table in section.tables:
        if set(columns) <= set(table.headers):
            return table
    if not section.tables:
        message = f'"{title}" has no table; one with the columns {" | ".join(columns)} is needed'
        raise _NoTableError(Finding(runbook.path, section.line, message))
    nearest = max(section.tables, key=lambda table: len(set(columns) & set(table.headers)))
    missing = next(column for column in columns if column not in nearest.headers)
    hint = did_you_mean(missing, nearest.headers)
    message = f'the table of "{title}" has no column "{missing}"{hint}'
    raise _NoTableError(Finding(runbook.path, nearest.line, message))


def _section(runbook: Runbook, title: str) -> Section:
    try:
        return runbook.section(title)
    except KeyError:
        hint = did_you_mean(title, [section.title for section in runbook.sections])
        message = f'no section "{title}" with its table{hint}'
        raise _NoTableError(Finding(runbook.path, 1, message)) from None


def _location(row: Row) -> Location:
    where = _where(row["Where"])
    pattern = expression(row["Format"])
    if pattern.fullmatch(""):
        raise SelectorError(f"the format {row['Format']} matches nothing at all; it must be exact")
    return Location(
        line=row.line,
        id=_id(plain(row["ID"])),
        where=where,
        path=_path(row["Path"], where=where),
        source=row["Selector"],
        selector=_READERS[where](row["Selector"]),
        format=pattern,
        scan=expression(rf"\b(?:{row['Format'].removeprefix('^').removesuffix('$')})\b"),
    )


_READERS: dict[Where, Callable[[str], Selector]] = {
    Where.STDOUT: by_expression,
    Where.STDERR: by_expression,
    Where.LOG: by_expression,
    Where.JUNIT: by_xpath,
    Where.JSON: by_jsonpath,
}


def _id(cell: str) -> str:
    if cell not in IDS:
        hint = did_you_mean(cell, IDS) or f"; {' or '.join(IDS)} is right"
        raise SelectorError(f'unknown ID "{cell}"{hint}')
    return cell


def _where(cell: str) -> Where:
    try:
        return Where(plain(cell))
    except ValueError:
        known = [where.value for where in Where]
        hint = did_you_mean(cell, known) or f"; one of {', '.join(known)} is right"
        raise SelectorError(f'unknown place "{cell}"{hint}') from None


def _path(cell: str, *, where: Where) -> str:
    if where.is_stream and cell != "-":
        raise SelectorError(f'{where.value} has no path, "{cell}" was found; - is right')
    if not where.is_stream and cell in {"", "-"}:
        raise SelectorError(f"{where.value} needs the path of its file, below the checkout")
    return where.value if where.is_stream else cell


def _failure_class(row: Row) -> FailureClass:
    return FailureClass(
        line=row.line,
        name=plain(row["Class"]),
        prefixes=tuple(map(bare, words(row["Scenario prefix"]))),
        invariants=words(row["Invariants"]),
        owner=plain(row["First owner"]),
        meaning=plain(row.cells.get("Meaning", "")),
    )


def _ownership(row: Row) -> Ownership:
    return Ownership(
        line=row.line,
        failure_class=plain(row["Failure class"]),
        owner=plain(row["First owner"]),
        apart=listed(row["Apart from"]),
        reach=plain(row["Reach"]),
        response=seconds(plain(row["Response"])),
        fallback=plain(row["Fallback"]),
        escalation=plain(row["Escalation"]),
        call=plain(row.cells.get("Call", "")),
        hours=plain(row.cells.get("Hours", "")),
        unanswered=plain(row.cells.get("No answer", "")),
    )


def _prerequisite(row: Row) -> Prerequisite:
    try:
        kind = Kind(plain(row["Kind"]))
    except ValueError:
        known = ", ".join(one.value for one in Kind)
        raise SelectorError(f'unknown kind "{row["Kind"]}"; one of {known} is right') from None
    return Prerequisite(
        line=row.line,
        name=plain(row["Prerequisite"]),
        kind=kind,
        source=row["Confirmed by"],
        gives=listed(row["Gives"]),
    )
