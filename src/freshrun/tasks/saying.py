"""What a task says, and how an error of the user's becomes one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from invoke.exceptions import Exit

from freshrun.model import FreshrunError

BROKEN = 2
"""The exit code of a broken set-up, and of misuse."""


def say(text: str) -> None:
    """Print the answer."""
    sys.stdout.write(f"{text}\n")


def tell(text: str) -> None:
    """Print what is no part of the answer, on stderr."""
    sys.stderr.write(f"{text}\n")


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End a task with one line, and no traceback, for what its user can mend."""
    try:
        yield
    except FreshrunError as error:
        raise Exit(str(error), BROKEN) from None
