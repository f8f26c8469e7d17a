"""The table `Validation checklist`: the items that pass or fail, and what judges them."""

import re
from dataclasses import dataclass
from typing import Annotated

from freshrun.checklist.cells import CellError, Column, as_written, plain
from freshrun.checklist.tables import TableRow, columns_of, read_table_into
from freshrun.model import Reading, Runbook

ITEMS = "Validation checklist"
"""The section whose table says what is judged."""

_LINK = re.compile(r"\[[^\]]*\]\(<?([^)#>\s]+)[^)]*\)")
_PATH = re.compile(r"`([\w./-]+\.py)`")
_SPAN = re.compile(r"`(\w+)`")


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of `Validation checklist`: an item that passes or fails, and what judges it.

    `file` is where the check stands: as the runbook's `link` says it, else a path below the root.
    `functions` are those whose findings it judges, none where the row does not name them.
    """

    line: int
    item: str
    file: str
    link: bool
    functions: tuple[str, ...]


def checklist_table(runbook: Runbook) -> Reading[Promise]:
    """Read the table."""
    return read_table_into(runbook, ITEMS, of=_Written, into=_Written.promise)


@dataclass(frozen=True, slots=True)
class _Written(TableRow):
    """One row as its cells have it."""

    item: Annotated[str, Column("Item", as_written)]
    passes_when: Annotated[str, Column("Passes when", as_written)]
    by_hand: Annotated[str, Column("By hand", as_written)]
    every_night: Annotated[str, Column("Every night", as_written)]

    def promise(self) -> Promise:
        cells = (self.item, self.passes_when, self.by_hand, self.every_night)
        for column, cell in zip(columns_of(type(self)).values(), cells, strict=True):
            if plain(cell) in {"", "-"}:
                raise CellError(f'the column "{column.title}" is empty; every item needs one')
        link = _LINK.search(self.every_night)
        named = link or _PATH.search(self.every_night)
        if named is None:
            found = self.every_night
            raise CellError(f'"Every night" is "{found}"; a link to the check is right')
        functions = tuple(_SPAN.findall(self.every_night[named.end() :]))
        return Promise(self.line, plain(self.item), named[1], link is not None, functions)
