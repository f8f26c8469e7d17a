"""The place of one scenario: an empty service, its connections, and what they can tell of it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

from drv.capacity import Allocation, claims, demand, rebalance
from drv.database import Connection, connect, operator_transaction
from drv.metering import Event, Receipt, record
from drv.parts import Parts
from drv_suite.violation import Json


class World:
    """An empty service with one open connection; opened in `with`, which closes what it opened."""

    def __init__(self, url: str, *, parts: Parts) -> None:
        """Name the database and the parts that the service is made of."""
        self._url = url
        self._connections = ExitStack()
        self.parts = parts

    def __enter__(self) -> Self:
        """Open the first connection and empty the tables."""
        try:
            self.connection = self.connect()
            self.connection.execute("TRUNCATE drv.tenant, drv.pool RESTART IDENTITY CASCADE")
        except BaseException:
            self._connections.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self._connections.close()

    def connect(self) -> Connection:
        """Open another connection, closed with the world."""
        connection = connect(self._url)
        self._connections.callback(connection.close)
        return connection

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Take back what is done in the `with`, so that the next try finds an empty service."""
        with self.connection.transaction(force_rollback=True):
            yield

    def pool(self, name: str, *, units: int) -> None:
        """Make a pool."""
        self.connection.execute(
            "INSERT INTO drv.pool (pool_id, units) VALUES (%s, %s)", [name, units]
        )

    def tenant(self, name: str, *, weight: int = 1) -> None:
        """Make a tenant."""
        self.connection.execute(
            "INSERT INTO drv.tenant (tenant_id, weight) VALUES (%s, %s)", [name, weight]
        )

    def demand(self, tenant: str, *, pool: str, units: int) -> None:
        """Let a tenant demand units."""
        demand(self.connection, tenant, pool=pool, units=units)

    def rebalance(self, pool: str, *, connection: Connection | None = None) -> Allocation:
        """Share a pool out, with the world's own connection unless another is given."""
        return rebalance(connection or self.connection, pool, parts=self.parts)

    def record(self, event: Event, *, connection: Connection | None = None) -> Receipt:
        """Send an event, with the world's own connection unless another is given."""
        return record(connection or self.connection, event, parts=self.parts)

    def customer(self, name: str, *, pool: str, units: int) -> None:
        """Make a tenant that has been allocated `units` of a pool of its own."""
        self.tenant(name)
        self.share(pool, units=units, tenant=name)

    def share(self, pool: str, *, units: int, tenant: str) -> None:
        """Make a pool and allocate the whole of it to one tenant."""
        self.pool(pool, units=units)
        self.demand(tenant, pool=pool, units=units)
        self.rebalance(pool)

    def claims(self, pool: str) -> list[Mapping[str, Json]]:
        """Return the claims on a pool, as evidence."""
        with operator_transaction(self.connection):
            return [
                {"tenant": each.tenant, "weight": each.weight, "demand": each.demand}
                for each in claims(self.connection, pool)
            ]
