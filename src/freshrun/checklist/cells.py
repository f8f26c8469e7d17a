"""The cells of tables: what the column is called, and how its text becomes a value."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from freshrun.document import written_time


class CellError(ValueError):
    """A cell that can't be read; its text says what was found and what would be right."""


def as_written(cell: str) -> str:
    """Return a cell's text with its marks."""
    return cell


def plain(cell: str) -> str:
    """Return a cell's text without the marks of code, emphasis and links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace("`", "").replace("*", "").strip()


def words(cell: str) -> tuple[str, ...]:
    """Return the comma-separated words of a cell, without the marks of code."""
    return tuple(filter(None, (word.strip(" `") for word in cell.split(","))))


def listed(cell: str) -> tuple[str, ...]:
    """Return the comma-separated words of a cell; none where it holds a dash for nothing."""
    return () if plain(cell) in {"", "-"} else words(cell)


def listed_or_none(cell: str) -> tuple[str, ...]:
    """Return the comma-separated words of a cell; none where it holds a dash, or the word none."""
    return () if plain(cell) == "none" else listed(cell)


def variable_names(cell: str) -> tuple[str, ...]:
    """Return the names in capitals that a cell holds, whatever stands around them."""
    return tuple(re.findall(r"\b[A-Z_][A-Z0-9_]+\b", cell))


def seconds(cell: str) -> float:
    """Return a time such as `15m`, `15 minutes` or `1 hour` in seconds; `CellError` if none."""
    try:
        time = written_time(plain(cell))
    except ValueError as error:
        raise CellError(str(error)) from None
    if not time:
        raise CellError(f'"{cell}" is no time; write it like 15m, 15 minutes or 1 hour')
    return time


@dataclass(frozen=True, slots=True)
class Column:
    """What a field of a row is annotated with: the title of its column, and what reads a cell.

    A field without a default has to have its column; `read` raises `CellError` for a bad cell.
    """

    title: str
    read: Callable[[str], object] = plain


def yes_or_no(title: str) -> Column:
    """Return a column whose cells say yes or no; `CellError`, with its title, for anything else."""

    def read(cell: str) -> bool:
        word = cell.strip("`* ").lower()
        if word not in {"yes", "no"}:
            raise CellError(f'{title} is "{cell}"; yes or no is right')
        return word == "yes"

    return Column(title, read)
