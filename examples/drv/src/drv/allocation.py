"""How a pool is shared between claims: weighted max-min fairness, exact, in whole units. No I/O."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Claim:
    """What a tenant asks of a pool: `demand` units (0 or more), with a `weight` of at least 1.

    Raises `ValueError` outside those ranges.
    """

    tenant: str
    weight: int
    demand: int

    def __post_init__(self) -> None:
        """Refuse a claim that has no meaning."""
        if self.weight < 1 or self.demand < 0:
            raise ValueError(f"{self}: want a weight of at least 1 and a demand of at least 0")


Shares: TypeAlias = Mapping[str, Fraction]
"""Exact units by tenant, in the order in which the claims came."""

Sharing: TypeAlias = Callable[[Sequence[Claim], int], Shares]
Rounding: TypeAlias = Callable[[Shares], dict[str, int]]


def water_level(claims: Sequence[Claim], units: int) -> Shares:
    """Return the weighted max-min fair shares of `units`.

    One level rises for all claims until the pool is empty; a claim holds its weight times the
    level and stops at its demand. `claims` names each tenant once.
    """
    left, weight = Fraction(units), sum(claim.weight for claim in claims)
    shares: dict[str, Fraction] = {}
    for claim in sorted(claims, key=lambda claim: Fraction(claim.demand, claim.weight)):
        share = min(Fraction(claim.demand), left * claim.weight / weight)
        shares[claim.tenant] = share
        left, weight = left - share, weight - claim.weight
    return {claim.tenant: shares[claim.tenant] for claim in claims}


def largest_remainder(shares: Shares) -> dict[str, int]:
    """Round to whole units with the sum kept.

    Units that rounding down leaves over go one each to the largest remainders, equal ones in the
    order of the tenants' names, so that the order of the claims decides nothing. A share below
    its demand has room for that unit, because demands are whole.
    """
    grants = {tenant: floor(share) for tenant, share in shares.items()}
    spare = floor(sum(shares.values())) - sum(grants.values())
    for tenant in sorted(shares, key=lambda tenant: (grants[tenant] - shares[tenant], tenant))[
        :spare
    ]:
        grants[tenant] += 1
    return grants


def allocate(
    claims: Sequence[Claim],
    *,
    units: int,
    sharing: Sharing = water_level,
    rounding: Rounding = largest_remainder,
) -> dict[str, int]:
    """Return the units of each tenant; together `units`, or all demands where those are fewer."""
    return rounding(sharing(claims, units))
