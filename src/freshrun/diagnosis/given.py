"""What an earlier step should have given a program: a login, a configuration, an installation."""

from collections.abc import Callable

from freshrun.diagnosis.case import Case, line_of, line_with, token
from freshrun.diagnosis.cause import Remark


def given(pattern: str, *, gives: str) -> Callable[[Case, str], Remark]:
    """Return the context that says which earlier step gives it, or where one is missing."""

    def context(case: Case, _word: str) -> Remark:
        if at := line_with(case.earlier, pattern):
            return Remark(f", although {at} should have")
        return Remark(f": no earlier step {gives}; that belongs before {line_of(case.command)}")

    return context


def made(case: Case, word: str) -> Remark:
    """Return which earlier step names what is already there."""
    at = line_with(case.earlier, token(word)) if word else ""
    return Remark(f": {at} names it too" if at else "")
