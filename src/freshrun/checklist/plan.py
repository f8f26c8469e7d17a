"""The program plan that a runbook names among its prerequisites: its tables as typed rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from freshrun.checklist.readers import SelectorError
from freshrun.checklist.sources import linked
from freshrun.checklist.tables import Kind, listed, plain, prerequisites, typed_rows, words
from freshrun.document import parse
from freshrun.model import (
    DocumentError,
    Finding,
    Reading,
    Row,
    Runbook,
    did_you_mean,
    near_or_known,
)

PROGRAM = re.compile(r"[A-Za-z][\w-]*-[0-9a-z]{3,8}(?:\.\d+){0,3}(?=:)")
"""The ID of the program's own bead, with which the plan's title begins."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan's document, by its path below the repository's root, and the program's bead."""

    document: Runbook
    program: str


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """One row of the plan's `Failure classes`."""

    line: int
    name: str
    prefixes: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the plan's `Scenarios`.

    `red` is the fault that shows it red, or `never:` and why; `has_test` is false for one that is
    reported by the tests of others.
    """

    line: int
    id: str
    failure_class: str
    invariant: str
    proves: str
    suite: str
    red: str = ""
    has_test: bool = True


@dataclass(frozen=True, slots=True)
class Suite:
    """One row of the plan's `What is tested`; a suite runs the scenarios of those above it too."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the plan's `Faults for drills`: a value of its variable, and what that breaks."""

    line: int
    variable: str
    fault: str
    failure_class: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """One row of the plan's `Invariants`; `diagnostics` are dotted paths in a diagnostics file."""

    line: int
    id: str
    statement: str
    diagnostics: tuple[str, ...]


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


@dataclass(frozen=True, slots=True)
class RequiredField:
    """One row of the plan's `Required diagnostics`; `path` is dotted, in a diagnostics file.

    `demand` is `None` where the table has no column `Type`. `source` is the variable that the value
    comes from, or the column of the plan that it repeats; `differs` is one of `DIFFERS`.
    """

    line: int
    path: str
    demand: Demand | None = None
    differs: str = "-"
    source: str = ""


def program_plan(runbook: Runbook, *, files: Mapping[str, bytes]) -> Reading[Plan]:
    """Read the plan that the table under `Prerequisites` links, from the repository's `files`."""
    table = prerequisites(runbook)
    rows = [row for row in table.rows if row.kind is Kind.PLAN]
    if table.findings or not rows:
        missing = Finding(runbook.path, table.line, "no row of the kind plan names the plan")
        return Reading(table.line, findings=table.findings or (missing,))
    return read_plan(runbook, rows[0].source, line=rows[0].line, files=files)


def read_plan(
    runbook: Runbook, cell: str, *, line: int, files: Mapping[str, bytes]
) -> Reading[Plan]:
    """Read the plan that a cell of the runbook's `line` links; a finding where it can't be."""
    path = linked(runbook, cell, files=files)
    if path not in files:
        problem = f'the program plan "{path}" is not there{did_you_mean(path, files)}'
        return Reading(line, findings=(Finding(runbook.path, line, problem),))
    try:
        document = parse(files[path], path=path)
    except DocumentError as error:
        return Reading(line, findings=(Finding(runbook.path, line, f"the program plan {error}"),))
    title = next((section.title for section in document.sections if section.level == 1), "")
    program = PROGRAM.match(title)
    if program is None:
        problem = f'the title "{title}" does not begin with the program\'s bead, as in "DRV-b1l:"'
        return Reading(line, findings=(Finding(path, 1, problem),))
    return Reading(line, (Plan(document, program[0]),))


def planned_classes(plan: Runbook) -> Reading[PlannedClass]:
    """Read the plan's table under `Failure classes`."""
    return typed_rows(
        plan,
        "Failure classes",
        columns=("Class", "Scenario prefix", "Meaning"),
        build=lambda row: PlannedClass(
            row.line,
            plain(row["Class"]),
            tuple(word.rstrip("-") for word in words(row["Scenario prefix"])),
            plain(row["Meaning"]),
        ),
    )


def scenarios(plan: Runbook) -> Reading[Scenario]:
    """Read the plan's table under `Scenarios`."""
    return typed_rows(
        plan,
        "Scenarios",
        columns=("Scenario", "Class", "Invariant", "What it proves", "Suite"),
        build=lambda row: Scenario(
            row.line,
            plain(row["Scenario"]),
            plain(row["Class"]),
            plain(row["Invariant"]),
            plain(row["What it proves"]),
            plain(row["Suite"]),
            plain(row.cells.get("Seen red by", "")),
            plain(row.cells.get("Own test", "yes")) != "no",
        ),
    )


def suites(plan: Runbook) -> Reading[Suite]:
    """Read the plan's table under `What is tested`, the smallest suite first."""
    return typed_rows(
        plan,
        "What is tested",
        columns=("Suite",),
        build=lambda row: Suite(row.line, plain(row["Suite"])),
    )


def faults(plan: Runbook) -> Reading[Fault]:
    """Read the plan's table under `Faults for drills`; its first column is titled by a variable."""
    return typed_rows(plan, "Faults for drills", columns=("Class",), build=_fault)


def _fault(row: Row) -> Fault:
    variable, name = next(iter(row.cells.items()))
    return Fault(row.line, plain(variable), plain(name), plain(row["Class"]))


def invariants(plan: Runbook) -> Reading[Invariant]:
    """Read the plan's table under `Invariants`."""
    return typed_rows(
        plan,
        "Invariants",
        columns=("Invariant", "Statement", "Required diagnostics"),
        build=lambda row: Invariant(
            row.line,
            plain(row["Invariant"]),
            plain(row["Statement"]),
            words(row["Required diagnostics"]),
        ),
    )


def required_fields(plan: Runbook) -> Reading[RequiredField]:
    """Read the plan's table under `Required diagnostics`."""
    return typed_rows(
        plan,
        "Required diagnostics",
        columns=("Field", "Holds"),
        build=_required_field,
    )


def evidence_fields(plan: Runbook) -> Reading[RequiredField]:
    """Read the plan's table under `Evidence`: the types of fields that some invariant asks for.

    A plan that has no such section gives them none.
    """
    if not any(section.title == "Evidence" for section in plan.sections):
        return Reading(1)
    return typed_rows(plan, "Evidence", columns=("Field", "Type"), build=_required_field)


_DEMAND = re.compile(
    r"(?P<kind>\w+)(?P<null> or null)?(?P<nothing> or empty)?(?:, empty for (?P<empty>.+))?"
)


def _required_field(row: Row) -> RequiredField:
    cells = row.cells
    differs = plain(cells.get("Differs by", "-"))
    if differs not in DIFFERS:
        hint = near_or_known(differs, DIFFERS)
        raise SelectorError(f'"{differs}" is nothing that a field differs by{hint}')
    return RequiredField(
        line=row.line,
        path=plain(row["Field"]),
        demand=_demand(plain(cells["Type"])) if "Type" in cells else None,
        differs=differs,
        source=plain(cells.get("Comes from", "")),
    )


def _demand(cell: str) -> Demand:
    found = _DEMAND.fullmatch(cell)
    if found is None or found["kind"] not in KINDS:
        hint = near_or_known(cell.partition(" ")[0], KINDS)
        raise SelectorError(f'unknown type "{cell}"{hint}')
    nullable, may_be_empty = found["null"] is not None, found["nothing"] is not None
    return Demand(cell, found["kind"], nullable, may_be_empty, listed(found["empty"] or ""))
