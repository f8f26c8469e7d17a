"""Before the first command: word is left once that a run has begun, and none of a secret."""

import json
from pathlib import Path

import pytest

from freshrun.model.errors import FreshrunError
from freshrun.plugin.preparing import prepared, report_files
from freshrun.rehearsal.options import Choices
from freshrun.rehearsal.record_file import RECORD, announce

PASSING = "```bash\necho one\n```\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory of a run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made_ready(text: str, *, name: str = "a.md", choices: Choices | None = None) -> int:
    """Announce a run and make it ready; return which file the record was before."""
    Path(name).write_text(text, "utf-8")
    choices = choices or Choices()
    word = announce(Path(RECORD), name)
    first = Path(RECORD).stat().st_ino
    kept = Path("first-record")
    kept.hardlink_to(RECORD)  # so that no other file gets its number
    prepared(name, choices, files=report_files(name, choices), word=word)
    return first


def test_word_is_left_once(folder: Path) -> None:
    """The file of the announcement is still the one that stands there."""
    first = made_ready(PASSING)
    assert (folder / RECORD).stat().st_ino == first
    record = json.loads((folder / RECORD).read_text("utf-8"))
    assert (record["state"], record["verdict"]) == ("running", "broken")


def test_a_secret_in_the_path_does_not_stay_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which names are secret is in the document: then it is written once more."""
    monkeypatch.setenv("TOKEN", "hunter2hunter2")
    text = f"---\nfreshrun: {{secrets: [TOKEN]}}\n---\n{PASSING}"
    first = made_ready(text, name="hunter2hunter2.md")
    assert (folder / RECORD).stat().st_ino != first
    written = (folder / RECORD).read_text("utf-8")
    assert "hunter2" not in written
    assert json.loads(written)["state"] == "running"


def test_a_refused_run_says_why(folder: Path) -> None:
    """In the place of the announcement, under its own id."""
    with pytest.raises(FreshrunError, match="--bd alive: stand-in or live is right"):
        made_ready(PASSING, choices=Choices(bd="alive"))
    told = json.loads((folder / RECORD).read_text("utf-8"))
    assert (told["state"], told["verdict"]) == ("ended", "broken")
    assert "--bd alive" in told["fault"]
    assert told["run"] == json.loads((folder / "first-record").read_text("utf-8"))["run"]


@pytest.mark.parametrize("name", ["docs/a.md", "../docs/a.md", "/docs/a.md"])
def test_each_of_several_runbooks_has_files_of_its_own(name: str) -> None:
    """Told apart by their paths."""
    choices = Choices(json="x/r.json", html="p.html")
    files = report_files(name, choices, among=(name, "b.md"))
    assert files.record == Path("x/r-docs-a.md.json")
    assert files.page == Path("p-docs-a.md.html")
    assert report_files(name, choices).record == Path("x/r.json")
    assert report_files(name, Choices()).page is None
