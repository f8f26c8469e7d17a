"""Formats of IDs: each known ID is taken, and nothing that is almost one."""

from pathlib import Path

import pytest
from test_tree import TEXT

from freshrun.document.reading import parse, read
from freshrun.triage.formats import exact_formats

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "runbook" / "integration-triage-runbook.md"
STRICT = r"(HAR\|ISO\|ALLOC)-\d{3}"


def judged(scenario: str = STRICT, invariant: str = "INV-[A-Z]+") -> list[str]:
    """Return what is said of a document with these formats."""
    first, *others = TEXT.split("`[A-Z]+-\\d+`")
    text = f"{first}`{scenario}`{f'`{STRICT}`'.join(others)}"
    text = text.replace("`INV-[A-Z]+`", f"`{invariant}`", 1)
    return [str(finding) for finding in exact_formats(parse(text, path="triage.md"))]


def test_formats_that_are_exact_have_no_finding() -> None:
    """Ours among them."""
    assert judged() == []
    assert judged(r"(ISO\|ALLOC\|HAR)-[0-9]{3}", "INV-(WALL|SHARE|PLACE)".replace("|", r"\|")) == []
    assert exact_formats(read(OURS)) == ()


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (r"[A-Z]+-\d+", 'takes "HAR-01", "HAR-0001", "HARR-001" and'),
        (r"[A-Z]+-\d{3}", 'takes "HARR-001"'),
        (r"(HAR\|ISO\|ALLOC)-?\d{3}", 'takes "HAR001"'),
        (r"(HAR\|ISO\|ALLOC)-\w{3}", 'takes "HAR-O01"'),
        (r"(HAR\|ISO\|ALLOC)-\d+", 'takes "HAR-01"'),
        (r"(HAR\|ISO\|ALLOC)[-_]\d{3}", 'takes "HAR_001"'),
        (r"(?i:(HAR\|ISO\|ALLOC)-\d{3})", 'takes "har-001"'),
        (r"\S+", "and "),
        (r".+", "and "),
        (r"(HAR\|ISO)-\d{3}", "does not take ALLOC-001"),
        (r"(HAR\|ISO\|ALLOC)-\d{4}", "does not take HAR-001"),
    ],
)
def test_a_format_of_scenarios_that_takes_more_or_less_is_found(scenario: str, said: str) -> None:
    """At the line of its row, with what it takes."""
    (first, *_) = judged(scenario)
    line = TEXT[: TEXT.index("| `scenarioId` | stdout")].count("\n") + 1
    assert first.startswith(f"triage.md:{line}: scenarioId: the format ")
    assert said in first


@pytest.mark.parametrize(
    ("invariant", "said"),
    [
        ("INV[A-Z-]*", 'takes "INVWALL"'),
        ("INV-[A-Z-]+", 'takes "INV--WALL"'),
        ("INV-[A-Z]*", 'takes "INV-"'),
        (r"INV-\w+", 'takes "INV-WALL1"'),
        ("[A-Z]+-[A-Z]+", 'takes "XINV-WALL"'),
        ("INV.[A-Z]+", '"INV_WALL"'),
        ("INV-WALL", "does not take INV-SHARE"),
    ],
)
def test_a_format_of_invariants_that_takes_more_or_less_is_found(invariant: str, said: str) -> None:
    """What is cut, glued or of another case is no ID."""
    assert any(said in message for message in judged(invariant=invariant)), judged(
        invariant=invariant
    )
