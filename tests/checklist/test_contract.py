"""What the runbook documents, held against what a record shows."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.checklist.artifacts import (
    artifact_outputs,
    artifact_paths,
    as_outputs,
    downloaded_files,
)
from freshrun.checklist.evidence import named, need, need_setup, setup, unmet, unpassed
from freshrun.checklist.failure_contract import failure_contract
from freshrun.checklist.locations import by_location, found, id_locations
from freshrun.checklist.outputs import output_files, output_folder
from freshrun.checklist.paths import checkout, matching
from freshrun.checklist.smoke_run import smoke
from freshrun.checklist.xml_readers import by_xpath
from freshrun.document.reading import parse
from freshrun.mask.masking import Mask
from freshrun.model.errors import NotReachedError
from freshrun.model.finding import Finding
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Command, Runbook
from freshrun.triage.defects import defect

PATH = "runbook/triage.md"
HOME = "/home/newcomer"

TEXT = r"""---
freshrun:
  repository: https://github.com/acme/widgets.git
---
# Triage

## Setup

```bash
sudo apt-get install -y make
git clone https://github.com/acme/widgets.git && cd widgets
```

## Run the suite

```bash name=smoke
make smoke
```

```bash name=failing-smoke exit=1
make smoke FAULT=rounding
```

## Failure taxonomy

| Class | Scenario prefix | Invariants | Meaning | First owner |
| --- | --- | --- | --- | --- |
| `isolation` | `ISO` | `INV-ISOLATION` | A tenant sees another. | `@platform` |
| `core` | `ALLOC`, `SHARE` | `INV-FAIRNESS` | A share is wrong. | `@core` |

## Invariant glossary

| Invariant | Statement |
| --- | --- |
| `INV-ISOLATION` | Each tenant sees its own rows. |
| `INV-FAIRNESS` | Shares follow weights. |

## Failure output contract

| ID | Where | Path | Selector | Format |
| --- | --- | --- | --- | --- |
| `scenarioId` | `stdout` | `-` | `^FAILURE (\S+)` | `(ISO\|ALLOC)-\d{3}` |
| `scenarioId` | `JUnit XML` | `out/junit.xml` | `//property[@name="scenario"]/@value` | `\w+-\d+` |
| `scenarioId` | `JSON` | `out/diagnostics/*.json` | `$.scenarioId` | `(ISO\|ALLOC)-\d{3}` |
| `invariantId` | `log` | `out/suite.log` | `invariant=(\S+)` | `INV-[A-Z]+` |
| `invariantId` | `JSON` | `out/diagnostics/*.json` | `$.invariantId` | `INV-[A-Z]+` |

## Entrypoints

| Entrypoint | Command | Outputs |
| --- | --- | --- |
| `smoke` | `make smoke` | `out/junit.xml`, `out/diagnostics/` |

## CI artifacts

```bash name=download-artifacts
gh run list --limit 1
gh run download 174 --name widgets-smoke --dir triage/smoke
```

| Artifact | Path | Holds |
| --- | --- | --- |
| `widgets-smoke` | `junit.xml` | Verdicts. |
| `widgets-smoke` | `diagnostics/*.json` | One file a failure. |
| `widgets-full` | `junit.xml` | Verdicts. |

## Ownership and escalation

| Failure class | First owner | Apart from | Reach | Response | Fallback | Escalation |
| --- | --- | --- | --- | --- | --- | --- |
| `isolation` | `@platform` | - | `#platform` | 15m | `@core` | `@lead` |
| `core` | `@core` | - | `#core` | 1h | `@platform` | `@lead` |

## Defect bead template

```bash name=file-defect
bd create "the defect"
rm body.md
```

```bash name=read-defect
bd show w-1a2 --json
```

### Bead fields

| Bead field | Value |
| --- | --- |
| `title` | `[{scenarioId}] {invariantId} violated: shares` |
| `runId:` | `{run}` |
"""

JUNIT = b"""<?xml version="1.0"?>
<testsuites><testsuite name="smoke">
<testcase name="shares"><properties>
<property name="scenario" value="ALLOC-002"/>
</properties><failure message="shares are wrong"/></testcase>
</testsuite></testsuites>
"""
DIAGNOSTICS = b'{\n "scenarioId": "ALLOC-002",\n "invariantId": "INV-FAIRNESS",\n "run": "174"\n}\n'

STDOUT = b"one test\nFAILURE ALLOC-002\n"

OUTPUTS: Mapping[str, bytes] = {
    "out/junit.xml": JUNIT,
    "out/diagnostics/failure-1.json": DIAGNOSTICS,
    "out/suite.log": b"start\ninvariant=INV-FAIRNESS\n",
}

DOWNLOADED: Mapping[str, bytes] = {
    "triage/smoke/junit.xml": JUNIT,
    "triage/smoke/diagnostics/failure-1.json": DIAGNOSTICS,
}

BODY = """## Summary
- runId: 174
- runUrl: https://github.com/acme/widgets/actions/runs/174

## Steps to Reproduce:

1. make smoke

## Artifacts
widgets-smoke: diagnostics/failure-1.json
"""
BEAD: Mapping[str, object] = {
    "id": "w-1a2",
    "title": "[ALLOC-002] INV-FAIRNESS violated: shares",
    "description": BODY,
    "assignee": "@core",
    "labels": ["triage", "scenario:ALLOC-002", "invariant:INV-FAIRNESS"],
    "priority": 1,
}


@dataclass(frozen=True)
class Disk:
    """The files of a machine, by absolute path."""

    files: Mapping[str, bytes]
    home: str = HOME

    def tree(self, folder: str) -> Mapping[str, bytes]:
        """Return what stands below the folder."""
        prefix = f"{folder}/"
        return {n.removeprefix(prefix): c for n, c in self.files.items() if n.startswith(prefix)}


def edited(old: str, new: str) -> Runbook:
    """Return the runbook with one text in it, which is there, changed."""
    assert TEXT.count(old) >= 1
    return parse(TEXT.replace(old, new, 1), path=PATH)


def runbook() -> Runbook:
    """Return the runbook as it should be."""
    return parse(TEXT, path=PATH)


def rehearsed(book: Runbook, change: Callable[[Outcome], Outcome] = lambda o: o) -> Record:
    """Return the record of a run in which every command passed, but for `change`."""
    outcomes = tuple(change(passed(command)) for command in book.commands)
    return Record(runbook=PATH, sha256="", started="", ended="", outcomes=outcomes)


def passed(command: Command) -> Outcome:
    """Return what the command gives where all is well."""
    said = {
        "failing-smoke": STDOUT,
        "read-defect": json.dumps([BEAD]).encode(),
    }.get(command.options.name or "", b"")
    return Outcome(command, Status.PASSED, stdout=whole(said), cwd=f"{HOME}/widgets")


def whole(said: bytes) -> Output:
    """Return an output that was kept whole."""
    return Output(head=said, size=len(said))


class Fields(TypedDict, total=False):
    """The fields of an outcome that a test changes."""

    status: Status
    reason: str
    exit_code: int
    stdout: Output
    stderr: Output
    cwd: str


def but(block: str, **fields: Unpack[Fields]) -> Callable[[Outcome], Outcome]:
    """Return a change of the outcomes of one block."""
    return lambda o: replace(o, **fields) if o.command.options.name == block else o


def line_of(fragment: str, text: str = TEXT) -> int:
    """Return the line of the document that holds the fragment, the first one."""
    return text[: text.index(fragment)].count("\n") + 1


def messages(findings: tuple[Finding, ...]) -> str:
    """Return the findings as they are shown."""
    return "\n".join(map(str, findings))


def ids(book: Runbook, files: Mapping[str, bytes] = OUTPUTS) -> tuple[Finding, ...]:
    """Judge the ID locations of a run that failed as it should."""
    return id_locations(book, rehearsed(book), files=files)


def test_a_contract_that_is_kept_has_no_finding() -> None:
    """Documented IDs in the documented places, and only there, pass."""
    assert ids(runbook()) == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("`^FAILURE (", "`^FAILED (", "`^FAILED (", "stdout holds none where ^FAILED"),
        (
            "`out/junit.xml` | `//prop",
            "`out/junits.xml` | `//prop",
            "`scenarioId` | `JUnit XML`",
            'the run left no out/junits.xml; did you mean "out/junit.xml"?',
        ),
        (
            r"`^FAILURE (\S+)` | `(ISO\|ALLOC)-\d{3}`",
            r"`^FAILURE (\S+)` | `(ISO\|ALLOC)-\d{4}`",
            "`scenarioId` | `stdout`",
            r'"ALLOC-002" in stdout is not of the format (ISO|ALLOC)-\d{4}',
        ),
        (
            "`ALLOC`, `SHARE`",
            "`ALLOT`, `SHARE`",
            "| Class | Scenario prefix",
            ' has no prefix in "Failure taxonomy"',
        ),
        (
            "| `INV-FAIRNESS` | Shares",
            "| `INV-FAIRNES` | Shares",
            "| Invariant | Statement",
            'is not in "Invariant glossary"; did you mean "INV-FAIRNES"?',
        ),
    ],
)
def test_a_table_that_differs_from_the_outputs_is_found(
    old: str, new: str, at: str, said: str
) -> None:
    """One changed cell of a table is named with its line and with what would be right."""
    findings = ids(edited(old, new))
    assert any(said in str(finding) for finding in findings), messages(findings)
    assert line_of(at, TEXT.replace(old, new, 1)) in {finding.line for finding in findings}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## Failure output contract", "## Failure contract", 'no section "Failure output'),
        ("| ID | Where | Path |", "| ID | Provenance | Path |", 'has no column "Where"'),
        (
            "| `scenarioId` | `stdout`",
            "| `scenarioID` | `stdout`",
            'unknown ID "scenarioID"; did you mean "scenarioId"?',
        ),
        ("| `scenarioId` | `stdout`", "| `run` | `stdout`", "scenarioId or invariantId is right"),
        ("| `stdout` |", "| `stdoud` |", 'unknown place "stdoud"; did you mean "stdout"?'),
        ("| `stdout` |", "| `screen` |", "one of stdout, stderr, log, JUnit XML, JSON is right"),
        ("| `stdout` | `-`", "| `stdout` | `out`", 'stdout has no path, "out" was found; - is'),
        ("| `log` | `out/suite.log`", "| `log` | `-`", "log needs the path of its file"),
        (r"^FAILURE (\S+)", r"^FAILURE \S+", "has 0 groups; exactly one, the ID, is right"),
        (r"^FAILURE (\S+)", r"^FAILURE (\S+", "is not a regular expression: missing ), unterm"),
        ("//property[@name", "//property[[@name", "is not an XPath: Invalid expression"),
        ("//property[@name", "//x:property[@name", "is not an XPath: Undefined namespace prefix"),
        ("`$.scenarioId`", "`$.[scenarioId`", "is not a JSONPath: "),
        (r"`INV-[A-Z]+`", r"`(INV-[A-Z]+)?`", "matches nothing at all; it must be exact"),
        (r"`INV-[A-Z]+`", r"`INV-[A-Z+`", "is not a regular expression: unterminated char"),
    ],
)
def test_a_contract_that_can_not_be_read_is_a_finding(old: str, new: str, said: str) -> None:
    """A missing table or column and a cell that can't be read fail the document, with a line."""
    findings = ids(edited(old, new))
    assert said in messages(findings)
    assert all(finding.file == PATH and finding.line >= 1 for finding in findings)


def test_an_id_without_any_row_is_a_finding() -> None:
    """A contract that is silent on one of the two IDs is not complete."""
    rows = [line for line in TEXT.splitlines(keepends=True) if line.startswith("| `invariantId`")]
    findings = ids(parse(TEXT.replace("".join(rows), ""), path=PATH))
    assert messages(findings) == f"{PATH}:{line_of('| ID |')}: no row says where invariantId stands"


def test_a_section_without_a_table_is_a_finding() -> None:
    """Where only prose stands under the heading, the columns that are needed are named."""
    text = TEXT.replace(TEXT[TEXT.index("| ID |") : TEXT.index("## Entrypoints")], "None yet.\n\n")
    findings = ids(parse(text, path=PATH))
    said = '"Failure output contract" has no table; one with the columns ID | Where | Path'
    assert [f.line for f in findings if said in f.message] == [line_of("## Failure output", text)]


def test_a_table_without_rows_is_a_finding() -> None:
    """A table of headers alone documents nothing."""
    first, last = TEXT.index("| `scenarioId` | `stdout`"), TEXT.index("\n## Entrypoints")
    findings = ids(parse(TEXT[:first] + TEXT[last:], path=PATH))
    assert 'the table of "Failure output contract" has no row' in messages(findings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"(\S+)` | `(ISO\|ALLOC)-\d{3}`", r"(\S+)` | `^(ISO\|ALLOC)-\d{3}$`"),
        ("`ALLOC`, `SHARE`", "`ALLOC-`, `SHARE-`"),
        ("| `scenarioId` | `stdout`", "| **scenarioId** | [`stdout`](#run-the-suite)"),
        ("| `INV-FAIRNESS` | Shares", "| [`INV-FAIRNESS`](plan.md) | Shares"),
        ("`out/junit.xml` | `//prop", "`./out/junit.xml` | `//prop"),
    ],
)
def test_what_a_table_says_can_be_written_in_more_than_one_way(old: str, new: str) -> None:
    """Anchors, a prefix with its dash, marks of emphasis and links, and ./ change no meaning."""
    assert ids(edited(old, new)) == ()


def test_a_format_with_anchors_finds_ids_in_running_text() -> None:
    """The anchors of a format are for the value alone, not for the lines that are searched."""
    book = parse(TEXT.replace("`INV-[A-Z]+`", "`^INV-[A-Z]+$`"), path=PATH)
    findings = ids(book, {**OUTPUTS, "out/notes.txt": b"see INV-OTHER there\n"})
    assert "INV-OTHER stands in out/notes.txt:1, a place without a row here" in messages(findings)


@pytest.mark.parametrize("title", ["Failure taxonomy", "Invariant glossary"])
def test_without_the_table_of_known_ids_none_is_known(title: str) -> None:
    """A table that is not there is a finding of its own."""
    said = f'no section "{title}" with its table; did you mean "{title}s"?'
    assert said in messages(ids(edited(f"## {title}", f"## {title}s")))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("out/junit.xml", b"<testsuites>", "out/junit.xml is not well-formed XML: "),
        ("out/diagnostics/failure-1.json", b"{", "failure-1.json is not JSON: "),
        ("out/diagnostics/failure-1.json", b"[" * 99_999, "failure-1.json is not JSON: "),
        ("out/diagnostics/failure-2.json", b"{}", "failure-2.json holds none where $.scenarioId"),
        ("out/diagnostics/failure-1.json", b'{"scenarioId": 2}', "selects more than strings"),
        ("out/suite.log", b"invariant=INV-2\n", '"INV-2" in out/suite.log is not of the format'),
        ("out/suite.log", b"invariant=INV-OTHER\n", "log lacks INV-FAIRNESS, which JSON (line "),
        ("out/environment.txt", b"\nISO-001\n", "ISO-001 stands in out/environment.txt:2, a place"),
        ("out/suite.log", b"invariant=INV-FAIRNESS INV-FAIRNESS", "stands in out/suite.log:1, a"),
        (
            "out/junit.xml",
            JUNIT.replace(b"shares are wrong", b"ALLOC-002"),
            "ALLOC-002 stands in out/junit.xml:4, 5, 2 times; rows name 1",
        ),
        (
            "out/diagnostics/failure-1.json",
            DIAGNOSTICS.replace(b"}", b',"test": "ALLOC-002 INV-OTHER"}'),
            "INV-OTHER stands in out/diagnostics/failure-1.json:5, a place",
        ),
    ],
)
def test_an_output_that_differs_from_the_contract_is_found(
    name: str, content: bytes, said: str
) -> None:
    """One changed output file is named with what is wrong in it."""
    assert said in messages(ids(runbook(), {**OUTPUTS, name: content}))


def test_an_id_on_stderr_is_found_where_only_stdout_is_documented() -> None:
    """The streams are told apart."""
    book = runbook()
    change = but("failing-smoke", stderr=whole(b"warning\nALLOC-002 failed\n"))
    findings = id_locations(book, rehearsed(book, change), files=OUTPUTS)
    assert [finding.line for finding in findings] == [line_of("| ID | Where")]
    assert "scenarioId: ALLOC-002 stands in stderr:2, a place" in messages(findings)


def test_a_run_that_names_no_failure_proves_nothing() -> None:
    """Where every location is empty, each is a finding."""
    book = runbook()
    record = rehearsed(book, but("failing-smoke", stdout=whole(b"3 passed\n")))
    findings = id_locations(book, record, files={"out/suite.log": b""})
    rows = {row.line for row in failure_contract(book).rows}
    assert {finding.line for finding in findings} == rows


def test_a_stream_that_was_not_kept_whole_is_a_finding() -> None:
    """Bytes that nobody kept can't be searched for IDs."""
    book = runbook()
    record = rehearsed(book, but("failing-smoke", stdout=replace(whole(STDOUT), size=10**9)))
    findings = id_locations(book, record, files=OUTPUTS)
    assert "stdout has 1000000000 bytes and was not kept whole" in messages(findings)


def test_a_second_row_for_the_same_place_hides_no_surplus() -> None:
    """Two selectors of one place account for one occurrence."""
    row = next(line for line in TEXT.splitlines(keepends=True) if "JUnit XML" in line)
    same = row.replace("//property[@name", "//testcase/properties/property[@name")
    book = parse(TEXT.replace(row, row + same), path=PATH)
    twice = JUNIT.replace(b"shares are wrong", b"ALLOC-002")
    assert ids(book) == ()
    assert "out/junit.xml:4, 5, 2 times; rows name 1" in messages(
        ids(book, {**OUTPUTS, "out/junit.xml": twice})
    )


def test_an_id_inside_a_selected_text_that_is_too_long_is_one_finding() -> None:
    """A selector that takes too much is told so once, not as an undocumented place too."""
    record = rehearsed(runbook(), but("failing-smoke", stdout=whole(b"FAILURE ALLOC-002,\n")))
    said = messages(id_locations(runbook(), record, files=OUTPUTS))
    assert '"ALLOC-002," in stdout is not of the format' in said
    assert "a place without a row" not in said


def test_a_log_row_documents_text_inside_a_structured_file() -> None:
    """An expression may name the characters in an XML file that no XPath yields alone."""
    text = r'| `scenarioId` | `log` | `out/junit.xml` | `message="(\S+) ` | `[A-Z]+-\d{3}` |'
    row = "| `scenarioId` | `JSON`"
    message = JUNIT.replace(b'message="', b'message="ALLOC-002 ')
    assert ids(edited(row, f"{text}\n{row}"), {**OUTPUTS, "out/junit.xml": message}) == ()


@settings(deadline=None)  # the first example reads the tables
@given(st.lists(st.sampled_from([f"ALLOC-{n:03}" for n in range(9)]), min_size=1, unique=True))
def test_any_set_of_failures_is_followed_through_all_places(scenarios: list[str]) -> None:
    """The same IDs everywhere pass; with one of them missing in one place, that one is named."""
    book = runbook()
    lines = "".join(f"FAILURE {scenario}\n" for scenario in scenarios).encode()
    record = rehearsed(book, but("failing-smoke", stdout=whole(lines)))
    cases = "".join(f'<property name="scenario" value="{s}"/>' for s in scenarios)
    files = {
        "out/suite.log": OUTPUTS["out/suite.log"],
        "out/junit.xml": f"<testsuites>{cases}</testsuites>".encode(),
        **{
            f"out/diagnostics/{n}.json": DIAGNOSTICS.replace(b"ALLOC-002", s.encode())
            for n, s in enumerate(scenarios)
        },
    }
    assert id_locations(book, record, files=files) == ()
    files["out/diagnostics/0.json"] = DIAGNOSTICS.replace(b"ALLOC-002", b"ISO-999")
    said = f"JSON lacks {scenarios[0]}, which stdout (line {line_of('| `scenarioId` | `stdout`')})"
    assert said in messages(id_locations(book, record, files=files))


def test_an_external_entity_of_a_junit_file_is_not_read() -> None:
    """A report that asks for a file of the host gets nothing of it."""
    evil = b'<!DOCTYPE t [<!ENTITY e SYSTEM "file:///etc/passwd">]><t><i>&e;</i></t>'
    assert by_xpath("//i/text()")(evil).sightings == ()


def test_each_text_that_an_xpath_selects_has_a_place_of_its_own() -> None:
    """An attribute, a text and what follows an element are told apart, also with one value."""
    selected = by_xpath("//b/@id | //text()")(b'<t><b id="A">A</b>A</t>')
    assert [sighting.value for sighting in selected.sightings] == ["A", "A", "A"]
    assert len({sighting.place for sighting in selected.sightings}) == 3


@pytest.mark.parametrize("source", ["//testcase", "count(//testcase)", "true()"])
def test_an_xpath_that_yields_no_text_says_how_it_would(source: str) -> None:
    """Elements, numbers and truths are no IDs."""
    assert "end it with /@attribute or /text()" in by_xpath(source)(JUNIT).fault


def test_found_reads_one_location_from_every_file_that_it_means() -> None:
    """A glob's files are read one by one, in order, each with its own IDs."""
    row = next(row for row in failure_contract(runbook()).rows if row.path.endswith("*.json"))
    files = {**OUTPUTS, "out/diagnostics/failure-0.json": b'{"scenarioId": "ISO-001"}'}
    assert [(one.output, one.values) for one in found(row, files)] == [
        ("out/diagnostics/failure-0.json", ("ISO-001",)),
        ("out/diagnostics/failure-1.json", ("ALLOC-002",)),
    ]


@pytest.mark.parametrize(
    ("glob", "file", "means"),
    [
        ("out/junit.xml", "out/junit.xml", True),
        ("./out/junit.xml", "out/junit.xml", True),
        ("out/junit.xml", "out/junitxxml", False),
        ("out/*.json", "out/a.json", True),
        ("out/*.json", "out/a/b.json", False),
        ("out/**/*.json", "out/a/b.json", True),
        ("out/**/*.json", "out/b.json", True),
        ("out/", "out/a/b.json", True),
        ("out", "output", False),
        ("run-?.log", "run-1.log", True),
        ("run-?.log", "run-/.log", False),
    ],
)
def test_a_documented_path_means_files(glob: str, file: str, means: bool) -> None:  # noqa: FBT001 - the expected verdict of a table
    """A path is a file, a glob within one folder unless it says **, or all below a folder."""
    assert bool(matching(glob, [file])) is means


def test_output_files_are_those_of_the_documented_folders() -> None:
    """The checkout's output folder is taken whole, the rest of the machine not at all."""
    machine = Disk(
        {f"{HOME}/widgets/{name}": content for name, content in OUTPUTS.items()}
        | {f"{HOME}/widgets/README.md": b"ISO-001", f"{HOME}/out/x": b"ISO-001"}
    )
    assert output_files(runbook(), machine) == OUTPUTS


def test_a_documented_path_may_begin_with_a_dot() -> None:
    """The folder that ./out names is out."""
    machine = Disk({f"{HOME}/widgets/{name}": content for name, content in OUTPUTS.items()})
    assert output_files(parse(TEXT.replace("`out/", "`./out/"), path=PATH), machine) == OUTPUTS


def test_of_the_checkout_itself_only_the_documented_files_are_taken() -> None:
    """A document that puts a report beside its sources is judged on the report alone."""
    machine = Disk({f"{HOME}/widgets/junit.xml": JUNIT, f"{HOME}/widgets/README.md": b"ISO-001"})
    text = TEXT.replace("out/", "").replace(", `diagnostics/`", "")
    assert output_files(parse(text, path=PATH), machine) == {"junit.xml": JUNIT}


def test_without_a_repository_the_home_directory_is_the_checkout() -> None:
    """A runbook that clones nothing works where its session starts."""
    book = edited("  repository: https://github.com/acme/widgets.git\n", "  user: newcomer\n")
    assert checkout(book, home=HOME) == HOME


def test_setup_is_every_command_before_the_smoke_block() -> None:
    """A passed setup has no finding, whatever comes after it."""
    book = runbook()
    assert setup(book, rehearsed(book, but("smoke", status=Status.FAILED))) == ()


def test_a_failed_setup_command_is_named_with_its_reason() -> None:
    """The commands that it stopped are not listed beside it."""
    book = runbook()
    stopped = book.commands[1]
    record = rehearsed(
        book,
        lambda o: replace(
            o,
            status=Status.NOT_REACHED if o.command == stopped else Status.FAILED,
            reason="exit 100",
        ),
    )
    where = f"{PATH}:{line_of('sudo apt-get')}"
    assert (
        messages(setup(book, record)) == f"{where}: `sudo apt-get install -y make` failed: exit 100"
    )


def test_what_was_not_reached_is_no_finding_and_names_what_stood_in_its_way() -> None:
    """The item is not reached, and its reader is sent to the failure, by file and line, once."""
    book = runbook()
    first = book.commands[0]
    record = rehearsed(
        book,
        lambda o: replace(o, status=Status.FAILED if o.command == first else Status.NOT_REACHED),
    )
    obstacle = f"`sudo apt-get install -y make` ({PATH}:{first.line}) stood in its way"
    where = f"{PATH}:{line_of('gh run list')}"
    said = f"{where}: `gh run list --limit 1` was not reached: {obstacle}"
    for judged in (unmet, need):
        with pytest.raises(NotReachedError) as stopped:
            judged(book, record, block="download-artifacts")
        assert str(stopped.value) == said


def test_what_failed_is_a_finding_of_the_item_about_it_and_stops_those_that_start_from_it() -> None:
    """The download's own item fails; one about what was downloaded has nothing to judge."""
    book = runbook()
    record = rehearsed(book, but("download-artifacts", status=Status.FAILED, reason="exit 1"))
    where = f"{PATH}:{line_of('gh run list')}: `gh run list --limit 1` failed: exit 1"
    assert messages(unmet(book, record, block="download-artifacts")).startswith(where)
    with pytest.raises(NotReachedError) as stopped:
        need(book, record, block="download-artifacts")
    assert str(stopped.value) == f"{where}; what it leaves is judged here"
    other = rehearsed(book, but("download-artifacts", status=Status.FAILED, exit_code=0))
    assert need(book, other, block="download-artifacts") == ()
    missing = messages(need(book, record, block="download-artifact"))
    assert 'marked name=download-artifact; did you mean "download-artifacts"?' in missing


def test_what_asks_the_machine_for_its_tools_waits_for_the_setup() -> None:
    """A tool that was never installed is not the fault of the table that names it."""
    book = runbook()
    need_setup(book, rehearsed(book))
    record = rehearsed(book, lambda o: replace(o, status=Status.FAILED, reason="exit 100"))
    said = "`sudo apt-get install -y make` failed: exit 100; what it sets up is judged here"
    with pytest.raises(NotReachedError, match=re.escape(said)):
        need_setup(book, record)


def test_a_long_command_is_shown_by_its_beginning() -> None:
    """A command of many lines does not fill the verdict."""
    book = edited("make smoke\n", "make smoke \\\n  " + "x" * 99 + "\n")
    findings = unmet(book, replace(rehearsed(book), outcomes=()), block="smoke")
    assert messages(findings).endswith("`make smoke \\...` was not run in this rehearsal")


def test_a_setup_step_that_the_document_skips_is_passed_over() -> None:
    """The document's own skip is no failure of the setup."""
    book = runbook()
    record = rehearsed(book)
    first = replace(record.outcomes[0], status=Status.SKIPPED)
    assert setup(book, replace(record, outcomes=(first, *record.outcomes[1:]))) == ()


def test_a_document_without_setup_or_without_the_named_block_proves_nothing() -> None:
    """No command before the smoke block, and no smoke block, are findings."""
    text = TEXT.replace("```bash\nsudo", "```text\nsudo")
    bare = parse(text, path=PATH)
    assert "no command stands before the block smoke" in messages(setup(bare, rehearsed(bare)))
    misnamed = edited("name=smoke", "name=smokes")
    said = 'no block of commands is marked name=smoke; did you mean "smokes"?'
    assert said in messages(setup(misnamed, rehearsed(misnamed)))


def test_a_command_that_is_not_in_the_record_is_named() -> None:
    """A rehearsal of a part of the document can't prove the whole."""
    book = runbook()
    record = replace(rehearsed(book), outcomes=())
    assert "`make smoke` was not run in this rehearsal" in messages(
        smoke(book, record, files=OUTPUTS)
    )


def test_the_smoke_entrypoint_is_the_command_that_ran() -> None:
    """The documented command, passed, with its outputs, has no finding."""
    book = runbook()
    assert smoke(book, rehearsed(book), files=OUTPUTS) == ()
    assert [o.command.text.strip() for o in named(rehearsed(book), "smoke")] == ["make smoke"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| `smoke` | `make smoke`", "| `smoke` | `make smok`", 'did you mean "make smoke"?'),
        ("| `smoke` | `make smoke`", "| `smoke` | `true`", "its block types `make smoke`"),
        ("| `smoke` | `make smoke`", "| `smokes` | `make smoke`", 'no entrypoint "smoke" in the'),
        ("`out/diagnostics/` |", "`out/diagnostic/` |", "the run left no out/diagnostic/"),
        ("| Entrypoint | Command", "| Entrypoint | Commands", 'no column "Command"; did you mean'),
    ],
)
def test_an_entrypoint_that_differs_from_the_run_is_found(old: str, new: str, said: str) -> None:
    """One changed cell of the entrypoints is named at its line, or its table's."""
    book = edited(old, new)
    findings = smoke(book, rehearsed(book), files=OUTPUTS)
    assert said in messages(findings)
    assert findings[0].line in {line_of("| `smoke"), line_of("| Entrypoint | Command")}


def test_a_smoke_run_that_failed_is_judged_by_that_alone() -> None:
    """What a failed command left behind is not held against the table."""
    book = runbook()
    record = rehearsed(book, but("smoke", status=Status.FAILED, reason="exit code 2"))
    where = f"{PATH}:{line_of('make smoke')}"
    assert messages(smoke(book, record, files={})) == f"{where}: `make smoke` failed: exit code 2"


def downloaded(book: Runbook, files: Mapping[str, bytes] = DOWNLOADED) -> tuple[Finding, ...]:
    """Judge a downloaded tree."""
    return artifact_paths(book, rehearsed(book), files=files)


def test_a_file_without_the_times_that_the_table_tells_of_is_found() -> None:
    """A message may go on in lines without; one that no row says to be timed need not be."""
    book = edited("| `junit.xml` | Verdicts. |", "| `junit.xml` | Verdicts, with times. |")
    row = line_of("| `junit.xml` | Verdicts", book.text)
    (name,) = (name for name in DOWNLOADED if name.endswith("junit.xml"))

    def told(content: bytes) -> list[tuple[int, str]]:
        return [(one.line, one.message) for one in downloaded(book, {**DOWNLOADED, name: content})]

    for fine in (b"09:13:35 begun\n", b"2026-11-29T09:13:35Z a\n  more\n", b"[1764321000.5] a\n"):
        assert told(fine) == []
    ((line, said),) = told(b"begun\nended\n10:00:00 late\n")
    assert line == row
    assert "junit.xml has no times, of which this row tells" in said
    assert told(b"")


def test_a_downloaded_tree_that_is_documented_has_no_finding() -> None:
    """Every documented path and no other passes."""
    assert downloaded(runbook()) == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        (
            "| `diagnostics/*.json`",
            "| `diagnostic/*.json`",
            "| `widgets-smoke` | `diagnostic/",
            "widgets-smoke holds no diagnostic/*.json",
        ),
        (
            "| `widgets-smoke` | `junit.xml` | Verdicts. |\n",
            "",
            "| Artifact |",
            "widgets-smoke holds junit.xml, which no row of the table names",
        ),
        (
            "--name widgets-smoke",
            "--name widget-smoke",
            "gh run download",
            'the artifact "widget-smoke" is not in the table "CI artifacts"; did you mean "w',
        ),
        (
            "--dir triage/smoke",
            '--dir "$DIR"',
            "gh run download",
            "gh run download needs --dir, with a literal word after it",
        ),
        (
            "--name widgets-smoke ",
            "",
            "gh run download",
            "gh run download needs --name, with a literal word after it",
        ),
        (
            "gh run download 174",
            "gh run fetch 174",
            "---",
            "no command downloads an artifact; gh run download does",
        ),
        ("| Artifact | Path |", "| Artifact | File |", "| Artifact |", 'has no column "Path"'),
    ],
)
def test_a_download_that_differs_from_its_table_is_found(
    old: str, new: str, at: str, said: str
) -> None:
    """One change of the command or the table is named with its line."""
    findings = downloaded(edited(old, new))
    wanted = line_of(at, TEXT.replace(old, new, 1))
    assert [f.line for f in findings if said in f.message] == [wanted], messages(findings)


@pytest.mark.parametrize(
    "flags",
    [
        "-n widgets-smoke -D triage/smoke/",
        "--name=widgets-smoke --dir=triage/smoke",
        "--name widgets-smoke \\\n    --dir triage/smoke  # the newest",
    ],
)
def test_the_flags_of_a_download_may_be_written_each_way(flags: str) -> None:
    """Short flags, flags with =, and lines that go on mean the same."""
    assert downloaded(edited("--name widgets-smoke --dir triage/smoke", flags)) == ()


def test_a_download_may_go_on_after_its_first_words() -> None:
    """A line that ends in a backslash goes on, wherever that is."""
    assert downloaded(edited("gh run download 174", "gh run \\\n  download 174")) == ()


def test_a_file_that_is_missing_from_the_download_names_its_row() -> None:
    """A tree without diagnostics is not the documented one."""
    files = {"triage/smoke/junit.xml": JUNIT}
    assert [f.line for f in downloaded(runbook(), files)] == [line_of("| `widgets-smoke` | `diag")]


def test_downloaded_files_are_taken_from_where_the_command_ran() -> None:
    """The folder of the command counts from the working directory of its shell."""
    book = runbook()
    machine = Disk({f"{HOME}/widgets/{name}": content for name, content in DOWNLOADED.items()})
    assert downloaded_files(book, rehearsed(book), machine=machine) == DOWNLOADED
    elsewhere = rehearsed(book, but("download-artifacts", cwd="/tmp"))  # noqa: S108 - no file is made
    assert downloaded_files(book, elsewhere, machine=machine) == {}
    root = Disk({f"/{name}": content for name, content in DOWNLOADED.items()})
    at_root = rehearsed(book, but("download-artifacts", cwd="/"))
    assert downloaded_files(book, at_root, machine=root) == DOWNLOADED
    absolute = edited("--dir triage", f"--dir {HOME}/widgets/triage")
    taken = downloaded_files(absolute, rehearsed(absolute), machine=machine)
    assert taken == {f"{HOME}/widgets/{name}": content for name, content in DOWNLOADED.items()}


def test_every_download_of_the_document_is_judged() -> None:
    """A second artifact has a tree of its own, held against its own rows."""
    download = "gh run download 174 --name widgets-smoke --dir triage/smoke\n"
    book = edited(download, download + download.replace("smoke", "full"))
    only_smoke = downloaded(book)
    assert [f.line for f in only_smoke] == [line_of("| `widgets-full`") + 1]
    assert downloaded(book, {**DOWNLOADED, "triage/full/junit.xml": JUNIT}) == ()


def test_a_download_that_failed_is_judged_by_that_alone() -> None:
    """The reason is the command's, not a list of files that are missing."""
    book = runbook()
    record = rehearsed(book, but("download-artifacts", status=Status.FAILED, reason="HTTP 404"))
    (finding,) = artifact_paths(book, record, files={})
    assert finding.message.endswith("triage/smoke` failed: HTTP 404")


def filed(book: Runbook, **fields: object) -> tuple[Finding, ...]:
    """Judge the bead with some of its fields changed."""
    shown = json.dumps([{**BEAD, **fields}]).encode()
    return defect(book, rehearsed(book, but("read-defect", stdout=whole(shown))), files=DOWNLOADED)


def test_a_complete_bead_has_no_finding() -> None:
    """IDs, labels, owner, run, URL, artifact and file, and no placeholder: it passes."""
    assert filed(runbook()) == ()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("title", "INV-FAIRNESS violated", "names none as scenarioId; exactly one is right"),
        ("title", "ALLOC-002 ISO-001 INV-FAIRNESS", "names ALLOC-002, ISO-001 as scenarioId"),
        ("title", "ALLOC-003 INV-FAIRNESS", "no downloaded diagnostics file holds the IDs"),
        ("labels", ["scenario:ALLOC-002"], "the label invariant:INV-FAIRNESS is missing; found sc"),
        ("labels", [], "the label scenario:ALLOC-002 is missing; found none"),
        ("assignee", "@platform", 'the assignee is "@platform"; "@core", first owner of "core" (l'),
        ("assignee", "", 'the assignee is ""; "@core", first owner'),
        ("description", BODY.replace("acme", "other"), "no URL of the run; https://github.com/acm"),
        ("description", BODY.replace("runId: 174", "run"), "does not name the run 174 of its URL"),
        ("description", BODY.replace("174", "175"), "file of this failure is of the run 175"),
        ("description", BODY.replace("widgets-smoke", ""), "does not name the artifact and its"),
        (
            "description",
            BODY.replace("failure-1", "f"),
            "widgets-smoke: diagnostics/failure-1.json",
        ),
        ("description", f"## Expected\n\n{BODY}", 'description has nothing after "## Expected"'),
        ("description", f"{BODY}\n### Log", 'description has nothing after "### Log"'),
        ("description", f"# Bug\n{BODY}", ""),
        ("description", f"{BODY}\n```\n# a comment\n# another\nmake\n```", ""),
        ("description", f"{BODY}\n<SUMMARY>", "description still has the placeholder <SUMMARY>"),
        ("description", f"{BODY}\n$OWNER", "description still has the placeholder $OWNER"),
        ("description", f"{BODY}\n${{OWNER}}", "description still has the placeholder ${OWNER}"),
        ("description", f"{BODY}\nTODO: say", "description still has the placeholder TODO"),
        ("description", f"{BODY}\nXXX", "description still has the placeholder XXX"),
        ("description", f"{BODY}\nYOUR_NAME", "description still has the placeholder YOUR_NAME"),
        ("description", f"{BODY}\nhttp://example.com/", "has the placeholder example.com"),
        ("description", f"{BODY}\n- tenantIds:", 'description has nothing after "- tenantIds:"'),
        ("description", f"- **owner**:\n{BODY}", 'description has nothing after "- **owner**:"'),
        ("description", f"- owner:\n- commit: 1\n{BODY}", 'has nothing after "- owner:"'),
        ("description", f"owner:\n- commit: 1\n{BODY}", ""),
        ("description", f"Actual:\n \n99\n{BODY}", ""),
        ("acceptance_criteria", "`$CMD` passes", "acceptance_criteria still has the placeholder $"),
    ],
)
def test_a_bead_that_is_incomplete_is_found(key: str, value: object, said: str) -> None:
    """One field that is wrong is named, at the command that files the bead."""
    findings = filed(runbook(), **{key: value})
    assert said in messages(findings)
    assert bool(findings) is bool(said)
    assert {finding.line for finding in findings} <= {line_of("bd create")}


@pytest.mark.parametrize("shown", [b"", b"no issue found", b"[]", b"[{}, {}]", b'"w-1a2"'])
def test_a_read_block_that_shows_no_bead_is_a_finding(shown: bytes) -> None:
    """The exit status of bd is not trusted: exactly one bead has to be read back."""
    book = runbook()
    record = rehearsed(book, but("read-defect", stdout=whole(shown)))
    said = "the block read-defect does not print one bead; bd show ID --json does"
    assert said in messages(defect(book, record, files=DOWNLOADED))


def test_the_assignee_follows_the_ownership_table() -> None:
    """The owner is looked up through the failure's class, not taken from the template."""
    changed = edited("| `core` | `@core`", "| `core` | `@shares`")
    assert '"@shares", first owner of "core"' in messages(filed(changed))
    gone = edited("| `core` | `@core` | - | `#core` | 1h | `@platform` | `@lead` |\n", "")
    assert "has no row for the class of ALLOC-002" in messages(filed(gone))


def test_a_bead_that_was_not_filed_names_what_stood_in_its_way() -> None:
    """After an earlier failure the item is not reached, and says where that is."""
    book = runbook()
    stopped = but("file-defect", status=Status.NOT_REACHED)
    failed = but("download-artifacts", status=Status.FAILED)
    unread = but("read-defect", status=Status.NOT_REACHED)
    record = rehearsed(book, lambda o: unread(stopped(failed(o))))
    obstacle = f"`gh run list --limit 1` ({PATH}:{line_of('gh run list')})"
    with pytest.raises(NotReachedError) as caught:
        defect(book, record, files={})
    assert str(caught.value).startswith(f"{PATH}:{line_of('bd create')}: ")
    assert str(caught.value).endswith(f"was not reached: {obstacle} stood in its way")


def test_an_artifact_s_files_are_read_as_the_outputs_that_they_were() -> None:
    """What a download unpacks is what a run left in its output folder, so the contract holds."""
    taken = artifact_outputs(runbook(), {**DOWNLOADED, "triage/other/junit.xml": b""})
    smoke_files = {"out/junit.xml": JUNIT, "out/diagnostics/failure-1.json": DIAGNOSTICS}
    assert taken == {"widgets-smoke": smoke_files}
    assert as_outputs(runbook(), {"junit.xml": JUNIT}) == {"out/junit.xml": JUNIT}
    assert output_folder(runbook()) == "out"


def test_the_ids_of_each_location_are_read_in_order() -> None:
    """File by file, as its selector yields them; a location without any has none."""
    contract = failure_contract(runbook()).rows
    read = by_location(contract, {**OUTPUTS, "stdout": b"FAILURE ISO-002\nFAILURE ISO-001\n"})
    assert list(read.values()) == [
        ("ISO-002", "ISO-001"),
        ("ALLOC-002",),
        ("ALLOC-002",),
        ("INV-FAIRNESS",),
        ("INV-FAIRNESS",),
    ]
    assert set(by_location(contract, {}).values()) == {()}


def test_a_command_whose_text_holds_a_secret_is_known_by_its_number() -> None:
    """The record shows it with the secret hidden; it is the document's command all the same."""
    book = runbook()
    hide = Mask(["gh run list"]).hide
    record = hide(rehearsed(book))
    (shown,) = (o for o in record.outcomes if "***" in o.command.text)
    commands = [c for c in book.commands if "gh run list" in c.text]
    assert shown.command.text != commands[0].text
    assert unpassed(commands, record) == ()
    need(book, record, block=commands[0].options.name or "")
