"""How a scenario says that its invariant does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Found:
    """What a scenario saw: its tenants, and the evidence that its invariant asks for."""

    evidence: Mapping[str, Json]
    tenants: Sequence[str] = field(default=())


class ViolationError(AssertionError):
    """The invariant of the running scenario does not hold; `summary` is one line without IDs."""

    def __init__(self, summary: str, *, expected: Json, actual: Json, found: Found) -> None:
        """Keep what a diagnostics file shows."""
        super().__init__(summary)
        self.summary = summary
        self.expected = expected
        self.actual = actual
        self.found = found

    def __str__(self) -> str:
        """Return the summary with what was expected and what was there, each on a line."""
        return f"{self.summary}\nexpected: {self.expected}\nactual:   {self.actual}"


def hold(summary: str, *, expected: Json, actual: Json, found: Found) -> None:
    """Raise `ViolationError` unless what is there is what was expected."""
    if actual != expected:
        raise ViolationError(summary, expected=expected, actual=actual, found=found)
