"""The allocator, by its properties."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drv.allocation import Claim, allocate, water_level
from drv.faults import each_nearest, first_come, unweighted

POOLS = st.integers(0, 10**9)
CLAIMS = st.lists(
    st.builds(
        Claim,
        st.text("abcdef", min_size=1),
        weight=st.integers(1, 50),
        demand=st.integers(0, 10**6),
    ),
    max_size=8,
    unique_by=lambda claim: claim.tenant,
)


@given(CLAIMS, POOLS)
def test_units_are_conserved(claims: list[Claim], units: int) -> None:
    """Together the grants are the pool, or all demands where those are fewer."""
    granted = allocate(claims, units=units)
    assert sum(granted.values()) == min(units, sum(claim.demand for claim in claims))


@given(CLAIMS, POOLS)
def test_nobody_gets_more_than_it_demands(claims: list[Claim], units: int) -> None:
    """Rounding up never goes past a demand, nor below nothing."""
    granted = allocate(claims, units=units)
    assert all(0 <= granted[claim.tenant] <= claim.demand for claim in claims)


@given(CLAIMS, POOLS)
def test_exact_shares_are_max_min_fair(claims: list[Claim], units: int) -> None:
    """A tenant below its demand holds at least as much for its weight as any other."""
    shares = water_level(claims, units)
    for poor, rich in permutations(claims, 2):
        if shares[poor.tenant] < poor.demand:
            level = shares[poor.tenant] / poor.weight
            assert shares[rich.tenant] / rich.weight <= level


@given(CLAIMS, POOLS)
def test_rounding_moves_nobody_by_a_unit(claims: list[Claim], units: int) -> None:
    """Each grant is its exact share, rounded down or up."""
    shares = water_level(claims, units)
    granted = allocate(claims, units=units)
    assert all(abs(granted[tenant] - share) < 1 for tenant, share in shares.items())


@given(CLAIMS.flatmap(lambda claims: st.tuples(st.just(claims), st.permutations(claims))), POOLS)
def test_order_of_claims_decides_nothing(
    orders: tuple[list[Claim], list[Claim]], units: int
) -> None:
    """A shuffled list of claims gives the same grants."""
    first, second = orders
    assert allocate(first, units=units) == allocate(second, units=units)


@pytest.mark.parametrize(("weight", "demand"), [(0, 1), (-1, 1), (1, -1)])
def test_claim_without_a_meaning_is_refused(weight: int, demand: int) -> None:
    """A weight below 1 and a demand below 0 raise."""
    with pytest.raises(ValueError, match="want a weight"):
        Claim("amber", weight=weight, demand=demand)


THIRDS = [Claim(name, weight=1, demand=100) for name in ("birch", "amber", "cedar")]


def test_spare_unit_goes_by_name() -> None:
    """Of equal remainders the first name gets the unit."""
    assert allocate(THIRDS, units=100) == {"amber": 34, "birch": 33, "cedar": 33}


def test_faults_are_wrong() -> None:
    """Each fault of the allocator gives another answer than the sound parts."""
    weighted = [Claim("amber", weight=1, demand=100), Claim("birch", weight=3, demand=100)]
    assert sum(allocate(THIRDS, units=100, rounding=each_nearest).values()) == 99
    assert allocate(THIRDS, units=100, rounding=first_come)["birch"] == 34
    assert allocate(weighted, units=100, sharing=unweighted) == {"amber": 50, "birch": 50}
