"""Connections to PostgreSQL, and transactions in the name of a tenant or of the operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]

SECONDS_TO_CONNECT = 3


def connect(url: str) -> Connection:
    """Open a connection that commits each statement unless a transaction is open.

    No statement may take longer than 15 s. Raises `psycopg.OperationalError` where no server
    answers within 3 s.
    """
    return psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=SECONDS_TO_CONNECT,
        options="-c statement_timeout=15s -c client_min_messages=warning",
    )


def without_password(url: str) -> str:
    """Return the address as `key=value` words, fit for a log."""
    words = {key: value for key, value in conninfo_to_dict(url).items() if key != "password"}
    return make_conninfo("", **words)


@contextmanager
def tenant_transaction(connection: Connection, tenant: str) -> Iterator[None]:
    """Open a transaction that sees and writes only the rows of `tenant`.

    Role and tenant are local to the transaction: a connection that is used again carries neither.
    """
    with connection.transaction():
        connection.execute("SET LOCAL ROLE drv_tenant")
        connection.execute("SELECT set_config('drv.tenant_id', %s, true)", [tenant])
        yield


@contextmanager
def operator_transaction(connection: Connection) -> Iterator[None]:
    """Open a transaction that sees the rows of every tenant and writes pools and allocations."""
    with connection.transaction():
        connection.execute("SET LOCAL ROLE drv_operator")
        yield
