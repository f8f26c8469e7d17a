"""A finding of lint: what is wrong at which place, by which rule, and the text that mends it."""

from dataclasses import dataclass

from freshrun.lint.rules import RULES, Rule
from freshrun.model import Finding


@dataclass(frozen=True, slots=True)
class Edit:
    """Text in the place of the characters of one line from `start` to before `end`, from 0."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Flaw(Finding):
    """A finding with its column, from 1, and the identifier of its rule.

    `edits` mend it; there are none where a person has to decide. `width` is the number of
    characters that it is about, 0 for the rest of the line.
    """

    column: int = 1
    rule: str = ""
    edits: tuple[Edit, ...] = ()
    width: int = 0

    @property
    def of(self) -> Rule:
        """Return the rule."""
        return RULES[self.rule]

    def __str__(self) -> str:
        """Return `file:line:column: message [rule]`, which editors make a link of."""
        return f"{self.file}:{self.line}:{self.column}: {self.message} [{self.rule}]"
