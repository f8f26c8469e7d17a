"""The findings of lint, told: as text, JSON, SARIF 2.1.0, or annotations of a GitHub workflow."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from urllib.parse import quote

from freshrun.lint import RULES, Edit, Flaw, Rule
from freshrun.model import FreshrunError
from freshrun.report.github import annotation
from freshrun.report.words import plain


def findings(flaws: Sequence[Flaw], *, form: str) -> str:
    """Return findings in a form of `FORMS`; `FreshrunError` where there is no such form."""
    if form not in FORMS:
        raise FreshrunError(f'"{form}" is no form of findings; write {" or ".join(FORMS)}')
    return FORMS[form](flaws)


def _text(flaws: Sequence[Flaw]) -> str:
    return "\n".join(plain(str(flaw)) for flaw in flaws)


def _github(flaws: Sequence[Flaw]) -> str:
    return "\n".join(
        annotation(
            flaw.of.severity.value,
            flaw.message,
            file=flaw.file,
            line=flaw.line,
            col=flaw.column,
            title=flaw.rule,
        )
        for flaw in flaws
    )


def _as_json(flaws: Sequence[Flaw]) -> str:
    return _encoded({"version": 1, "findings": [_flaw(flaw) for flaw in flaws]})


def _flaw(flaw: Flaw) -> Mapping[str, object]:
    return {
        "file": flaw.file,
        "line": flaw.line,
        "column": flaw.column,
        "rule": flaw.rule,
        "severity": flaw.of.severity.value,
        "message": flaw.message,
        "edits": [
            {"line": e.line, "column": e.start + 1, "end_column": e.end + 1, "text": e.text}
            for e in flaw.edits
        ],
    }


def _encoded(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


# --- SARIF ---

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def _sarif(flaws: Sequence[Flaw]) -> str:
    driver = {
        "name": "freshrun",
        "semanticVersion": version("freshrun"),
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(flaw) for flaw in flaws],
    }
    return _encoded({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> Mapping[str, object]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.says},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(flaw: Flaw) -> Mapping[str, object]:
    region = {"startLine": flaw.line, "startColumn": flaw.column}
    end = {"endColumn": flaw.column + flaw.width} if flaw.width else {}
    place = {"artifactLocation": _file(flaw), "region": region | end}
    result: dict[str, object] = {
        "ruleId": flaw.rule,
        "ruleIndex": list(RULES).index(flaw.rule),
        "level": flaw.of.severity.value,
        "message": {"text": flaw.message},
        "locations": [{"physicalLocation": place}],
    }
    if flaw.edits:
        replacements = [_replacement(edit) for edit in flaw.edits]
        change = {"artifactLocation": _file(flaw), "replacements": replacements}
        result["fixes"] = [{"description": {"text": flaw.message}, "artifactChanges": [change]}]
    return result


def _file(flaw: Flaw) -> Mapping[str, object]:
    return {"uri": quote(flaw.file)}


def _replacement(edit: Edit) -> Mapping[str, object]:
    region = {"startLine": edit.line, "startColumn": edit.start + 1, "endColumn": edit.end + 1}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


FORMS: Mapping[str, Callable[[Sequence[Flaw]], str]] = {
    "text": _text,
    "json": _as_json,
    "sarif": _sarif,
    "github": _github,
}
"""What `--format` takes, and what tells findings so."""
