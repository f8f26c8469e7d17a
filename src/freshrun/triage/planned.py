"""The suite itself: its green and red verdicts held against the scenarios that are planned."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from freshrun.checklist import (
    IDS,
    SCENARIO,
    EntryRun,
    Fault,
    Plan,
    Sandbox,
    Scenario,
    Where,
    by_location,
    contract_of,
    found,
    located,
    matching,
    named,
    need,
    program_plan,
)
from freshrun.model import Finding, Reading, Record, Runbook, Status
from freshrun.triage.agreement import green_word
from freshrun.triage.content import Document, documents_of, parting, unread
from freshrun.triage.drill_table import Drill
from freshrun.triage.drills import DrillRun, drill_site, typed_drills
from freshrun.triage.suite_listing import suite_listing

_SHOWN = 5
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class SuiteCase:
    """One test of a JUnit file, by the name of its function, and what became of it."""

    name: str
    verdict: str


def junit_cases(content: bytes) -> tuple[SuiteCase, ...] | str:
    """Return the tests of a JUnit file, or why it can't be read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"is no JUnit file: {error}"
    return tuple(_suite_case(node) for node in root.iter("testcase"))


def _suite_case(node: etree._Element) -> SuiteCase:
    worse = [name for name in ("error", "failure", "skipped") if node.find(name) is not None]
    name = node.get("name", "").partition("[")[0].removeprefix("test_")
    return SuiteCase(name, worse[0] if worse else "passed")


def planned_verdicts(
    runbook: Runbook,
    record: Record,
    *,
    files: Mapping[str, bytes],
    greens: Reading[EntryRun],
    artifacts: Mapping[str, Mapping[str, bytes]],
) -> tuple[Finding, ...]:
    """Hold the JUnit files of green runs and of `artifacts` against the plan among `files`.

    The green run of an entrypoint has one test for each scenario of its suite, and each of them
    passed: none is left out, skipped or unknown. The verdicts of a downloaded artifact are those of
    its suite too, some of them red, and they name the IDs that its diagnostics name.
    """
    plan, listing = program_plan(runbook, files=files), suite_listing(runbook, record)
    stopped = (*plan.findings, *listing.findings, *greens.findings)
    if stopped:
        return stopped
    names = {row["scenarioId"]: row.get("name", "") for row in listing.known.scenarios}
    held = _Held(runbook, plan.known, names)
    return (
        *held.plan.scenarios.findings,
        *held.plan.suites.findings,
        *_commands(held),
        *(finding for run in greens.rows for finding in _of_green(held, run)),
        *(f for name, outputs in artifacts.items() for f in _of_artifact(held, name, outputs)),
    )


@dataclass(frozen=True, slots=True)
class _Held:
    runbook: Runbook
    plan: Plan
    names: Mapping[str, str]

    def planned(self, suite: str) -> tuple[Scenario, ...]:
        """Return the scenarios with a test of their own that a suite runs."""
        order = [row.name for row in self.plan.suites.rows]
        taken = order[: order.index(suite) + 1] if suite in order else ()
        rows = self.plan.scenarios.rows
        return tuple(row for row in rows if row.suite in taken and row.has_test)

    def suite_of(self, words: str) -> str:
        """Return the suite that a name is about, such as `drv-smoke-results`."""
        parts = words.split("-")
        return next((r.name for r in self.plan.suites.rows if r.name in parts), "")

    @property
    def junit(self) -> tuple[str, ...]:
        rows = contract_of(self.runbook).locations.rows
        return tuple(dict.fromkeys(row.path for row in rows if row.where is Where.JUNIT))

    def there(self, line: int, message: str) -> Finding:
        return Finding(self.plan.document.path, line, message)


def _commands(held: _Held) -> Iterator[Finding]:
    """Yield the suites that the plan runs by another command than the runbook."""
    rows = {row.name: row for row in contract_of(held.runbook).entrypoints.rows}
    for suite in held.plan.suites.rows:
        entry = rows.get(suite.name)
        if entry and suite.command and suite.command != entry.command:
            message = f"{suite.name} is run by `{suite.command}`; {held.runbook.path}:{entry.line}"
            yield held.there(suite.line, f"{message} says `{entry.command}`")


def _of_green(held: _Held, run: EntryRun) -> Iterator[Finding]:
    entry = run.terms.entry
    if run.green.status is not Status.PASSED or not held.planned(entry.name):
        return
    green, printed = green_word(held.runbook), b"\n".join(run.streams.values())
    if green and green[1] not in printed.decode(errors="replace").split():
        message = f"`{entry.command}` was green, and did not print {green[1]}"
        yield Finding(held.runbook.path, green[0], message)
    what = f"the green run of `{entry.command}`"
    for name in (name for path in held.junit for name in matching(path, run.files)):
        cases = junit_cases(run.files[name])
        if isinstance(cases, str):
            yield Finding(held.runbook.path, entry.line, f"{name} {cases}, of {what}")
            continue
        for line, message in _against_plan(held, cases, suite=entry.name):
            yield held.there(line, f"{message}, in {what}")
        for case in cases:
            if case.verdict != "passed":
                line = _line(held, case.name)
                yield held.there(line, f"{case.name} is {_WORDS[case.verdict]}, in {what}")


_WORDS = {"skipped": "skipped", "failure": "red", "error": "an error"}


def _line(held: _Held, name: str) -> int:
    rows = held.plan.scenarios
    return next((row.line for row in rows.rows if held.names.get(row.id) == name), rows.line)


def _against_plan(
    held: _Held, cases: Sequence[SuiteCase], *, suite: str
) -> Iterator[tuple[int, str]]:
    """Yield the scenarios without a test, and the tests without a scenario."""
    ran, planned = [case.name for case in cases], held.planned(suite)
    for row in planned:
        name = held.names.get(row.id, "")
        if name not in ran:
            message = f"{row.id} is planned for {suite}, and there is no test"
            yield row.line, f"{message} {name or 'of it'}"
    known = {held.names.get(row.id) for row in planned}
    for name in dict.fromkeys(name for name in ran if name not in known or ran.count(name) > 1):
        twice = "ran twice" if name in known else f"is no scenario of {suite}"
        yield _line(held, name), f"the test {name} {twice}"


def _of_artifact(held: _Held, name: str, outputs: Mapping[str, bytes]) -> Iterator[Finding]:
    rows = [row for row in contract_of(held.runbook).artifacts.rows if row.artifact == name]
    line = rows[0].line if rows else contract_of(held.runbook).artifacts.line
    for file in (one for path in held.junit for one in matching(path, outputs)):
        cases = junit_cases(outputs[file])
        if isinstance(cases, str):
            yield Finding(held.runbook.path, line, f"{file} of {name} {cases}")
            continue
        yield from (
            Finding(held.runbook.path, line, f"{message}, in {file} of {name}")
            for message in _red_faults(held, cases, suite=held.suite_of(name))
        )
    yield from (
        Finding(held.runbook.path, line, f"{message}, in {name}")
        for message in _parting(held.runbook, outputs)
    )


def _red_faults(held: _Held, cases: Sequence[SuiteCase], *, suite: str) -> Iterator[str]:
    if not cases:
        yield "there is no testcase at all"
        return
    red = [case.name for case in cases if case.verdict != "passed"]
    stopped = any(_class_of(held, name) == "harness" for name in red)
    for _, message in _against_plan(held, cases, suite=suite) if suite else ():
        if not (stopped and "there is no test" in message):
            yield message


def _class_of(held: _Held, name: str) -> str:
    rows = held.plan.scenarios.rows
    return next((row.failure_class for row in rows if held.names.get(row.id) == name), "")


def _parting(runbook: Runbook, outputs: Mapping[str, bytes]) -> Iterator[str]:
    """Say where the files of one run that failed name other IDs than each other."""
    contract = [row for row in contract_of(runbook).locations.rows if not row.where.is_stream]
    read = by_location(contract, outputs)
    for name in IDS:
        values = {row: set(read[row]) for row in contract if row.id == name}
        everywhere = set().union(*values.values())
        for row, here in values.items():
            if any(one.selected.fault for one in found(row, outputs)):
                continue  # told as what it is: no JUnit file, or no JSON
            if everywhere - here:
                yield f"{row.where.value} lacks {name} {', '.join(sorted(everywhere - here))}"


# --- every scenario is seen red ---


def faulted(
    runbook: Runbook, record: Record, *, files: Mapping[str, bytes], sandbox: Sandbox
) -> Reading[DrillRun]:
    """Run the largest suite once with each fault of the plan's `Faults for drills`.

    The variables that fields of the diagnostics come from have made-up values.
    """
    found_plan = program_plan(runbook, files=files)
    if found_plan.findings:
        return Reading(1, findings=found_plan.findings)
    plan = found_plan.known
    table, order = plan.faults, plan.suites
    commands = {row.name: row.command for row in contract_of(runbook).entrypoints.rows}
    block = order.rows[-1].name if order.rows else ""
    stopped = (*table.findings, *order.findings, *need(runbook, record, block=block))
    if stopped or block not in commands:
        return Reading(table.line, findings=stopped)
    drills = [
        Drill(one.line, one.failure_class, f"{one.variable}={one.fault} {commands[block]}", ())
        for one in table.rows
    ]
    fields = plan.required.rows
    probes = {row.source: f"probe-{row.path}" for row in fields if _VARIABLE.fullmatch(row.source)}
    env = {k: value for k, value in probes.items() if k not in {one.variable for one in table.rows}}
    site = drill_site(runbook, like=named(record, block)[-1], sandbox=sandbox, env=env)
    return Reading(table.line, typed_drills(drills, site, watched=False))


def seen_red(
    runbook: Runbook, runs: Reading[DrillRun], *, files: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Hold the plan's column `Seen red by` against what each fault made the suite report.

    Every scenario is reported under the fault that its row names, or the row says that it is never
    seen red, and why. A fault reports scenarios of its own class alone, and the run ends with 1.
    Fields that come from a variable hold the value that it had. The IDs stand in each place of
    `Failure output contract` and nowhere else, in the largest suite as in the smallest.
    """
    found_plan = program_plan(runbook, files=files)
    if runs.findings or found_plan.findings:
        return (*runs.findings, *found_plan.findings)
    plan = found_plan.known
    rows, known = plan.scenarios.rows, {row.fault for row in plan.faults.rows}
    reported = {_fault_of(run): _reported(runbook, run) for run in runs.rows}
    told = [one for run in runs.rows for one in documents_of(runbook, run)]
    judged = (
        *((one.line, text) for one in plan.required.rows for text in unread(one, told)),
        *(one for row in rows for one in _unseen(row, reported, known=known)),
        *(one for run in runs.rows for one in _elsewhere(run, _reported(runbook, run), rows)),
        *(one for fault in plan.faults.rows for one in _shown_by_smallest(fault, reported, plan)),
    )
    strange = (Finding(plan.document.path, line, message) for line, message in judged)
    held = _Held(runbook, found_plan.known, {})
    apart = parting(runbook, plan, runs.rows)
    return (*strange, *_irreproducible(held, told), *_astray(runbook, runs), *apart)


def _irreproducible(held: _Held, told: Iterable[tuple[DrillRun, Document]]) -> Iterator[Finding]:
    """Yield where a scenario's own command runs a suite that does not have it."""
    commands = {row.name: row.command for row in contract_of(held.runbook).entrypoints.rows}
    for run, document in told:
        name, command = document.fields.get(SCENARIO), str(document.fields.get("reproduce", ""))
        suites_named = [suite for suite, text in commands.items() if text in command]
        planned = {row.id for suite in suites_named for row in held.planned(suite)}
        if suites_named and name not in planned:
            message = f"`{command}` reproduces {name}, which is no scenario of {suites_named[0]}"
            yield held.there(run.drill.line, f"{message}, in {document.name}")
            return


def _astray(runbook: Runbook, runs: Reading[DrillRun]) -> Iterator[Finding]:
    """Yield the first run whose IDs do not stand in each place that a row names, and no other."""
    for run in runs.rows:
        if found_there := located(runbook, run.outputs):
            for one in found_there:
                yield replace(one, message=f"{one.message} (`{run.drill.command}`)")
            return


def _fault_of(run: DrillRun) -> str:
    return run.drill.command.partition("=")[2].partition(" ")[0]


def _reported(runbook: Runbook, run: DrillRun) -> frozenset[str]:
    contract = [row for row in contract_of(runbook).locations.rows if row.id == SCENARIO]
    readings = by_location(contract, run.outputs)
    return frozenset(value for values in readings.values() for value in values)


def _unseen(
    row: Scenario, reported: Mapping[str, frozenset[str]], *, known: Iterable[str]
) -> Iterator[tuple[int, str]]:
    fault, _, reason = row.red.partition(":")
    if fault == "never" and reason.strip():
        seen = [name for name, values in reported.items() if row.id in values]
        if seen:
            yield row.line, f"{row.id} is said never to be seen red, but {seen[0]} shows it"
    elif fault not in known:
        right = "a fault of the table below, or never: and why, is right"
        yield row.line, f'{row.id} is seen red by "{row.red}"; {right}'
    elif row.id not in reported.get(fault, ()):
        values = ", ".join(sorted(reported.get(fault, ()))) or "nothing"
        yield row.line, f"{row.id} is not seen red: with {fault} the suite reports {values}"


def _shown_by_smallest(
    fault: Fault, reported: Mapping[str, frozenset[str]], plan: Plan
) -> Iterator[tuple[int, str]]:
    """Hold what a row says that a smaller suite reports against what the largest one does."""
    if fault.suite not in {row.name for row in plan.suites.rows} or fault.fault not in reported:
        return
    taken = [row.name for row in plan.suites.rows]
    smaller = taken[: taken.index(fault.suite) + 1]
    own = {row.id for row in plan.scenarios.rows if row.suite in smaller}
    seen = own & reported[fault.fault]
    if seen != set(fault.scenarios):
        names = ", ".join(sorted(seen)) or "nothing"
        message = f"{fault.suite} reports {names} under {fault.fault}, the row says"
        yield fault.line, f"{message} {', '.join(fault.scenarios) or 'nothing'}"


def _elsewhere(
    run: DrillRun, values: frozenset[str], rows: Sequence[Scenario]
) -> Iterator[tuple[int, str]]:
    if run.outcome.status is not Status.PASSED:
        yield run.drill.line, f"`{run.drill.command}`: {run.outcome.reason}"
    classes = {row.id: row.failure_class for row in rows}
    strange = sorted(v for v in values if classes.get(v) != run.drill.failure_class)
    if strange:
        shown = ", ".join(strange[:_SHOWN])
        message = f"`{run.drill.command}` reports {shown} too, which is not of the class"
        yield run.drill.line, f"{message} {run.drill.failure_class}"
