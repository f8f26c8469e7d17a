"""How many documents are rehearsed at a time."""

from freshrun.machine import Capacity

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
