"""Taxonomy and invariants held three ways, and the diagnostics that the plan requires."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest
from own_shell import install, live_shell
from small_program import LISTING, PLAN, RUNBOOK, Program, places

from freshrun.checklist.follow_ups import filed_as_printed, follow_up, printed_command
from freshrun.model.errors import NotReachedError
from freshrun.model.finding import Finding
from freshrun.model.outcome import Status
from freshrun.triage.diagnostics import required_diagnostics
from freshrun.triage.reconcile import reconciled

BD = Path(__file__).resolve().parents[2] / "src" / "freshrun" / "beads" / "stand_in.py"
SUM = "| `INV-SUM` | Shares"
BEAD = "; to settle it: bd create 'Reconcile "


def judged(program: Program, listing: str = LISTING) -> tuple[Finding, ...]:
    """Return where plan, runbook and suite part."""
    return reconciled(program.runbook, program.rehearsed(listing), files=program.files)


def listed(**changes: str) -> str:
    """Return the listing with the suite's words for INV-SUM changed, or INV-SUM left out."""
    document = json.loads(LISTING)
    kept = [one for one in document["invariants"] if one["invariantId"] != "INV-SUM"]
    (old,) = (one for one in document["invariants"] if one["invariantId"] == "INV-SUM")
    new = [{**old, **changes}] if changes else []
    return json.dumps({**document, "invariants": [*kept, *new]})


def test_three_that_agree_give_no_finding() -> None:
    """In whatever order a list of evidence stands, and where the suite leaves out what it may."""
    assert judged(Program()) == ()


@pytest.mark.parametrize(
    ("path", "row", "side"),
    [
        (
            PLAN,
            "| `INV-SUM` | Shares add up. | `evidence.total`, `evidence.claims` |\n",
            "Invariants",
        ),
        (PLAN, "| `SHARE-2` | `core` | `INV-SUM` | nothing is lost | full |\n", "Scenarios"),
        (
            RUNBOOK,
            "| `INV-SUM` | Shares add up. | `evidence.claims`, `evidence.total` |\n",
            "Invariant glossary",
        ),
        (RUNBOOK, ", `INV-SUM`", "Failure taxonomy"),
    ],
)
def test_an_invariant_that_one_table_lacks_is_found(path: str, row: str, side: str) -> None:
    """The finding names every side with its line, and the bead that settles it."""
    program = Program().but(path, row, "")
    found = [one for one in judged(program) if one.message.startswith("invariant INV-SUM: ")]
    assert len(found) == 1
    having, _, lacking = found[0].message.partition("; not in ")
    assert lacking.startswith(f'the {"plan" if path == PLAN else "runbook"}\'s "{side}" ({path}:')
    assert f"{PLAN}:{program.line(PLAN, '`INV-SUM`')}" in having
    assert f"the invariants of `suite list` ({RUNBOOK}:" in having
    assert f"{BEAD}plan, runbook and suite: invariant INV-SUM' --type task" in lacking
    assert lacking.endswith("--labels follow-up,program:WID-7aa")


def test_an_invariant_that_the_suite_lacks_is_found() -> None:
    """The line of the suite's side is that of its listing command."""
    (found,) = judged(Program(), listed())
    place = f"(runbook/triage.md:{Program().line(RUNBOOK, 'suite list')})"
    assert f"; not in the invariants of `suite list` {place}; to settle it" in found.message
    assert (found.file, found.line) == (PLAN, Program().line(PLAN, "| `SHARE-2`"))


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (
            PLAN,
            "Shares add up.",
            "Shares sum up.",
            'invariant INV-SUM, statement: "Shares sum up." in',
        ),
        (RUNBOOK, "Shares add up.", "Sums.", '"Sums." in the runbook\'s "Invariant glossary"'),
        (RUNBOOK, ", `evidence.total`", "", "invariant INV-SUM, evidence: "),
        (PLAN, "`SHARE-2` | `core`", "`SHARE-2` | `harness`", "scenario SHARE-2, class: "),
        (PLAN, "`SHARE-2` | `core` | `INV-SUM`", "`SHARE-2` | `core` | `INV-FAIR`", "INV-FAIR"),
        (PLAN, "nothing is lost | full", "nothing is lost | smoke", "scenario SHARE-2, suite: "),
        (PLAN, "| a share is wrong |", "| a share is odd |", "class core, meaning: "),
        (PLAN, "`core` | `SHARE` |", "`core` | `SHARES` |", "scenario prefix SHARES: in"),
        (RUNBOOK, "| `core` | `SHARE` |", "| `score` | `SHARE` |", "class score: in"),
        (PLAN, "| `HAR-1` |", "| `HAR-2` |", "scenario HAR-2: in"),
    ],
)
def test_what_one_side_says_otherwise_is_found(path: str, old: str, new: str, said: str) -> None:
    """Both values are shown, each with the sides that say so."""
    found = judged(Program().but(path, old, new))
    assert any(said in one.message for one in found), found
    assert all(BEAD in one.message for one in found)


def test_no_side_is_right_by_itself() -> None:
    """A statement that stands alone is told beside those that agree, without a verdict."""
    program = Program().but(RUNBOOK, "Shares add up.", "Sums.")
    (found,) = judged(program)
    assert found.message.startswith(
        'invariant INV-SUM, statement: "Shares add up." in the plan\'s "Invariants" '
        f"({PLAN}:{program.line(PLAN, SUM)}), the invariants of `suite list` "
    )
    assert '; "Sums." in the runbook\'s "Invariant glossary"' in found.message


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ("SHARE-1", "not JSON"),
        ("[]", 'it needs a list "scenarios"'),
        ('{"scenarios": [3]}', 'scenarios[0] has no "scenarioId"'),
        (LISTING.replace('"statement"', '"says"'), 'invariants[0] has no "statement"'),
        (LISTING.replace('["error"]', "[]"), 'invariants[2] has no "evidence"'),
    ],
)
def test_a_listing_of_another_shape_is_told_at_its_command(listing: str, said: str) -> None:
    """The suite's side is never passed over."""
    (found,) = judged(Program(), listing)
    assert (found.file, found.line) == (RUNBOOK, Program().line(RUNBOOK, "suite list"))
    assert said in found.message


def test_a_listing_that_was_not_printed_is_told() -> None:
    """Without the listing there is nothing to reconcile; a block that is gone is a finding."""
    program = Program()
    record = program.rehearsed(status=Status.FAILED)
    where = f"{RUNBOOK}:{program.line(RUNBOOK, 'suite list')}: `suite list` failed"
    with pytest.raises(NotReachedError, match=where):
        reconciled(program.runbook, record, files=program.files)
    unnamed = program.but(RUNBOOK, "name=list-scenarios", "name=list")
    assert "no block of commands is marked name=list-scenarios" in judged(unnamed)[0].message


def test_a_plan_that_is_missing_or_has_no_tables_is_told() -> None:
    """At the runbook's link, and at the plan's section."""
    link = Program().line(RUNBOOK, "| plan | plan |")
    assert places(judged(Program().without(PLAN))) == [(RUNBOOK, link)]
    untitled = Program().but(PLAN, "# WID-7aa: the", "# The")
    assert "does not begin with the program's bead" in judged(untitled)[0].message
    renamed = Program().but(PLAN, "## Invariants", "## Invariant")
    assert judged(renamed)[0].message.startswith('no section "Invariants"')
    binary = {**Program().files, PLAN: b"# WID\0"}
    found = reconciled(Program().runbook, Program().rehearsed(), files=binary)
    assert places(found) == [(RUNBOOK, link)]


# --- the diagnostics ---

FAILURE = {
    "scenarioId": "SHARE-2",
    "invariantId": "INV-SUM",
    "evidence": {"claims": 0, "total": None},
}


def held(program: Program, failure: object) -> tuple[Finding, ...]:
    """Return what a downloaded diagnostics file does not have."""
    outputs: Mapping[str, bytes] = {
        "out/diagnostics/failure-1.json": json.dumps(failure).encode(),
        "out/environment.json": b"{}",
    }
    return required_diagnostics(
        program.runbook,
        program.rehearsed(),
        files=program.files,
        artifacts={"smoke-results": outputs},
    )


def test_diagnostics_that_hold_what_the_plan_requires_pass() -> None:
    """A field may be null; another JSON file of the artifact is none of them."""
    assert held(Program(), FAILURE) == ()


def test_a_required_field_that_is_not_in_the_artifact_is_found() -> None:
    """Of every failure, and of this invariant."""
    program = Program()
    name = "out/diagnostics/failure-1.json of smoke-results"
    (found,) = held(program, {**FAILURE, "evidence": {"claims": 0}})
    assert (found.file, found.line) == (PLAN, program.line(PLAN, SUM))
    assert found.message.startswith(f"evidence.total is required here, and is not in {name}; to")
    asked = program.but(PLAN, "| `evidence` |", "| `runId` |")
    (found,) = held(asked, FAILURE)
    assert (found.file, found.line) == (PLAN, asked.line(PLAN, "| `runId` |"))


def test_an_invariant_that_the_plan_lacks_is_found_in_the_artifact() -> None:
    """Nothing is known then of the evidence that it needs."""
    (found,) = held(Program(), {**FAILURE, "invariantId": "INV-SUMS"})
    assert found.message.startswith("no row is INV-SUMS, of out/diagnostics/failure-1.json")


def test_diagnostics_that_are_no_json_or_not_there_are_found() -> None:
    """Nothing to judge is no pass."""
    program = Program()
    broken = {"smoke-results": {"out/diagnostics/failure-1.json": b"{"}}
    none: Mapping[str, Mapping[str, bytes]] = {"smoke-results": {"out/junit.xml": b""}}
    for artifacts, said in ((broken, "is no JSON"), (none, "no downloaded artifact holds")):
        (found,) = required_diagnostics(
            program.runbook, program.rehearsed(), files=program.files, artifacts=artifacts
        )
        assert said in found.message


# --- the bead ---


def test_the_printed_command_is_filed_in_a_fresh_database(tmp_path: Path) -> None:
    """It is pasted as it is printed, whatever characters the title has."""
    program = Program().but(PLAN, "`INV-SUM`", "`INV-S'$(id)!`")
    printed = [printed_command(finding.message) for finding in judged(program)]
    assert len(printed) > 2
    assert all(command.endswith("--labels follow-up,program:WID-7aa") for command in printed)
    with live_shell(tmp_path) as shell:
        install(shell, "bd", program=Path(BD).read_text("utf-8"))
        like = program.runbook.commands[-1]
        pasted = [(number, command) for number, command in enumerate(printed, 1)]
        assert filed_as_printed(pasted, like=like, sandbox=shell) == ()


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ('it\'s `$HOME` and "!x"', 'it\'s `$HOME` and "!x"'),
        ("x" * 600, "x" * 200),
        ("\N{GRINNING FACE}" * 300, "\N{GRINNING FACE}" * 50),
        ("--type\n\x1b[2Jbug", "type [2Jbug"),
        (" \n", "Follow-up"),
    ],
)
def test_a_title_is_one_line_that_bd_takes(title: str, kept: str) -> None:
    """What a tool said may be anything, and becomes a title all the same."""
    assert shlex.split(follow_up(title, program="WID-7aa"))[2] == kept


def test_what_is_no_bead_of_a_program_is_no_label() -> None:
    """A label with a comma or a blank in it is refused."""
    assert follow_up("x", program="the plan, of all").endswith("--labels follow-up")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("bd create x --deps discovered-from:WID-7aa", "it fails: exit status 1, expected 0; it"),
        ("bd create x; bd create x", "the fresh database then holds x, x"),
        ("bd create x --dry-run", "the fresh database then holds no bead"),
        ("bd create x y", "accepts at most 1 arg"),
    ],
)
def test_a_command_that_files_nothing_is_found(tmp_path: Path, command: str, said: str) -> None:
    """A link to a bead that a fresh database has not, a quote too few, another flag."""
    with live_shell(tmp_path) as shell:
        install(shell, "bd", program=Path(BD).read_text("utf-8"))
        like = Program().runbook.commands[-1]
        (finding,) = filed_as_printed([(7, command)], like=like, sandbox=shell)
    assert finding.line == 7
    assert said in finding.message
