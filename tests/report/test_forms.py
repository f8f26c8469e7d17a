"""The findings of lint, told in every form; each is safe to show, whatever the document holds."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from freshrun.lint.flaw import Edit, Flaw
from freshrun.lint.rules import RULES
from freshrun.model.errors import FreshrunError
from freshrun.report.forms import FORMS, findings

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8")
)
FLAWS = [
    Flaw("a b.md", 3, "`x` waits: a, b\x1b[31m", 5, "endless", width=1),
    Flaw("d\u00fc.md", 1, "100% \u201c", 1, "wrong-character", (Edit(1, 0, 1, '"'),), width=1),
]


def test_sarif_is_valid() -> None:
    """Against the schema of SARIF 2.1.0, with findings and without, for each rule there is."""
    for flaws in (FLAWS, [], [Flaw("a.md", 1, "x", rule=rule) for rule in RULES]):
        Draft4Validator(SCHEMA).validate(json.loads(findings(flaws, form="sarif")))
    broken = json.loads(findings(FLAWS, form="sarif"))
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert list(Draft4Validator(SCHEMA).iter_errors(broken))


def test_sarif_has_place_rule_and_fix() -> None:
    """A name is an address, as SARIF wants it; columns count from 1."""
    (run,) = json.loads(findings(FLAWS, form="sarif"))["runs"]
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.md"
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endColumn": 6}
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "endless"
    assert first["level"] == "warning"
    (replacement,) = second["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["deletedRegion"] == {"startLine": 1, "startColumn": 1, "endColumn": 2}
    assert replacement["insertedContent"] == {"text": '"'}


def test_json_has_everything() -> None:
    """Nothing of a finding is told in words alone."""
    first, second = json.loads(findings(FLAWS, form="json"))["findings"]
    assert first == {
        "file": "a b.md",
        "line": 3,
        "column": 5,
        "rule": "endless",
        "severity": "warning",
        "message": "`x` waits: a, b\x1b[31m",
        "edits": [],
    }
    assert second["edits"] == [{"line": 1, "column": 1, "end_column": 2, "text": '"'}]


def test_annotations_are_escaped() -> None:
    """As the runner reads them; nothing of a document is a command of its own."""
    told = findings([Flaw("a,b.md", 3, "x%\n::error::y", 5, "endless")], form="github")
    assert told.startswith("::warning file=a%2Cb.md,line=3,col=5,title=endless::x%25")
    assert "\n" not in told


def test_text_is_a_line_each() -> None:
    """What a terminal would obey is not printed."""
    assert findings(FLAWS, form="text").splitlines() == [
        "a b.md:3:5: `x` waits: a, b [endless]",
        "d\u00fc.md:1:1: 100% \u201c [wrong-character]",
    ]


def test_a_form_that_does_not_exist_is_refused() -> None:
    """With those that do."""
    with pytest.raises(FreshrunError, match="text or json or sarif or github"):
        findings(FLAWS, form="xml")
    assert set(FORMS) == {"text", "json", "sarif", "github"}
