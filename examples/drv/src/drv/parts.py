"""The parts of the service that are chosen when it is put together."""

from dataclasses import dataclass
from typing import LiteralString

from drv.allocation import Rounding, Sharing, largest_remainder, water_level


@dataclass(frozen=True, slots=True)
class Parts:
    """How pools are shared, how shares are rounded, and how a row is held while it is worked on.

    `row_lock` is the SQL clause that makes a second transaction wait for the first.
    """

    sharing: Sharing = water_level
    rounding: Rounding = largest_remainder
    row_lock: LiteralString = "FOR UPDATE"


SOUND = Parts()
