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


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Value]):
    """One value that was read from a text, and findings for what is wrong there.

    `value` is `None` where there is none to be had. `line` is where it begins, or should stand.
    """

    value: Value | None = None
    findings: tuple[Finding, ...] = ()
    line: int = 1

    @property
    def known(self) -> Value:
        """Return the value, for who has looked at the findings; `LookupError` where it is none."""
        if self.value is None:
            raise LookupError("; ".join(map(str, self.findings)) or "nothing was there to be read")
        return self.value


_LONGEST = 200
"""Characters of a word past which nobody has mistyped it."""

_MANY, _COMPARED = 2_000, 100
"""Known words past which nothing is guessed; words past which only those like it are compared."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "X"?` for the known word nearest to `word`, or nothing.

    A document may have thousands of mistakes: each guess costs little, however much is known.
    """
    near = difflib.get_close_matches(word, _comparable(word, list(known)), n=1, cutoff=0.8)
    return f'; did you mean "{near[0]}"?' if near else ""


def _comparable(word: str, known: list[str]) -> list[str]:
    """Return the known words that are worth a look."""
    if len(word) > _LONGEST or len(known) > _MANY:
        return []
    if len(known) > _COMPARED:
        alike = (each for each in known if each[:1] == word[:1] or each[-3:] == word[-3:])
        known = sorted(each for each in alike if len(each) < 2 * len(word))[:_COMPARED]
    return known


def near_or_known(word: str, known: Sequence[str]) -> str:
    """Return `did_you_mean`, or all the known words where none is near."""
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"
