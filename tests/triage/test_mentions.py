"""Names in sentences are known names, whichever of the two was changed."""
# ruff: noqa: E501 - a case of a table is read best on one line

from pathlib import Path

import pytest

from freshrun.checklist.entrypoints import entrypoints
from freshrun.checklist.mentions import (
    other_statuses,
    unknown_channels,
    unknown_ids,
    unknown_leaves,
    unknown_teams,
)
from freshrun.checklist.sources import repository_files
from freshrun.document.reading import parse, read
from freshrun.host.git import repository
from freshrun.model.runbook import Runbook
from freshrun.triage.owners import ownership_agrees

PATH = "runbook/integration-triage-runbook.md"
OURS = read(Path(__file__).resolve().parents[2] / PATH)
KNOWN = {
    "scenarioId": {"HAR-003", "HAR-006", "ALLOC-001", "ISO-001", "ISO-002", "IDEM-001",
                   "IDEM-002", "CONC-001", "CONC-002", "DUR-002", "HAR-001"},
    "invariantId": {line.split("`")[1] for line in OURS.text.split("\n") if line.startswith("| `INV")},
}  # fmt: skip
TEAMS = {
    f"freshrun/{name}"
    for name in ("tenancy", "core-algorithm", "metering", "storage", "test-infrastructure", "drv-leads")
}  # fmt: skip


def told(document: Runbook) -> list[str]:
    """Return all that is wrong with the mentions of a document."""
    found = (
        *unknown_ids(document, documents=[document], known=KNOWN),
        *unknown_leaves(document, known={str(number) for number in range(1, 9)}),
        *unknown_teams(document, known=TEAMS),
        *unknown_channels(document, known={f"#drv-{t.partition('/')[2]}" for t in TEAMS} | {"#drv-leads"}),
        *other_statuses(document, block="smoke", green=0, red=1),
    )  # fmt: skip
    return [str(one).removeprefix(f"{document.path}:") for one in found]


def test_our_own_runbook_names_what_is_known() -> None:
    """Repository, addresses, commands and placeholders are no teams and no IDs."""
    assert told(OURS) == []
    assert entrypoints(OURS).rows[0].name == "smoke"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reported as `HAR-003`", "reported as `HAR-009`", "HAR-009 is no scenarioId that the suite can report; did you"),
        ("`INV-DURABILITY` is proved", "`INV-DURABLE` is proved", "INV-DURABLE is no invariantId that the suite"),
        ("that is leaf 8.", "that is leaf 9.", "there is no leaf 9"),
        ("as leaf 1 says", "as leaf 0 says", "there is no leaf 0"),
        ("then tell freshrun/test-infrastructure", "then tell freshrun/test-infra", "freshrun/test-infra is no team of"),
        ("ask `#drv-test-infrastructure`", "ask `#drv-infra`", "nobody is reached in #drv-infra"),
        ("Red has exit status 1", "Red has exit status 3", "smoke: exit status 3 of a red run; 1 is right"),
        ("`DRV-GREEN` and exit status 0", "`DRV-GREEN` and exit status 4", "exit status 4 of a green run; 0 is right"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_knows_is_told_at_its_line(old: str, new: str, said: str) -> None:
    """In a sentence as in a table."""
    assert old in OURS.text
    text = OURS.text.replace(old, new, 1)
    (one,) = told(parse(text, path=PATH))
    assert one.startswith(f"{text[: text.index(new)].count(chr(10)) + 1}: ")
    assert said in one


def test_the_item_of_the_owners_reads_sentences_too() -> None:
    """It knows those of the ownership file."""
    files = dict(repository_files(repository(OURS.path, worktree=True)))
    assert ownership_agrees(OURS, files=files) == ()
    text = OURS.text.replace("then tell freshrun/test-infrastructure", "then tell freshrun/infra")
    (one,) = ownership_agrees(parse(text, path=OURS.path), files=files)
    assert "freshrun/infra is no team of the ownership file" in one.message
