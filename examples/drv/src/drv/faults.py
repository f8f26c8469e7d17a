"""Real faults that `DRV_FAULT` switches on, so that a rehearsed failure is a real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import LiteralString

from psycopg.conninfo import make_conninfo

from drv.allocation import Claim, Shares, water_level
from drv.parts import SOUND, Parts


class Fault(StrEnum):
    """What is wrong on purpose."""

    ROUNDING = "rounding"
    """Each share is rounded for itself."""
    UNWEIGHTED = "unweighted"
    """Weights are passed over."""
    NONDETERMINISM = "nondeterminism"
    """Equal remainders go to whoever came first."""
    RLS_OFF = "rls-off"
    """The usage events have no row-level security."""
    IDEMPOTENCY = "idempotency"
    """The unique constraint on a tenant's keys is dropped."""
    RACE = "race"
    """Rows are not locked while they are worked on."""
    LOST_WRITE = "lost-write"
    """The usage events are in a table without a write-ahead log."""
    NO_DATABASE = "no-database"
    """The address leads to a port where nothing listens."""
    NO_SCHEMA = "no-schema"
    """A table of the schema is missing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault changes: parts of the service, the schema, words of the database's address."""

    parts: Parts = SOUND
    damage: LiteralString = ""
    address: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def divert(self, url: str) -> str:
        """Return the address that the service is given in place of `url`."""
        return make_conninfo(url, **self.address)


def each_nearest(shares: Shares) -> dict[str, int]:
    """Round each share to its nearest whole number, halves up: the sum is not kept."""
    return {tenant: floor(share + Fraction(1, 2)) for tenant, share in shares.items()}


def first_come(shares: Shares) -> dict[str, int]:
    """Round by largest remainder, but let the order of the claims decide between equal ones."""
    grants = {tenant: floor(share) for tenant, share in shares.items()}
    spare = floor(sum(shares.values())) - sum(grants.values())
    for tenant in sorted(shares, key=lambda tenant: grants[tenant] - shares[tenant])[:spare]:
        grants[tenant] += 1
    return grants


def unweighted(claims: Sequence[Claim], units: int) -> Shares:
    """Share as if every weight were 1."""
    return water_level([replace(claim, weight=1) for claim in claims], units)


NO_EFFECT = Effect()
EFFECTS: Mapping[Fault, Effect] = MappingProxyType(
    {
        Fault.ROUNDING: Effect(parts=Parts(rounding=each_nearest)),
        Fault.UNWEIGHTED: Effect(parts=Parts(sharing=unweighted)),
        Fault.NONDETERMINISM: Effect(parts=Parts(rounding=first_come)),
        Fault.RLS_OFF: Effect(damage="ALTER TABLE drv.usage_event DISABLE ROW LEVEL SECURITY"),
        Fault.IDEMPOTENCY: Effect(
            damage="ALTER TABLE drv.usage_event DROP CONSTRAINT usage_event_once"
        ),
        Fault.RACE: Effect(parts=Parts(row_lock="")),
        Fault.LOST_WRITE: Effect(damage="ALTER TABLE drv.usage_event SET UNLOGGED"),
        Fault.NO_DATABASE: Effect(address=MappingProxyType({"port": "1"})),
        Fault.NO_SCHEMA: Effect(damage="DROP TABLE drv.allocation"),
    }
)
