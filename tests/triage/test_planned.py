"""The suite's own verdicts: JUnit files and faults held against the plan."""
# ruff: noqa: E501 - a case of a table is read best on one line

import json
from dataclasses import replace

import pytest
from small_program import LISTING, PLAN, RUNBOOK, Program

from freshrun.checklist.entrypoint_runs import EntryRun
from freshrun.checklist.entrypoints import Terms, entrypoints
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.runbook import Command
from freshrun.triage.drill_table import Drill
from freshrun.triage.drills import DrillRun
from freshrun.triage.planned import planned_verdicts, seen_red

SMOKE = '<t><testcase name="test_weights"/><testcase name="test_place"/></t>'
RED = SMOKE.replace(
    '"test_weights"/>', '"test_weights"><failure/><p s="SHARE-1" i="INV-FAIR"/></testcase>'
)
NAMES = {"SHARE-1": "weights", "SHARE-2": "sums", "HAR-1": "place"}
DIAGNOSTICS = b'{"scenarioId": "SHARE-1", "invariantId": "INV-FAIR"}'

PROGRAM = (
    Program()
    .but(
        RUNBOOK,
        "| `scenarioId` | JSON |",
        "| `scenarioId` | JUnit XML | `out/junit.xml` | `//p/@s` | `[A-Z]+-\\d+` |\n"
        "| `invariantId` | JUnit XML | `out/junit.xml` | `//p/@i` | `INV-[A-Z]+` |\n"
        "| `scenarioId` | JSON |",
    )
    .but(PLAN, "What it proves | Suite |", "What it proves | Suite | Own test | Seen red by |")
    .but(PLAN, "| --- | --- | --- | --- | --- |", "| --- | --- | --- | --- | --- | --- | --- |")
    .but(PLAN, "weights count | smoke |", "weights count | smoke | yes | `unweighted` |")
    .but(PLAN, "nothing is lost | full |", "nothing is lost | full | yes | `leak` |")
    .but(PLAN, "is a database | smoke |", "is a database | smoke | yes | never: it is ours |")
)
PROGRAM = Program(
    {
        **PROGRAM.texts,
        PLAN: PROGRAM.texts[PLAN]
        + """
## What is tested

| Suite | Runs |
| --- | --- |
| smoke | a little |
| full | all |

## Faults for drills

| `FAULT` | Class |
| --- | --- |
| `unweighted` | `core` |
| `leak` | `core` |
""",
    }
)


def _listing() -> str:
    document = json.loads(LISTING)
    for row in document["scenarios"]:
        row["name"] = NAMES[row["scenarioId"]]
    return json.dumps(document)


def judged(
    junit: str = SMOKE,
    *,
    red: str = RED,
    diagnostics: bytes = DIAGNOSTICS,
    printed: bytes = b"",
    program: Program = PROGRAM,
) -> tuple[Finding, ...]:
    """Judge a green run and an artifact."""
    book = program.runbook
    entry = entrypoints(book).rows[0]
    terms = Terms(entry, "", (), (), 0, (), (), (0.0, 9.0), ())
    outcome = Outcome(Command("suite smoke", book.path, 1, 1, ""), Status.PASSED)
    files = {"out/junit.xml": junit.encode()}
    green = EntryRun(
        terms, {}, untouched=True, green=outcome, streams={"stdout": printed}, files=files, leaks=()
    )
    outputs = {"out/junit.xml": red.encode(), "out/diagnostics/1.json": diagnostics}
    return planned_verdicts(
        book,
        program.rehearsed(_listing()),
        files=program.files,
        greens=Reading(1, (green,)),
        artifacts={"smoke-results": outputs},
    )


def test_verdicts_that_are_those_of_the_plan_have_no_finding() -> None:
    """A scenario of full alone is not asked of smoke, nor one that has no test of its own."""
    assert judged() == ()
    alone = PROGRAM.but(PLAN, "smoke | yes | never", "smoke | no | never")
    less = SMOKE.replace('<testcase name="test_place"/>', "")
    assert judged(less, red=RED.replace('<testcase name="test_place"/>', ""), program=alone) == ()


@pytest.mark.parametrize(
    ("junit", "at", "said"),
    [
        (SMOKE.replace('<testcase name="test_place"/>', ""), "| `HAR-1`", "HAR-1 is planned for smoke, and there is no test place"),
        (SMOKE.replace('"test_place"/>', '"test_place"><skipped/></testcase>'), "| `HAR-1`", "place is skipped, in the green run"),
        (SMOKE.replace('"test_place"/>', '"test_place"><error/></testcase>'), "| `HAR-1`", "place is an error, in the green run"),
        (SMOKE.replace("<t>", '<t><testcase name="test_other"/>'), "| Scenario |", "the test other is no scenario of smoke"),
        (SMOKE.replace("<t>", '<t><testcase name="test_place"/>'), "| `HAR-1`", "the test place ran twice"),
        ("<t/>", "| `SHARE-1`", "SHARE-1 is planned for smoke, and there is no test weights"),
    ],
)  # fmt: skip
def test_a_green_run_that_left_something_out_is_found(junit: str, at: str, said: str) -> None:
    """At the scenario's row of the plan."""
    found = [one for one in judged(junit) if said in one.message]
    assert [(one.file, one.line) for one in found] == [(PLAN, PROGRAM.line(PLAN, at))]


@pytest.mark.parametrize(
    ("red", "said"),
    [
        ("", "is no JUnit file"),
        ("<t/>", "there is no testcase at all, in out/junit.xml of smoke-results"),
        (RED.replace(' s="SHARE-1"', ""), "JUnit XML lacks scenarioId SHARE-1, in smoke-results"),
        (RED.replace('<testcase name="test_place"/>', ""), "HAR-1 is planned for smoke, and there"),
    ],
)
def test_an_artifact_with_other_verdicts_is_found(red: str, said: str) -> None:
    """At the row of `CI artifacts`."""
    found = [one for one in judged(red=red) if said in one.message]
    line = PROGRAM.line(RUNBOOK, "| `smoke-results` | `junit.xml`")
    assert [(one.file, one.line) for one in found] == [(RUNBOOK, line)], judged(red=red)


def test_a_plan_that_runs_a_suite_by_another_command_is_found() -> None:
    """The runbook's entrypoint of that name decides."""
    table = PROGRAM.but(
        PLAN,
        "| Suite | Runs |\n| --- | --- |\n",
        "| Suite | Command | Runs |\n| --- | --- | --- |\n",
    )
    right = table.but(PLAN, "| smoke | a little |", "| smoke | `suite smoke` | a little |")
    right = right.but(PLAN, "| full | all |", "| full | `suite full` | all |")
    assert judged(program=right) == ()
    (found,) = judged(program=right.but(PLAN, "`suite smoke`", "`suite quick`"))
    assert (found.file, found.line) == (PLAN, right.line(PLAN, "| smoke | `suite smoke`"))
    assert "smoke is run by `suite quick`; " in found.message
    assert found.message.endswith(" says `suite smoke`")


def test_a_green_run_that_ends_with_another_word_is_found() -> None:
    """The text says what a reader has to see."""
    told = PROGRAM.but(RUNBOOK, "# ", "Green ends with `ALL-WELL`.\n\n# ")
    assert judged(program=told, printed=b"1 passed\nALL-WELL every test holds\n") == ()
    (found,) = judged(program=told, printed=b"NOT-ALL-WELL\n")
    assert found.file == RUNBOOK
    assert found.message == "`suite smoke` was green, and did not print ALL-WELL"


def test_files_of_one_run_that_name_other_ids_are_found() -> None:
    """What the diagnostics of the artifact lack is told too."""
    (lost, other) = judged(diagnostics=b'{"invariantId": "INV-FAIR", "scenarioId": "SHARE-2"}')
    assert "JUnit XML lacks scenarioId SHARE-2" in lost.message
    assert "JSON lacks scenarioId SHARE-1" in other.message


def _run(fault: str, *names: str, status: Status = Status.PASSED) -> DrillRun:
    text = f"FAULT={fault} suite full"
    command = Command(text, RUNBOOK, 1, 1, "")
    outcome = Outcome(
        command, status, stdout=Output(b"", size=0), reason="exit status 0, expected 1"
    )
    line = PROGRAM.line(PLAN, f"| `{fault}` |")
    return DrillRun(Drill(line, "core", text, ()), 1, outcome, _left(*names))


def _left(*names: str) -> dict[str, bytes]:
    """Return the outputs of a run that reports these scenarios."""
    files = {f"out/diagnostics/{name}.json": json.dumps(_ids(name)).encode() for name in names}
    verdicts = "".join(f'<p s="{name}" i="{INVARIANT_OF[name]}"/>' for name in names)
    return {**files, "out/junit.xml": f"<t>{verdicts}</t>".encode()}


def _ids(name: str) -> dict[str, str]:
    return {"scenarioId": name, "invariantId": INVARIANT_OF[name]}


INVARIANT_OF = {"SHARE-1": "INV-FAIR", "SHARE-2": "INV-SUM", "HAR-1": "INV-PLACE"}


RUNS = (_run("unweighted", "SHARE-1"), _run("leak", "SHARE-1", "SHARE-2"))


def red(*runs: DrillRun, program: Program = PROGRAM) -> list[tuple[int, str]]:
    """Judge what faults showed."""
    found = seen_red(program.runbook, Reading(1, runs or RUNS), files=program.files)
    return [(one.line, one.message) for one in found]


def test_every_scenario_is_seen_red_or_named_as_never() -> None:
    """By the fault of its row, and by no other class."""
    assert red() == []
    line = PROGRAM.line(PLAN, "| `SHARE-2`")
    assert red(RUNS[0], _run("leak", "SHARE-1")) == [
        (line, "SHARE-2 is not seen red: with leak the suite reports SHARE-1")
    ]
    ((where, said),) = red(RUNS[0], _run("leak", "SHARE-2", "HAR-1"))[1:]
    assert where == PROGRAM.line(PLAN, "| `leak` |")
    assert "reports HAR-1 too, which is not of the class core" in said
    ((_, said),) = red(
        RUNS[0], replace(RUNS[1], outcome=_run("leak", status=Status.FAILED).outcome)
    )
    assert said == "`FAULT=leak suite full`: exit status 0, expected 1"


def test_an_id_in_an_output_of_the_largest_suite_that_no_row_names_is_found() -> None:
    """What smoke does not do there, full may; the first such run is told."""
    logged = tuple(
        replace(run, files={**run.files, "out/suite.log": b"x SHARE-1\n"}) for run in RUNS
    )
    ((_, said),) = red(*logged)
    assert said == (
        "scenarioId: SHARE-1 stands in out/suite.log:1, a place without a row here "
        "(`FAULT=unweighted suite full`)"
    )


def test_a_place_that_the_largest_suite_leaves_empty_is_found() -> None:
    """What stands in each place under smoke has to under full, the same IDs in each."""
    lost = replace(RUNS[1], files={**RUNS[1].files, "out/junit.xml": b"<t/>"})
    assert [said.partition(" (")[0] for _, said in red(RUNS[0], lost)] == [
        "scenarioId: out/junit.xml holds none where //p/@s points",
        "invariantId: out/junit.xml holds none where //p/@i points",
    ]
    parted = RUNS[1].files["out/junit.xml"].replace(b' i="INV-SUM"', b' i="INV-FAIR"')
    ((_, said),) = red(RUNS[0], replace(RUNS[1], files={**RUNS[1].files, "out/junit.xml": parted}))
    assert said.startswith("invariantId: JUnit XML lacks INV-SUM, which JSON (line ")


def test_a_reproduction_that_runs_a_suite_without_the_scenario_is_found() -> None:
    """Its command would end with a mistake in the call; that of a scenario of smoke is right."""

    def reproduced(name: str) -> dict[str, bytes]:
        told = {**_ids(name), "reproduce": "FAULT=leak suite smoke --only x"}
        return {**RUNS[1].files, f"out/diagnostics/{name}.json": json.dumps(told).encode()}

    assert red(RUNS[0], replace(RUNS[1], files=reproduced("SHARE-1"))) == []
    ((line, said),) = red(RUNS[0], replace(RUNS[1], files=reproduced("SHARE-2")))
    assert line == PROGRAM.line(PLAN, "| `leak` |")
    assert "--only x` reproduces SHARE-2, which is no scenario of smoke, in out/diag" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| `leak` |\n", "|  |\n", 'SHARE-2 is seen red by ""; a fault of the table below'),
        ("| `leak` |\n", "| `leek` |\n", 'SHARE-2 is seen red by "leek"'),
        ("| `leak` |\n", "| never |\n", 'SHARE-2 is seen red by "never"; a fault of the table'),
        ("| `leak` |\n", "| never: hm |\n", "is said never to be seen red, but leak shows it"),
    ],
)
def test_a_row_that_does_not_say_what_shows_it_red_is_found(old: str, new: str, said: str) -> None:
    """A reason is asked for, and it has to be true."""
    changed = PROGRAM.but(PLAN, old, new)
    ((line, message),) = red(program=changed)
    assert line == PROGRAM.line(PLAN, "| `SHARE-2`")
    assert said in message


def test_what_a_smaller_suite_reports_is_held_against_the_largest() -> None:
    """Under each fault, for those that no drill of the runbook switches on, too."""
    table = PROGRAM.but(
        PLAN,
        "| `FAULT` | Class |\n| --- | --- |\n",
        "| `FAULT` | Class | Smoke reports |\n| --- | --- | --- |\n",
    )
    right = table.but(PLAN, "| `unweighted` | `core` |", "| `unweighted` | `core` | `SHARE-1` |")
    right = right.but(PLAN, "| `leak` | `core` |", "| `leak` | `core` | `SHARE-1` |")
    assert red(program=right) == []
    wrong = right.but(PLAN, "| `leak` | `core` | `SHARE-1` |", "| `leak` | `core` | `HAR-1` |")
    ((line, said),) = red(program=wrong)
    assert line == right.line(PLAN, "| `leak` | `core`")
    assert said == "smoke reports SHARE-1 under leak, the row says HAR-1"
