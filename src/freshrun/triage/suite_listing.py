"""What a suite says that it can report: the JSON that its own listing command prints.

One object with two lists: `scenarios` of `scenarioId`, `invariantId`, `class` and, if it likes,
`suite` and `proves`; `invariants` of `invariantId`, `class`, `statement` and `evidence`, the names
of the fields below `evidence` in a diagnostics file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from freshrun.checklist import named, need
from freshrun.model import Finding, Parsed, Record, Runbook

BLOCK = "list-scenarios"
"""The name of the runbook's block whose last command is the listing command."""

_LISTS: Mapping[str, tuple[str, ...]] = {
    "scenarios": ("scenarioId", "invariantId", "class"),
    "invariants": ("invariantId", "class", "statement", "evidence"),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """What the command in the runbook's `line` printed: text by key, for each scenario and so on.

    The names of an `evidence` list are joined by commas.
    """

    command: str
    line: int
    scenarios: tuple[Mapping[str, str], ...]
    invariants: tuple[Mapping[str, str], ...]


def suite_listing(runbook: Runbook, record: Record) -> Parsed[Listing]:
    """Read what the block `list-scenarios` printed; a finding where it is no such JSON."""
    stopped = need(runbook, record, block=BLOCK)
    if stopped:
        return Parsed(None, stopped, stopped[0].line)
    outcome = named(record, BLOCK)[-1]
    command = outcome.command
    read = _lists(outcome.stdout.kept)
    if isinstance(read, str):
        problem = f"`{command.text}` printed no listing of the suite: {read}"
        return Parsed(None, (Finding(command.file, command.line, problem),), command.line)
    return Parsed(Listing(command.text, command.line, *read), (), command.line)


_Rows = tuple[Mapping[str, str], ...]


def _lists(stdout: bytes) -> tuple[_Rows, _Rows] | str:
    """Return the two lists, or what is wrong with them."""
    try:
        document: object = json.loads(stdout)
    except (ValueError, RecursionError) as error:
        return f"not JSON ({error})"
    lists = document if isinstance(document, dict) else {}
    for name, keys in _LISTS.items():
        rows = lists.get(name)
        if not isinstance(rows, list) or not rows:
            return f'it needs a list "{name}"'
        for number, row in enumerate(rows):
            lacking = [key for key in keys if not isinstance(row, dict) or not _text(row.get(key))]
            if lacking:
                return f'{name}[{number}] has no "{lacking[0]}"'
    scenarios, invariants = (
        tuple({str(key): _text(value) for key, value in row.items()} for row in lists[name])
        for name in _LISTS
    )
    return scenarios, invariants


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else ""
