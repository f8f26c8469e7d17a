"""Tenants never meet: row-level security, seen from a tenant's own session."""

from typing import LiteralString

import psycopg

from drv.database import Connection, tenant_transaction
from drv.metering import Event
from drv_suite.violation import Found, Json, ViolationError, hold
from drv_suite.world import World

TENANTS = ("amber", "birch")
EVERYTHING: LiteralString = (
    "SELECT 'demand', tenant_id FROM drv.demand"
    " UNION ALL SELECT 'allocation', tenant_id FROM drv.allocation"
    " UNION ALL SELECT 'usage_event', tenant_id FROM drv.usage_event"
    " ORDER BY 1, 2"
)


def test_tenant_reads_only_its_own_rows(world: World) -> None:
    """A query without any condition shows a tenant its own rows."""
    _two_customers(world)
    hold(
        "a tenant's query shows other rows than its own",
        expected=_own_rows("amber"),
        actual=_visible(world.connection, "amber"),
        found=_found(world, EVERYTHING),
    )


def test_tenant_cannot_write_for_another(world: World) -> None:
    """An event in another tenant's name is refused."""
    _two_customers(world)
    _refused(
        world,
        "INSERT INTO drv.usage_event (tenant_id, pool_id, idempotency_key, units)"
        " VALUES ('birch', 'pool-birch', 'forged', 1)",
    )


def test_reused_connection_carries_nothing_over(world: World) -> None:
    """A connection that served one tenant, and failed for it, shows the next tenant nothing."""
    _two_customers(world)
    _visible(world.connection, "amber")
    try:
        with tenant_transaction(world.connection, "amber"):
            world.connection.execute("SELECT 1 / 0")
    except psycopg.errors.DivisionByZero:
        pass
    seen = {
        "birch": _visible(world.connection, "birch"),
        "no tenant": _visible(world.connection, ""),
    }
    hold(
        "a connection that was used before shows other rows than the tenant's own",
        expected={"birch": _own_rows("birch"), "no tenant": []},
        actual=seen,
        found=_found(world, EVERYTHING),
    )


def test_tenant_cannot_raise_its_allocation(world: World) -> None:
    """A tenant's role can't write allocations, not even its own."""
    _two_customers(world)
    _refused(world, "UPDATE drv.allocation SET units = 1000000 WHERE tenant_id = 'amber'")


def _two_customers(world: World) -> None:
    for name in TENANTS:
        world.customer(name, pool=f"pool-{name}", units=10)
        world.record(Event(name, f"pool-{name}", "first", 1))


def _own_rows(tenant: str) -> list[list[Json]]:
    return [["allocation", tenant], ["demand", tenant], ["usage_event", tenant]]


def _visible(connection: Connection, tenant: str) -> list[list[Json]]:
    with tenant_transaction(connection, tenant):
        rows = connection.execute(EVERYTHING).fetchall()
    return [[str(cell) for cell in row] for row in rows]


def _refused(world: World, statement: LiteralString) -> None:
    try:
        with tenant_transaction(world.connection, "amber"):
            world.connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return
    raise ViolationError(
        "a tenant wrote what it must not",
        expected="InsufficientPrivilege",
        actual="written",
        found=_found(world, statement),
    )


def _found(world: World, statement: str) -> Found:
    rows = world.connection.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = 'drv'::regnamespace"
        " AND relname IN ('demand', 'allocation', 'usage_event') ORDER BY relname"
    )
    security: dict[str, Json] = {str(table): bool(forced) for table, forced in rows}
    evidence: dict[str, Json] = {
        "actingTenant": "amber",
        "statement": statement,
        "rowSecurity": security,
    }
    return Found(evidence, TENANTS)
