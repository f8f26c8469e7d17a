"""What one red run says of itself, in its files and on its output: all of it says the same."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist import INVARIANT, SCENARIO, Plan, RequiredField, contract_of
from freshrun.model import Finding, Runbook
from freshrun.triage.drills import DrillRun

Fields = Mapping[str, object]

_GREEN = re.compile(r"\b[Gg]reen\b[^.`]{0,40}\bends with `([^`\n]+)`")
_TOKEN = re.compile(r"(?<!\S)(\w+)=(\S+)")


def green_word(runbook: Runbook) -> tuple[int, str] | None:
    """Return what a green run ends with, as in "Green ends with `OK`", behind that line."""
    found = _GREEN.search(runbook.text)
    return (runbook.text.count("\n", 0, found.start(1)) + 1, found[1]) if found else None


def disagreements(
    runbook: Runbook, plan: Plan, run: DrillRun, *, told: Mapping[str, Fields]
) -> Iterator[Finding]:
    """Yield where a run parts from its diagnostics, `told` by the paths of their files.

    A field that is the same in all of them is the same in the run's other JSON files; a line of the
    output that names both IDs of a failure says the same of it; and no red run says that it is
    green.
    """
    held = _Run(runbook, plan, run, told)
    for line, message in (*_suites(held), *_files(held), *_lines(held)):
        yield Finding(plan.document.path, line, f"{message} (`{run.drill.command}`)")
    green = green_word(runbook)
    if green and told and green[1] in run.outcome.stdout.text.split():
        message = f"`{run.drill.command}` is red, and prints {green[1]} too"
        yield Finding(runbook.path, green[0], message)


@dataclass(frozen=True, slots=True)
class _Run:
    runbook: Runbook
    plan: Plan
    run: DrillRun
    told: Mapping[str, Fields]

    def values(self, row: RequiredField) -> list[object]:
        """Return what the diagnostics hold in a field, each value once."""
        found = [fields[row.path] for fields in self.told.values() if row.path in fields]
        return [value for at, value in enumerate(found) if value not in found[:at]]


def _suites(held: _Run) -> Iterator[tuple[int, str]]:
    """Yield a field that names a suite of the plan, and another one than was run."""
    known = {row.name for row in held.plan.suites.rows}
    rows = contract_of(held.runbook).entrypoints.rows
    ran = {row.name for row in rows if row.command in held.run.drill.command} & known
    for row in held.plan.required.rows:
        values = held.values(row)
        names = {value for value in values if isinstance(value, str)} & known
        if ran and names and len(names) == len(values) and not names <= ran:
            yield row.line, f"{row.path} is {_listed(names)} where {_listed(ran)} was run"


def _files(held: _Run) -> Iterator[tuple[int, str]]:
    """Yield what another JSON file of the run says of it."""
    for name, content in held.run.files.items():
        fields = _object(content) if name.endswith(".json") and name not in held.told else {}
        for row in held.plan.required.rows:
            values = held.values(row)
            # A time is each failure's own.
            alike = row.demand is not None and row.demand.kind == "text" and len(values) == 1
            if alike and row.path in fields and fields[row.path] != values[0]:
                here, right = json.dumps(fields[row.path]), json.dumps(values[0])
                yield row.line, f"{row.path} is {here} in {name}, and {right} in the diagnostics"


def _object(content: bytes) -> Fields:
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _lines(held: _Run) -> Iterator[tuple[int, str]]:
    """Yield what a line of the output says of a failure, and its diagnostics do not."""
    for line in held.run.outcome.stdout.text.splitlines():
        tokens = dict(_TOKEN.findall(line))
        about = {
            name: fields
            for name, fields in held.told.items()
            if {fields.get(SCENARIO), fields.get(INVARIANT)} <= set(tokens.values())
        }
        if not about:
            continue
        for row in (one for one in held.plan.required.rows if one.path in tokens):
            right = [str(fields.get(row.path)) for fields in about.values()]
            if tokens[row.path] not in right:
                message = f"stdout says {row.path}={tokens[row.path]} of"
                yield row.line, f"{message} {_scenario(about)}; its diagnostics say {right[0]}"
        for path in (value for value in tokens.values() if value.endswith(".json")):
            there = [name for name in held.run.files if f"/{name}".endswith(f"/{path}")]
            if not set(there) & about.keys():
                what = "another failure's" if there else "not there"
                message = f"stdout names {path} for {_scenario(about)}, which is {what}"
                yield held.plan.required.line, message


def _scenario(about: Mapping[str, Fields]) -> str:
    return str(next(iter(about.values())).get(SCENARIO))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
