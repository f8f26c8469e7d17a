"""Units split among machines that know nothing of one another: the same split on each of them."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from freshrun.checklist import durations
from freshrun.fleet.unit import Unit
from freshrun.model import FreshrunError, Record, Status, from_json


def split(
    units: Sequence[Unit], *, of: int, seconds: Mapping[str, float]
) -> tuple[tuple[Unit, ...], ...]:
    """Return the units of each shard, the longest first; by name where nothing is known.

    `seconds` are what units took, by their names; the others count as the middle one of these.
    The order in which the units were named plays no part, and no shard is empty.
    """
    if of > len(units):
        raise FreshrunError(
            f"--shard {of}/{of}: there are {len(units)} rehearsals; so many shards, at most, have "
            "something to do"
        )
    weights = _weights(units, seconds)
    shards: list[list[Unit]] = [[] for _ in range(of)]
    loads = [0.0] * of
    for unit in sorted(units, key=lambda unit: (-weights[unit.name], unit.name)):
        least = loads.index(min(loads))
        shards[least].append(unit)
        loads[least] += weights[unit.name]
    return tuple(map(tuple, shards))


def _weights(units: Sequence[Unit], seconds: Mapping[str, float]) -> Mapping[str, float]:
    known = [seconds[unit.name] for unit in units if unit.name in seconds]
    usual = statistics.median_low(known) if known else 1.0
    # A shard takes no second unit before each has one: what took no time counts, too.
    return {unit.name: max(seconds.get(unit.name, usual), 0.001) for unit in units}


def known_seconds(units: Sequence[Unit], *, earlier: str) -> Mapping[str, float]:
    """Return what units took: in the records below a folder `earlier`, or else in durations.json.

    The file stands by each document and is the same in each checkout. `FreshrunError` where there
    is no such folder; what can't be read of it tells nothing.
    """
    told = _of_records(Path(earlier)) if earlier else {}
    found = ((unit.name, told.get(unit.name) or _of_file(Path(unit.document))) for unit in units)
    return {name: seconds for name, seconds in found if seconds}


def _of_records(folder: Path) -> Mapping[str, float]:
    if not folder.is_dir():
        raise FreshrunError(f"--earlier {folder}: there is no such folder of records")
    found: dict[str, float] = {}
    for path in sorted(folder.rglob("*.json")):
        record = _read(path)
        if record and record.verdict is not Status.BROKEN:
            for name in (record.runbook, f"{record.runbook} on {record.provenance.image}"):
                found[name] = max(found.get(name, 0.0), record.seconds or 0.0)
    return found


def _read(path: Path) -> Record | None:
    try:
        return from_json(path.read_text("utf-8"), source=str(path))
    except (FreshrunError, OSError, UnicodeDecodeError):
        return None


def _of_file(document: Path) -> float:
    path = document.parent / durations.NAME
    try:
        known = durations.read_durations(path.read_bytes(), path=str(path))
    except (OSError, FreshrunError):
        return 0.0
    blocks = known.documents.get(document.name, {})
    return sum(known.usual(document.name, block=block) or 0.0 for block in blocks)
