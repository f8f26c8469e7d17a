"""A rehearsal as a call: what stands in the README works as it stands there, and alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from freshrun import FreshrunError, Status, rehearse
from freshrun.machine.engine import Engine, connected

ROOT = Path(__file__).resolve().parents[2]
PASSING = "# Title\n\n```bash\necho one\n```\n"
CHECKED = "---\nfreshrun:\n  checklist: checks/\n---\n"
CHECK = "import pytest\n\n@pytest.mark.checklist('it')\ndef test_it(record):\n    assert {}\n"
IMAGE = "debian:bookworm"
TYPED = """\
from freshrun import Record, lint, open_engine, read, rehearse
made: Record = rehearse("README.md", image="debian:bookworm", keep_going=True)
wrong: int = rehearse("README.md", worktree="yes")
rehearse("README.md", imagee="x")
found: int = lint(read("README.md"), ".")
"""


def examples() -> list[str]:
    """Return the programs of the README, as a reader copies them."""
    section = (ROOT / "README.md").read_text("utf-8").partition("### From Python")[2]
    return re.findall(r"```python\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)


def checked(folder: Path, *, condition: str) -> str:
    """Write a document whose one check holds where the condition does; return its path."""
    (folder / "checks").mkdir(parents=True)
    (folder / "checks" / "test_it.py").write_text(CHECK.format(condition), "utf-8")
    (folder / "a.md").write_text(CHECKED + PASSING, "utf-8")
    return str(folder / "a.md")


def machines(engine: Engine) -> set[str]:
    """Return the machines of this process."""
    with connected(engine) as client:
        label = {"label": f"freshrun.pid={os.getpid()}"}
        return {one["Id"] for one in client.api.containers(all=True, filters=label)}


@pytest.mark.engine
@pytest.mark.parametrize("number", range(2))
def test_the_example_of_the_readme_runs(number: int, tmp_path: Path) -> None:
    """In a process of its own, beside a document of a stranger."""
    assert len(examples()) == 2
    (tmp_path / "README.md").write_text(PASSING, "utf-8")
    argv = [sys.executable, "-c", examples()[number]]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(("4 passed echo one\n", r"12\.\d+\n\n")[number], done.stdout)
    assert [path.name for path in tmp_path.iterdir() if path.name != ".freshrun"] == ["README.md"]
    assert not list(tmp_path.glob(".freshrun/*.json"))


@pytest.mark.engine
def test_a_failing_command_is_in_the_record(
    tmp_path: Path, engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is data: nothing is raised, nothing is printed, and no machine is left."""
    (tmp_path / "a.md").write_text("```bash\necho one\nfalse\necho two\n```\n", "utf-8")
    before = machines(engine)
    record = rehearse(tmp_path / "a.md", image=IMAGE)
    assert capfd.readouterr().out == ""
    assert record.verdict is Status.FAILED
    assert [one.status.value for one in record.outcomes] == ["passed", "failed", "not reached"]
    assert machines(engine) <= before


@pytest.mark.engine
def test_the_checklist_is_judged_each_time_anew(tmp_path: Path) -> None:
    """Its verdict is in the record's: files of the same names are no obstacle, nor is this test."""
    words = ("True", "False")
    made = [checked(tmp_path / word, condition=word) for word in words]
    good, bad = (rehearse(path, image=IMAGE) for path in made)
    again = rehearse(made[0], image=IMAGE)
    assert [one.verdict for one in (good, bad, again)] == [
        Status.PASSED,
        Status.FAILED,
        Status.PASSED,
    ], bad.fault
    assert [one.status for one in bad.checklist if one.name == "it"] == [Status.FAILED]
    left_out = rehearse(made[1], image=IMAGE, checklist=False)
    assert (left_out.verdict, left_out.checklist) == (Status.PASSED, ())
    assert any("was left out, as asked" in note for note in left_out.provenance.notes)


@pytest.mark.engine
def test_record_and_page_go_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the new output into the document."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("# T\n\n```console\n$ echo one\n1\n```\n", "utf-8")
    record = rehearse("a.md", image=IMAGE, json="r.json", html="p.html", update=True)
    assert record.verdict is Status.PASSED
    assert json.loads(Path("r.json").read_text("utf-8"))["verdict"] == "passed"
    assert "echo one" in Path("p.html").read_text("utf-8")
    assert "$ echo one\none\n" in Path("a.md").read_text("utf-8")


@pytest.mark.engine
def test_a_harness_that_can_t_go_on_is_broken(tmp_path: Path) -> None:
    """The record says why: never a pass, and no blame for the document."""
    (tmp_path / "a.md").write_text(PASSING, "utf-8")
    record = rehearse(tmp_path / "a.md", image="no.such.registry.invalid/x")
    assert record.verdict is Status.BROKEN
    assert "no.such.registry.invalid" in record.fault


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (None, {}, "there is no such file"),
        ("# Nothing\n", {}, "no shell command found"),
        (PASSING, {"servers": "maybe"}, "servers maybe: pass or fail is right"),
        (PASSING, {"github_fault": "nonsense"}, 'no fault "nonsense" of GitHub'),
        (f"---\nfreshrun:\n  checklist: ..\n---\n{PASSING}", {}, "leads out of the repository"),
    ],
)
def test_what_can_t_be_read_is_raised(
    text: str | None, options: dict[str, str], message: str, tmp_path: Path
) -> None:
    """Nothing was begun, and no file is left that says so."""
    if text is not None:
        (tmp_path / "a.md").write_text(text, "utf-8")
    with pytest.raises(FreshrunError, match=message):
        rehearse(tmp_path / "a.md", **options)  # type: ignore[arg-type]  # rows of the table above
    assert {path.name for path in tmp_path.iterdir()} <= {"a.md"}


def test_it_is_typed_for_who_uses_it(tmp_path: Path) -> None:
    """From the same table: a wrong value and a wrong name are found before anything runs."""
    (tmp_path / "own.py").write_text(TYPED, "utf-8")
    argv = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "c"), "own.py"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = re.findall(r"^(.*): error: ", done.stdout, re.MULTILINE)
    assert lines == ["own.py:3", "own.py:3", "own.py:4", "own.py:5"], done.stdout
