"""Regular expressions that a document gives: searched for within bounds, for some never end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from freshrun.model import FreshrunError

_PATIENCE = 2.0
"""Seconds after which a search is given up."""

Match = regex.Match[str]


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression in the syntax of Python's `re`; `ValueError` where it is none.

    Its methods are those of a compiled one. They raise `FreshrunError` where the answer takes so
    long that it would never come.
    """

    pattern: str
    multi_line: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` where it is none, in the words of `re`."""
        try:
            re.compile(self.pattern)
            _ = self._compiled
        except (re.error, regex.error, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None

    @property
    def groups(self) -> int:
        """Return how many groups it has."""
        return self._compiled.groups

    def search(self, text: str) -> Match | None:
        """Return the first match."""
        return next(self.finditer(text), None)

    def fullmatch(self, text: str) -> Match | None:
        """Return the match of the whole text."""
        try:
            return self._compiled.fullmatch(text, timeout=_PATIENCE)
        except TimeoutError:
            raise self._never_ends(text) from None

    def finditer(self, text: str) -> Iterator[Match]:
        """Yield every match."""
        try:
            yield from self._compiled.finditer(text, timeout=_PATIENCE)
        except TimeoutError:
            raise self._never_ends(text) from None

    @property
    def _compiled(self) -> "regex.Pattern[str]":
        # The library keeps what it has compiled.
        return regex.compile(self.pattern, regex.MULTILINE if self.multi_line else 0)

    def _never_ends(self, text: str) -> FreshrunError:
        return FreshrunError(
            f'the regular expression "{self.pattern}" takes more than {_PATIENCE:g} s for'
            f" {len(text):,} characters; repeat nothing that is a repetition itself"
        )
