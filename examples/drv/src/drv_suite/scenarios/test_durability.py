"""What was committed is there afterwards: killed connections and a killed server."""

from drv.database import Connection
from drv.metering import Event, used
from drv_suite.interruption import crash_server, kill_connection
from drv_suite.run import Run
from drv_suite.violation import Found, Json, hold
from drv_suite.world import World


def test_event_outlives_its_connection(world: World) -> None:
    """A committed event is there after its connection was killed; an open one is not."""
    world.customer("amber", pool="hours", units=100)
    victim = world.connect()
    world.record(_event("committed"), connection=victim)
    victim.execute("BEGIN")
    world.record(_event("open"), connection=victim)
    kill_connection(victim, by=world.connection)
    hold(
        "a killed connection left other units than it had committed",
        expected=5,
        actual=used(world.connection, "amber", pool="hours"),
        found=_found(world.connection, "connection killed"),
    )


def test_event_outlives_a_crash_of_the_server(world: World, run: Run) -> None:
    """Committed events are there after the server was killed and has recovered."""
    world.customer("amber", pool="hours", units=100)
    for number in range(10):
        world.record(_event(f"committed-{number}"))
    crash_server(run.address)
    survivor = world.connect()
    hold(
        "a crash of the server lost committed units",
        expected=50,
        actual=used(survivor, "amber", pool="hours"),
        found=_found(survivor, "server process killed"),
    )


def test_events_outlive_two_crashes(world: World, run: Run) -> None:
    """What was committed after a recovery outlives the next crash; what was open does not."""
    world.customer("amber", pool="hours", units=100)
    world.record(_event("before"))
    crash_server(run.address)
    between = world.connect()
    world.record(_event("between"), connection=between)
    between.execute("BEGIN")
    world.record(_event("open"), connection=between)
    crash_server(run.address)
    survivor = world.connect()
    hold(
        "two crashes left other units than were committed",
        expected=10,
        actual=used(survivor, "amber", pool="hours"),
        found=_found(survivor, "server process killed, twice"),
    )


def _event(key: str) -> Event:
    return Event("amber", "hours", key, 5)


def _found(connection: Connection, interruption: str) -> Found:
    settings = connection.execute(
        "SELECT name, setting FROM pg_settings"
        " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name"
    ).fetchall()
    tables = connection.execute(
        "SELECT relname, relpersistence FROM pg_class"
        " WHERE relnamespace = 'drv'::regnamespace AND relkind = 'r' ORDER BY relname"
    ).fetchall()
    evidence: dict[str, Json] = {
        "interruption": interruption,
        "settings": {str(name): str(value) for name, value in settings},
        "persistence": {str(table): str(letter) for table, letter in tables},
    }
    return Found(evidence, ("amber",))
