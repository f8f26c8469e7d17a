"""The table `Failure output contract`: where a failing run names its IDs, and how they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, TypeVar

from freshrun.checklist.cells import CellError, Column, as_written, plain
from freshrun.checklist.readers import (
    Selector,
    SelectorError,
    by_expression,
    expression,
)
from freshrun.checklist.tables import TableRow, read_table_into
from freshrun.model import Finding, Reading, Runbook, did_you_mean
from freshrun.text import Expression

SECTION = "Failure output contract"

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
    """One row: where an ID stands, and how it is read from there.

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


def failure_contract(runbook: Runbook) -> Reading[Location]:
    """Read the table; each of the `IDS` needs a row in it."""
    table = read_table_into(runbook, SECTION, of=_Written, into=_Written.location)
    if table.findings:
        return table
    missing = tuple(
        Finding(runbook.path, table.line, f"no row says where {name} stands")
        for name in IDS
        if name not in {row.id for row in table.rows}
    )
    return Reading(table.line, table.rows, missing)


def _id(cell: str) -> str:
    if plain(cell) not in IDS:
        hint = did_you_mean(plain(cell), IDS) or f"; {' or '.join(IDS)} is right"
        raise CellError(f'unknown ID "{plain(cell)}"{hint}')
    return plain(cell)


def _where(cell: str) -> Where:
    try:
        return Where(plain(cell))
    except ValueError:
        known = [where.value for where in Where]
        hint = did_you_mean(cell, known) or f"; one of {', '.join(known)} is right"
        raise CellError(f'unknown place "{cell}"{hint}') from None


def _format(cell: str) -> Expression:
    pattern = _compiled(expression, cell)
    if pattern.fullmatch(""):
        raise CellError(f"the format {cell} matches nothing at all; it must be exact")
    return pattern


@dataclass(frozen=True, slots=True)
class _Written(TableRow):
    """One row as its cells have it; what path and selector may be depends on the place."""

    id: Annotated[str, Column("ID", _id)]
    where: Annotated[Where, Column("Where", _where)]
    path: Annotated[str, Column("Path", as_written)]
    selector: Annotated[str, Column("Selector", as_written)]
    format: Annotated[Expression, Column("Format", _format)]

    def location(self) -> Location:
        whole = self.format.pattern.removeprefix("^").removesuffix("$")
        return Location(
            line=self.line,
            id=self.id,
            where=self.where,
            path=_path(self.path, where=self.where),
            source=self.selector,
            selector=_compiled(_READERS[self.where], self.selector),
            format=self.format,
            scan=_compiled(expression, rf"\b(?:{whole})\b"),
        )


_Compiled = TypeVar("_Compiled")


def _compiled(read: Callable[[str], _Compiled], source: str) -> _Compiled:
    try:
        return read(source)
    except SelectorError as error:
        raise CellError(str(error)) from None


def _xml_reader(source: str) -> Selector:
    from freshrun.checklist.xml_readers import by_xpath  # noqa: PLC0415 - few runbooks have XML

    return by_xpath(source)


def _json_reader(source: str) -> Selector:
    from freshrun.checklist.json_readers import by_jsonpath  # noqa: PLC0415 - few have JSON

    return by_jsonpath(source)


_READERS: dict[Where, Callable[[str], Selector]] = {
    Where.STDOUT: by_expression,
    Where.STDERR: by_expression,
    Where.LOG: by_expression,
    Where.JUNIT: _xml_reader,
    Where.JSON: _json_reader,
}


def _path(cell: str, *, where: Where) -> str:
    if where.is_stream and cell != "-":
        raise CellError(f'{where.value} has no path, "{cell}" was found; - is right')
    if not where.is_stream and cell in {"", "-"}:
        raise CellError(f"{where.value} needs the path of its file, below the checkout")
    return where.value if where.is_stream else cell
