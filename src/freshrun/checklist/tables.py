"""A table of a document as typed rows: columns by their titles, and findings for bad cells."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar, get_type_hints

from freshrun.checklist.cells import CellError, Column
from freshrun.model import Finding, Reading, Row, Runbook, Section, Table, did_you_mean


@dataclass(frozen=True, slots=True, init=False)
class TableRow:
    """One row, typed: a frozen dataclass with fields such as `Annotated[str, Column("Title")]`."""

    line: int

    def __init__(self, *, line: int, **cells: object) -> None:
        raise NotImplementedError(f"line {line}: a row without fields for {', '.join(cells)}")


AnyRow = TypeVar("AnyRow", bound=TableRow)
Value = TypeVar("Value")


def read_table(
    runbook: Runbook, title: str, *, of: type[AnyRow], needs: Sequence[str] = ()
) -> Reading[AnyRow]:
    """Read the section's first table that has the columns of a row, each row into one.

    The columns of fields with a default may lack, but for those of the fields that it `needs`. A
    cell that can't be read is a finding of its line, and its row is left out.
    """
    return read_table_into(runbook, title, of=of, into=lambda row: row, needs=needs)


def read_table_into(
    runbook: Runbook,
    title: str,
    *,
    of: type[AnyRow],
    into: Callable[[AnyRow], Value],
    needs: Sequence[str] = (),
) -> Reading[Value]:
    """Read a table's rows, and make a value of each: `into` may find that its cells don't agree."""
    columns = columns_of(of)
    asked = {*_required(of), *needs}
    return typed_rows(
        runbook,
        title,
        columns=[column.title for name, column in columns.items() if name in asked],
        build=lambda row: into(_built(of, row, columns)),
    )


def typed_rows(
    runbook: Runbook, title: str, *, columns: Sequence[str], build: Callable[[Row], Value]
) -> Reading[Value]:
    """Read the section's first table that has the columns, each row through `build`.

    `build` raises `CellError` for a cell that it can't read.
    """
    found = _table(runbook, title, columns=columns)
    if isinstance(found, Finding):
        return Reading(found.line, findings=(found,))
    rows: list[Value] = []
    findings: list[Finding] = []
    for row in found.rows:
        try:
            rows.append(build(row))
        except CellError as error:
            findings.append(Finding(runbook.path, row.line, str(error)))
    if not found.rows:
        findings.append(Finding(runbook.path, found.line, f'the table of "{title}" has no row'))
    return Reading(found.line, tuple(rows), tuple(findings))


def columns_of(row: type[TableRow]) -> Mapping[str, Column]:
    """Return the columns of a row's fields, by the names of the fields."""
    hints = get_type_hints(row, include_extras=True)
    return {name: column for name, hint in hints.items() for column in _column(hint)}


def _column(hint: object) -> Iterator[Column]:
    noted: object = getattr(hint, "__metadata__", ())
    if isinstance(noted, tuple):
        yield from (one for one in noted if isinstance(one, Column))


def _required(row: type[TableRow]) -> Iterator[str]:
    for one in fields(row):
        if one.default is MISSING and one.default_factory is MISSING:
            yield one.name


def _built(of: type[AnyRow], row: Row, columns: Mapping[str, Column]) -> AnyRow:
    cells = {
        name: column.read(row.cells[column.title])
        for name, column in columns.items()
        if column.title in row.cells
    }
    return of(line=row.line, **cells)


def _table(runbook: Runbook, title: str, *, columns: Sequence[str]) -> Table | Finding:
    """Return the table that has the columns, or what is wrong that there is none."""
    section = _section(runbook, title)
    if isinstance(section, Finding):
        return section
    for table in section.tables:
        if set(columns) <= set(table.headers):
            return table
    if not section.tables:
        message = f'"{title}" has no table; one with the columns {" | ".join(columns)} is needed'
        return Finding(runbook.path, section.line, message)
    nearest = max(section.tables, key=lambda table: len(set(columns) & set(table.headers)))
    missing = next(column for column in columns if column not in nearest.headers)
    hint = did_you_mean(missing, nearest.headers)
    message = f'the table of "{title}" has no column "{missing}"{hint}'
    return Finding(runbook.path, nearest.line, message)


def _section(runbook: Runbook, title: str) -> Section | Finding:
    try:
        return runbook.section(title)
    except KeyError:
        hint = did_you_mean(title, [section.title for section in runbook.sections])
        return Finding(runbook.path, 1, f'no section "{title}" with its table{hint}')
