"""Where a machine waits for the next save."""

import pytest

from freshrun.document.reading import parse
from freshrun.rehearsal.setup import decided
from freshrun.watching.plan import Plan

SECTIONS = {"One": 2, "Two": 1, "Three": 3}
BEFORE_TWO, BEFORE_THREE = 2, 3


def plan(*changes: tuple[str, str], front: str = "") -> Plan:
    """Return that of a document with three sections, with these changes."""
    text = "".join(
        f"## {title}\n\n```bash\n" + "".join(f"{title} {n}\n" for n in range(count)) + "```\n\n"
        for title, count in SECTIONS.items()
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    head = f"---\nfreshrun:\n  {front}\n---\n" if front else ""
    runbook = parse(head + text, path="a.md")
    return Plan(runbook, decided(runbook))


def saved(before: Plan, now: Plan) -> Plan:
    """Return the plan after a save."""
    return before.saved(now.runbook, now.setup)


def whole() -> Plan:
    """Return that of a document that a rehearsal has passed to its last section."""
    return plan().passed(BEFORE_TWO).passed(BEFORE_THREE)


def test_nothing_is_typed_in_front_of_what_no_rehearsal_has_passed() -> None:
    """A standby is one section behind the leader: it knows that it is safe to go there."""
    assert plan().place == 0
    assert plan().passed(BEFORE_TWO).place == BEFORE_TWO


def test_it_waits_at_the_failed_section_else_at_the_one_edited_last_else_at_the_last() -> None:
    """That is where the next edit is likely."""
    assert whole().place == BEFORE_THREE
    edited = saved(whole(), plan(("Two 0", "Two x"))).passed(BEFORE_THREE)
    assert edited.place == BEFORE_TWO
    assert edited.failing(4).place == BEFORE_THREE
    assert edited.failing(1).place == 0


def test_where_no_place_is_safe_there_it_waits_at_an_earlier_one() -> None:
    """A program was open in the shell in front of the third section."""
    assert plan().passed(BEFORE_TWO).failing(6).place == BEFORE_TWO


@pytest.mark.parametrize(
    ("now", "place"),
    [
        (plan(("Three 2", "Three x")), BEFORE_THREE),
        (plan(("## Two", "Words.\n\n## Two")), BEFORE_THREE),
        (plan(("Two 0", "Two x")), BEFORE_TWO),
        (plan(("One 1", "One x")), 0),
        (plan(front="timeout: 9m"), 0),
    ],
)
def test_what_was_found_safe_in_front_of_an_edit_stays_so(now: Plan, place: int) -> None:
    """What stands behind it has to be passed again; with other settings, everything."""
    assert saved(whole(), now).place == place


def test_a_save_forgets_the_failure() -> None:
    """It may be mended; where an edit is only prose, the section edited before stays the one."""
    failed = saved(whole(), plan(("Two 0", "Two x"))).failing(1)
    assert failed.place == 0
    assert saved(failed, plan(("Two 0", "Two x"), ("## One", "Words\n\n## One"))).edited == 2


def test_only_what_stands_in_front_of_the_place_has_to_be_the_same() -> None:
    """Else it is told what is not."""
    now = plan(("Two 0", "Two x"))
    assert whole().why_not(now, upto=BEFORE_TWO) == ""
    assert "the command of line 11 is another one" in whole().why_not(now, upto=BEFORE_THREE)


def test_a_document_without_commands_has_one_place() -> None:
    """There is nothing that could stand in front of a place."""
    empty = parse("# Nothing\n", path="a.md")
    assert Plan(empty, decided(empty)).place == 0
