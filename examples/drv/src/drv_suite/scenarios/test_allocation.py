"""The core algorithm through the database: conserved, fair, and the same every time."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from random import Random

from drv_suite.violation import Found, Json, ViolationError, hold
from drv_suite.world import World

Tenants = Mapping[str, tuple[int, int]]
"""Weight and demand by name."""


def test_oversubscribed_pool_is_given_out_to_the_last_unit(world: World) -> None:
    """Shares that are no whole numbers still add up to the pool."""
    tenants = {"amber": (1, 100), "birch": (1, 100), "cedar": (1, 100)}
    granted = _share(world, "thirds", 100, tenants)
    hold(
        "the units granted are not the units of the pool",
        expected=100,
        actual=sum(granted.values()),
        found=_found(world, "thirds", 100, granted),
    )


def test_shares_follow_the_weights(world: World) -> None:
    """What a small demand leaves over goes to the others by weight."""
    tenants = {"amber": (1, 10), "birch": (1, 500), "cedar": (2, 500)}
    granted = _share(world, "surplus", 310, tenants)
    hold(
        "the units do not follow the weights",
        expected={"amber": 10, "birch": 100, "cedar": 200},
        actual=granted,
        found=_found(world, "surplus", 310, granted),
    )


def test_order_of_arrival_decides_nothing(world: World) -> None:
    """Equal claims are rounded the same way in every order."""
    orders: dict[str, dict[str, int]] = {}
    claims: Json = []
    for order in permutations(("amber", "birch", "cedar")):
        with world.taken_back():
            orders["-".join(order)] = _share(world, "equal", 100, dict.fromkeys(order, (1, 100)))
            claims = world.claims("equal")
    first, *others = orders.values()
    evidence: dict[str, Json] = {
        "claims": claims,
        "poolUnits": 100,
        "orders": orders,
    }
    hold(
        "the order of the claims changes who gets how much",
        expected=first,
        actual=next((other for other in others if other != first), first),
        found=Found(evidence, tuple(first)),
    )


def test_random_pools_are_conserved(world: World) -> None:
    """Forty pools with random weights and demands are given out exactly."""
    for pool, units, tenants in _random_pools():
        with world.taken_back():
            granted = _share(world, pool, units, tenants)
            hold(
                "the units granted are not the units of the pool",
                expected=min(units, sum(demand for _, demand in tenants.values())),
                actual=sum(granted.values()),
                found=_found(world, pool, units, granted),
            )


def test_random_pools_are_shared_fairly(world: World) -> None:
    """In forty random pools nobody holds a unit too many for its weight."""
    for pool, units, tenants in _random_pools():
        with world.taken_back():
            granted = _share(world, pool, units, tenants)
            for poor, rich in permutations(tenants, 2):
                if _takes_from(tenants, granted, poor=poor, rich=rich):
                    raise ViolationError(
                        "a tenant holds a unit that another has more right to",
                        expected=f"{poor} gets a unit before {rich}",
                        actual={poor: granted[poor], rich: granted[rich]},
                        found=_found(world, pool, units, granted),
                    )


def _takes_from(tenants: Tenants, granted: Mapping[str, int], *, poor: str, rich: str) -> bool:
    # The definition of max-min fairness itself, not the service's way to it. Rounding moves each
    # by less than one unit, so one unit either way is left out of account.
    (weight, demand), (other_weight, _) = tenants[poor], tenants[rich]
    wants_more = granted[poor] < demand
    return wants_more and (granted[rich] - 1) * weight >= (granted[poor] + 1) * other_weight


def _random_pools() -> Sequence[tuple[str, int, Tenants]]:
    random = Random(20)  # noqa: S311 (the same pools in every run, no secret)
    names = ("amber", "birch", "cedar", "dogwood", "elder")
    return [
        (
            f"random-{number}",
            random.randint(0, 1000),
            {name: (random.randint(1, 9), random.randint(0, 500)) for name in names},
        )
        for number in range(40)
    ]


def _share(world: World, pool: str, units: int, tenants: Tenants) -> dict[str, int]:
    world.pool(pool, units=units)
    for name, (weight, _) in tenants.items():
        world.tenant(name, weight=weight)
    # The roles of demands and rebalance last to the end of a transaction that is open around them.
    for name, (_, units_wanted) in tenants.items():
        world.demand(name, pool=pool, units=units_wanted)
    return world.rebalance(pool).units


def _found(world: World, pool: str, units: int, granted: Mapping[str, int]) -> Found:
    evidence: dict[str, Json] = {
        "claims": world.claims(pool),
        "poolUnits": units,
        "allocation": dict(granted),
    }
    return Found(evidence, tuple(granted))
