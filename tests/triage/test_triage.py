"""Triage by the shipped runbook, on what real drills of its suite left."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.document.reading import parse, read
from freshrun.model.errors import DocumentError
from freshrun.report.triage import triage_text
from freshrun.triage.ci_run import CiRun
from freshrun.triage.commands import Paste, field_of, quoted, wanted
from freshrun.triage.defects import bead_faults
from freshrun.triage.failed_class import Contact, FailedClass
from freshrun.triage.folders import arranged
from freshrun.triage.outcome import Triage, triaged

ROOT = Path(__file__).resolve().parents[2]
DRILLS = ROOT / "tests" / "data" / "drills"
RUNBOOK = read(ROOT / "runbook" / "integration-triage-runbook.md")
OWNERSHIP = {"runbook/ownership.yaml": (ROOT / "runbook" / "ownership.yaml").read_bytes()}
SMOKE, FULL = "drv-smoke-results", "drv-full-results"

Pasted = Callable[[str], subprocess.CompletedProcess[str]]


def drill(fault: str) -> dict[str, bytes]:
    """Return the files that a drill left, by path in its artifact."""
    folder = DRILLS / fault
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def only(triage: Triage) -> FailedClass:
    """Return the one case of a triage."""
    (case,) = triage.cases
    return case


def changed(files: Mapping[str, bytes], old: str, new: str) -> dict[str, bytes]:
    """Return the files with another text in each of them."""
    return {name: data.replace(old.encode(), new.encode()) for name, data in files.items()}


def called(case: FailedClass) -> list[Contact]:
    """Return everybody who may have to be called."""
    return [one for one in (case.owner, case.fallback, case.escalation) if one]


OWNERS = {
    "rounding": ("core-algorithm", "freshrun/core-algorithm", "freshrun/metering", "P1"),
    "unweighted": ("core-algorithm", "freshrun/core-algorithm", "freshrun/metering", "P1"),
    "nondeterminism": ("core-algorithm", "freshrun/core-algorithm", "freshrun/metering", "P1"),
    "rls-off": ("tenant-isolation", "freshrun/tenancy", "freshrun/storage", "P0"),
    "idempotency": ("idempotency", "freshrun/metering", "freshrun/storage", "P1"),
    "race": ("concurrency", "freshrun/storage", "freshrun/metering", "P1"),
    "lost-write": ("durability", "freshrun/storage", "freshrun/tenancy", "P0"),
    "no-database": ("harness", "freshrun/test-infrastructure", "freshrun/storage", "P1"),
    "no-schema": ("harness", "freshrun/test-infrastructure", "freshrun/storage", "P1"),
}
"""What each fault of the program has to be triaged as."""


@pytest.mark.parametrize("fault", OWNERS)
def test_each_fault_leads_to_its_owner(fault: str) -> None:
    """Class, first owner, fallback and priority are those of the fault, and it is a drill."""
    triage = triaged(RUNBOOK, CiRun({SMOKE: drill(fault)}), files=OWNERSHIP)
    case = only(triage)
    assert case.fallback is not None
    found = (case.failure_class, case.owner.name, case.fallback.name, case.priority)
    assert found == OWNERS[fault]
    assert case.drill == fault
    assert not triage.findings


@pytest.mark.parametrize("fault", OWNERS)
def test_everyone_who_is_called_can_be_reached(fault: str) -> None:
    """Owner and fallback are reached as the table says, the leads as the ownership file says."""
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill(fault)}), files=OWNERSHIP))
    assert case.fallback is not None
    assert case.fallback.reach.startswith("#drv-")
    assert case.escalation == Contact(
        "freshrun/drv-leads", "#drv-leads", call="+1-202-555-0100", hours="any hour"
    )
    assert all(one.call.startswith("+1-202-555-01") and one.hours for one in called(case))
    assert case.owner.reach == f"#drv-{case.owner.name.removeprefix('freshrun/')}"
    assert case.owner.response in {900.0, 1800.0, 3600.0}


def test_evidence_comes_with_its_values() -> None:
    """The fields that the glossary asks for stand there as the diagnostics have them."""
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill("rls-off")})))
    evidence = {fact.path: fact.value for fact in case.evidence}
    assert list(evidence) == [
        "evidence.actingTenant",
        "evidence.statement",
        "evidence.rowSecurity",
    ]
    assert evidence["evidence.actingTenant"] == "amber"
    assert json.loads(evidence["evidence.rowSecurity"])["usage_event"] is False
    assert case.source == f"{SMOKE}/diagnostics/failure-001.json"


def test_a_real_failure_is_no_drill() -> None:
    """`null` as the fault is a real failure, in the bead too."""
    case = only(triaged(RUNBOOK, CiRun({SMOKE: changed(drill("race"), '"race"', "null")})))
    assert not case.drill
    assert "\nFAULT=null\n" in case.paste.commands
    assert "DRILL" not in triage_text(Triage(CiRun({}), (case,)))


def test_every_class_has_a_block_of_its_own() -> None:
    """A run that broke two classes has two owners, and the commands for a bead of each."""
    run = CiRun({SMOKE: drill("rounding"), FULL: drill("lost-write")})
    first, second = triaged(RUNBOOK, run).cases
    assert (first.failure_class, second.failure_class) == ("durability", "core-algorithm")
    assert "SCENARIO_ID=DUR-002" in first.paste.commands
    assert "SCENARIO_ID=ALLOC-001" in second.paste.commands


def test_the_most_urgent_class_comes_first() -> None:
    """P0 stands above P1, in the headline too, in whatever order they failed."""
    run = CiRun({SMOKE: drill("rounding"), FULL: drill("rls-off")})
    triage = triaged(RUNBOOK, run)
    assert [case.priority for case in triage.cases] == ["P0", "P1"]
    assert "2 classes: tenant-isolation, core-algorithm\n" in triage_text(triage)


def test_an_unknown_id_goes_to_the_harness_and_is_named() -> None:
    """A scenario and an invariant that no table has are findings, and lead to leaf 8."""
    unknown = changed(drill("rounding"), "ALLOC-001", "QUOTA-001")
    unknown = changed(unknown, "INV-CONSERVATION", "INV-CONSERVATIVE")
    triage = triaged(RUNBOOK, CiRun({SMOKE: unknown}))
    case = only(triage)
    assert (case.leaf, case.owner.name) == ("8", "freshrun/test-infrastructure")
    scenario, invariant = (finding.message for finding in triage.findings)
    assert scenario.startswith("QUOTA-001 ")
    assert 'did you mean "INV-CONSERVATION"?' in invariant
    assert "CLASS=harness\n" in case.paste.commands


@pytest.mark.parametrize(
    "artifacts",
    [{}, {SMOKE: {}}, {SMOKE: {"suite.log": b"it began"}}, {SMOKE: {"junit.xml": b"<testsuite/>"}}],
    ids=["no artifact", "an empty one", "no verdicts", "not one verdict"],
)
def test_a_run_without_a_failure_and_without_verdicts_did_not_run(
    artifacts: dict[str, dict[str, bytes]],
) -> None:
    """Leaf 1 has it; there is nothing to fill a bead in with."""
    triage = triaged(RUNBOOK, CiRun(artifacts))
    case = only(triage)
    assert (case.leaf, case.failure_class, case.names) == ("1", "harness", ())
    assert case.paste == Paste()
    assert not triage.findings


def test_a_red_verdict_without_ids_is_not_green() -> None:
    """A failed test case that names no ID leads to leaf 1, not to "nothing failed"."""
    red = b'<testsuite><testcase name="a"/><testcase name="b"><error/></testcase></testsuite>'
    assert only(triaged(RUNBOOK, CiRun({SMOKE: {"junit.xml": red}}))).leaf == "1"


def test_nothing_failed_in_a_green_run() -> None:
    """Whole verdicts without a failure are green, and so is what GitHub calls a success."""
    assert not triaged(RUNBOOK, CiRun({SMOKE: drill("green")})).cases
    assert not triaged(RUNBOOK, CiRun({}, id="1", url="u", conclusion="success")).cases


def test_a_failed_run_with_green_verdicts_did_not_end() -> None:
    """Where GitHub says that the run failed, green verdicts of one suite are no pass."""
    run = CiRun({SMOKE: drill("green")}, id="1", url="u", conclusion="failure")
    triage = triaged(RUNBOOK, run)
    assert only(triage).leaf == "1"
    assert any(note.startswith(f"{FULL} is not there") for note in triage.notes)


def test_a_class_without_an_owner_is_a_finding() -> None:
    """The reader is still told the leaf's owner, and that the tables part."""
    row = next(
        line for line in RUNBOOK.text.splitlines() if line.startswith("| `concurrency` | fr")
    )
    orphan = parse(RUNBOOK.text.replace(f"{row}\n", ""), path=RUNBOOK.path)
    triage = triaged(orphan, CiRun({SMOKE: drill("race")}))
    assert only(triage).owner.name == "freshrun/storage"
    assert only(triage).fallback is None
    assert [f.message for f in triage.findings] == ['nobody owns the class "concurrency"']


def test_diagnostics_that_say_another_class_than_the_tree_are_a_finding() -> None:
    """The tree decides, and the reader is told."""
    files = changed(drill("race"), '"class": "concurrency"', '"class": "durability"')
    triage = triaged(RUNBOOK, CiRun({SMOKE: files}))
    assert only(triage).failure_class == "concurrency"
    assert any('says "durability"' in finding.message for finding in triage.findings)


def test_lost_diagnostics_are_a_finding_and_the_verdicts_still_name_the_owner() -> None:
    """The IDs come from the verdicts; what those don't say is a gap of the bead."""
    files = {"junit.xml": drill("race")["junit.xml"]}
    triage = triaged(RUNBOOK, CiRun({SMOKE: files}))
    assert only(triage).owner.name == "freshrun/storage"
    assert "SCENARIO_ID=CONC-001" in only(triage).paste.commands
    assert "SUMMARY" in only(triage).paste.missing
    assert "Fill in first what no file says: SUMMARY, " in triage_text(triage)
    assert any("no JSON file of" in finding.message for finding in triage.findings)


def test_evidence_that_is_not_there_is_a_finding() -> None:
    """A field of the glossary that the diagnostics lack is named, with the glossary's line."""
    files = changed(drill("race"), '"waitedForLock"', '"waited"')
    (finding,) = triaged(RUNBOOK, CiRun({SMOKE: files})).findings
    assert "evidence.waitedForLock" in finding.message
    assert RUNBOOK.text.splitlines()[finding.line - 1].startswith("| `INV-ATOMICITY`")


def test_a_runbook_without_a_tree_is_refused() -> None:
    """One line names the document and what is missing."""
    with pytest.raises(DocumentError, match=r"^notes\.md:1: "):
        triaged(parse("# Notes\n", path="notes.md"), CiRun({SMOKE: drill("race")}))


# --- the commands ---


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of a checkout, with `bd` on the PATH of `pasted`."""
    programs = tmp_path / "bin"
    programs.mkdir()
    shutil.copy(ROOT / "src" / "freshrun" / "beads" / "stand_in.py", programs / "bd")
    (programs / "bd").chmod(0o755)
    checkout = tmp_path / "a checkout"
    (checkout / "examples" / "drv").mkdir(parents=True)
    return checkout


@pytest.fixture
def pasted(root: Path) -> Pasted:
    """Return what types a text into a bash in the root of the checkout."""

    def paste(text: str) -> subprocess.CompletedProcess[str]:
        path = f"{root.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash"],
            input=f"{text}\n",
            cwd=root,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    return paste


@pytest.mark.parametrize("fault", OWNERS)
def test_the_commands_file_a_complete_bead(fault: str, pasted: Pasted) -> None:
    """Pasted in the root, they file the bead that the checklist of the runbook asks for."""
    files = drill(fault)
    case = only(triaged(RUNBOOK, CiRun({SMOKE: files})))
    done = pasted(case.paste.commands)
    assert done.returncode == 0, done.stderr
    below = {f"triage/smoke/{name}": data for name, data in files.items()}
    assert not list(bead_faults(RUNBOOK, done.stdout.encode(), files=below))


def test_the_commands_end_at_the_search_where_the_bead_is_there(pasted: Pasted) -> None:
    """A second paste files nothing, and says why it stopped."""
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill("race")})))
    assert pasted(case.paste.commands).returncode == 0
    again = pasted(case.paste.commands)
    assert again.returncode == 1
    assert again.stderr.startswith("Stopped. If the search found this failure")
    assert len(json.loads(pasted("bd list --all --json").stdout)) == 1


def test_a_failure_of_the_full_suite_names_its_own_artifact_and_file(pasted: Pasted) -> None:
    """The template's smoke artifact and first file give way to those of the failure."""
    files = {name.replace("001", "002"): data for name, data in drill("lost-write").items()}
    run = CiRun({SMOKE: drill("green"), FULL: files})
    done = pasted(only(triaged(RUNBOOK, run)).paste.commands)
    below = {f"triage/full/{name}": data for name, data in files.items()}
    assert not list(bead_faults(RUNBOOK, done.stdout.encode(), files=below))
    assert "diagnostics/failure-002.json" in done.stdout
    assert SMOKE not in done.stdout


def test_the_commands_leave_the_shell_as_it_was(pasted: Pasted) -> None:
    """Directory, variables and options of the reader's shell stay; it goes on after a stop."""
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill("race")})))
    told = pasted(f'{case.paste.commands} > /dev/null\npwd; echo "class:$CLASS"; echo "$-"')
    place, variable, options = told.stdout.splitlines()
    assert place.endswith("/a checkout")
    assert variable == "class:"
    assert "e" not in options


def test_the_commands_do_nothing_outside_the_checkout(pasted: Pasted, root: Path) -> None:
    """In another folder they end at once, without a bead."""
    shutil.rmtree(root / "examples")
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill("race")})))
    assert pasted(case.paste.commands).returncode != 0
    assert not list(root.iterdir())


def test_a_hostile_artifact_runs_nothing(pasted: Pasted, root: Path) -> None:
    """Whatever stands in the diagnostics is text to the shell, and to the terminal."""
    hostile = "'; touch pwned; $(touch pwned) `touch pwned` \x1b[201~\rtouch pwned\nEND\n!! \u202e"
    document = json.loads(drill("race")["diagnostics/failure-001.json"])
    document["summary"] = hostile
    files = {**drill("race"), "diagnostics/failure-001.json": json.dumps(document).encode()}
    case = only(triaged(RUNBOOK, CiRun({SMOKE: files})))
    text = triage_text(Triage(CiRun({}), (case,)))
    assert all(line.isprintable() for line in text.splitlines())
    done = pasted(case.paste.commands)
    assert done.returncode == 0, done.stderr
    assert hostile in json.loads(done.stdout)[0]["description"]
    assert not list(root.rglob("pwned"))


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), max_size=20))
@settings(max_examples=30, deadline=None)
def test_a_quoted_value_is_one_printable_word(values: list[str]) -> None:
    """Bash reads back what was quoted, and the word is one line of printable characters."""
    words = [quoted(value) for value in values]
    assert all(word.isprintable() and word for word in words)
    script = f"printf '%s\\0' {' '.join(words)}" if words else ":"
    read_back = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
    assert read_back.decode().split("\0")[:-1] == values


def test_the_template_names_its_values_after_the_fields() -> None:
    """Every variable of the shipped template is one that triage has a value for."""
    assert field_of("TENANT_IDS") == "tenantIds"
    assert field_of("SUMMARY") == "summary"
    assert {"SCENARIO_ID", "OWNER", "RUN_URL", "EVIDENCE"} <= set(wanted(RUNBOOK))
    assert "BEAD_ID" not in wanted(RUNBOOK)


def test_a_template_that_asks_for_more_is_told_so() -> None:
    """A variable that is no field of the diagnostics is named, and is a gap of the template."""
    more = parse(
        RUNBOOK.text.replace("- class: $CLASS", "- class: $CLASS $MOON"), path="runbook.md"
    )
    triage = triaged(more, CiRun({SMOKE: drill("race")}))
    assert only(triage).paste.missing == ("MOON",)
    assert "\nMOON=''\n" in only(triage).paste.commands
    assert any("MOON" in finding.message for finding in triage.findings)


def test_a_template_with_a_gap_files_nothing_until_it_is_filled(pasted: Pasted) -> None:
    """The shell names the first gap and stops before the search; filled in, it files the bead."""
    files = {"junit.xml": drill("race")["junit.xml"]}
    paste = only(triaged(RUNBOOK, CiRun({SMOKE: files}))).paste
    stopped = pasted(paste.commands)
    assert stopped.returncode != 0
    assert f"{paste.missing[0]}: is a gap: fill it in above" in stopped.stderr
    assert not stopped.stdout
    filled = paste.commands
    for gap in paste.missing:
        filled = filled.replace(f"\n{gap}=''\n", f"\n{gap}=known\n")
    done = pasted(filled)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["title"].startswith("[CONC-001]")


# --- where the files come from, and how it is told ---


@pytest.mark.parametrize(
    ("names", "folder", "expected"),
    [
        ((f"{SMOKE}/junit.xml", f"{FULL}/suite.log"), ".", {SMOKE, FULL}),
        (("smoke/junit.xml", "full/junit.xml"), "triage", {SMOKE, FULL}),
        (("junit.xml", "noise.txt"), "examples/drv/triage/full", {FULL}),
        (("junit.xml",), f"/tmp/{SMOKE}", {SMOKE}),  # noqa: S108 - a name, not a file
        (("diagnostics/failure-001.json",), "examples/drv/out", {"examples/drv/out"}),
        (("noise.txt", ".git/config"), ".", set()),
    ],
    ids=["gh", "runbook", "one by its place", "one by its name", "out", "something else"],
)
def test_files_are_told_apart_by_artifact(
    names: tuple[str, ...], folder: str, expected: set[str]
) -> None:
    """A folder is one artifact, or holds one folder for each, by gh's name or the runbook's."""
    found = arranged(RUNBOOK, names, folder=folder).places
    assert set(found) == expected
    assert "noise.txt" not in {name for files in found.values() for name in files.values()}


def test_the_text_says_who_is_called_before_anything_else() -> None:
    """Headline, drill, owner with channel and time, and contradictions stand above the commands."""
    run = CiRun({SMOKE: drill("rls-off")}, id="7", url="https://github.com/a/b/actions/runs/7")
    text = triage_text(triaged(RUNBOOK, run, files=OWNERSHIP))
    head, _, commands = text.partition("\n(\n")
    assert head.startswith("Run 7: failures of 1 class: tenant-isolation\nhttps://github.com/a/b/")
    assert 'THIS IS A DRILL: the fault "rls-off" was switched on.' in head
    assert "First owner   freshrun/tenancy, +1-202-555-0101 (any hour), #drv-tenancy" in head
    assert "answers within 15 min" in " ".join(head.split())
    assert "Escalation    freshrun/drv-leads, +1-202-555-0100 (any hour), #drv-leads" in head
    assert "Failed        ISO-001 INV-ISOLATION, ISO-002 INV-ISOLATION" in head
    assert "the run has not ended" in head
    assert commands.endswith("\n)")


def test_a_reader_at_night_sees_whom_to_call_and_until_when_to_wait() -> None:
    """Priority, telephone, hours and what a missing answer leads to stand above the evidence."""
    text = triage_text(triaged(RUNBOOK, CiRun({SMOKE: drill("rls-off")}), files=OWNERSHIP))
    head = text.partition("What happened")[0]
    assert "  Priority      P0\n" in head
    assert "  First owner   freshrun/tenancy, +1-202-555-0101 (any hour), #drv-tenancy" in head
    assert "  No answer     fallback after 15" in head
    assert "freshrun/drv-leads, +1-202-555-0100 (any hour), #drv-leads\n" in head
    assert head.count("\n") < 16


def test_a_failure_beside_a_drill_of_its_class_is_no_drill() -> None:
    """A real one in another leg must not be put down to the fault that was switched on here."""
    real = changed(drill("race"), '"race"', "null")
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill("race"), FULL: real})))
    assert not case.drill


def test_artifacts_come_in_the_order_of_the_runbook() -> None:
    """The short suite's failure is the first one, as the runbook's own reader takes it."""
    names = (f"{FULL}/junit.xml", f"{SMOKE}/junit.xml")
    assert list(arranged(RUNBOOK, names, folder=".").places) == [SMOKE, FULL]


def test_a_long_value_is_cut_in_the_text_alone() -> None:
    """A traceback does not push the owner off the screen; the commands have all of it."""
    case = only(triaged(RUNBOOK, CiRun({SMOKE: drill("race")})))
    long = replace(case, evidence=(replace(case.evidence[0], value="x" * 5000),))
    text = triage_text(Triage(CiRun({}), (long,)))
    assert "... (5,000 characters)" in text
    assert "x" * 601 not in text
