"""Transactions that run at once: what one checked still holds when it commits."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from drv.database import Connection
from drv.metering import Event, QuotaExceededError, used
from drv_suite.overlap import overlap
from drv_suite.violation import Found, hold
from drv_suite.world import World


def test_overlapping_events_spend_no_unit_twice(world: World) -> None:
    """Two events that overlap and fit only one at a time are not both recorded."""
    world.customer("amber", pool="hours", units=10)
    both = overlap(
        world,
        first=lambda connection: _sent(world, _event("morning"), connection),
        second=lambda connection: _sent(world, _event("evening"), connection),
    )
    results = [both.first, both.second]
    hold(
        "two overlapping events spent the same units",
        expected={"results": ["recorded", "refused"], "units": 7},
        actual={"results": results, "units": used(world.connection, "amber", pool="hours")},
        found=Found({"results": results, "waitedForLock": both.waited}, ("amber",)),
    )


def test_overlapping_rebalances_have_revisions_of_their_own(world: World) -> None:
    """A rebalance sees the one before it, also when both run at once."""
    world.customer("amber", pool="hours", units=10)
    both = overlap(
        world,
        first=lambda connection: world.rebalance("hours", connection=connection).revision,
        second=lambda connection: world.rebalance("hours", connection=connection).revision,
    )
    results = [both.first, both.second]
    hold(
        "two overlapping rebalances took the same revision",
        expected=[2, 3],
        actual=results,
        found=Found({"results": results, "waitedForLock": both.waited}, ("amber",)),
    )


def test_storm_of_events_stops_at_the_allocation(world: World) -> None:
    """Eight connections at once use exactly what the tenant was allocated."""
    pools = [f"hour-{number}" for number in range(20)]
    world.tenant("amber")
    for pool in pools:
        world.share(pool, units=4, tenant="amber")
    results = _storm(world, pools, connections=8)
    hold(
        "events at the same moment used other units than were allocated",
        expected=dict.fromkeys(pools, 4),
        actual={pool: used(world.connection, "amber", pool=pool) for pool in pools},
        found=Found({"results": results, "waitedForLock": "not observed"}, ("amber",)),
    )


def _storm(world: World, pools: Sequence[str], *, connections: int) -> list[str]:
    together = Barrier(connections)

    def send(number: int) -> list[str]:
        connection, results = world.connect(), []
        for pool in pools:
            together.wait(timeout=20)
            results.append(_sent(world, Event("amber", pool, f"{pool}-{number}", 1), connection))
        return results

    with ThreadPoolExecutor(max_workers=connections) as executor:
        answers = executor.map(send, range(connections))
        return sorted(result for results in answers for result in results)


def _sent(world: World, event: Event, connection: Connection) -> str:
    try:
        return world.record(event, connection=connection).value
    except QuotaExceededError:
        return "refused"


def _event(key: str) -> Event:
    return Event("amber", "hours", key, 7)
