"""A run is alive, and small: what it holds that changes can be kept in one's head."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.mask.masking import Mask
from freshrun.model.outcome import Status
from freshrun.model.record import ChecklistItem, Provenance
from freshrun.rehearsal import run
from freshrun.rehearsal.draft import Draft

ROOMS = sorted(Path(run.__file__).parent.glob("*.py"))
BOOK = parse("```bash\necho one\necho two\n```\n", path="a-hunter2.md")


def changing(made: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes of a class that change: set anew outside of `__init__`, or filled."""
    for method in (node for node in made.body if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(method):
            if isinstance(node, ast.Attribute) and _is_set(node) and method.name != "__init__":
                yield node.attr
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.List | ast.Dict):
                yield ast.unparse(node.target).removeprefix("self.")


def _is_set(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_no_live_thing_has_more_than_eight_attributes_that_change(path: Path) -> None:
    """What has more is split by what it is about."""
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    found = {made.name: {*changing(made)} for made in tree if isinstance(made, ast.ClassDef)}
    assert {name: len(what) for name, what in found.items() if len(what) > 8} == {}
    known = {"run": "_live", "draft": "_outcomes"}.get(path.stem)
    assert known is None or known in set().union(*found.values())
    assert (
        path.stem not in {"run", "draft"}
        or len({*found["Run" if path.stem == "run" else "Draft"]}) > 1
    )


class TestDraft:
    """The record while it is written."""

    @pytest.fixture
    def draft(self) -> Draft:
        """Return the draft of a run that has begun."""
        made = Draft(BOOK, mask=Mask(["hunter2"]), run_id="7")
        made.begin()
        return made

    def test_says_what_was_not_run(self, draft: Draft) -> None:
        """A note, and no pass: nothing was proved."""
        record = draft.record
        assert record.provenance.notes == (
            "2 commands of the document were not asked for and not run",
        )
        assert (record.verdict, record.run) == (Status.BROKEN, "7")

    def test_hides_the_secrets_of_whatever_is_put_into_it(self, draft: Draft) -> None:
        """Provenance, items, the fault and the document's own path."""
        draft.set_provenance(Provenance(image="hunter2", notes=("in hunter2",)))
        draft.judge(ChecklistItem("one", Status.FAILED, "hunter2"))
        draft.break_off("hunter2 fell over")
        assert "hunter2" not in repr(draft.record)
        assert draft.fault == "*** fell over"

    def test_keeps_the_first_reason_why_it_broke_off(self, draft: Draft) -> None:
        """What comes after is its consequence."""
        draft.break_off("the engine went away")
        draft.break_off("no machine")
        assert draft.record.fault == "the engine went away"

    def test_overrules_a_pass_and_nothing_else(self, draft: Draft) -> None:
        """A failed item of the same name stays beside it."""
        for status in (Status.PASSED, Status.FAILED):
            draft.judge(ChecklistItem("one", status))
        draft.overrule(ChecklistItem("one", Status.FAILED, "more"))
        assert [(item.status, item.reason) for item in draft.record.checklist] == [
            (Status.FAILED, ""),
            (Status.FAILED, "more"),
        ]

    def test_puts_the_real_programs_before_the_other_notes(self, draft: Draft) -> None:
        """They are what a reader has to know first."""
        draft.set_provenance(Provenance(notes=("of the place",)))
        draft.note("later")
        draft.note("bd: against bd 1.0", first=True)
        assert draft.record.provenance.notes[:3] == ("bd: against bd 1.0", "of the place", "later")

    def test_has_an_end_once_it_has_ended(self, draft: Draft) -> None:
        """Until then it is as of now."""
        draft.end()
        ended = draft.record.ended
        assert draft.record.ended == ended >= draft.record.started


@pytest.mark.engine
def test_a_run_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    """What shows a recording, and what reads the tables of a runbook, take their time to load."""
    (tmp_path / "a.md").write_text("# T\n\n```bash\necho one\n```\n", "utf-8")
    text = (
        "import sys\nfrom freshrun import rehearse\n"
        "assert rehearse('a.md', image='debian:bookworm').verdict.value == 'passed'\n"
        "unused = ('freshrun.github.', 'freshrun.checklist.contract', 'jsonpath', 'lxml')\n"
        "print([name for name in sys.modules if name.startswith(unused)])\n"
    )
    argv = [sys.executable, "-c", text]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
