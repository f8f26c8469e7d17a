"""The project's own settings: the same at every front door, below the document's."""

import subprocess
import sys
from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.model.errors import FreshrunError
from freshrun.model.outcome import Status
from freshrun.model.record_json import from_json
from freshrun.rehearsal.options import TABLE, Choices
from freshrun.rehearsal.project import _SAID_BY_THE_CALLER, project_of
from freshrun.rehearsal.setup import Sections, decided

SCRIPTS = Path(sys.executable).parent
PASSING = "# Title\n\n```bash\necho one\n```\n"
WRITTEN = {
    "pyproject.toml": "[project]\nname = 'x'\n\n[tool.freshrun]\n{}\n",
    "invoke.yaml": "run:\n  echo: false\n\nfreshrun:\n  {}\n",
}


def written(folder: Path, name: str, line: str) -> Path:
    """Write settings into a project with two documents; return its folder."""
    line = line.replace(" = ", ": ") if name.endswith("yaml") else line
    (folder / name).write_text(WRITTEN[name].format(line), "utf-8")
    (folder / "docs").mkdir(exist_ok=True)
    for document in ("README.md", "docs/guide.md", "docs/other.md"):
        (folder / document).write_text(PASSING, "utf-8")
    return folder


def typed(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Type a command of this environment."""
    argv = [str(SCRIPTS / words[0]), *words[1:]]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(params=WRITTEN)
def name(request: pytest.FixtureRequest) -> str:
    """Return the file that holds the settings."""
    return str(request.param)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_option_is_a_setting_or_the_callers_alone(
    row: object, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What weakens a verdict, or opens the host, is refused with the option to type."""
    monkeypatch.chdir(tmp_path)
    (option,) = (one for one in TABLE if one is row)
    value = option.words[-1] if option.words else "given"
    written(tmp_path, name, f"{option.name} = {repr(value) if option.value else 'true'}")
    if option.name in _SAID_BY_THE_CALLER:
        with pytest.raises(FreshrunError, match=rf"^{name}:5: .* is no setting .*-{option.name}`"):
            project_of(tmp_path)
        return
    made = decided(parse(PASSING, path="a.md"), project=project_of(tmp_path))
    assert getattr(made, option.field) == (value if option.value else True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('imgae = "x"', ':5: unknown setting "imgae"; did you mean "image"?'),
        ("nonsense = true", ':5: unknown setting "nonsense"; known are runbook, runbooks, image'),
        ('servers = "maybe"', ":5: servers maybe: pass or fail is right"),
        ('keep-going = "yes"', ":5: keep-going is true or false"),
        ("image = true", ":5: image is a text"),
        ('json = "../outside.json"', ":5: json ../outside.json leads out of the project"),
    ],
)
def test_a_wrong_setting_is_one_line_at_every_door(
    line: str, message: str, name: str, tmp_path: Path
) -> None:
    """With its file and line: 2, and pytest's own 4."""
    written(tmp_path, name, line)
    (tmp_path / "tasks.py").write_text("from freshrun.tasks import ns\n")
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    for door, code in (
        (("freshrun", "README.md"), 2),
        (("invoke", "validate-runbook", "--runbook=README.md"), 2),
        (("pytest", "-q"), 4),
    ):
        done = typed(*door, cwd=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        assert f"{name}{message}" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("named", ["docs/gide.md", "../README.md", "/etc/passwd"])
def test_a_document_that_is_not_there_is_told_where_it_is_asked_for(
    named: str, name: str, tmp_path: Path
) -> None:
    """And nowhere else: who names another one needs none of the project's."""
    written(tmp_path, name, f'runbooks = ["{named}"]')
    for door, code in ((("freshrun", "lint"), 2), (("pytest", "-q"), 4)):
        done = typed(*door, cwd=tmp_path)
        assert done.returncode == code
        assert f'{name}:5: there is no document "{named}" in the project' in done.stderr
    assert typed("freshrun", "lint", "README.md", cwd=tmp_path).returncode == 0


def test_the_document_goes_before_the_project_and_the_caller_before_both(tmp_path: Path) -> None:
    """Setting by setting."""
    written(tmp_path, "pyproject.toml", 'image = "theirs"\nuser = "ann"\nkeep-going = true')
    project = project_of(tmp_path)
    document = parse(f"---\nfreshrun:\n  image: its\n---\n{PASSING}", path=str(tmp_path / "a.md"))
    made = decided(document, project=project)
    assert (made.image, made.user, made.sections) == ("its", "ann", Sections.EACH)
    assert decided(document, Choices(image="own"), project=project).image == "own"
    assert decided(document).user == ""


def test_paths_start_at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands in a folder below it means the same ones; pyproject.toml goes first."""
    written(tmp_path, "invoke.yaml", "user = ann\n  json = other.json")
    settings = (
        'image = "Dockerfile"\njson = "out/record.json"\nrunbooks = ["docs/*.md", "README.md"]'
    )
    written(tmp_path, "pyproject.toml", settings)
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    monkeypatch.chdir(tmp_path / "docs")
    project = project_of(Path())
    assert project.runbooks == ("guide.md", "other.md", "../README.md")
    assert project.choices.image == str(tmp_path / "Dockerfile")
    assert project.choices.json == "../out/record.json"
    assert project.choices.user == "ann"
    assert project.placed(Choices(json="mine")).json == "mine"
    assert project.placed(Choices()).json == "../out/record.json"


def test_what_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    """A broken file of somebody else, another tool's table, and what stands above a repository."""
    (tmp_path / "pyproject.toml").write_text('[tool.freshrun]\nuser = "above"\n')
    inside = tmp_path / "inside"
    (inside / ".git").mkdir(parents=True)
    (inside / "pyproject.toml").write_text("[tool.other\nbroken")
    assert project_of(inside).choices == Choices()
    (inside / "invoke.yaml").write_text("- a list of freshrun\n")
    assert project_of(inside).choices == Choices()
    (inside / "pyproject.toml").write_text("[tool.freshrun]\nbroken")
    with pytest.raises(FreshrunError, match=r"pyproject\.toml: is no TOML: "):
        project_of(inside)


def test_pytest_collects_the_documents_that_the_settings_name(tmp_path: Path) -> None:
    """In the folder that it is given, beside the tests there; no other document, and no run."""
    written(tmp_path, "pyproject.toml", 'runbooks = ["docs/g*.md"]')
    (tmp_path / "docs" / "test_it.py").write_text("def test_it(): pass\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_other.py").write_text("def test_other(): pass\n")
    whole = typed("pytest", "--collect-only", "-q", cwd=tmp_path).stdout
    docs = typed("pytest", "--collect-only", "-q", "docs", cwd=tmp_path).stdout
    tests = typed("pytest", "-q", "tests", cwd=tmp_path)
    assert "docs/guide.md::Title::4: echo one" in whole
    assert "docs/guide.md::Title::4: echo one" in docs
    assert "docs/test_it.py::test_it" in docs
    assert "other.md" not in docs + whole
    assert (tests.returncode, "guide" in tests.stdout) == (0, False)
    assert not (tmp_path / ".freshrun").exists()


@pytest.mark.engine
def test_every_door_takes_them(tmp_path: Path) -> None:
    """The image, the documents and the place of the record."""
    line = (
        'image = "debian:bookworm"\nrunbooks = ["README.md"]\njson = "out.json"\nkeep-engine = true'
    )
    written(tmp_path, "pyproject.toml", line)
    (tmp_path / "tasks.py").write_text("from freshrun.tasks import ns\n")
    for door in (("freshrun", "validate-runbook"), ("invoke", "validate-runbook"), ("pytest",)):
        (tmp_path / "out.json").unlink(missing_ok=True)
        done = typed(*door, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "in debian:bookworm" in done.stdout
        record = from_json((tmp_path / "out.json").read_text("utf-8"), source="out.json")
        assert (record.runbook, record.verdict) == ("README.md", Status.PASSED)
