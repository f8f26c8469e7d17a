"""What one red run says of itself, in its files and on its output: real ones, one thing changed."""
# ruff: noqa: E501 - a case of a table is read best on one line

import json
from pathlib import Path

import pytest

from freshrun.checklist.plan import program_plan
from freshrun.checklist.sources import repository_files
from freshrun.document.reading import read
from freshrun.host.git import repository
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.runbook import Command
from freshrun.triage.agreement import disagreements, green_word
from freshrun.triage.drill_table import Drill
from freshrun.triage.drills import DrillRun

ROOT = Path(__file__).resolve().parents[2]
BOOK = read(ROOT / "runbook" / "integration-triage-runbook.md")
FILES = repository_files(repository(BOOK.path, worktree=True))
PLAN = program_plan(BOOK, files=FILES).known
OUT = "examples/drv/out"
ISO = sorted((ROOT / "tests" / "data" / "drills" / "rls-off").rglob("*.json"))
TOLD = {f"{OUT}/diagnostics/{path.name}": json.loads(path.read_bytes()) for path in ISO}
FIRST = next(iter(TOLD.values()))
ENVIRONMENT = {name: FIRST[name] for name in ("runId", "commit", "suite", "fault")}
ENVIRONMENT["startedAt"] = "2026-01-01T00:00:00+00:00"
PRINTED = "".join(
    f"DRV-FAILURE scenarioId={one['scenarioId']} invariantId={one['invariantId']}"
    f" class={one['class']} diagnostics={name.removeprefix('examples/drv/')}\n"
    for name, one in TOLD.items()
)


def judged(
    *, printed: str = PRINTED, suite: str = "smoke", environment: dict[str, object] = ENVIRONMENT
) -> list[str]:
    """Return what is said of a red run that printed and left so much."""
    command = f"DRV_FAULT=rls-off drv-suite {suite}"
    stdout = Output(printed.encode(), size=len(printed))
    outcome = Outcome(Command(command, BOOK.path, 1, 1, ""), Status.PASSED, stdout=stdout)
    files = {name: json.dumps(one).encode() for name, one in TOLD.items()}
    files[f"{OUT}/environment.json"] = json.dumps(environment).encode()
    run = DrillRun(Drill(1, "tenant-isolation", command, ()), 1, outcome, files)
    return [str(one) for one in disagreements(BOOK, PLAN, run, told=TOLD)]


def test_a_real_run_agrees_with_itself() -> None:
    """Its times are each failure's own; what else it prints is nobody's business."""
    assert len(TOLD) > 1
    assert judged() == []
    assert judged(printed=f"{PRINTED}noise class=other x=out/nowhere.json\n") == []
    assert judged(printed=PRINTED.replace(" class=", " took=3s class=")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("class=tenant-isolation", "class=harness", "stdout says class=harness of ISO-001; its diagnostics say tenant-isolation"),
        ("failure-002.json", "failure-001.json", "stdout names out/diagnostics/failure-001.json for ISO-002, which is another fail"),
        ("failure-002.json", "failure-003.json", "stdout names out/diagnostics/failure-003.json for ISO-002, which is not there"),
        ("diagnostics/failure-001", "failure-001", "stdout names out/failure-001.json for ISO-001, which is not there"),
        ("DRV-FAILURE", "DRV-GREEN\nDRV-FAILURE", "is red, and prints DRV-GREEN too"),
    ],
)  # fmt: skip
def test_a_line_that_says_something_else_is_found(old: str, new: str, said: str) -> None:
    """Of the failure whose two IDs it names."""
    found = judged(printed=PRINTED.replace(old, new))
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"commit": "unknown"}, 'commit is "unknown" in examples/drv/out/environment.json, and "'),
        ({"suite": "full"}, 'suite is "full" in examples/drv/out/environment.json, and "smoke" in'),
        ({"runId": 7}, "runId is 7 in examples/drv/out/environment.json"),
        ({"fault": None}, "fault is null in examples/drv/out/environment.json"),
    ],
)
def test_another_file_that_says_something_else_is_found(
    changed: dict[str, object], said: str
) -> None:
    """At the row of the field in the plan."""
    (found,) = judged(environment={**ENVIRONMENT, **changed})
    assert said in found
    (row,) = [one for one in PLAN.required.rows if one.path in changed]
    assert found.startswith(f"{PLAN.document.path}:{row.line}: ")


def test_a_suite_that_calls_itself_another_is_found() -> None:
    """`smoke` in the diagnostics of the full suite."""
    (found,) = judged(suite="full")
    assert "suite is smoke where full was run" in found


def test_what_a_green_run_ends_with_stands_in_the_text() -> None:
    """With its line; a document without such a sentence promises nothing."""
    line, word = green_word(BOOK) or (0, "")
    assert word == "DRV-GREEN"
    assert word in BOOK.text.splitlines()[line - 1]
    assert green_word(read(ROOT / "README.md")) is None
