"""How many documents are rehearsed at a time."""

from freshrun.machine import Capacity
from freshrun.model import FreshrunError

MEMORY = 512 * 2**20
"""Bytes of memory that one rehearsal is given room for: its process has a fifth of it."""

DISK = 2 * 2**30
"""Bytes on the engine's disk that one rehearsal is given room for, and that are left free."""


def usual_workers(capacity: Capacity, *, units: int) -> int:
    """Return how many units are rehearsed at a time where nobody says: one at least.

    As many as processors have nothing else to do, and as memory and disk have room for.
    """
    room = [capacity.processors - round(capacity.load), capacity.memory // MEMORY, units]
    if capacity.disk is not None:
        room.append(capacity.disk // DISK - 1)
    return max(1, min(room))


def asked_workers(text: str) -> int | None:
    """Return the number that a caller asks for, `None` for none; `FreshrunError` for no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise FreshrunError(f"--workers {text}: a number from 1 up is right")
    return int(text)
