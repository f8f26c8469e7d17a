"""Triage of what other programs leave: whatever can't be read is told, and never guessed at."""

import json
import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.host import foreign_folder
from freshrun.model.errors import FreshrunError
from freshrun.model.runbook import Runbook
from freshrun.report.triage import triage_text
from freshrun.triage.artifact_folder import kept, ownership
from freshrun.triage.ci_run import CiRun
from freshrun.triage.failed_class import FailedClass
from freshrun.triage.outcome import Triage, UnreadableError, triaged

TEMPLATE = (Path(__file__).parents[1] / "data" / "triage" / "runbook.md").read_text("utf-8")
ESCAPE = "\x1b[31mexpected 4, got 5\x1b[0m"
IDS = {"scenarioId": r"[A-Z]+-\d+", "invariantId": "INV-[A-Z]+"}


def rows(where: str, path: str, *, scenario: str, invariant: str) -> str:
    """Return the contract's rows of one place."""
    selectors = {"scenarioId": scenario, "invariantId": invariant}
    return "".join(
        f"| `{name}` | {where} | `{path}` | `{selectors[name]}` | `{IDS[name]}` |\n"
        for name in selectors
    )


def xpath(name: str) -> str:
    """Return where a red test case has the property of this name."""
    return f'//testcase[failure or error]/properties/property[@name="{name}"]/@value'


JUNIT = rows(
    "JUnit XML", "out/junit.xml", scenario=xpath("scenarioId"), invariant=xpath("invariantId")
)
JSON = rows("JSON", "out/run.json", scenario="$.results[*].code", invariant="$.results[*].rule")
LINES = rows("JSON", "out/run.json", scenario="$.code", invariant="$.rule")
LOG = rows("log", "out/suite.log", scenario=r"scenario=(\S+)", invariant=r"invariant=(\S+)")


def book(contract: str = JUNIT, **changes: str) -> Runbook:
    """Return a runbook whose failures name their IDs where `contract` says."""
    text = TEMPLATE.replace("CONTRACT\n", contract)
    for old, new in changes.items():
        text = text.replace(old, new)
    return parse(text, path="runbook.md")


def case_of(
    name: str, *, ids: tuple[str, ...] = (), said: str = "boom", tag: str = "failure"
) -> str:
    """Return a red test case with its IDs; a green one where it says nothing."""
    kinds = dict(zip(("scenarioId", "invariantId"), ids, strict=False))
    properties = "".join(f'<property name="{k}" value="{v}"/>' for k, v in kinds.items() if v)
    red = f'<{tag} message="m">{said}</{tag}>' if said else ""
    return f'<testcase name="{name}"><properties>{properties}</properties>{red}</testcase>'


def junit(*cases: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> bytes:
    """Return a report of one suite."""
    suite = f'<testsuite name="s" tests="{len(cases)}">{"".join(cases)}</testsuite>'
    return f"{head}<testsuites>{suite}</testsuites>".encode()


RED = junit(case_of("a", ids=("SHARE-1", "INV-SUM")))
GREEN = junit(case_of("a", said=""))


def of(files: Mapping[str, bytes], contract: str = JUNIT) -> Triage:
    """Return the triage of one artifact."""
    return triaged(book(contract), CiRun({"results": files}))


def names(triage: Triage) -> tuple[str, ...]:
    """Return the failures of all classes."""
    return tuple(sorted(name for case in triage.cases for name in case.names))


def only(triage: Triage) -> FailedClass:
    """Return the one case."""
    (case,) = triage.cases
    return case


@pytest.fixture
def downloaded(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Return what writes a folder of downloaded files."""

    def write(files: Mapping[str, bytes]) -> Path:
        folder = tmp_path / "artifacts"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    return write


Downloaded = Callable[[Mapping[str, bytes]], Path]


# --- reports that can't be read as they stand ---


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said=ESCAPE)), 2, "U+001B"),
        (junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said="&#27;[31mred")), 2, "U+001B"),
        (junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said="&#x1B;[31mred")), 2, "U+001B"),
        (junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said="<![CDATA[\x08]]>")), 2, "U+0008"),
        (junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said="a\0b")), 2, "U+0000"),
        (junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said="a & b < c")), 2, "xmlParse"),
        (RED.replace(b"boom", b"caf\xe9"), 2, "byte 0xE9 is no utf-8"),
        (RED.removesuffix(b"</testsuite></testsuites>"), 2, "Premature end of data"),
        (RED[: RED.index(b"boom")], 2, "Premature end of data"),
        (RED + b"\n" + GREEN, 3, "XML declaration allowed only at the start"),
        (RED.replace(b"UTF-8", b"no-such"), 1, 'nobody knows its encoding "no-such"'),
        (b"\n\n" + RED, 3, "XML"),
    ],
    ids=[
        *("escape", "its number", "its hexadecimal number", "in CDATA", "NUL", "not escaped"),
        *("Latin 1", "cut off", "cut off in a text", "two reports", "no encoding", "blank lines"),
    ],
)
def test_a_report_that_is_no_xml_is_read_round_and_named(
    content: bytes, line: int, said: str
) -> None:
    """The failure is found all the same; file, line and reason are told."""
    triage = of({"junit.xml": content})
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert only(triage).owner.name == "acme/core"
    (damage,) = triage.damage
    assert (damage.file, damage.line) == ("results/junit.xml", line)
    assert "is not well-formed XML: " in damage.message
    assert said in damage.message
    assert damage.message.endswith("; the rest was read")
    assert "did not run" not in triage_text(triage)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "results/junit.xml:1: is not well-formed XML: it is empty"),
        (b"\x1f\x8b\x08\0", "it is a gzip archive"),
        (b"PK\x03\x04", "it is a zip archive"),
        (b'{"tests": 1}', r'it begins with "{"tests": 1}"'),
        (b"Segmentation fault", 'it begins with "Segmentation fault"'),
        (b"<html><body>502 Bad Gateway</body></html>", "is no JUnit report: its root is <html>"),
        (b"<coverage/>", "is no JUnit report: its root is <coverage>"),
        (b"<", "is not well-formed XML: "),
    ],
    ids=["empty", "gzip", "zip", "JSON", "text", "a page", "coverage", "one character"],
)
def test_where_nothing_can_be_read_it_is_one_line(content: bytes, said: str) -> None:
    """It names the file and how to see the log; no class is guessed."""
    with pytest.raises(UnreadableError) as refused:
        of({"junit.xml": content})
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "gh run view RUN_ID -R acme/widgets --log-failed" in str(refused.value)


def test_a_damaged_report_beside_a_green_one_is_no_green_run() -> None:
    """Nothing is known of what the damaged one would name: neither green nor leaf 1."""
    run = CiRun({"results": {"junit.xml": GREEN}, "results-2": {"junit.xml": b"<testsuites>"}})
    triage = triaged(book(), run)
    assert not triage.cases
    assert "no failure is named, but not every file could be read" in triage_text(triage)
    assert "results-2/junit.xml:1: is not well-formed XML" in triage_text(triage)


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY e SYSTEM "file:///etc/hostname">',
        '<!ENTITY e "x"><!ENTITY f "&e;&e;">',
        "<!-- <testsuite> --><!ENTITY e 'x'>",
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;',
    ],
    ids=["of the host", "laughs", "behind a comment", "of a parameter"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_a_report_are_refused(entity: str, encoding: str) -> None:
    """Nothing of the host is read, nothing is expanded, and the reason is told."""
    head = f'<?xml version="1.0"?>\n<!DOCTYPE testsuites [{entity}]>'
    content = junit(case_of("a", ids=("SHARE-1", "&e;")), head=head).decode().encode(encoding)
    with pytest.raises(UnreadableError, match=r"junit\.xml:2: .*declares entities of its own"):
        of({"junit.xml": content})


def test_a_hidden_entity_is_refused_too() -> None:
    """A comment's mark in the address of a DTD hides nothing from whoever reads as XML does."""
    head = '<!DOCTYPE t SYSTEM "<!--" [<!ENTITY e "SHARE-7">]>'
    content = junit(case_of("a", ids=("&e;", "INV-SUM"), said="-->"), head=head)
    with pytest.raises(UnreadableError, match="declares entities"):
        of({"junit.xml": content})


def test_a_billion_laughs_end_at_once() -> None:
    """Ten entities of ten each are refused before one of them is expanded."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    content = junit(case_of("a", ids=("&l11;",)), head=f"<!DOCTYPE t [{laughs}]>")
    began = time.monotonic()
    with pytest.raises(UnreadableError, match="declares entities"):
        of({"junit.xml": content})
    assert time.monotonic() - began < 2


def test_a_text_of_many_megabytes_is_read() -> None:
    """A log inside the report does not hide its failure."""
    log = b"a line of a long log\n" * 600_000
    end = b"<system-out>%b</system-out></testcase>" % log
    triage = of({"junit.xml": RED.replace(b"</testcase>", end)})
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert not triage.damage


def test_elements_without_end_end() -> None:
    """A report of 100,000 elements inside each other is named, and crashes nothing."""
    content = b"<testsuites>" + b"<testsuite>" * 100_000
    with pytest.raises(UnreadableError, match=r"junit\.xml:1: is not well-formed XML"):
        of({"junit.xml": content})


@pytest.mark.parametrize(
    "content",
    [
        RED.decode().encode("utf-8-sig"),
        RED.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16"),
        RED.replace(b"UTF-8", b"utf-16").decode().encode("utf-16-be"),
        RED.replace(b"UTF-8", b"ISO-8859-1").replace(b"boom", b"caf\xe9"),
        RED.replace(b"\n", b'\n<!DOCTYPE testsuites SYSTEM "junit.dtd">\n'),
        RED.replace(b"boom", b"<![CDATA[a < b && c > d]]>"),
        RED.replace(b"<testsuites>", b'<testsuites xmlns:x="urn:x" x:noNamespace="junit.xsd">'),
        RED.replace(b"<testsuite ", b"<testsuite><testsuite ").replace(
            b"</testsuite>", b"</testsuite></testsuite>"
        ),
        RED.replace(b"<testsuites>", b"").replace(b"</testsuites>", b""),
        RED.replace(b"<failure", b"<skipped/><error").replace(b"</failure", b"</error"),
    ],
    ids=[
        *("BOM", "UTF-16", "UTF-16 without a mark", "Latin 1", "DOCTYPE", "CDATA", "schema"),
        *("nested suites", "one suite", "an error"),
    ],
)
def test_reports_of_other_programs_are_read(content: bytes) -> None:
    """Each way to write a sound report is read without a word."""
    triage = of({"junit.xml": content})
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert (triage.damage, triage.findings, triage.unnamed) == ((), (), ())


def test_a_namespace_hides_nothing_and_is_told() -> None:
    """The documented XPath names no namespace, so that a reader's own tool would find nothing."""
    content = RED.replace(b"<testsuites>", b'<testsuites xmlns="urn:junit">')
    triage = of({"junit.xml": content})
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert "its elements are in the namespace urn:junit" in triage.damage[0].message


@pytest.mark.parametrize(
    "content",
    [
        b'<testsuite name="pkg" errors="1"><system-err>no such module</system-err></testsuite>',
        b'<testsuite name="pkg"><error message="no such module"/></testsuite>',
        junit(case_of("pkg")),
    ],
    ids=["a count", "of the suite", "a test case"],
)
def test_what_is_red_and_names_no_id_is_named(content: bytes) -> None:
    """It did run, so nobody says that it did not; the documented branch for no ID is taken."""
    triage = of({"junit.xml": content})
    assert only(triage).leaf == "1"
    assert "results/junit.xml:" in str(triage.unnamed[0])
    assert "pkg is red and names no ID" in str(triage.unnamed[0])
    assert "tests failed, and none of them has an ID" in triage_text(triage)


def test_the_first_evidence_is_the_report_where_nothing_else_is() -> None:
    """What the test case said stands under the owner, with its line."""
    text = triage_text(of({"junit.xml": RED}))
    assert "What happened (results/junit.xml:2):\n  a: m\n    | boom\n" in text


def test_a_message_that_the_text_repeats_is_told_once() -> None:
    """pytest writes the first lines of a failure into the attribute and into the text."""  # noqa: D403 - its name
    both = RED.replace(b'"m"', b'"expected 4&#10;actual 5"').replace(
        b"boom", b"expected 4\nactual 5"
    )
    facts = only(of({"junit.xml": both})).facts
    assert [fact.value for fact in facts] == ["expected 4\nactual 5"]


# --- which IDs belong together ---


def test_ids_of_one_test_case_belong_together() -> None:
    """An error before the check names a scenario alone; the next case's invariant is not its."""
    triage = of(
        {
            "junit.xml": junit(
                case_of("a", ids=("SHARE-1",), tag="error"),
                case_of("b", ids=("SHARE-2", "INV-FAIR")),
                case_of("c", ids=("", "INV-SUM")),
                case_of("d", ids=("HAR-3", "INV-PLACE")),
            )
        }
    )
    assert names(triage) == ("HAR-3 INV-PLACE", "SHARE-1", "SHARE-2 INV-FAIR")
    assert any("names INV-SUM beside no one scenarioId" in note for note in triage.notes)


def test_neighbours_with_one_id_each_are_no_pair() -> None:
    """A scenario in one test case and an invariant in the next are of two failures."""
    cases = (case_of("a", ids=("SHARE-1",)), case_of("b", ids=("", "INV-FAIR")))
    assert names(of({"junit.xml": junit(*cases)})) == ("SHARE-1",)


def test_several_ids_of_one_test_case_are_not_dealt_out() -> None:
    """Two scenarios and two invariants in one list of properties: nobody says which is whose."""
    both = case_of("a", ids=("SHARE-1", "INV-SUM")).replace(
        "<properties>",
        '<properties><property name="scenarioId" value="SHARE-2"/>'
        '<property name="invariantId" value="INV-FAIR"/>',
    )
    assert names(of({"junit.xml": junit(both)})) == ("SHARE-1", "SHARE-2")


@pytest.mark.parametrize(
    ("scenario", "invariant", "document", "expected"),
    [
        (
            "$.results[*].code",
            "$.results[*].rule",
            {
                "results": [
                    {"code": "SHARE-1"},
                    {"rule": "INV-SUM"},
                    {"code": "S-2", "rule": "INV-A"},
                ]
            },
            ("S-2 INV-A", "SHARE-1"),
        ),
        (
            "$.results[*].test.id",
            "$.results[*].broken.id",
            {
                "results": [
                    {"test": {"id": "S-1"}},
                    {"test": {"id": "S-2"}, "broken": {"id": "INV-B"}},
                ]
            },
            ("S-1", "S-2 INV-B"),
        ),
        (
            "$..code",
            "$..rule",
            {
                "a": [{"code": "S-1", "more": {"rule": "INV-A"}}, {"code": "S-2"}],
                "b": {"rule": "INV-B"},
            },
            ("S-1 INV-A", "S-2"),
        ),
        (
            "$.tests.*.code",
            "$.tests.*.rule",
            {"tests": {"a": {"code": "S-1"}, "b": {"rule": "INV-B"}}},
            ("S-1",),
        ),
        ("$.codes[*]", "$.rules[*]", {"codes": ["S-1", "S-2"], "rules": ["INV-B"]}, ("S-1", "S-2")),
        (
            "$.suite.code",
            "$.failures[*].rule",
            {"suite": {"code": "S-1"}, "failures": [{"rule": "INV-A"}, {"rule": "INV-B"}]},
            ("S-1 INV-A", "S-1 INV-B"),
        ),
        (
            "$.code",
            "$.failures[*].rule",
            {"code": "S-1", "failures": [{"rule": "INV-A"}, {"rule": "INV-B"}]},
            ("S-1 INV-A", "S-1 INV-B"),
        ),
    ],
    ids=["objects", "deeper", "anywhere", "by name", "two lists", "beside", "above"],
)
def test_ids_of_one_json_object_belong_together(
    scenario: str, invariant: str, document: object, expected: tuple[str, ...]
) -> None:
    """The object that the selectors choose among several decides, and never the position."""
    contract = rows("JSON", "out/run.json", scenario=scenario, invariant=invariant)
    triage = of({"run.json": json.dumps(document).encode()}, contract)
    assert names(triage) == expected


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("scenario=S-1\nscenario=S-2 invariant=INV-B\n", ("S-1", "S-2 INV-B")),
        ("scenario=S-1\nscenario=S-2\ninvariant=INV-B\n", ("S-1", "S-2 INV-B")),
        ("\x1b[31mscenario=S-1\x1b[0m invariant=INV-B \n", ("S-1 INV-B",)),
    ],
    ids=["one line", "a block", "colours"],
)
def test_ids_of_one_line_belong_together(log: str, expected: tuple[str, ...]) -> None:
    """A line is what a log has; where each holds one ID, it is what follows a scenario."""
    assert names(of({"suite.log": log.encode()}, LOG)) == expected


# --- JSON ---


def test_null_names_nothing() -> None:
    """Green results carry null: they are no failures, and hide none."""
    red = b'{"results": [{"code": null, "rule": null}, {"code": "SHARE-1", "rule": "INV-SUM"}]}'
    triage = of({"run.json": red}, JSON)
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert (triage.damage, triage.findings) == ((), ())
    assert not of({"run.json": b'{"results": [{"code": null, "rule": null}]}'}, JSON).cases


@pytest.mark.parametrize(
    ("content", "contract"),
    [
        (b'\xef\xbb\xbf{"results": [{"code": "SHARE-1", "rule": "INV-SUM", "x": NaN}]}', JSON),
        ('{"results": [{"code": "SHARE-1", "rule": "INV-SUM"}]}'.encode("utf-16"), JSON),
        (b'{"code": null}\n\n{"code": "SHARE-1", "rule": "INV-SUM"}\n', LINES),
        (b'{"code": "SHARE-1", "rule": "INV-SUM"}\n{"code": null,\n "rule": null}', LINES),
    ],
    ids=["BOM and NaN", "UTF-16", "lines", "one after another"],
)
def test_json_of_other_programs_is_read(content: bytes, contract: str) -> None:
    """Each way to write it is read without a word."""
    triage = of({"run.json": content}, contract)
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert (triage.damage, triage.findings) == ((), ())


@pytest.mark.parametrize(
    ("content", "line", "said", "contract"),
    [
        (b'{"results": [{"code": 7}, {"code": "SHARE-1"}]}', 1, "['code'] is 7", JSON),
        (b'{"results": [{"code": "SHARE-1", "m": "a\x1b[0m"}]}', 1, "control character", JSON),
        (b'{"results": [\n{"code": "SHARE-1", "m": "caf\xe9"}]}', 2, "byte 0xE9 is no utf-8", JSON),
        (b'{"code": "SHARE-1"}\nstarting\n{"code": null}\n', 2, "this line is no JSON", LINES),
        (b'{"code": "SHARE-1"}\n{"code": "S-', 2, "this line is no JSON", LINES),
    ],
    ids=["a number", "an escape", "Latin 1", "a line of a log", "cut off"],
)  # fmt: skip
def test_json_that_is_none_is_read_round_and_named(
    content: bytes, line: int, said: str, contract: str
) -> None:
    """The rest is read; file, line and reason are told."""
    triage = of({"run.json": content}, contract)
    assert names(triage) == ("SHARE-1",)
    (damage,) = triage.damage
    assert (damage.file, damage.line) == ("results/run.json", line)
    assert said in damage.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"null", "is 'None' and no JSON object or list"),
        (b'{"results": [{"code": "S', "is not JSON: Unterminated string"),
        (b"", "is not JSON: Expecting value"),
        (b"[" * 200_000, "is not JSON: "),
        (b"<html/>", "is not JSON: Expecting value"),
        (b"2026-01-01 it began", "is not JSON: Extra data"),
    ],
    ids=["null", "cut off", "empty", "deep", "a page", "a log"],
)
def test_json_that_can_not_be_read_is_one_line(content: bytes, said: str) -> None:
    """No class is guessed from a file that says nothing."""
    with pytest.raises(UnreadableError) as refused:
        of({"run.json": content}, JSON)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"{}", b'{"tests": []}', b'{"results": [{"id": "SHARE-1"}]}', b'{"results": 3}']
)
def test_json_of_another_shape_is_no_suite_that_did_not_run(content: bytes) -> None:
    """The selector finds nothing in it: file and selector are named, and nothing is guessed."""
    with pytest.raises(UnreadableError, match=r"run\.json:1: is of another shape: "):
        of({"run.json": content}, JSON)


def test_json_beside_the_diagnostics_needs_no_ids(downloaded: Downloaded) -> None:
    """A file that the path means too is no damage where verdicts tell how the run ended."""
    runbook = book(JSON.replace("run.json", "*.json") + JUNIT, **{"`run.json`": "`*.json`"})
    for report in (GREEN, RED):
        files = {"results/junit.xml": report, "results/environment.json": b'{"os": "debian"}'}
        assert not triaged(runbook, kept(runbook, downloaded(files))).damage


def test_an_empty_list_of_results_says_nothing() -> None:
    """It is neither of another shape, nor a green run."""
    assert only(of({"run.json": b'{"results": []}'}, JSON)).leaf == "1"


def test_what_a_damaged_file_hides_is_taken_from_the_next_place() -> None:
    """Diagnostics that are cut off leave the verdicts, and no finding blames the runbook."""
    files = {"junit.xml": RED, "run.json": b'{"results": [{"code'}
    triage = of(files, JSON + JUNIT)
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert "is not JSON" in triage.damage[0].message
    assert not triage.findings


def test_the_facts_are_those_of_the_same_object() -> None:
    """The second result's own summary is told, not the document's nor the first one's."""
    document = {
        "summary": "1 of 2 failed",
        "results": [
            {"code": None, "summary": "fine"},
            {"code": "SHARE-1", "rule": "INV-SUM", "summary": "one unit is lost"},
        ],
    }
    template = "## Defect bead template\n\n```bash name=file-defect\necho $SUMMARY\n```\n"
    runbook = book(JSON, **{"## Entrypoints": f"{template}\n## Entrypoints"})
    run = CiRun({"results": {"run.json": json.dumps(document).encode()}})
    assert [fact.value for fact in only(triaged(runbook, run)).facts] == ["one unit is lost"]


# --- what the document says ---


def test_a_contract_of_verdicts_alone_asks_for_no_json() -> None:
    """No finding speaks of a row that is not there."""
    assert not of({"junit.xml": RED}).findings


def test_json_that_another_artifact_holds_is_not_missed_here() -> None:
    """The artifact's own rows say what it holds."""
    assert not of(
        {"junit.xml": RED}, JSON.replace("run.json", "diagnostics/*.json") + JUNIT
    ).findings


@pytest.mark.parametrize(
    ("documented", "written"),
    [("SHARE", "SHARE-1"), ("SHARE-", "SHARE-1"), ("SHARE-*", "SHARE_1"), ("SHARE", "SHARE1")],
)
def test_a_prefix_is_what_an_id_begins_with(documented: str, written: str) -> None:
    """With its dash or without, in taxonomy and tree alike."""
    changes = {"| `SHARE` |": f"| `{documented}` |", "├── SHARE ": f"├── {documented} "}
    content = RED.replace(b"SHARE-1", written.encode())
    triage = triaged(book(**changes), CiRun({"results": {"junit.xml": content}}))
    assert only(triage).failure_class == "core"
    assert not triage.findings


def test_the_longer_prefix_wins() -> None:
    """`SHARED-1` and `SHARE-X-1` are no `SHARE-1`."""
    branch = "    ├── SHARE-X  another one ......... leaf 3\n    ├── SHARE "
    runbook = book(**{"    ├── SHARE ": branch})
    for written, leaf in (("SHARE-X-1", "3"), ("SHARE-1", "2"), ("SHARED-1", "4")):
        content = RED.replace(b"SHARE-1", written.encode())
        assert only(triaged(runbook, CiRun({"results": {"junit.xml": content}}))).leaf == leaf


def test_an_unknown_id_goes_to_the_documented_fallback() -> None:
    """It is named as unknown, and the leaf for any other ID has it."""
    triage = of({"junit.xml": RED.replace(b"SHARE-1", b"QUOTA-1")})
    assert (only(triage).leaf, only(triage).owner.name) == ("4", "acme/infra")
    assert any("QUOTA-1" in finding.message for finding in triage.findings)


def test_leaf_1_comes_with_the_command_that_shows_the_log() -> None:
    """With the run's number where it is known."""
    assert "gh run view RUN_ID -R acme/widgets --log-failed" in triage_text(of({}))
    run = CiRun({}, id="174", url="https://github.com/acme/widgets/actions/runs/174")
    assert "\ngh run view 174 -R acme/widgets --log-failed" in triage_text(triaged(book(), run))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("classes:\n  core:\n    first_owner: [a, b]\n", "runbook/ownership.yaml:3: "),
        ("classes: [", "runbook/ownership.yaml:1: is no YAML"),
        ("", "runbook/ownership.yaml:1: "),
    ],
    ids=["a list", "no YAML", "empty"],
)
def test_malformed_ownership_is_told_with_file_and_line(file: str, said: str) -> None:
    """The reader learns that nobody knows how teams are reached, and where to mend it."""
    files = {"runbook/ownership.yaml": file.encode()}
    triage = triaged(book(), CiRun({"results": {"junit.xml": RED}}), files=files)
    assert any(str(finding).startswith(said) for finding in triage.findings)
    assert only(triage).owner.name == "acme/core"


def test_another_owner_in_the_file_is_told() -> None:
    """The file decides, and says another team than the leaf."""
    file = (
        "classes:\n  core:\n    first_owner: acme/other\n    reach: '#o'\n    response: 1h\n"
        "    fallback: acme/infra\n    escalation: acme/leads\napart: []\n"
    )
    files = {"runbook/ownership.yaml": file.encode()}
    triage = triaged(book(), CiRun({"results": {"junit.xml": RED}}), files=files)
    (finding,) = triage.findings
    assert finding.message == 'leaf 2 says "acme/core"; runbook/ownership.yaml:3 "acme/other"'


def test_everything_but_commands_fits_eighty_columns() -> None:
    """A reader at night has a small screen; evidence is broken, addresses are not."""
    long = junit(case_of("a", ids=("SHARE-1", "INV-SUM"), said="word " * 200))
    run = CiRun({"results": {"junit.xml": long.replace(b"boom", b"\x1b")}}, notes=("note " * 40,))
    text = triage_text(triaged(book(), run))
    assert max(map(len, text.splitlines())) <= 80


# --- the folders that gh run download makes ---


@pytest.mark.parametrize(
    "folder",
    [
        "results (ubuntu-22.04, 3.11)",
        "results-windows",
        "results_3.12",
        "Results.1",
        "attempt-2-results",
        "17400000123/results",
        "attempt-1/results",
        "results",
        ".",
    ],
)
def test_each_shape_of_a_download_is_read(folder: str, downloaded: Downloaded) -> None:
    """Legs of a matrix, attempts, folders of runs, and one artifact in place."""
    triage = triaged(book(), kept(book(), downloaded({f"{folder}/junit.xml": RED})))
    assert names(triage) == ("SHARE-1 INV-SUM",)
    assert not triage.findings


def test_every_leg_of_a_matrix_is_looked_at(downloaded: Downloaded) -> None:
    """A red leg behind green ones is found, and named."""
    legs = {f"results (py{n})/junit.xml": RED if n == 7 else GREEN for n in range(9)}
    case = only(triaged(book(), kept(book(), downloaded(legs))))
    assert case.seen == ("results (py7)",)


def test_a_documented_name_of_a_matrix_is_a_pattern(downloaded: Downloaded) -> None:
    """`results-<os>` and `results-*` in the table mean each of its legs."""
    for documented in ("results-<os>", "results-*", "results-${{ matrix.os }}"):
        runbook = book(**{"| `results` |": f"| `{documented}` |"})
        folder = downloaded({"results-fedora/junit.xml": RED})
        assert names(triaged(runbook, kept(runbook, folder))) == ("SHARE-1 INV-SUM",)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (RED, GREEN, "attempt 2 (results-attempt-2) passed, on the same commit: what failed in"),
        (GREEN, RED, "attempt 2 (results-attempt-2) failed, on the same commit as attempt 1"),
        (RED, RED, "attempt 2 (results-attempt-2) failed as attempt 1 (results) did"),
    ],
    ids=["passed", "failed", "failed again"],
)
def test_attempts_are_held_against_each_other(
    first: bytes, second: bytes, said: str, downloaded: Downloaded
) -> None:
    """What failed and passed on one commit is called flaky, and neither green nor fixed."""
    files = {"results/junit.xml": first, "results-attempt-2/junit.xml": second}
    triage = triaged(book(), kept(book(), downloaded(files)))
    (told,) = triage.attempts
    assert told.startswith(said)
    assert ("flaky" in told) == (first != second)
    assert names(triage) == ("SHARE-1 INV-SUM",)


def test_a_run_that_passed_in_its_second_attempt_is_called_flaky() -> None:
    """GitHub says success, the artifacts of the first attempt say what failed."""
    run = CiRun({"results": {"junit.xml": RED}}, id="7", conclusion="success", attempt=2)
    (told,) = triaged(book(), run).attempts
    assert told.startswith("attempt 2 of the run passed, on the same commit")
    assert "flaky" in told


def test_every_folder_that_is_not_read_is_named(downloaded: Downloaded) -> None:
    """Another artifact, one without the documented files, and an empty one."""
    folder = downloaded({"results/junit.xml": RED, "coverage/a.html": b"", "results-2/b.txt": b""})
    (folder / "results-3" / "deep").mkdir(parents=True)
    notes = triaged(book(), kept(book(), folder)).notes
    assert 'coverage is no artifact that "CI artifacts" names; it was not looked at' in notes
    assert 'results-2 holds no file that "CI artifacts" names for results' in notes
    assert "results-3 is empty" in notes


def test_what_is_no_plain_file_is_named_and_not_waited_for(downloaded: Downloaded) -> None:
    """A link out of the folder, a loop, a pipe and a socket are passed over."""
    folder = downloaded({"results/junit.xml": RED})
    os.mkfifo(folder / "results" / "pipe")
    (folder / "results" / "out").symlink_to("/etc")
    (folder / "loop").symlink_to(folder)
    (folder / "results-2").mkdir()
    (folder / "results-2" / "junit.xml").symlink_to("/etc/hostname")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "results" / "socket"))
        triage = triaged(book(), kept(book(), folder))
    assert names(triage) == ("SHARE-1 INV-SUM",)
    for said in (
        "results/pipe is a pipe; it was not read",
        "results/out is a link; it was not followed",
        "results/socket is a socket; it was not read",
        "results-2/junit.xml is a link; it was not followed",
        "loop is a link; it was not followed",
    ):
        assert said in triage.notes


def test_what_became_a_link_or_a_pipe_meanwhile_is_not_read(tmp_path: Path) -> None:
    """Between list and look another file may have come: it is not followed, nor waited for."""
    (tmp_path / "link").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "gone", "."):
        data, why = foreign_folder.content(tmp_path / name)
        assert not data
        assert why


@contextmanager
def nobody() -> Iterator[None]:
    """Read as a user who owns nothing; tests run as root where they run in a container."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def let_in(folder: Path) -> None:
    """Let anybody through to a folder of this run of pytest, and of its worker."""
    for place in (folder, *folder.parents[:3]):
        if place.owner() == folder.owner() and place != Path(tempfile.gettempdir()):
            place.chmod(0o755)


def test_what_may_not_be_read_is_named(downloaded: Downloaded, tmp_path: Path) -> None:
    """A file and a folder without permission are told, and what is beside them is read."""
    folder = downloaded({"results/junit.xml": RED, "results-2/junit.xml": RED, "other/x": b""})
    let_in(tmp_path)
    (folder / "results-2" / "junit.xml").chmod(0)
    (folder / "other").chmod(0)
    runbook = book()
    with nobody():
        run = kept(runbook, folder)
    (folder / "other").chmod(0o755)
    notes = triaged(runbook, run).notes
    assert "results-2/junit.xml can't be read: Permission denied" in notes
    assert "other can't be read: Permission denied" in notes
    assert set(run.artifacts) == {"results", "results-2"}


def test_a_folder_of_too_many_files_is_bounded_and_says_so(
    downloaded: Downloaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at is triaged, and the rest is named."""
    folder = downloaded({f"results/{n}.txt": b"" for n in range(50)} | {"results/aa": b""})
    (folder / "a").mkdir()
    shutil.move(folder / "results" / "aa", folder / "a" / "aa")
    (folder / "results" / "0.xml").write_bytes(RED)
    monkeypatch.setattr(foreign_folder, "MOST_FILES", 20)
    with pytest.raises(FreshrunError, match=r"holds no file .*\(a is no artifact"):
        kept(book(), folder)
    runbook = book(**{"junit.xml": "0.xml"})
    notes = triaged(runbook, kept(runbook, folder)).notes
    assert f"{folder} holds more than 20 files; the rest was not looked at" in notes


def test_a_file_too_large_to_read_is_named(downloaded: Downloaded) -> None:
    """Its size is told before a byte of it is read."""
    folder = downloaded({"results/junit.xml": RED, "results-2/junit.xml": GREEN})
    os.truncate(folder / "results-2" / "junit.xml", 30 * 2**30)
    triage = triaged(book(), kept(book(), folder))
    assert any("results-2/junit.xml has 32,212,254,720 bytes" in note for note in triage.notes)
    assert names(triage) == ("SHARE-1 INV-SUM",)


def test_a_zip_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    """An artifact that a browser downloaded has to be unpacked; the line says what is there."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    with zipfile.ZipFile(folder / "results.zip", "w") as archive:
        archive.writestr("junit.xml", RED)
    with pytest.raises(FreshrunError, match=r'holds no file that "CI artifacts"'):
        kept(book(), folder)


def test_twenty_thousand_diagnostics_take_as_long_as_twenty_times_a_thousand() -> None:
    """Reading, pairing and telling are linear in the number of failures."""
    contract = rows("JSON", "out/d/*.json", scenario="$.code", invariant="$.rule")
    runbook = book(contract, **{"`junit.xml`": "`d/*.json`"})

    def seconds(count: int) -> float:
        files = {
            f"d/{n:05}.json": f'{{"code": "SHARE-{n}", "rule": "INV-SUM"}}'.encode()
            for n in range(count)
        }
        began = time.process_time()
        text = triage_text(triaged(runbook, CiRun({"results": files})))
        assert f"and {count - 12:,} more" in text
        return time.process_time() - began

    seconds(100)
    few, many = seconds(1000), seconds(20_000)
    assert many < 40 * few + 1


def test_an_ownership_file_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    """File and reason, and no traceback."""
    let_in(tmp_path)
    (tmp_path / "runbook").mkdir()
    (tmp_path / "runbook" / "ownership.yaml").write_text("classes: {}\n")
    (tmp_path / "runbook" / "ownership.yaml").chmod(0)
    document = parse("# A\n", path=str(tmp_path / "runbook" / "a.md"))
    with nobody(), pytest.raises(FreshrunError, match=r"ownership\.yaml can't be read: Permission"):
        ownership(document)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (RED, 0, "failures of 1 class: core"),
        (RED + b"\n", 0, "failures of 1 class: core"),
        (GREEN, 0, "nothing failed in results"),
        (RED[:-5], 1, "results/junit.xml:2: is not well-formed XML"),
        (junit(case_of("a")), 1, "a is red and names no ID"),
        (RED.replace(b"SHARE", b"QUOTA"), 1, "QUOTA-1 in results has no prefix"),
        (b"", 2, "results/junit.xml:1: is not well-formed XML: it is empty"),
    ],
    ids=["red", "a line more", "green", "cut off", "no ID", "unknown", "empty"],
)
def test_the_exit_code_says_how_far_it_could_be_triaged(
    content: bytes, code: int, said: str, downloaded: Downloaded, tmp_path: Path
) -> None:
    """0 is triaged, 1 is triaged with a finding, 2 is one line on what could not be read."""
    folder = downloaded({"results/junit.xml": content})
    (tmp_path / "runbook.md").write_text(TEMPLATE.replace("CONTRACT\n", JUNIT), "utf-8")
    program = Path(sysconfig.get_path("scripts")) / "freshrun"
    ended = subprocess.run(
        [program, "triage", "--artifacts", folder, "--runbook", "runbook.md"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert said in (ended.stderr if code == 2 else " ".join(ended.stdout.split()))
    assert "Traceback" not in ended.stderr
    assert code != 2 or (ended.stderr.count("\n"), ended.stdout) == (1, "")
