"""The failures that a run's outputs name: IDs belong together by the element that holds them.

That is the same test case of a report, the same object of a JSON document, the same line of a log;
never the same position in two lists.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from freshrun.checklist.contract import contract_of
from freshrun.checklist.failure_contract import INVARIANT, SCENARIO, Where
from freshrun.checklist.locations import Found, found
from freshrun.checklist.readers import Keys, Sighting
from freshrun.model import Runbook

_SURE_FIRST = (Where.JSON, Where.JUNIT, Where.STDOUT, Where.STDERR, Where.LOG)
"""The order in which the places of a failure are asked for its IDs."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure by its IDs."""

    scenario: str
    invariant: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """One failure as one output names it; `element` is the path of what holds its IDs there."""

    failure: Failure
    where: Where
    output: str
    element: Keys


@dataclass(frozen=True, slots=True)
class Namings:
    """What the documented places of a run say.

    `lone` are invariants by output that no failure could be given: none stands beside them, or
    several do.
    """

    rows: tuple[Naming, ...]
    found: tuple[Found, ...]
    lone: Mapping[str, tuple[str, ...]]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Return the failures, in order, of the first place that holds any."""
        first = next((one.where for one in self.rows), None)
        return tuple(one.failure for one in self.rows if one.where is first)

    @property
    def united(self) -> tuple[Failure, ...]:
        """Return each failure once: as the surest place has it, then what only others name.

        A log counts where no file of verdicts names any, or one of those is damaged.
        """
        sure = {Where.JSON, Where.JUNIT}
        whole = not any(one.selected.fault for one in self.found)
        rows = [one for one in self.rows if one.where in sure] if whole else []
        rows = rows or list(self.rows)
        complete = {one.failure.scenario for one in rows if one.failure.invariant}
        kept = (
            one.failure
            for one in rows
            if one.failure.invariant or one.failure.scenario not in complete
        )
        return tuple(dict.fromkeys(kept))


def namings(runbook: Runbook, outputs: Mapping[str, bytes]) -> Namings:
    """Read every documented place of the IDs, the surest first.

    `outputs` are streams by name and files by path below the checkout.
    """
    contract = contract_of(runbook).locations.rows
    everything: list[Found] = []
    rows: list[Naming] = []
    lone: dict[str, tuple[str, ...]] = {}
    for where in _SURE_FIRST:
        seen = [one for row in contract if row.where is where for one in found(row, outputs)]
        everything += seen
        for output, held in _by_output(seen).items():
            pairs = _pairs(held[SCENARIO], held[INVARIANT], where=where)
            rows += [Naming(pair.failure, where, output, pair.element) for pair in pairs]
            given = {pair.failure.invariant for pair in pairs}
            values = (one.value for one in held[INVARIANT] if one.value not in given)
            if left := tuple(dict.fromkeys(values)):
                lone[output] = left
    return Namings(tuple(rows), tuple(everything), lone)


def failures(runbook: Runbook, outputs: Mapping[str, bytes]) -> tuple[Failure, ...]:
    """Return the failures of a run, in order, as the documented selectors read them."""
    return namings(runbook, outputs).failures


def _by_output(seen: Iterable[Found]) -> Mapping[str, Mapping[str, list[Sighting]]]:
    """Return what each output holds, by the name of the ID."""
    held: dict[str, dict[str, list[Sighting]]] = {}
    for one in seen:
        names = held.setdefault(one.output, {SCENARIO: [], INVARIANT: []})
        names[one.location.id] += one.selected.sightings
    return held


@dataclass(frozen=True, slots=True)
class _Pair:
    failure: Failure
    element: Keys


def _pairs(
    scenarios: Sequence[Sighting], invariants: Sequence[Sighting], *, where: Where
) -> tuple[_Pair, ...]:
    lines = {one.path for one in scenarios} & {one.path for one in invariants}
    if where not in {Where.JSON, Where.JUNIT} and not lines:
        scenarios, invariants = _in_blocks(scenarios, invariants)
    return tuple(_beside(scenarios, invariants))


@dataclass(frozen=True, slots=True)
class _Element:
    """The deepest element that IDs of both kinds share."""

    scenarios: list[Sighting] = field(default_factory=list)
    invariants: list[Sighting] = field(default_factory=list)

    def partners(self, scenario: Sighting, *, depth: int) -> list[str]:
        """Return what is said of the scenario here; nothing where several could be meant."""
        near = self.invariants
        if depth < scenario.unit:  # the element is more than what the scenario is said of
            near = [one for one in near if one.unit <= depth] if len(self.scenarios) == 1 else []
        values = list(dict.fromkeys(one.value for one in near))
        alone = len({one.value for one in self.scenarios}) == 1
        return values if alone or len(values) == 1 else []


def _beside(scenarios: Sequence[Sighting], invariants: Sequence[Sighting]) -> Iterator[_Pair]:
    """Yield each scenario with the invariants that share its nearest element."""
    above = [{p for one in many for p in _prefixes(one)} for many in (scenarios, invariants)]
    elements: dict[Keys, _Element] = {}
    nearest = [_nearest(one, above[1]) for one in scenarios]
    for scenario, element in zip(scenarios, nearest, strict=True):
        elements.setdefault(element, _Element()).scenarios.append(scenario)
    for invariant in invariants:
        elements.setdefault(_nearest(invariant, above[0]), _Element()).invariants.append(invariant)
    for scenario, element in zip(scenarios, nearest, strict=True):
        partners = elements[element].partners(scenario, depth=len(element))
        for value in partners or [""]:
            yield _Pair(Failure(scenario.value, value), scenario.path[: scenario.unit])


def _prefixes(one: Sighting) -> Iterator[Keys]:
    return (one.path[:length] for length in range(len(one.path), -1, -1))


def _nearest(one: Sighting, above: set[Keys]) -> Keys:
    return next((prefix for prefix in _prefixes(one) if prefix in above), ())


def _in_blocks(
    scenarios: Sequence[Sighting], invariants: Sequence[Sighting]
) -> tuple[list[Sighting], list[Sighting]]:
    """Give the IDs of a log whose lines hold one each to blocks that begin with the first kind."""
    kinds = {SCENARIO: list[Sighting](), INVARIANT: list[Sighting]()}
    both = [(one.span or (0, 0), SCENARIO, one) for one in scenarios]
    both += [(one.span or (0, 0), INVARIANT, one) for one in invariants]
    ordered = sorted(both, key=lambda each: each[0])
    block = 0
    for _, kind, one in ordered:
        block += kind == ordered[0][1]
        kinds[kind].append(Sighting(one.value, one.place, one.span, (block,), 1))
    return kinds[SCENARIO], kinds[INVARIANT]
