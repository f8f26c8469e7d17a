"""The program plan that a runbook names among its prerequisites: its tables as typed rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from freshrun.contract.sources import linked
from freshrun.contract.tables import Kind, plain, prerequisites, typed_rows, words
from freshrun.errors import DocumentError
from freshrun.finding import Finding, Reading, did_you_mean
from freshrun.markdown import parse
from freshrun.runbook import Runbook

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
    """One row of the plan's `Scenarios`."""

    line: int
    id: str
    failure_class: str
    invariant: str
    proves: str
    suite: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """One row of the plan's `Invariants`; `diagnostics` are dotted paths in a diagnostics file."""

    line: int
    id: str
    statement: str
    diagnostics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequiredField:
    """One row of the plan's `Required diagnostics`; `path` is dotted, in a diagnostics file."""

    line: int
    path: str


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
        ),
    )


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
        build=lambda row: RequiredField(row.line, plain(row["Field"])),
    )
