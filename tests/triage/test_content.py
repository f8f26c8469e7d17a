"""What diagnostics say: real ones of our own drills, one thing of them changed."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from freshrun.checklist.sources import repository_files
from freshrun.document.reading import read
from freshrun.host.git import repository
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Outcome, Status
from freshrun.model.runbook import Command
from freshrun.triage.content import drill_diagnostics
from freshrun.triage.drill_table import drill_table
from freshrun.triage.drills import DrillRun

ROOT = Path(__file__).resolve().parents[2]
BOOK = read(ROOT / "runbook" / "integration-triage-runbook.md")
FILES = repository_files(repository(BOOK.path, worktree=True))
(PLAN,) = (name for name in FILES if name.startswith("runbook/DRV-"))

Fields = dict[str, object]
Change = Callable[[Fields], object]


def _documents(fault: str) -> Iterator[tuple[str, Fields]]:
    for path in sorted((ROOT / "tests" / "data" / "drills" / fault).rglob("*.json")):
        yield f"examples/drv/out/diagnostics/{path.name}", json.loads(path.read_bytes())


def _runs(change: Change) -> Iterator[DrillRun]:
    for row in drill_table(BOOK).rows:
        fault = row.command.partition("=")[2].partition(" ")[0]
        files: dict[str, bytes] = {}
        for name, fields in _documents(fault):
            change(fields)
            files[name] = json.dumps(fields).encode()
        if files:
            outcome = Outcome(
                Command(row.command, BOOK.path, row.line, row.line, ""), Status.PASSED
            )
            env = {"DRV_FAULT": fault, "DRV_RUN_ID": "17400000123"}
            yield DrillRun(row, 1, outcome, files, env)


def judged(change: Change, files: Mapping[str, bytes] = FILES) -> tuple[Finding, ...]:
    """Return what is wrong with the diagnostics of all drills, each changed."""
    return drill_diagnostics(BOOK, Reading(1, tuple(_runs(change))), files=files)


def put(**values: object) -> Change:
    """Return what sets fields."""
    return lambda fields: fields.update(values)


def blank(value: object) -> Change:
    """Return what sets each field of the evidence to one value."""
    return lambda fields: fields.update(evidence=dict.fromkeys(fields["evidence"] or (), value))  # type: ignore[call-overload]  # JSON


def always_amber(fields: Fields) -> None:
    """Name one tenant wherever there is any."""
    fields.update(tenantIds=["amber"] if fields["tenantIds"] else [])


def part(**values: object) -> Change:
    """Return what sets fields of the evidence, where they are."""

    def change(fields: Fields) -> None:
        evidence = fields["evidence"]
        assert isinstance(evidence, dict)
        evidence.update({name: value for name, value in values.items() if name in evidence})

    return change


def test_the_diagnostics_of_our_own_drills_say_what_the_plan_asks_for() -> None:
    """They are real ones, of the suite itself."""
    assert judged(lambda _: None) == ()


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        (put(tenantIds=[]), "tenantIds", "tenantIds is empty ([]); texts, empty for harness is"),
        (put(tenantIds=["amber", ""]), "tenantIds", 'tenantIds is empty (["amber", ""]); te'),
        (put(tenantIds="amber"), "tenantIds", 'tenantIds is "amber"; texts'),
        (put(tenantIds=["amber"]), "tenantIds", 'tenantIds is ["amber"] in every drill'),
        (put(summary=""), "summary", 'summary is empty (""); text is right'),
        (put(summary=" \n"), "summary", "summary is empty"),
        (put(summary="it failed"), "summary", 'summary is "it failed" for each invariant'),
        (put(summary=7), "summary", "summary is 7; text is right"),
        (always_amber, "tenantIds", 'tenantIds is ["amber"] in every drill'),
        (part(claims=7), "evidence.claims", "evidence.claims is 7; list is right"),
        (part(claims=[]), "evidence.claims", "evidence.claims is empty ([])"),
        (part(poolUnits="100"), "evidence.poolUnits", "number is right"),
        (part(settings=[1]), "evidence.settings", "object is right"),
        (part(statement=["SELECT"]), "evidence.statement", "text is right"),
        (blank(None), "evidence", "evidence is empty"),
        (blank(""), "evidence", "evidence is empty"),
        (put(evidence={}), "evidence", "evidence is empty ({})"),
        (put(evidence=[1]), "evidence", "evidence is [1]; object is right"),
        (put(evidence={"a": 1}), "evidence", 'evidence is {"a": 1} for each class'),
        (put(expected=None), "expected", "expected is null; any is right"),
        (put(expected=1, actual=1), "actual", "expected and actual are both 1, which is no fail"),
        (put(actual="wrong"), "actual", 'actual is "wrong" in every drill'),
        (put(proves="a lot"), "proves", "the plan's What it proves"),
        (put(invariant="holds"), "invariant", "the plan's Statement"),
        ({"class": "harness"}, "class", 'class is "harness"; "tenant-isolation" is right'),
        (put(runId="local-1"), "runId", 'is "local-1" where DRV_RUN_ID is "17400000123": nothing'),
        (put(fault=None), "fault", "fault is null in every drill"),
        (put(fault="rounding"), "fault", 'fault is "rounding" where DRV_FAULT is "rls-off"'),
        (put(commit=""), "commit", "commit is empty"),
        (put(startedAt="today"), "startedAt", 'startedAt is "today"; time is right'),
        (put(startedAt="2026-11-23T09:24:55"), "startedAt", "time is right"),
        (put(failedAt="2020-01-01T00:00:00+00:00"), "failedAt", "failedAt is before startedAt"),
        (
            put(startedAt="2026-01-01T00:00:00+00:00"),
            "startedAt",
            "for each run; it has to differ",
        ),
        (put(reproduce="drv-suite smoke"), "reproduce", "for each scenario; it has to differ"),
    ],
)
def test_a_field_that_does_not_say_what_it_should_is_found(
    change: Change | dict[str, str], field: str, said: str
) -> None:
    """At the field's row of the plan, once for all drills."""
    found = judged(change if callable(change) else put(**change))
    lines = FILES[PLAN].decode().splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.startswith(f"| `{field}` |"))
    assert [(one.file, one.line) for one in found if said in one.message][:1] == [(PLAN, line)], (
        found
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| text | scenario |", "| txt | scenario |", 'unknown type "txt"; did you mean "text"?'),
        ("| text | scenario |", "| text | scenarios |", 'did you mean "scenario"?'),
    ],
)
def test_a_row_that_can_not_be_read_is_found(old: str, new: str, said: str) -> None:
    """The plan's own words are known ones."""
    plan = FILES[PLAN].decode().replace(old, new, 1).encode()
    assert said in str(judged(lambda _: None, {**FILES, PLAN: plan})[0])
