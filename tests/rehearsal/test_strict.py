"""`--strict`: a line that readers see as shell and nobody typed is a failure."""

import json
from pathlib import Path

import pytest

from freshrun import Status, rehearse

DOCUMENT = "# Title\n\n```bash\ntrue\n```\n\n<pre>$ make all\n$ make check</pre>\n"
ITEM = "every shell line that a reader sees is typed"


@pytest.mark.engine
@pytest.mark.parametrize("strict", [True, False])
def test_a_line_that_was_not_typed_fails_where_that_was_asked_for(
    strict: bool,  # noqa: FBT001 - a row of the table above
    tmp_path: Path,
) -> None:
    """Elsewhere it is told, and the document passes; the record says what was asked for."""
    (tmp_path / "x.md").write_text(DOCUMENT, "utf-8")
    name = str(tmp_path / "x.md")
    record = rehearse(name, image="debian:bookworm", strict=strict, json=str(tmp_path / "r.json"))
    assert record.verdict is (Status.FAILED if strict else Status.PASSED)
    assert record.lines_untyped == (2, 3)
    reasons = [item.reason for item in record.checklist if item.name == ITEM]
    assert [reason.startswith(f"{name}:7: 2 of 3 lines were not: ") for reason in reasons] == (
        [True] if strict else []
    )
    assert len(json.loads((tmp_path / "r.json").read_text("utf-8"))["checklist"]) == strict


@pytest.mark.engine
def test_where_all_was_typed_the_item_passes(tmp_path: Path) -> None:
    """It stands in the record all the same, so that its reader knows that it was asked for."""
    (tmp_path / "x.md").write_text("```bash\ntrue\n```\n", "utf-8")
    record = rehearse(str(tmp_path / "x.md"), image="debian:bookworm", strict=True)
    assert [(item.name, item.status) for item in record.checklist] == [(ITEM, Status.PASSED)]
    assert record.verdict is Status.PASSED
