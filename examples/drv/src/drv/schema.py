"""The database schema: installing it, and telling whether it is there and whole."""

from importlib.resources import files

from drv.database import Connection

VERSION = 1
TABLES = ("allocation", "demand", "pool", "tenant", "usage_event", "version")


def install(connection: Connection) -> None:
    """Replace the schema `drv` with an empty one, in one transaction.

    Needs a role that may create roles.
    """
    script = (files("drv") / "schema.sql").read_bytes()
    with connection.transaction():
        connection.execute(script)


def missing_tables(connection: Connection) -> list[str]:
    """Return the tables that the service needs and the database lacks, by name."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'drv'")
    return sorted(set(TABLES) - {str(name) for (name,) in rows})
