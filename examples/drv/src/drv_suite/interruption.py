"""Real interruptions: a killed connection, and a killed server that recovers."""

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg

from drv.database import Connection, connect

SECONDS_TO_RECOVER = 30


def kill_connection(victim: Connection, *, by: Connection) -> None:
    """End the server process of `victim`, as an administrator would; wait until it is gone."""
    pid = victim.info.backend_pid
    by.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def crash_server(url: str) -> None:
    """Kill a server process with SIGKILL and return once the server has recovered.

    PostgreSQL answers the death of any of its processes as a crash: it drops every connection
    and all shared memory and replays the write-ahead log. Raises `TimeoutError` if it went on as
    if nothing had happened, or is not back within 30 s.
    """
    deadline = time.monotonic() + SECONDS_TO_RECOVER
    with connect(url) as bystander:
        with suppress(psycopg.OperationalError), connect(url) as victim:
            victim.execute("COPY (SELECT 1) TO PROGRAM 'kill -KILL $PPID'")
        # The server takes a moment to notice: until the bystander is gone, nothing has crashed.
        _wait_until(lambda: not _lives(bystander), deadline=deadline)
    _wait_until(lambda: _answers(url), deadline=deadline)


def _wait_until(holds: Callable[[], bool], *, deadline: float) -> None:
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no crash, or no recovery from it, within {SECONDS_TO_RECOVER} s")
        time.sleep(0.02)


def _lives(connection: Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
