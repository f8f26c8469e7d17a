"""The runbook's tables as typed rows; a cell that can't be read is a finding of its line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from freshrun.contract.readers import (
    Selector,
    SelectorError,
    by_expression,
    by_jsonpath,
    by_xpath,
    expression,
)
from freshrun.finding import Finding, Reading, did_you_mean
from freshrun.runbook import Row, Runbook, Section, Table

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
    format: re.Pattern[str]
    scan: re.Pattern[str]


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
    """One row of `Failure taxonomy`."""

    line: int
    name: str
    prefixes: tuple[str, ...]
    invariants: tuple[str, ...]
    owner: str

    def covers(self, scenario: str) -> bool:
        """Tell whether the scenario's ID has one of the prefixes of this class."""
        return any(scenario.startswith(f"{prefix}-") for prefix in self.prefixes)


@dataclass(frozen=True, slots=True)
class Ownership:
    """One row of `Ownership and escalation`."""

    line: int
    failure_class: str
    owner: str


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


def ownership(runbook: Runbook) -> Reading[Ownership]:
    """Read the table under `Ownership and escalation`."""
    return typed_rows(
        runbook,
        "Ownership and escalation",
        columns=("Failure class", "First owner"),
        build=lambda row: Ownership(
            row.line, plain(row["Failure class"]), plain(row["First owner"])
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
        prefixes=tuple(word.rstrip("-") for word in words(row["Scenario prefix"])),
        invariants=words(row["Invariants"]),
        owner=plain(row["First owner"]),
    )
