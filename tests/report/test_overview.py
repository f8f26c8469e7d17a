"""Many records in one table, and where those of one document part."""

from dataclasses import replace

from freshrun.model import (
    ChecklistItem,
    Command,
    Ending,
    Options,
    Outcome,
    Provenance,
    Record,
    Status,
)
from freshrun.report import difference, line, nowhere, table, told

BEGIN, END = "2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z"


def outcome(number: int, status: Status = Status.PASSED, *, code: int = 0) -> Outcome:
    """Return the outcome of a command, one a line."""
    command = Command(f"step {number}", "a.md", number, number, "", Options())
    return Outcome(command, status, Ending.EXITED, exit_code=code, cause="not found" * bool(code))


def record(*outcomes: Outcome, fault: str = "") -> Record:
    """Return a record of two seconds."""
    return Record("a.md", "", BEGIN, END, outcomes=outcomes, fault=fault)


PASSED = record(outcome(1), outcome(2))
FAILED = record(outcome(1), outcome(2, Status.FAILED, code=3))
BROKEN = record(fault="no image\n##[error]x")


def test_the_table_says_what_came_of_each_and_why() -> None:
    """In the given order, the widest name deciding; a word of GitHub's runner is inert."""
    lines = [line(FAILED), line(BROKEN, name="b.md on debian:12"), line(PASSED)]
    assert table(lines).splitlines() == [
        "verdict  time    document",
        "FAILED   2.00 s  a.md               a.md:2: exit status 3, expected 0 (not found)",
        "BROKEN           b.md on debian:12  no image",
        "PASSED   2.00 s  a.md",
        "",
        "3 rehearsals: 1 broken, 1 failed, 1 passed",
    ]
    assert told(lines[2]) == "PASSED  a.md  2.00 s"
    assert told(lines[0], colour=True).startswith("\x1b[1;31mFAILED\x1b[0m  a.md")


def test_an_item_that_does_not_hold_is_told_where_no_command_failed() -> None:
    """By its name and the first line of its reason."""
    item = ChecklistItem("smoke", Status.FAILED, "a.md:3: none\nmore")
    assert line(replace(PASSED, checklist=(item,))).told == "smoke: a.md:3: none"


def test_the_first_command_that_differs_is_named_with_each_image() -> None:
    """And why; what is the same everywhere tells nothing."""
    assert difference({"x": PASSED, "y": PASSED}) == ""
    assert difference({"x": FAILED, "y": FAILED}) == ""
    assert difference({"y": FAILED, "x": PASSED}).splitlines() == [
        "a.md:2: not the same everywhere: $ step 2",
        "  x: passed",
        "  y: failed: exit status 3, expected 0 (not found)",
    ]
    assert difference({"x": PASSED, "y": BROKEN}).splitlines() == [
        "a.md:1: not the same everywhere: $ step 1",
        "  x: passed",
        "  y: not reached: no image",
    ]


def test_what_parts_may_be_the_checklist_alone() -> None:
    """Every command ended the same there."""
    item = ChecklistItem("smoke", Status.FAILED, "none")
    judged = replace(PASSED, checklist=(item,))
    assert difference({"x": PASSED, "y": judged}).splitlines() == [
        "a.md: not the same everywhere, though every command is:",
        "  x: passed",
        "  y: failed: smoke: none",
    ]


def test_what_a_document_names_and_nobody_ran_is_told() -> None:
    """Whichever of its records was made there."""
    text = "Tested on Debian 12, Debian 13 and Ubuntu 24.04.\n"
    ran = [
        replace(PASSED, text=text, provenance=Provenance(system=system))
        for system in ("Debian GNU/Linux 12 (bookworm)", "Ubuntu 24.04.3 LTS")
    ]
    assert nowhere(ran) == "a.md:1: named there, and no run was on it: Debian 13"
    assert nowhere(ran[:1]).endswith("Debian 13, Ubuntu 24.04")
    assert nowhere([replace(ran[0], text="It works.\n")]) == ""
    assert nowhere([]) == ""
