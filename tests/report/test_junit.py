"""JUnit as Jenkins' schema has it, as GitLab reads it, and as two readers of others do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junit2htmlreport.parser import Junit
from junitparser import JUnitXml
from lxml import etree
from test_report import BAD, BROKEN, FAILED, FILE, GOOD, HOSTILE, SETUP, UNREACHED, command, filled

from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.record import ChecklistItem, Record, State
from freshrun.model.runbook import Untyped
from freshrun.report.junit import junit_xml

SCHEMA = etree.XMLSchema(
    etree.fromstring((Path(__file__).parent / "schemas" / "junit-10.xsd").read_bytes())
)
"""The one that Jenkins' xunit plugin holds reports against."""

SKIPPED = replace(SETUP, status=Status.SKIPPED, ending=Ending.NOT_RUN, reason="needs a licence")
RUNNING = Record(FILE, "", started="", ended="", state=State.RUNNING)
EMPTY = Record(FILE, "", started="", ended="")
RECORDS = {"good": GOOD, "bad": BAD, "broken": BROKEN, "running": RUNNING, "empty": EMPTY}


def read(records: Sequence[Record], *, hidden: Callable[[str], str] = str) -> etree._Element:
    """Return the report, held against the schema."""
    root = etree.fromstring(junit_xml(records, hidden=hidden).encode())
    assert SCHEMA.validate(root), SCHEMA.error_log
    return root


def keys(root: etree._Element) -> list[tuple[str, str]]:
    """Return what GitLab knows each case by."""
    return [(case.get("classname", ""), case.get("name", "")) for case in root.iter("testcase")]


def gitlab(root: etree._Element) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what GitLab shows, by its documented table: content, the first of equal names."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for case in root.iter("testcase"):
        found = [each for each in case if each.tag in {"failure", "error", "skipped"}]
        shown = (str(found[0].tag), found[0].text or "") if found else ("passed", "")
        seen.setdefault((case.get("classname", ""), case.get("name", "")), shown)
    return seen


@pytest.mark.parametrize("name", RECORDS)
def test_a_report_has_a_case_and_is_red_where_the_verdict_is(name: str) -> None:
    """One that a run was killed over, or of which nothing ran, too."""
    root = read([RECORDS[name]])
    bad = root.findall(".//failure") + root.findall(".//error")
    assert root.findall(".//testcase")
    assert bool(bad) is (RECORDS[name].verdict is not Status.PASSED)
    assert (root.get("errors") != "0") is (RECORDS[name].verdict is Status.BROKEN)


def test_what_was_not_reached_alone_is_no_green_report() -> None:
    """JUnit has but `skipped` for it, which every reader takes for a pass."""
    left = ChecklistItem("owners", Status.NOT_REACHED, "x")
    for record in (replace(GOOD, outcomes=(SETUP, UNREACHED)), replace(GOOD, checklist=(left,))):
        (failure,) = read([record]).iter("failure")
        assert "not all was reached" in failure.get("message", "")


def test_suites_are_documents_and_cases_are_named_by_section_and_command() -> None:
    """With the file where the schema has a place for it, and the line in the text, from one on."""
    root = read([BAD])
    (suite,) = root
    assert (suite.get("name"), suite.get("file")) == (FILE, FILE)
    assert suite.get("timestamp") == "2026-11-23T05:00:00Z"
    assert keys(root) == [
        ("runbook/x.Setup", "yes | head -1"),
        ("runbook/x.Smoke", "bin/drv smoke --seed 7"),
        ("runbook/x.Smoke", "cat out.json"),
        ("runbook/x.Checklist", "setup"),
        ("runbook/x.Checklist", "smoke run"),
        ("runbook/x.Checklist", "ID locations"),
        ("runbook/x.Checklist", "artifact download"),
    ]
    failure = next(root.iter("failure"))
    assert failure.get("type") == "no such file"
    assert failure.get("message") == "exit status 127, expected 0"
    assert (failure.text or "").startswith(f"{FILE}:52: failed: exit status 127, expected 0\n")
    assert "No such file or directory" in (failure.text or "")
    (first, *_) = root.iter("system-out")
    assert (first.text or "").splitlines()[0] == f"{FILE}:31"
    assert (first.text or "").splitlines()[1].startswith("warning: stage 1")


def test_names_stay_where_lines_move() -> None:
    """A heading more above is no new test and no lost one."""
    moved = tuple(
        replace(each, command=replace(each.command, line=each.command.line + 9, number=7))
        for each in BAD.outcomes
    )
    assert keys(read([replace(BAD, outcomes=moved)])) == keys(read([BAD]))


def test_equal_ones_are_numbered() -> None:
    """Whatever makes them equal: the same words, a long line cut short, or a dot in a title."""
    texts = ("ls", "ls", "ls (2)", "ls", f"{'x' * 200}1", f"{'x' * 200}2", "cat <<E\n1\nE")
    same = tuple(replace(SETUP, command=command(9, text, section="1. A.b")) for text in texts)
    other = replace(SETUP, command=command(9, "ls", section="1 A_b"))
    twice = (ChecklistItem("x", Status.PASSED), ChecklistItem("x", Status.FAILED, "no"))
    root = read([replace(GOOD, outcomes=(*same, other), checklist=twice)])
    assert len(set(keys(root))) == len(keys(root)) == 10
    assert [name for _, name in keys(root)][:4] == ["ls", "ls (2)", "ls (2) (2)", "ls (3)"]
    assert ("runbook/x.1 A_b", "cat <<E ...") in keys(root)
    assert gitlab(root)["runbook/x.Checklist", "x (2)"] == ("failure", "no")


def test_what_is_skipped_says_the_documents_reason_and_nothing_of_ours() -> None:
    """For Jenkins as the message, for GitLab as the content."""
    (skipped,) = read([replace(GOOD, outcomes=(SETUP, SKIPPED))]).iter("skipped")
    assert (skipped.get("message"), skipped.text) == ("needs a licence", "needs a licence")
    assert "freshrun/" not in junit_xml([replace(GOOD, outcomes=(SETUP, SKIPPED))])
    unreached = next(read([BAD]).iter("skipped"))
    assert (unreached.get("type"), unreached.text) == (
        "not reached",
        f"not reached: {FILE}:52 failed",
    )


def test_what_was_not_typed_and_stand_ins_are_said() -> None:
    """They don't decide, and a reader of the report has to know."""
    lost = replace(GOOD, untyped=(Untyped(7, 2, "a fence that GitHub shows as text"),))
    told = next(read([lost]).iterfind("testsuite/system-out")).text or ""
    assert "2 of 3 shell lines were not typed" in told
    assert "stand-in: gh: a recorded run" in told


def test_a_command_shows_gitlab_no_picture() -> None:
    """It takes the path of a file out of what was printed, and links it."""
    text = "[[ATTACHMENT|/etc/passwd]]"
    failed = replace(FAILED, stdout=Output(text.encode(), size=9), warnings=(text,))
    assert "[[ATTACHMENT|" not in junit_xml([replace(BAD, outcomes=(failed,), fault=text)])


@pytest.mark.parametrize("text", [*HOSTILE, "\ufffe\uffff\x0b\x00", "", " \n ", "[[]]>"])
def test_any_text_leaves_a_valid_report(text: str) -> None:
    """Control bytes, half characters, and what ends an element."""
    root = read([filled(BAD, text), filled(GOOD, text)])
    assert len(root.findall(".//testcase")) > 7


@given(st.text(max_size=40))
def test_any_text_at_all_leaves_a_valid_report(text: str) -> None:
    """Searched for."""
    read([filled(BAD, text)])


def test_a_secret_that_stands_after_the_joining_is_hidden() -> None:
    """A line continued is one word; a name cut short shows no part of it."""
    outcome: Outcome = replace(FAILED, command=command(9, f"{'x' * 110}-gehe\\\n  imnis-123 z"))
    told = junit_xml(
        [replace(BAD, outcomes=(outcome,))],
        hidden=lambda text: text.replace("geheimnis-123", "***"),
    )
    assert "-*** z" in told
    (case, *_) = keys(
        read(
            [replace(BAD, outcomes=(outcome,))],
            hidden=lambda text: text.replace("geheimnis-123", "***"),
        )
    )
    assert "gehe" not in case[1]


def test_two_readers_of_others_read_it_back(tmp_path: Path) -> None:
    """Both count the same; neither is ours."""
    path = tmp_path / "junit.xml"
    records = [BAD, replace(GOOD, runbook="docs/y.md"), BROKEN]
    path.write_text(junit_xml(records), "utf-8")
    theirs = JUnitXml.fromfile(str(path))
    assert (theirs.tests, theirs.failures, theirs.errors) == (12, 2, 1)
    assert [suite.name for suite in theirs] == [FILE, "docs/y.md", FILE]
    assert [case.is_failure for suite in theirs for case in suite].count(True) == 2
    assert [case.is_skipped for suite in theirs for case in suite].count(True) == 2
    other = Junit(str(path))
    cases = [case for suite in other.suites for case in suite.all()]
    assert len(cases) == 12
    assert sum(case.failed() for case in cases) == 3
    assert sum(bool(case.skipped) for case in cases) == 2
    assert any("No such file or directory" in case.failure for case in cases if case.failure)


def test_the_report_is_the_same_each_time() -> None:
    """Two runs of equal outcome differ in their times alone."""
    one, two = (keys(read([BAD])) for _ in range(2))
    assert one == two
    assert all(a != b for a, b in pairwise(sorted(one)))
