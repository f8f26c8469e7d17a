"""An event is counted once, however often it is sent."""

from concurrent.futures import ThreadPoolExecutor

from drv.metering import Event, KeyReusedError, used
from drv_suite.violation import Found, Json, hold
from drv_suite.world import World

EVENT = Event("amber", "hours", "invoice-7", 3)


def test_repeated_event_is_counted_once(world: World) -> None:
    """A tenant that sends an event again does not pay twice."""
    world.customer("amber", pool="hours", units=100)
    receipts = [world.record(EVENT).value for _ in range(3)]
    hold(
        "a repeated event was counted again",
        expected={"receipts": ["recorded", "duplicate", "duplicate"], "units": 3},
        actual={"receipts": receipts, "units": used(world.connection, "amber", pool="hours")},
        found=_found(world),
    )


def test_reused_key_is_refused(world: World) -> None:
    """A key that comes again with other units changes nothing."""
    world.customer("amber", pool="hours", units=100)
    world.record(EVENT)
    try:
        answer = world.record(Event("amber", "hours", "invoice-7", 5)).value
    except KeyReusedError:
        answer = "refused"
    hold(
        "an idempotency key was taken twice",
        expected={"second event": "refused", "units": 3},
        actual={"second event": answer, "units": used(world.connection, "amber", pool="hours")},
        found=_found(world),
    )


def test_same_event_from_eight_connections_is_counted_once(world: World) -> None:
    """Retries that arrive at the same moment are told apart from new events."""
    world.customer("amber", pool="hours", units=100)
    connections = [world.connect() for _ in range(8)]
    with ThreadPoolExecutor(max_workers=8) as executor:
        answers = executor.map(lambda each: world.record(EVENT, connection=each), connections)
        receipts = sorted(answer.value for answer in answers)
    hold(
        "retries at the same moment were counted more than once",
        expected=["duplicate"] * 7 + ["recorded"],
        actual=receipts,
        found=_found(world),
    )


def _found(world: World) -> Found:
    rows = world.connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'drv.usage_event'::regclass AND contype = 'u'"
    )
    constraints: list[Json] = [str(definition) for (definition,) in rows]
    evidence: dict[str, Json] = {
        "idempotencyKey": EVENT.key,
        "units": EVENT.units,
        "uniqueConstraints": constraints,
    }
    return Found(evidence, ("amber",))
