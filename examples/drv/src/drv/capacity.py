"""Capacity: tenants demand units of a pool, the operator shares the pool between them."""

import logging
from dataclasses import dataclass

from psycopg.sql import SQL

from drv.allocation import Claim, allocate
from drv.database import Connection, operator_transaction, tenant_transaction
from drv.parts import SOUND, Parts

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Allocation:
    """The units of each tenant after a rebalance; each rebalance of a pool has its own revision."""

    pool: str
    revision: int
    units: dict[str, int]


def demand(connection: Connection, tenant: str, *, pool: str, units: int) -> None:
    """Set what the tenant demands of the pool; it takes effect with the next rebalance."""
    with tenant_transaction(connection, tenant):
        connection.execute(
            "INSERT INTO drv.demand (tenant_id, pool_id, units) VALUES (%s, %s, %s)"
            " ON CONFLICT (tenant_id, pool_id) DO UPDATE SET units = EXCLUDED.units",
            [tenant, pool, units],
        )


def rebalance(connection: Connection, pool: str, *, parts: Parts = SOUND) -> Allocation:
    """Share the pool between all demands and store the result.

    Raises `LookupError` for a pool that is not there. An open transaction of the caller is joined.
    """
    with operator_transaction(connection):
        units, revision = _pool(connection, pool, parts)
        grants = allocate(
            claims(connection, pool), units=units, sharing=parts.sharing, rounding=parts.rounding
        )
        allocation = Allocation(pool, revision + 1, grants)
        _store(connection, allocation)
    LOG.info("rebalanced %s, revision %s: %s", pool, allocation.revision, grants)
    return allocation


def claims(connection: Connection, pool: str) -> list[Claim]:
    """Return the pool's claims in the order of their arrival; needs the operator's transaction."""
    rows = connection.execute(
        "SELECT tenant_id, weight, units FROM drv.demand JOIN drv.tenant USING (tenant_id)"
        " WHERE pool_id = %s ORDER BY arrival",
        [pool],
    )
    return [Claim(str(tenant), int(str(weight)), int(str(units))) for tenant, weight, units in rows]


def _pool(connection: Connection, pool: str, parts: Parts) -> tuple[int, int]:
    query = SQL("SELECT units, revision FROM drv.pool WHERE pool_id = %s ") + SQL(parts.row_lock)
    row = connection.execute(query, [pool]).fetchone()
    if row is None:
        raise LookupError(f"no pool {pool!r}")
    return int(str(row[0])), int(str(row[1]))


def _store(connection: Connection, allocation: Allocation) -> None:
    connection.execute(
        "UPDATE drv.pool SET revision = %s WHERE pool_id = %s",
        [allocation.revision, allocation.pool],
    )
    for tenant, units in sorted(allocation.units.items()):
        connection.execute(
            "INSERT INTO drv.allocation (tenant_id, pool_id, units, revision)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (tenant_id, pool_id)"
            " DO UPDATE SET units = EXCLUDED.units, revision = EXCLUDED.revision",
            [tenant, allocation.pool, units, allocation.revision],
        )
