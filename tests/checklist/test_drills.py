"""Drills, workarounds and entrypoints: typed into a live shell, then held against the document."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pytest
from own_shell import install, live_shell, rehearsed

from freshrun.checklist.durations import NAME
from freshrun.checklist.entry_verdicts import entrypoints_kept
from freshrun.checklist.entrypoint_runs import entry_runs, silent_outputs
from freshrun.checklist.outputs import output_files
from freshrun.checklist.strays import Stray
from freshrun.checklist.trial import Sandbox
from freshrun.document.reading import parse
from freshrun.model.errors import MachineError, NotReachedError
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Output
from freshrun.model.record import Record
from freshrun.model.runbook import Runbook
from freshrun.triage.content import Document
from freshrun.triage.drills import DrillRun, drill_locations, drilled
from freshrun.triage.workaround_table import workaround_table
from freshrun.triage.workarounds import Extraction, extracted, extractions

PATH = "runbook/triage.md"

TEXT = r"""---
freshrun:
  repository: https://github.com/acme/widgets.git
  secrets: [GH_TOKEN]
---
# Triage

```bash name=setup
mkdir widgets
cd widgets
export URL=here
```

```bash name=smoke band=0s..10s
suite smoke
```

## Rehearse a failure

```bash name=failing-smoke exit=1
FAULT=wall suite smoke
```

| Class | Command | Scenarios |
| --- | --- | --- |
| `isolation` | `FAULT=wall suite smoke` | `ISO-1` |
| `core` | `FAULT=share suite smoke` | `ALLOC-1`, `ALLOC-2` |

## ID extraction workarounds

```bash name=read-json
cat out/diag/*.json
```

```bash name=read-junit
cat out/junit.xml
```

```bash name=download
suite ci
gh run download 17 --name results --dir triage
```

```bash name=read-log
suite log
```

| Missing or unstable | Run | Read instead | Block |
| --- | --- | --- | --- |
| stdout, JUnit XML | here | the diagnostics | `read-json` |
| JSON | here | the verdicts | `read-junit` |
| JUnit XML, JSON | CI | the log | `read-log` |

## Failure taxonomy

| Class | Scenario prefix | Invariants | First owner |
| --- | --- | --- | --- |
| `isolation` | `ISO` | `INV-WALL` | tenancy |
| `core` | `ALLOC` | `INV-SHARE` | core |

## Invariant glossary

| Invariant | Statement |
| --- | --- |
| `INV-WALL` | No tenant sees another. |
| `INV-SHARE` | Shares add up. |

## Failure output contract

| ID | Where | Path | Selector | Format |
| --- | --- | --- | --- | --- |
| `scenarioId` | stdout | `-` | `^FAILED (\S+)` | `[A-Z]+-\d+` |
| `invariantId` | stdout | `-` | `^FAILED \S+ (\S+)` | `INV-[A-Z]+` |
| `scenarioId` | JUnit XML | `out/junit.xml` | `//p/@s` | `[A-Z]+-\d+` |
| `invariantId` | JUnit XML | `out/junit.xml` | `//p/@i` | `INV-[A-Z]+` |
| `scenarioId` | JSON | `out/diag/*.json` | `$.s` | `[A-Z]+-\d+` |
| `invariantId` | JSON | `out/diag/*.json` | `$.i` | `INV-[A-Z]+` |

## Environment contract

| Variable | Secret |
| --- | --- |
| `URL` | no |
| `FAULT` | no |
| `GH_TOKEN` | yes |

## Entrypoints

"""

ENTRYPOINT = {
    "Entrypoint": "smoke",
    "Command": "`suite smoke`",
    "Defined in": "[the suite](../src/widgets/suite.py)",
    "Required variables": "`URL`",
    "Left out": "exit status 2: `URL is not set`",
    "Optional variables": "`FAULT`",
    "Secrets": "none",
    "Runtime band": "`0s..10s`",
    "Outputs": "`out/junit.xml`",
    "Outputs of a failure": "`out/diag/*.json`",
}
TEXT += "".join(
    f"| {' | '.join(cells)} |\n"
    for cells in (ENTRYPOINT, ["---"] * len(ENTRYPOINT), ENTRYPOINT.values())
)

SUITE = r"""#!/bin/bash
case $1 in
ci) mkdir -p triage/diag; echo '{"s": "ISO-1", "i": "INV-WALL"}' > triage/diag/1.json; exit ;;
log) echo "FAILED ISO-1 INV-WALL"; exit ;;
esac
test "$1" = messy && { mkdir -p out; touch out/junit.xml; }
test -n "$URL" || { echo "suite: URL is not set" >&2; exit 2; }
rm -rf out; mkdir -p out/diag; verdicts=""; n=0
fail() {
  n=$((n + 1)); verdicts="$verdicts<p s=\"$1\" i=\"$2\"/>"
  echo "FAILED $1 $2"; echo "{\"s\": \"$1\", \"i\": \"$2\"}" > out/diag/$n.json
}
case $FAULT in
wall) fail ISO-1 INV-WALL ;;
share) fail ALLOC-1 INV-SHARE; fail ALLOC-2 INV-SHARE ;;
moody) test -e ../calm && fail ISO-2 INV-WALL; fail ISO-1 INV-WALL; touch ../calm ;;
chatty) env > out/env.txt ;;
astray) fail ISO-1 INV-WALL; echo "was ISO-1" > ../astray.txt; touch -d 2001-01-01 ../astray.txt ;;
mute) fail ISO-1 INV-WALL; : > out/log ;;
rude) echo "ISO-1" > ../rude.txt ;;
loud) echo "$GH_TOKEN"; ;;
esac
echo "<t>$verdicts</t>" > out/junit.xml
test "$n" = 0
"""

SOURCES = {
    PATH: b"",
    "src/widgets/suite.py": b"def main():\n    return 0\n",
    "pyproject.toml": b'[project.scripts]\nsuite = "widgets.suite:main"\n',
}


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsed runbook, and the shell that it left."""

    runbook: Runbook
    record: Record
    sandbox: Sandbox


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Rehearse the runbook once."""
    with live_shell(tmp_path_factory.mktemp("shell")) as sandbox:
        install(sandbox, "suite", program=SUITE)
        install(sandbox, "gh", program="#!/bin/bash\n")
        book = parse(TEXT, path=PATH)
        yield Rehearsal(book, rehearsed(book, sandbox), sandbox)


@pytest.fixture(scope="module")
def runs(rehearsal: Rehearsal) -> Reading[DrillRun]:
    """Run the drills once."""
    return drilled(rehearsal.runbook, rehearsal.record, sandbox=rehearsal.sandbox)


def edited(old: str, new: str) -> Runbook:
    """Return the runbook with one text in it, which is there, changed."""
    assert old in TEXT, old
    return parse(TEXT.replace(old, new, 1), path=PATH)


def line_of(fragment: str, text: str = TEXT) -> int:
    """Return the line of the document that holds the fragment, the first one."""
    return text[: text.index(fragment)].count("\n") + 1


def messages(findings: tuple[Finding, ...]) -> str:
    """Return the findings as they are shown."""
    return "\n".join(map(str, findings))


def test_each_drill_is_run_three_times_and_leaves_no_trace(
    rehearsal: Rehearsal, runs: Reading[DrillRun]
) -> None:
    """What each run left is kept; the outputs of the rehearsal are put back."""
    assert [(run.drill.failure_class, run.number) for run in runs.rows] == [
        (name, number) for name in ("isolation", "core") for number in (1, 2, 3)
    ]
    assert sorted(runs.rows[3].files) == ["out/diag/1.json", "out/diag/2.json", "out/junit.xml"]
    left = output_files(rehearsal.runbook, rehearsal.sandbox.machine)
    assert sorted(left) == ["out/diag/1.json", "out/junit.xml"]
    assert b"ISO-1" in left["out/junit.xml"]
    assert runs.rows[0].outcome.command.line == line_of("| `isolation` | `FAULT")


def test_drills_that_do_as_documented_have_no_finding(
    rehearsal: Rehearsal, runs: Reading[DrillRun]
) -> None:
    """All IDs in all places, in every run, for every class."""
    assert drill_locations(rehearsal.runbook, runs) == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("`ALLOC-1`, `ALLOC-2` |", "`ALLOC-1` |", "| `core` | `FAULT", "reports ALLOC-1, ALLOC-2;"),
        ("| `core` | `FAULT", "| `cor` | `FAULT", "| `cor`", '"Failure taxonomy"; did you mean "c'),
        ("| `core` | `FAULT", "| `cor` | `FAULT", "| Class | C", "has no drill for the class core"),
        ("`$.s` | `[A-Z]+-\\d+`", "`$.s` | `[A-Z]+-\\d`", "| `scenarioId` | JSON", ""),
        ("`$.s` | `[A-Z]+-\\d+`", "`$.s` | `A[A-Z]+-\\d`", "| `scenarioId` | JSON", "not of the"),
        ("`//p/@i`", "`//p/@x`", "| `invariantId` | JUnit", "holds none where //p/@x"),
    ],
)
def test_a_table_that_parts_from_the_drills_is_found(
    rehearsal: Rehearsal, old: str, new: str, at: str, said: str
) -> None:
    """One changed cell is named once for its line, with the drill."""
    book = edited(old, new)
    seen = drilled(book, rehearsal.record, sandbox=rehearsal.sandbox, times=2)
    findings = drill_locations(book, seen)
    wanted = line_of(at, TEXT.replace(old, new, 1))
    named = [finding.line for finding in findings if said and said in finding.message]
    assert named == ([wanted] if said else []), messages(findings)
    assert bool(findings) is bool(said)


def test_ids_that_differ_between_runs_are_found(rehearsal: Rehearsal) -> None:
    """The IDs of each place, and the files, are those of the first run."""
    Path(rehearsal.sandbox.machine.home, "calm").unlink(missing_ok=True)
    book = edited("`FAULT=wall suite smoke` | `ISO-1`", "`FAULT=moody suite smoke` | `ISO-1`")
    seen = drilled(book, rehearsal.record, sandbox=rehearsal.sandbox, times=2)
    findings = drill_locations(book, seen)
    where = "in run 2 of `FAULT=moody suite smoke`, unlike in run 1"
    json, row = line_of("| `scenarioId` | JSON"), line_of("| `isolation` | `FAULT")
    said = messages(findings)
    assert f"{PATH}:{json}: scenarioId: out/diag/*.json holds ISO-2, ISO-1 {where}" in said
    assert f"{PATH}:{row}: the command left out/diag/2.json {where}" in said
    assert f"leaves {rehearsal.sandbox.machine.home}/calm, which no row names" in said
    assert len(findings) == 8


def test_what_a_drill_leaves_anywhere_else_is_found(rehearsal: Rehearsal) -> None:
    """On the whole machine, whatever time the file is given, and with the IDs in it."""
    book = edited("`FAULT=wall suite", "`FAULT=astray suite")
    seen = drilled(book, rehearsal.record, sandbox=rehearsal.sandbox)
    (finding,) = drill_locations(book, seen)
    assert finding.line == line_of("| `isolation` | `FAULT")
    path = f"{rehearsal.sandbox.machine.home}/astray.txt"
    said = f"`FAULT=astray suite smoke` leaves {path}, which no row names; ISO-1 stands in it"
    assert finding.message == said


def test_a_machine_that_can_not_be_looked_through_is_no_pass(rehearsal: Rehearsal) -> None:
    """Without find nothing would ever be found; that is the harness's failure."""
    install(rehearsal.sandbox, "find", program="#!/bin/sh\necho no find here >&2\nexit 127\n")
    try:
        with pytest.raises(MachineError, match="can't be looked for: no find here"):
            drilled(rehearsal.runbook, rehearsal.record, sandbox=rehearsal.sandbox)
    finally:
        Path(rehearsal.sandbox.machine.home, "bin", "find").unlink()


def test_what_a_server_writes_is_looked_through_for_ids_alone() -> None:
    """A log of another user's is no output; an ID in it stands in a place without a row."""
    assert Stray("/var/log/db.log", own=False, ids=()).fault == ""
    said = Stray("/var/log/db.log", own=False, ids=("ISO-1", "INV-WALL")).fault
    assert said == "changes /var/log/db.log, and ISO-1, INV-WALL stands in it"


def test_a_documented_output_that_is_always_empty_is_found(rehearsal: Rehearsal) -> None:
    """At its row of the entrypoints; one that some drill fills is none."""
    book = edited("| `out/junit.xml` | `out/diag", "| `out/junit.xml`, `out/log` | `out/diag")
    book = parse(book.text.replace("`FAULT=wall suite", "`FAULT=mute suite", 1), path=PATH)
    seen = drilled(book, rehearsal.record, sandbox=rehearsal.sandbox)
    (finding,) = drill_locations(book, seen)
    assert finding.message == "out/log is empty after every drill"
    assert finding.line == line_of("| smoke | ")


def test_a_drill_that_is_green_is_found_and_not_repeated(rehearsal: Rehearsal) -> None:
    """A drill that shows no failure is no drill, and what hangs on it is not judged."""
    book = edited("`FAULT=wall suite", "`FAULT=none suite")
    seen = drilled(book, rehearsal.record, sandbox=rehearsal.sandbox)
    (finding,) = drill_locations(book, seen)
    assert finding.line == line_of("| `isolation` | `FAULT")
    assert "the drill of isolation, `FAULT=none suite smoke`: run 1: exit status 0" in str(finding)
    assert [run.number for run in seen.rows] == [1, 1, 2, 3]


def test_drills_wait_for_the_failing_run_of_the_document(rehearsal: Rehearsal) -> None:
    """Where that block did not pass there is nothing to judge; a table that is gone is found."""
    nothing = replace(rehearsal.record, outcomes=())
    with pytest.raises(NotReachedError, match="`FAULT=wall suite smoke` was not run"):
        drilled(rehearsal.runbook, nothing, sandbox=rehearsal.sandbox)
    gone = drilled(
        edited("| Class | Command |", "| Class | Call |"), nothing, sandbox=rehearsal.sandbox
    )
    assert 'has no column "Command"' in messages(gone.findings)


def worked_around(
    book: Runbook, rehearsal: Rehearsal, runs: Reading[DrillRun]
) -> Reading[Extraction]:
    """Type the workarounds of a runbook on the drills."""
    downloaded = {"triage/diag/1.json": b'{"s": "ISO-1", "i": "INV-WALL"}'}
    record, sandbox = rehearsal.record, rehearsal.sandbox
    return extractions(book, record, runs=runs, downloaded=downloaded, sandbox=sandbox)


def test_workarounds_that_print_the_ids_have_no_finding(
    rehearsal: Rehearsal, runs: Reading[DrillRun]
) -> None:
    """Each is typed where its place is lost, on a failure of each class, and prints every ID."""
    typed = worked_around(rehearsal.runbook, rehearsal, runs)
    assert extracted(rehearsal.runbook, typed) == ()
    assert [one.source for one in typed.rows] == [
        *["the drill of isolation"] * 2,
        *["the drill of core"] * 2,
        "the CI run",
    ]


def test_a_field_that_is_printed_with_the_value_of_another_is_found(
    rehearsal: Rehearsal, runs: Reading[DrillRun]
) -> None:
    """A line that begins with a field's name says that field of the failure above it."""
    typed = worked_around(rehearsal.runbook, rehearsal, runs)
    fields = {"s": "ISO-1", "expected": {"units": 1}, "actual": [2, 3], "tenantIds": []}
    told = Document("out/diag/1.json", fields, "ISO-1", "INV-WALL")
    lines = [
        "ISO-1  INV-WALL",
        '  expected  {"units": 1}',
        "  actual: [2, 3]",
        "  what is it",
        "out: 1",
    ]

    def judged(*printed: str) -> str:
        one = replace(typed.rows[0], printed="\n".join(printed), told=(told,))
        return messages(extracted(rehearsal.runbook, replace(typed, rows=(one,))))

    assert judged(*lines) == ""
    assert judged("  expected  nothing is named yet", *lines) == ""
    swapped = judged(lines[0], "  expected  [2, 3]", '  actual  {"units": 1}')
    assert 'prints expected as [2, 3] of the drill of isolation; it is {"units": 1}' in swapped
    assert "prints tenantIds as amber" in judged(lines[0], "  tenantIds  amber")


def test_the_log_of_each_job_names_the_ids_of_its_own_artifact(rehearsal: Rehearsal) -> None:
    """What another job's log still says does not stand in for it."""
    text = TEXT.replace(
        "gh run download 17 --name results --dir triage",
        "gh run download 17 --name w-smoke-results --dir triage\n"
        "gh run download 17 --name w-full-results --dir full",
    )
    book = parse(text, path=PATH)
    failure = b'{"s": "ISO-1", "i": "INV-WALL"}'
    downloaded = {"triage/diag/1.json": failure, "full/diag/1.json": failure}

    def told(*lines: str) -> str:
        said = "\n".join(f"{line}\tRun\tFAILED ISO-1 INV-WALL" for line in lines).encode()
        rehearsed = (*rehearsal.record.outcomes, rehearsal.record.outcomes[-1])
        outcomes = tuple(
            replace(one, command=command, stdout=Output(said, size=len(said)))
            if command.options.name == "read-log"
            else replace(one, command=command)
            for command, one in zip(book.commands, rehearsed, strict=True)
        )
        record = replace(rehearsal.record, outcomes=outcomes)
        nothing: Reading[DrillRun] = Reading(1)
        sandbox = rehearsal.sandbox
        typed = extractions(book, record, runs=nothing, downloaded=downloaded, sandbox=sandbox)
        return messages(extracted(book, typed))

    assert told("w smoke", "w full") == ""
    said = "read-log prints none as scenarioId of the job of w-smoke-results; ISO-1 is right"
    assert said in told("w full")
    assert "of the job of w-full-results" in told("w smoke")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "| JSON | here | the verdicts | `read-junit`",
            "| JSON | here | the verdicts | `read-json`",
            "read-json prints none as scenarioId of the drill of isolation; ISO-1 is right",
        ),
        ("| JSON | here", "| JSN | here", 'unknown place "JSN"; did you mean "JSON"?'),
        ("| JSON | here", "| JSON | there", 'unknown run "there"; did you mean "here"?'),
        (
            "| JUnit XML, JSON | CI | the log | `read-log`",
            "| JUnit XML, JSON | CI | the log | `smoke`",
            "smoke prints none as scenarioId of the CI run; ISO-1 is right",
        ),
    ],
)
def test_a_workaround_that_does_not_work_is_found(
    rehearsal: Rehearsal, runs: Reading[DrillRun], old: str, new: str, said: str
) -> None:
    """One that prints nothing or something else is named with its row and what is right."""
    book = edited(old, new)
    findings = extracted(book, worked_around(book, rehearsal, runs))
    wanted = line_of(new, TEXT.replace(old, new, 1))
    assert {f.line for f in findings if said in f.message} == {wanted}, messages(findings)


def test_a_workaround_whose_block_is_gone_is_found(
    rehearsal: Rehearsal, runs: Reading[DrillRun]
) -> None:
    """Its commands are those of a block that the rehearsal typed."""
    book = edited("| `read-log` |", "| `read-logs` |")
    said = 'no block of commands is marked name=read-logs; did you mean "read-log"?'
    assert said in messages(extracted(book, worked_around(book, rehearsal, runs)))


def test_a_place_without_a_workaround_is_found() -> None:
    """Each place of the contract has a row, or its own row there is the finding."""
    (finding,) = workaround_table(
        edited("| stdout, JUnit XML | here", "| JUnit XML | here")
    ).findings
    assert finding.line == line_of("| `scenarioId` | stdout")
    assert "does not say what to do without stdout" in finding.message


def tried(book: Runbook, rehearsal: Rehearsal) -> tuple[Finding, ...]:
    """Try the entrypoints of a runbook out and judge them."""
    record, sandbox = rehearsal.record, rehearsal.sandbox
    runs = entry_runs(book, record, sandbox=sandbox)
    files = output_files(book, sandbox.machine)
    return entrypoints_kept(book, record, files=files, sources=SOURCES, runs=runs)


def test_an_entrypoint_that_keeps_its_row_has_no_finding(rehearsal: Rehearsal) -> None:
    """Variables, time, outputs and the place of its definition are those of the row."""
    assert tried(rehearsal.runbook, rehearsal) == ()
    left = output_files(rehearsal.runbook, rehearsal.sandbox.machine)
    assert b"ISO-1" in left["out/junit.xml"]


def test_a_program_that_hides_another_of_its_name_is_found(rehearsal: Rehearsal) -> None:
    """PATH leads to it first; what is defined in the repository is never run."""
    book, record, sandbox = rehearsal.runbook, rehearsal.record, rehearsal.sandbox
    runs = entry_runs(book, record, sandbox=sandbox)
    assert all(len(run.programs) <= 1 for run in runs.rows)
    hidden = tuple(replace(run, programs=("/home/x/bin/suite", "/opt/suite")) for run in runs.rows)
    files = output_files(book, sandbox.machine)
    told = entrypoints_kept(
        book, record, files=files, sources=SOURCES, runs=replace(runs, rows=hidden)
    )
    assert " is /home/x/bin/suite, which hides /opt/suite; PATH leads to both" in messages(told)


def test_what_an_entrypoint_says_where_it_does_not_start_names_no_failure(
    rehearsal: Rehearsal,
) -> None:
    """The outputs of a run that did not start are its two streams."""
    runs = entry_runs(rehearsal.runbook, rehearsal.record, sandbox=rehearsal.sandbox)
    assert silent_outputs(runs) == {"stdout": b"", "stderr": b"suite: URL is not set\n"}
    assert silent_outputs(Reading(1)) == {}


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("Command", "`suite smoke fast`", "the command `suite smoke fast` is not the one that is"),
        (
            "Command",
            "`FAULT=wall suite smoke`",
            "with URL alone: exit status 1, expected 0; it sai",
        ),
        ("Command", "`FAULT=chatty suite smoke`", "its own green run leaves out/env.txt, which t"),
        ("Command", "`FAULT=rude suite smoke`", "rude.txt, which no row names; ISO-1 stands in it"),
        ("Command", "`FAULT=loud suite smoke`", "the secret GH_TOKEN stands in stdout"),
        ("Command", "`FAULT=chatty suite smoke`", "the secret GH_TOKEN stands in out/env.txt"),
        ("Defined in", "[it](../src/suite.py)", "links src/suite.py, which is not in the repos"),
        ("Defined in", "[it](../pyproject.toml)", "names widgets.suite:main, in widgets/suite.py"),
        ("Defined in", "the suite", 'is "the suite"; a link to a file of the repository is right'),
        ("Required variables", "`URL`, `FAULT`", "without FAULT: exit status 0, expected 2"),
        ("Required variables", "none", "with no variable alone: exit status 2, expected 0; it s"),
        ("Command", "`suite messy`", "without a required variable it leaves outputs all the same"),
        ("Left out", "exit status 3: `URL is not set`", "without URL: exit status 2, expected 3"),
        ("Left out", "exit status 2: `URL is missing`", 'it does not say "URL is missing", with'),
        ("Left out", "an error", "write it like exit status 2: `X is not set`"),
        ("Optional variables", "`URL`", "URL is said to be required and optional"),
        ("Secrets", "`URL`", 'URL is no secret in "Environment contract"'),
        ("Required variables", "`URL`, `GH_TOKEN`", 'GH_TOKEN is a secret in "Environment contr'),
        ("Runtime band", "`0s..9s`", "the band is 0 s to 9 s here, and 0 s to 10 s at its block"),
        ("Runtime band", "`0s..2h`", "ends at 7200 s, and it took"),
        ("Runtime band", "`30s..1m`", "outside the band of 30 s to 60 s"),
        ("Runtime band", "fast", 'the runtime band "fast" is none; write it like 5s..2m'),
        ("Outputs", "`out/junit.xml`, `out/log`", "its own green run leaves no out/log"),
        (
            "Outputs of a failure",
            "`out/*.xml`",
            "leaves out/junit.xml, which only a failure should",
        ),
    ],
)
def test_an_entrypoint_that_parts_from_its_row_is_found(
    rehearsal: Rehearsal, column: str, cell: str, said: str
) -> None:
    """One changed cell is named at its row with what was seen."""
    row = f"| {' | '.join({**ENTRYPOINT, column: cell}.values())} |"
    book = edited(f"| {' | '.join(ENTRYPOINT.values())} |", row)
    findings = tried(book, rehearsal)
    wanted = line_of("| smoke | ")
    assert {f.line for f in findings if said in f.message} == {wanted}, messages(findings)


@pytest.mark.parametrize(
    ("url", "fault", "said"),
    [
        ("yes", "no", ""),
        ("no", "no", "URL is required here, and is not in"),
        ("yes", "yes", "FAULT is optional here, and required in"),
    ],
)
def test_both_tables_say_the_same_of_what_is_required(
    rehearsal: Rehearsal, url: str, fault: str, said: str
) -> None:
    """`Entrypoints` for its own command, and `Environment contract` for the whole page."""
    book = edited(
        "| Variable | Secret |\n| --- | --- |\n"
        "| `URL` | no |\n| `FAULT` | no |\n| `GH_TOKEN` | yes |",
        "| Variable | Secret | Required |\n| --- | --- | --- |\n"
        f"| `URL` | no | {url} |\n| `FAULT` | no | {fault} |\n| `GH_TOKEN` | yes | yes |",
    )
    told = messages(tried(book, rehearsal))
    assert (said in told) if said else not told, told


def test_a_secret_in_what_the_rehearsal_left_is_found(rehearsal: Rehearsal) -> None:
    """A failing run prints other things than a green one; its files are looked through too."""
    sandbox, root = rehearsal.sandbox, f"{rehearsal.sandbox.machine.home}/widgets"
    report = sandbox.machine.read(f"{root}/out/junit.xml") or b""
    sandbox.machine.write_tree({"out/junit.xml": report + b"hush-hush"}, folder=root)
    said = messages(tried(rehearsal.runbook, rehearsal))
    sandbox.machine.write_tree({"out/junit.xml": report}, folder=root)
    assert (
        said
        == f"{PATH}:{line_of('| smoke | ')}: smoke: the secret GH_TOKEN stands in out/junit.xml"
    )


def test_a_band_is_held_against_the_durations_that_are_kept(rehearsal: Rehearsal) -> None:
    """Those that stand by the document; a file that can't be read is a finding of its own."""
    book, record, sandbox = rehearsal.runbook, rehearsal.record, rehearsal.sandbox
    runs = entry_runs(book, record, sandbox=sandbox)
    files, kept = output_files(book, sandbox.machine), str(PurePosixPath(PATH).with_name(NAME))
    for content, said in (
        ('{"%s": {"smoke": {"m": [0.1, 0.1, 0.1]}}}', "and the kept runs took 0.1 s as a rule"),
        ('{"%s": {"smoke": {"m": [900, 900, 900]}}}', "leaves out what is usual, and the kept"),
        ('{"%s": {"smoke": {"m": [900, 900]}}}', ""),
        ('{"%s": 3}', "durations.json:1: holds no durations"),
    ):
        text = content.replace("%s", PurePosixPath(PATH).name).encode()
        sources = {**SOURCES, PATH: b"", kept: text}
        told = messages(entrypoints_kept(book, record, files=files, sources=sources, runs=runs))
        assert (said in told) if said else not told, told


def test_an_entrypoint_is_defined_where_its_function_is(rehearsal: Rehearsal) -> None:
    """The module that the project names has to hold the function, and to be Python."""
    book, record, sandbox = rehearsal.runbook, rehearsal.record, rehearsal.sandbox
    runs = entry_runs(book, record, sandbox=sandbox)
    for content, said in (
        (b"def start():\n    pass\n", "it defines no function main, which pyproject.toml names"),
        (b"def main(:\n", "it is no Python: line 1"),
    ):
        sources = {**SOURCES, "src/widgets/suite.py": content}
        files = output_files(book, sandbox.machine)
        findings = entrypoints_kept(book, record, files=files, sources=sources, runs=runs)
        assert said in messages(findings)
    undeclared = {**SOURCES, "pyproject.toml": b"[broken"}
    files = output_files(book, sandbox.machine)
    assert entrypoints_kept(book, record, files=files, sources=undeclared, runs=runs) == ()
