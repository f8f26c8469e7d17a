"""The failure output contract held against the outputs of a run that failed."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist.contract import contract_of
from freshrun.checklist.evidence import named, need
from freshrun.checklist.failure_contract import IDS, INVARIANT, SCENARIO, Location
from freshrun.checklist.outputs import cut, streams
from freshrun.checklist.paths import matching
from freshrun.checklist.readers import Selected, Sighting, text_of
from freshrun.model import Finding, Reading, Record, Runbook, did_you_mean

_SHOWN = 5
"""So many lines of a place are named; a log can hold thousands."""


def id_locations(
    runbook: Runbook, record: Record, *, files: Mapping[str, bytes], run: str = "failing-smoke"
) -> tuple[Finding, ...]:
    """Hold the table `Failure output contract` against the outputs of the block named `run`.

    `files` are what it left, by path below the checkout (see `output_files`).
    """
    stopped = contract_of(runbook).locations.findings or need(runbook, record, block=run)
    if stopped:
        return stopped
    outcomes = named(record, run)
    return (*cut(outcomes), *located(runbook, {**files, **streams(outcomes)}))


def located(runbook: Runbook, outputs: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Hold the table `Failure output contract` against the outputs of one run that failed.

    Every documented location holds IDs in the documented format, each location the same ones,
    all of them known to the taxonomy and the glossary, and none stands anywhere else in `outputs`:
    the two streams by their names, and files by their path below the checkout.
    """
    contract = contract_of(runbook).locations
    if contract.findings:
        return contract.findings
    left = _Outputs(runbook, contract, outputs, {row: found(row, outputs) for row in contract.rows})
    verdicts = (_present, _well_formed, _agreeing, _known, _documented)
    return tuple(finding for verdict in verdicts for finding in verdict(left))


@dataclass(frozen=True, slots=True)
class Found:
    """What one location of the contract yields from one output."""

    location: Location
    output: str
    selected: Selected

    @property
    def values(self) -> tuple[str, ...]:
        """Return the IDs, in order."""
        return tuple(sighting.value for sighting in self.selected.sightings)


def found(location: Location, outputs: Mapping[str, bytes]) -> tuple[Found, ...]:
    """Read a location from every output that its path means; a stream goes by its name."""
    if location.where.is_stream:
        names = tuple(name for name in outputs if name == location.path)
    else:
        names = matching(location.path, outputs)
    return tuple(Found(location, name, location.selector(outputs[name])) for name in names)


def by_location(
    contract: Iterable[Location], outputs: Mapping[str, bytes]
) -> dict[Location, tuple[str, ...]]:
    """Return the IDs that each location holds, file by file, in order."""
    return {row: tuple(v for one in found(row, outputs) for v in one.values) for row in contract}


@dataclass(frozen=True, slots=True)
class _Outputs:
    """The contract, the outputs by name, and what each location yields from them."""

    runbook: Runbook
    contract: Reading[Location]
    outputs: Mapping[str, bytes]
    found: Mapping[Location, tuple[Found, ...]]

    def ids(self, location: Location) -> set[str]:
        return {value for one in self.found[location] for value in one.values}

    def rows(self, name: str) -> tuple[Location, ...]:
        return tuple(row for row in self.contract.rows if row.id == name)

    def finding(self, line: int, message: str) -> Finding:
        return Finding(self.runbook.path, line, message)


def _present(left: _Outputs) -> Iterator[Finding]:
    for row, outputs in left.found.items():
        if not outputs:
            hint = did_you_mean(row.path, left.outputs)
            yield left.finding(row.line, f"{row.id}: the run left no {row.path}{hint}")
        for one in outputs:
            if one.selected.fault:
                yield left.finding(row.line, f"{row.id}: {one.output} {one.selected.fault}")
            elif not one.values:
                message = f"{row.id}: {one.output} holds none where {row.source} points"
                yield left.finding(row.line, message)


def _well_formed(left: _Outputs) -> Iterator[Finding]:
    for row, outputs in left.found.items():
        for output, value in dict.fromkeys((one.output, v) for one in outputs for v in one.values):
            if not row.format.fullmatch(value):
                message = f'"{value}" in {output} is not of the format {row.format.pattern}'
                yield left.finding(row.line, f"{row.id}: {message}")


def _agreeing(left: _Outputs) -> Iterator[Finding]:
    for name in IDS:
        rows = [row for row in left.rows(name) if left.ids(row)]
        everywhere = {value for row in rows for value in left.ids(row)}
        for row in rows:
            if lacking := everywhere - left.ids(row):
                other = next(other for other in rows if lacking & left.ids(other))
                here = f"{row.where.value} lacks {', '.join(sorted(lacking))}"
                there = f"which {other.where.value} (line {other.line}) holds"
                yield left.finding(row.line, f"{name}: {here}, {there}")


def _known(left: _Outputs) -> Iterator[Finding]:
    contract = contract_of(left.runbook)
    classes, glossary = contract.classes, contract.glossary
    invariants = [term.invariant for term in glossary.rows]
    yield from (*classes.findings, *glossary.findings)
    for value, row in _seen(left, SCENARIO).items():
        if not any(one.covers(value) for one in classes.rows):
            hint = did_you_mean(value, [p for known in classes.rows for p in known.prefixes])
            message = f'{value} (line {row.line}) has no prefix in "Failure taxonomy"{hint}'
            yield left.finding(classes.line, message)
    for value, row in _seen(left, INVARIANT).items():
        if value not in invariants:
            hint = did_you_mean(value, invariants)
            message = f'{value} (line {row.line}) is not in "Invariant glossary"{hint}'
            yield left.finding(glossary.line, message)


def _seen(left: _Outputs, name: str) -> dict[str, Location]:
    """Return each ID of this name with the first location that holds it."""
    return {value: row for row in reversed(left.rows(name)) for value in sorted(left.ids(row))}


def _documented(left: _Outputs) -> Iterator[Finding]:
    for name in IDS:
        for output, content in left.outputs.items():
            for surplus in _surplus(left, name, output=output, text=text_of(content)):
                yield left.finding(left.contract.line, f"{name}: {surplus}")


def _surplus(left: _Outputs, name: str, *, output: str, text: str) -> Iterator[str]:
    """Say which IDs stand in the output more often than the contract says, and in which lines.

    Locations that are regular expressions account for their very characters, those in XML and JSON
    for one occurrence of their value each.
    """
    known = _sightings(left, name, output=output)
    spans = {sighting.span for sighting in known if sighting.span}
    documented = Counter(sighting.value for sighting in known if not sighting.span)
    for value, lines in _lines_outside(spans, _occurrences(left, name, text=text), text).items():
        places = f"{output}:{', '.join(map(str, lines[:_SHOWN]))}{', ...' * (len(lines) > _SHOWN)}"
        if not documented[value]:
            yield f"{value} stands in {places}, a place without a row here"
        elif len(lines) > documented[value]:
            yield f"{value} stands in {places}, {len(lines)} times; rows name {documented[value]}"


def _lines_outside(
    spans: Collection[tuple[int, int]], occurrences: Iterable[tuple[int, int, str]], text: str
) -> dict[str, list[int]]:
    """Return the lines of the occurrences, by ID, that are none of the documented spans."""
    lines: dict[str, list[int]] = {}
    line, position = 1, 0
    for start, end, value in sorted(occurrences):
        line, position = line + text.count("\n", position, start), start
        if (start, end) not in spans and not any(a <= start and end <= b for a, b in spans):
            lines.setdefault(value, []).append(line)
    return lines


def _sightings(left: _Outputs, name: str, *, output: str) -> set[Sighting]:
    return {
        sighting
        for row in left.rows(name)
        for one in left.found[row]
        if one.output == output
        for sighting in one.selected.sightings
    }


def _occurrences(left: _Outputs, name: str, *, text: str) -> set[tuple[int, int, str]]:
    scans = {row.scan for row in left.rows(name)}
    return {(*match.span(), match[0]) for scan in scans for match in scan.finditer(text)}
