"""Is the place fit for the suite? These run first; a failure here says nothing about drv."""

import time
from datetime import UTC, datetime

import psycopg

from drv import schema
from drv.database import Connection, connect, without_password
from drv_suite.run import Run
from drv_suite.violation import Found, Json, ViolationError, hold


def test_database_answers(run: Run, facts: dict[str, Json]) -> None:
    """The address leads to a PostgreSQL that takes connections."""
    started = time.monotonic()
    try:
        with connect(run.address) as connection:
            facts["server"] = connection.info.parameter_status("server_version")
    except psycopg.OperationalError as error:
        evidence: dict[str, Json] = {
            "address": without_password(run.address),
            "error": str(error).splitlines(),
            "seconds": round(time.monotonic() - started, 3),
        }
        raise ViolationError(
            "the database does not answer",
            expected="a connection",
            actual=type(error).__name__,
            found=Found(evidence),
        ) from None


def test_role_has_its_privileges(run: Run) -> None:
    """The role may create roles and run a program on the server."""
    with connect(run.address) as connection:
        name, *privileges = connection.execute(
            "SELECT rolname, rolsuper OR rolcreaterole,"
            " rolsuper OR pg_has_role(oid, 'pg_execute_server_program', 'USAGE')"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone() or ("nobody", False, False)
    may = dict(zip(("createRole", "executeServerProgram"), map(bool, privileges), strict=True))
    found = Found({"address": without_password(run.address), "role": str(name)})
    wanted = {"createRole": True, "executeServerProgram": True}
    hold("the role lacks a privilege", expected=wanted, actual=may, found=found)


def test_nobody_else_is_connected(run: Run) -> None:
    """No other session is open on the server; sessions that are closing get 3 seconds."""
    with connect(run.address) as connection:
        deadline = time.monotonic() + 3
        while (sessions := _other_sessions(connection)) and time.monotonic() < deadline:
            time.sleep(0.05)
    found = Found({"address": without_password(run.address), "sessions": sessions})
    hold("others are connected", expected=0, actual=len(sessions), found=found)


def test_schema_is_whole(run: Run) -> None:
    """The schema installs, and every table is there afterwards."""
    with connect(run.address) as connection:
        schema.install(connection)
        if run.effect.damage:
            connection.execute(run.effect.damage)
        missing = schema.missing_tables(connection)
        version = connection.execute("SELECT version FROM drv.version").fetchone()
    found = Found(
        {
            "address": without_password(run.address),
            "version": int(str(version[0])) if version else 0,
        }
    )
    hold("the schema lacks tables", expected=[], actual=missing, found=found)


def test_clocks_agree(run: Run) -> None:
    """The clocks of suite and database differ by less than 5 seconds."""
    with connect(run.address) as connection:
        row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        here = datetime.now(UTC)
    there = datetime.fromtimestamp(float(str(row[0])) if row else 0.0, UTC)
    found = Found({"suiteTime": here.isoformat(), "databaseTime": there.isoformat()})
    seconds = abs((here - there).total_seconds())
    if seconds >= 5:
        raise ViolationError(
            "the clocks differ", expected="less than 5 s", actual=f"{seconds:.1f} s", found=found
        )


def _other_sessions(connection: Connection) -> list[Json]:
    rows = connection.execute(
        "SELECT pid, datname, usename FROM pg_stat_activity"
        " WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid()"
    )
    return [f"process {pid}, database {database}, role {role}" for pid, database, role in rows]
