"""What a caller asks of a run of many: how many at a time, and which part of them."""

import re
from dataclasses import dataclass

from freshrun.model import FreshrunError

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run, from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        """Return it as a person writes it."""
        return f"{self.number}/{self.of}"


WHOLE = Shard(1, 1)
"""A run that is not split."""


def asked_shard(text: str) -> Shard:
    """Return the shard that a caller asks for; `FreshrunError` for what is none."""
    if not text:
        return WHOLE
    match = _SHARD.fullmatch(text)
    if not match or int(match[1]) > int(match[2]):
        raise FreshrunError(
            f"--shard {text}: 1/4 to 4/4 are right, for the first of four and so on"
        )
    return Shard(int(match[1]), int(match[2]))


def asked_workers(text: str) -> int | None:
    """Return the number that a caller asks for, `None` for none; `FreshrunError` for no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise FreshrunError(f"--workers {text}: a number from 1 up is right")
    return int(text)
