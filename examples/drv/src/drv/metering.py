"""Usage events: recorded once each, and never beyond what the tenant was allocated."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from psycopg.sql import SQL

from drv.database import Connection, tenant_transaction
from drv.parts import SOUND, Parts

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """A tenant's use of `units` (1 or more) of a pool.

    `key` is the tenant's own: the same key is the same event, however often it is sent.
    """

    tenant: str
    pool: str
    key: str
    units: int


class Receipt(StrEnum):
    """What became of an event that was sent."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"


class RefusedError(Exception):
    """The event was not recorded, and nothing was changed."""


class KeyReusedError(RefusedError):
    """The tenant has sent this key before, with another pool or other units."""


class QuotaExceededError(RefusedError):
    """The tenant's allocation of the pool does not cover the event."""


def record(connection: Connection, event: Event, *, parts: Parts = SOUND) -> Receipt:
    """Record an event, unless it is there already.

    Raises `KeyReusedError` and `QuotaExceededError`. An open transaction of the caller is joined.
    """
    with tenant_transaction(connection, event.tenant):
        _hold_demand(connection, event, parts)
        if not _inserted(connection, event):
            _require_same(connection, event)
            return Receipt.DUPLICATE
        _require_quota(connection, event)
    LOG.info("recorded %s units of %s for %s", event.units, event.pool, event.tenant)
    return Receipt.RECORDED


def used(connection: Connection, tenant: str, *, pool: str) -> int:
    """Return the units of `pool` that the tenant has used."""
    with tenant_transaction(connection, tenant):
        return _used(connection, tenant, pool)


def _hold_demand(connection: Connection, event: Event, parts: Parts) -> None:
    # The demand is the row that every event of one tenant and pool has in common and that the
    # tenant's role may lock: holding it puts the tenant's events one after the other.
    query = SQL("SELECT FROM drv.demand WHERE tenant_id = %s AND pool_id = %s ") + SQL(
        parts.row_lock
    )
    connection.execute(query, [event.tenant, event.pool])


def _inserted(connection: Connection, event: Event) -> bool:
    cursor = connection.execute(
        "INSERT INTO drv.usage_event (tenant_id, pool_id, idempotency_key, units)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [event.tenant, event.pool, event.key, event.units],
    )
    return cursor.rowcount == 1


def _require_same(connection: Connection, event: Event) -> None:
    first = connection.execute(
        "SELECT pool_id, units FROM drv.usage_event WHERE tenant_id = %s AND idempotency_key = %s",
        [event.tenant, event.key],
    ).fetchone()
    if first != (event.pool, event.units):
        raise KeyReusedError(f"{event.tenant}: key {event.key!r} was sent before as {first}")


def _require_quota(connection: Connection, event: Event) -> None:
    row = connection.execute(
        "SELECT units FROM drv.allocation WHERE tenant_id = %s AND pool_id = %s",
        [event.tenant, event.pool],
    ).fetchone()
    allocated = int(str(row[0])) if row else 0
    total = _used(connection, event.tenant, event.pool)
    if total > allocated:
        raise QuotaExceededError(
            f"{event.tenant}: {total} units of {event.pool}, allocated {allocated}"
        )


def _used(connection: Connection, tenant: str, pool: str) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(units), 0)::bigint FROM drv.usage_event"
        " WHERE tenant_id = %s AND pool_id = %s",
        [tenant, pool],
    ).fetchone()
    return int(str(row[0])) if row else 0
