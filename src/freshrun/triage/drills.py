"""Drills: one failing run for each class of failure, typed several times and kept as values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from freshrun import shell
from freshrun.checklist import (
    SCENARIO,
    Sandbox,
    Stray,
    Watch,
    by_location,
    contract_of,
    cut,
    in_subshell,
    located,
    matching,
    named,
    need,
    output_files,
    outputs_kept,
    retyped,
    streams,
    untimed,
    value_of,
)
from freshrun.model import Command, Finding, Outcome, Reading, Record, Runbook, Status, did_you_mean
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.drill_table import SECTION, Drill

BLOCK = "failing-smoke"
"""The block that shows a reader a red run; it stands in the same section."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_RED = 1
"""The exit status of a run that found a failure."""


@dataclass(frozen=True, slots=True)
class DrillRun:
    """One run of a drill: what it printed, and `files`, by path below the checkout.

    `number` counts the runs of the same drill from 1. `env` are the variables that it was given and
    whose values are known, `strays` what it left outside of the documented outputs.
    """

    drill: Drill
    number: int
    outcome: Outcome
    files: Mapping[str, bytes]
    env: Mapping[str, str] = field(default_factory=dict)
    strays: tuple[Stray, ...] = ()

    @property
    def outputs(self) -> Mapping[str, bytes]:
        """Return the files and the two streams, those by their names."""
        return {**self.files, **streams((self.outcome,))}


@dataclass(frozen=True, slots=True)
class DrillSite:
    """Where drills are typed: like a command, in its directory; `known` are values of variables."""

    runbook: Runbook
    like: Command
    folder: str
    env: Mapping[str, str]
    known: Mapping[str, str]
    sandbox: Sandbox


def drilled(
    runbook: Runbook,
    record: Record,
    *,
    sandbox: Sandbox,
    times: int = 3,
    env: Mapping[str, str] = _NOTHING,
) -> Reading[DrillRun]:
    """Run each drill of the table `times` times, and keep what every run left.

    The commands are typed aside, with the variables `env`, where the block `failing-smoke` stood;
    its outputs are put back at the end. A drill that does not end with exit status 1 is a finding,
    and is not run again.
    """
    table = triage_contract_of(runbook).drills
    stopped = table.findings or need(runbook, record, block=BLOCK)
    if stopped:
        return Reading(table.line, findings=stopped)
    site = drill_site(runbook, like=named(record, BLOCK)[-1], sandbox=sandbox, env=env)
    runs = typed_drills(table.rows, site, times=times)
    findings = tuple(finding for run in runs for finding in _green(run))
    return Reading(table.line, runs, findings)


def drill_site(
    runbook: Runbook, *, like: Outcome, sandbox: Sandbox, env: Mapping[str, str] = _NOTHING
) -> DrillSite:
    """Return the place where the command of the outcome `like` stood, to run drills in."""
    names = _optional(runbook)
    known = {name: value_of(name, like=like.command, shell=sandbox.shell) for name in names}
    folder = like.cwd or sandbox.machine.home
    return DrillSite(runbook, like.command, folder, env, known, sandbox)


def typed_drills(
    drills: Iterable[Drill], site: DrillSite, *, times: int = 1, watched: bool = True
) -> tuple[DrillRun, ...]:
    """Run each drill aside, `times` times; the outputs that were there are put back at the end.

    The first run of each is `watched`, all over the machine.
    """
    with outputs_kept(site.runbook, sandbox=site.sandbox, like=site.like):
        return tuple(
            run for drill in drills for run in _repeated(drill, site, times=times, watched=watched)
        )


def drill_locations(runbook: Runbook, runs: Reading[DrillRun]) -> tuple[Finding, ...]:
    """Hold every run of every drill against `Failure output contract`, and against its own row.

    There is a drill for each class of `Failure taxonomy`. Each run names the scenarios of its row,
    in every documented location and nowhere else on the machine, and all runs of a drill the same
    ones. It leaves the documented outputs alone; none of them is always empty, and those that are
    said to have times do.
    """
    if runs.findings or not runs.rows:
        return runs.findings
    verdicts = (_each_class, _each_location, _reported, _stable, _astray, _always_empty, _untimed)
    return tuple(finding for verdict in verdicts for finding in verdict(runbook, runs))


def first_runs(runs: Reading[DrillRun]) -> tuple[DrillRun, ...]:
    """Return the first run of each drill."""
    return tuple(run for run in runs.rows if run.number == 1)


def ids_of(runbook: Runbook, outputs: Mapping[str, bytes], *, name: str) -> frozenset[str]:
    """Return the IDs of this name that the documented locations of a run's outputs hold."""
    readings = by_location(contract_of(runbook).locations.rows, outputs)
    return frozenset(v for row, values in readings.items() if row.id == name for v in values)


def _optional(runbook: Runbook) -> tuple[str, ...]:
    """Return the variables that an entrypoint may be given."""
    rows = contract_of(runbook).variables.rows
    return tuple(dict.fromkeys(name for row in rows for name in row.optional))


def _given(command: str) -> dict[str, str]:
    """Return what a command line sets for its own command, as in `FAULT=wall suite smoke`."""
    (found,) = shell.events([command])
    calls = [event for event in found if isinstance(event, shell.Call)]
    return {one.name: one.value for call in calls[:1] for one in call.given}


def _repeated(drill: Drill, site: DrillSite, *, times: int, watched: bool) -> Iterator[DrillRun]:
    typed = retyped(site.like, text=drill.command, line=drill.line)
    trial = in_subshell(typed, folder=site.folder, env=site.env, exit_code=_RED)
    given = {**site.known, **site.env, **_given(drill.command)}
    for number in range(1, times + 1):
        # Each look takes its time; what one run leaves anywhere, the next one leaves there too.
        look = watched and number == 1
        watch = Watch(site.runbook, like=site.like, sandbox=site.sandbox) if look else None
        outcome, strays = _watched(trial, site, watch=watch)
        files = output_files(site.runbook, site.sandbox.machine)
        yield DrillRun(drill, number, outcome, files, given, strays)
        if outcome.status is not Status.PASSED:
            return


def _watched(
    trial: Command, site: DrillSite, *, watch: Watch | None
) -> tuple[Outcome, tuple[Stray, ...]]:
    if watch is None:
        return site.sandbox.shell.type(trial), ()
    watch.begin()
    return site.sandbox.shell.type(trial), watch.strays()


def _green(run: DrillRun) -> Iterator[Finding]:
    if run.outcome.status is not Status.PASSED:
        file, told = run.outcome.command.file, f"run {run.number}: {run.outcome.reason}"
        message = f"the drill of {run.drill.failure_class}, `{run.drill.command}`: {told}"
        yield Finding(file, run.drill.line, message)


def _each_class(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    drilled, classes = {run.drill.failure_class for run in runs.rows}, contract_of(runbook).classes
    known = [row.name for row in classes.rows]
    for row in classes.rows:
        if row.name not in drilled:
            message = f'"{SECTION}" has no drill for the class {row.name} (line {row.line})'
            yield Finding(runbook.path, runs.line, message)
    for run in first_runs(runs):
        if run.drill.failure_class not in known:
            name = run.drill.failure_class
            message = f'the class "{name}" is not in "Failure taxonomy"{did_you_mean(name, known)}'
            yield Finding(runbook.path, run.drill.line, message)


def _each_location(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    """Yield one finding for each line of the document: what the first run showed there."""
    told: dict[int, Finding] = {}
    for run in runs.rows:
        seen = (*cut((run.outcome,)), *located(runbook, run.outputs))
        for finding in seen:
            where = f"drill of {run.drill.failure_class}, run {run.number}"
            told.setdefault(finding.line, replace(finding, message=f"{finding.message} ({where})"))
    yield from told.values()


def _reported(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    for run in first_runs(runs):
        found, row = ids_of(runbook, run.outputs, name=SCENARIO), run.drill
        if found != set(row.scenarios):
            said = ", ".join(sorted(found)) or "no scenario"
            message = f"`{row.command}` reports {said}; the row says {', '.join(row.scenarios)}"
            yield Finding(runbook.path, row.line, message)


def _astray(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    for run in first_runs(runs):
        for stray in run.strays:
            if stray.fault:
                message = f"`{run.drill.command}` {stray.fault}"
                yield Finding(runbook.path, run.drill.line, message)


def _always_empty(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    """Yield the documented outputs in which nothing ever stands, whatever failed."""
    contract = contract_of(runbook).locations.rows
    rows = [(row.path, row.line) for row in contract if not row.where.is_stream]
    rows += [
        (path, row.line) for row in contract_of(runbook).entrypoints.rows for path in row.outputs
    ]
    for path, line in dict(reversed(rows)).items():
        held = [run.files[name] for run in runs.rows for name in matching(path, run.files)]
        if held and all(content.strip() in _NOTHING_SAID for content in held):
            yield Finding(runbook.path, line, f"{path} is empty after every drill")


def _untimed(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    """Yield each row of `CI artifacts` once that tells of times which a drill's file lacks."""
    found = [finding for run in first_runs(runs) for finding in untimed(runbook, run.files)]
    yield from {finding.line: finding for finding in reversed(found)}.values()


_NOTHING_SAID = {b"", b"{}", b"[]", b"null", b'""'}


def _stable(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    first = {run.drill: run for run in first_runs(runs)}
    for run in runs.rows:
        for line, message in _changed(runbook, first[run.drill], new=run):
            ending = f"in run {run.number} of `{run.drill.command}`, unlike in run 1"
            yield Finding(runbook.path, line, f"{message} {ending}")


def _changed(runbook: Runbook, old: DrillRun, *, new: DrillRun) -> Iterator[tuple[int, str]]:
    contract = contract_of(runbook).locations.rows
    before, after = by_location(contract, old.outputs), by_location(contract, new.outputs)
    for row in contract:
        if sorted(before[row]) != sorted(after[row]):
            seen = ", ".join(after[row]) or "nothing"
            yield row.line, f"{row.id}: {row.path} holds {seen}"
    for name in sorted(set(old.files) ^ set(new.files)):
        verb = "left" if name in new.files else "did not leave"
        yield new.drill.line, f"the command {verb} {name}"
