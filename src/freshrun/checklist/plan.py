"""The program plan that a runbook names among its prerequisites: its tables as typed rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from freshrun.checklist.cells import CellError, Column, listed, plain, words
from freshrun.checklist.contract import contract_of
from freshrun.checklist.prerequisites_table import Kind
from freshrun.checklist.sources import linked
from freshrun.checklist.tables import TableRow, read_table, typed_rows
from freshrun.document import parse
from freshrun.model import (
    DocumentError,
    Finding,
    Parsed,
    Reading,
    Row,
    Runbook,
    did_you_mean,
    near_or_known,
)

PROGRAM = re.compile(r"[A-Za-z][\w-]*-[0-9a-z]{3,8}(?:\.\d+){0,3}(?=:)")
"""The ID of the program's own bead, with which the plan's title begins."""

_KEPT = 8
"""So many plans are kept: a run reads one."""


def _prefixes(cell: str) -> tuple[str, ...]:
    return tuple(word.rstrip("-") for word in words(cell))


@dataclass(frozen=True, slots=True)
class PlannedClass(TableRow):
    """One row of the plan's `Failure classes`."""

    name: Annotated[str, Column("Class", plain)]
    prefixes: Annotated[tuple[str, ...], Column("Scenario prefix", _prefixes)]
    meaning: Annotated[str, Column("Meaning", plain)]


def _is_own(cell: str) -> bool:
    return plain(cell) != "no"


@dataclass(frozen=True, slots=True)
class Scenario(TableRow):
    """One row of the plan's `Scenarios`.

    `red` is the fault that shows it red, or `never:` and why; `has_test` is false for one that is
    reported by the tests of others.
    """

    id: Annotated[str, Column("Scenario", plain)]
    failure_class: Annotated[str, Column("Class", plain)]
    invariant: Annotated[str, Column("Invariant", plain)]
    proves: Annotated[str, Column("What it proves", plain)]
    suite: Annotated[str, Column("Suite", plain)]
    red: Annotated[str, Column("Seen red by", plain)] = ""
    has_test: Annotated[bool, Column("Own test", _is_own)] = True


@dataclass(frozen=True, slots=True)
class Suite(TableRow):
    """One row of the plan's `What is tested`; a suite runs the scenarios of those above it too."""

    name: Annotated[str, Column("Suite", plain)]
    command: Annotated[str, Column("Command", plain)] = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the plan's `Faults for drills`: a value of its variable, and what that breaks.

    A column such as `Smoke reports` has the `scenarios` that the `suite` smoke reports then.
    """

    line: int
    variable: str
    fault: str
    failure_class: str
    suite: str = ""
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invariant(TableRow):
    """One row of the plan's `Invariants`; `diagnostics` are dotted paths in a diagnostics file."""

    id: Annotated[str, Column("Invariant", plain)]
    statement: Annotated[str, Column("Statement", plain)]
    diagnostics: Annotated[tuple[str, ...], Column("Required diagnostics", words)]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a field has to be: one of `KINDS`, perhaps null, perhaps empty or so for a class."""

    text: str
    kind: str
    nullable: bool
    may_be_empty: bool
    empty_for: tuple[str, ...]


KINDS = ("text", "texts", "object", "list", "number", "truth", "time", "any")
"""A line of text, a list of them, other JSON, ISO 8601 in UTC, or any JSON but null."""

DIFFERS = ("run", "scenario", "invariant", "class", "some", "-")
"""What a field's value differs by: `some` is at least two values in all drills, `-` is nothing."""


_DEMAND = re.compile(
    r"(?P<kind>\w+)(?P<null> or null)?(?P<nothing> or empty)?(?:, empty for (?P<empty>.+))?"
)


def _demand(cell: str) -> Demand:
    text = plain(cell)
    found = _DEMAND.fullmatch(text)
    if found is None or found["kind"] not in KINDS:
        hint = near_or_known(text.partition(" ")[0], KINDS)
        raise CellError(f'unknown type "{text}"{hint}')
    nullable, may_be_empty = found["null"] is not None, found["nothing"] is not None
    return Demand(text, found["kind"], nullable, may_be_empty, listed(found["empty"] or ""))


def _differs(cell: str) -> str:
    if plain(cell) not in DIFFERS:
        hint = near_or_known(plain(cell), DIFFERS)
        raise CellError(f'"{plain(cell)}" is nothing that a field differs by{hint}')
    return plain(cell)


@dataclass(frozen=True, slots=True)
class RequiredField(TableRow):
    """One row of the plan's `Required diagnostics`; `path` is dotted, in a diagnostics file.

    `demand` is `None` where the table has no column `Type`. `source` is the variable that the value
    comes from, or the column of the plan that it repeats; `differs` is one of `DIFFERS`.
    """

    path: Annotated[str, Column("Field", plain)]
    demand: Annotated[Demand | None, Column("Type", _demand)] = None
    differs: Annotated[str, Column("Differs by", _differs)] = "-"
    source: Annotated[str, Column("Comes from", plain)] = ""
    holds: Annotated[str, Column("Holds", plain)] = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The program plan: its document, by its path below the repository's root, and its tables.

    `program` is the program's bead. Each table has the findings of what could not be read of it.
    """

    document: Runbook
    program: str
    classes: Reading[PlannedClass]
    scenarios: Reading[Scenario]
    suites: Reading[Suite]
    faults: Reading[Fault]
    invariants: Reading[Invariant]
    required: Reading[RequiredField]
    evidence: Reading[RequiredField]


def program_plan(runbook: Runbook, *, files: Mapping[str, bytes]) -> Parsed[Plan]:
    """Read the plan that the table under `Prerequisites` links, from the repository's `files`."""
    table = contract_of(runbook).prerequisites
    rows = [row for row in table.rows if row.kind is Kind.PLAN]
    if table.findings or not rows:
        missing = Finding(runbook.path, table.line, "no row of the kind plan names the plan")
        return Parsed(None, table.findings or (missing,), table.line)
    return read_plan(runbook, rows[0].source, line=rows[0].line, files=files)


def read_plan(
    runbook: Runbook, cell: str, *, line: int, files: Mapping[str, bytes]
) -> Parsed[Plan]:
    """Read the plan that a cell of the runbook's `line` links; a finding where it can't be."""
    path = linked(runbook, cell, files=files)
    if path not in files:
        problem = f'the program plan "{path}" is not there{did_you_mean(path, files)}'
        return Parsed(None, (Finding(runbook.path, line, problem),), line)
    try:
        plan = _plan(files[path], path=path)
    except DocumentError as error:
        return Parsed(None, (Finding(runbook.path, line, f"the program plan {error}"),), line)
    if not plan.program:
        problem = 'the title does not begin with the program\'s bead, as in "DRV-b1l:"'
        return Parsed(None, (Finding(path, 1, problem),), line)
    return Parsed(plan, (), line)


@lru_cache(maxsize=_KEPT)
def _plan(source: bytes, *, path: str) -> Plan:
    """Return the plan that a document's bytes say; those of one and the same are read once."""
    document = parse(source, path=path)
    program = PROGRAM.match(_title(document))
    return Plan(
        document,
        program[0] if program else "",
        classes=read_table(document, "Failure classes", of=PlannedClass),
        scenarios=read_table(document, "Scenarios", of=Scenario),
        suites=read_table(document, "What is tested", of=Suite),
        faults=typed_rows(document, "Faults for drills", columns=("Class",), build=_fault),
        invariants=read_table(document, "Invariants", of=Invariant),
        required=read_table(document, "Required diagnostics", of=RequiredField, needs=("holds",)),
        evidence=_evidence(document),
    )


def _title(document: Runbook) -> str:
    return next((section.title for section in document.sections if section.level == 1), "")


def _fault(row: Row) -> Fault:
    # The first column is titled by the variable that switches the fault on.
    variable, name = next(iter(row.cells.items()))
    told = next((title for title in row.cells if title.endswith(_REPORTS)), "")
    return Fault(
        row.line,
        plain(variable),
        plain(name),
        plain(row["Class"]),
        suite=told.removesuffix(_REPORTS).lower(),
        scenarios=words(row.cells[told]) if told else (),
    )


_REPORTS = " reports"


def _evidence(document: Runbook) -> Reading[RequiredField]:
    """Read the types of fields that some invariant asks for; no such section gives them none."""
    if not any(section.title == "Evidence" for section in document.sections):
        return Reading(1)
    return read_table(document, "Evidence", of=RequiredField, needs=("demand",))
