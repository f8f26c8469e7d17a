"""A finding: one place where the document and what was seen part."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and the document's line that says otherwise; no finding means passed."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return `file:line: message`, which editors and terminals make a link of."""
        return f"{self.file}:{self.line}: {self.message}"


Judge = Callable[[tuple[Finding, ...]], None]
"""Fails a checklist item with the findings that it is given, and passes it where there is none."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """What a table says, as far as it could be read, and findings for the rest.

    `line` is the line of the table, or of the place where it should stand.
    """

    line: int
    rows: tuple[Value, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "X"?` for the known word nearest to `word`, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.8)
    return f'; did you mean "{near[0]}"?' if near else ""


def near_or_known(word: str, known: Sequence[str]) -> str:
    """Return `did_you_mean`, or all the known words where none is near."""
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"
