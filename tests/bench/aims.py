"""What freshrun aims at, held against what was measured."""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from table import MANY, SOME, Row
from timing import Figure
from workloads import flood, trivial

PER_COMMAND, PER_ITEM = 0.1, 1.0
"""Milliseconds that one more command may cost: in the rehearsal, and with an item and a record."""

GROWTH = 12.0
"""How many times the time of 500 commands 5,000 may take."""

FLOOD_TIMES, FLOOD_MEMORY = 2.0, 150.0
"""200 MB of output: times that of an exec whose output nobody keeps, and megabytes of memory."""

START_TIMES, START_MORE = 1.3, 0.5
"""To the first command: times that of an engine's run of `true`, and seconds on top."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Our own rows and starts, and what they are held against.

    `docker_run` is the engine's own create, start and wait; `opened` is from the call of `Machine`
    to the first outcome, `started` from the start of the program to the first item's verdict.
    `exec_program` and `run_program` are the `docker` program, where there is one.
    """

    plain: Row
    rehearsal: Row
    program: Row
    docker_run: Figure
    opened: Figure
    started: Figure
    exec_program: Figure | None = None
    run_program: Figure | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim: `found` is to be `limit` at most, both in `unit`; `None` was not measured."""

    what: str
    found: float | None
    _: KW_ONLY
    limit: float | None
    unit: str = "s"

    def __str__(self) -> str:
        """Return one line of the list of aims."""
        if self.found is None or self.limit is None:
            return _line(self.what, "not measured")
        verdict = "met" if self.found <= self.limit else "NOT MET"
        found, limit = (f"{value:.3g} {self.unit}" for value in (self.found, self.limit))
        return _line(self.what, found, limit, verdict)


def listed(ours: Ours) -> Iterator[str]:
    """Yield the list of aims, line by line."""
    yield _line("freshrun's aims", "found", "at most")
    yield from map(str, aims(ours))


def aims(ours: Ours) -> Iterator[Aim]:
    """Yield every aim."""
    rehearsal, program = ours.rehearsal, ours.program
    yield Aim(
        "one more command, the rehearsal itself", rehearsal.marginal, limit=PER_COMMAND, unit="ms"
    )
    yield Aim(
        "one more command, with pytest and record", program.marginal, limit=PER_ITEM, unit="ms"
    )
    for row in (rehearsal, program):
        limit = _limit(row.seconds(trivial(SOME)), times=GROWTH)
        what = f"5,000 commands, {row.name}; {GROWTH:g} x 500"
        yield Aim(what, row.seconds(trivial(MANY)), limit=limit)
    yield from _of_the_flood(ours)
    yield from _of_the_start(ours)


def _of_the_flood(ours: Ours) -> Iterator[Aim]:
    took = ours.rehearsal.seconds(flood())
    for name, reference in (
        ("the engine's exec API, thrown away", ours.plain.figures[flood().name]),
        ("`docker exec ... > /dev/null`", ours.exec_program),
    ):
        limit = _limit(_seconds(reference), times=FLOOD_TIMES)
        yield Aim(f"200 MB; {FLOOD_TIMES:g} x {name}", took, limit=limit)
    peak = ours.program.megabytes(flood())
    yield Aim("200 MB, peak memory of the program", peak, limit=FLOOD_MEMORY, unit="MB")


def _of_the_start(ours: Ours) -> Iterator[Aim]:
    for what, figure in (("from the call", ours.opened), ("by the program", ours.started)):
        for name, reference in (
            ("the API's run", ours.docker_run),
            ("`docker run`", ours.run_program),
        ):
            limit = _limit(_seconds(reference), times=START_TIMES, more=START_MORE)
            text = f"first command, {what}; {START_TIMES:g} x {name} + {START_MORE:g} s"
            yield Aim(text, _seconds(figure), limit=limit)


def _seconds(figure: Figure | None) -> float | None:
    return None if figure is None or figure.trouble else figure.seconds


def _limit(seconds: float | None, *, times: float, more: float = 0) -> float | None:
    return None if seconds is None else seconds * times + more


def _line(what: str, *cells: str) -> str:
    found, limit, verdict = (*cells, "", "", "")[:3]
    return f"{what:<66}{found:>14}{limit:>10}  {verdict}".rstrip()
