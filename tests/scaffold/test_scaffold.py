"""`freshrun init`: a starter that runs as it is, in any repository, and overwrites nothing."""

import re
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

from freshrun import checks as freshrun_checks
from freshrun.document.reading import read
from freshrun.host.installed import requirements
from freshrun.lint import linting as freshrun_lint
from freshrun.model.errors import FreshrunError
from freshrun.scaffold.writing import REQUIREMENTS, RUNBOOK, next_steps, scaffold, starter

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(sysconfig.get_path("scripts"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return the root of a repository without any commit."""
    folder = tmp_path / "widget"
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


def validated(repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Type what `next_steps` says to type."""
    command = ["validate-runbook", "--runbook", RUNBOOK, "--worktree"]
    assert " ".join(["freshrun", *command]) in next_steps()
    return subprocess.run(
        [str(SCRIPTS / "freshrun"), *command, *options],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.engine
def test_the_starter_passes_in_a_repository_without_a_commit(repository: Path) -> None:
    """Every command and all three items of the checklist pass, right after `git init`."""
    scaffold(repository)
    ended = validated(repository)
    assert ended.returncode == 0, ended.stdout
    assert "7 commands: 7 passed" in ended.stdout
    assert "3 checklist items: 3 passed" in ended.stdout


@pytest.mark.engine
@pytest.mark.parametrize(
    ("old", "new", "item"),
    [
        ("mkdir -p out", "mkdir -p out /no/such/place", "failed       setup"),
        ("`out/smoke.txt` |", "`out/report.txt` |", "failed       smoke run"),
        ("| `REPORT` |", "| `REPORTS` |", "failed       environment contract"),
    ],
    ids=["setup", "smoke run", "environment contract"],
)
def test_each_item_of_the_starter_can_fail(repository: Path, old: str, new: str, item: str) -> None:
    """One thing broken ends with 1, and the item and its line are named."""
    scaffold(repository)
    runbook = repository / RUNBOOK
    runbook.write_text(runbook.read_text("utf-8").replace(old, new), "utf-8")
    ended = validated(repository)
    assert ended.returncode == 1, ended.stdout
    (line,) = (line for line in ended.stdout.splitlines() if item in line)
    assert f"{RUNBOOK}:" in line


def test_the_starter_is_written_whole_and_nothing_else(repository: Path) -> None:
    """What is returned is what stands there."""
    (repository / "package.json").write_text("{}", "utf-8")
    written = scaffold(repository)
    paths = (path for path in repository.rglob("*") if path.is_file())
    found = {path.relative_to(repository).as_posix() for path in paths}
    assert {path for path in found if not path.startswith(".git/")} == {*written, "package.json"}
    assert all((repository / path).read_bytes() == text for path, text in starter().items())


@pytest.mark.parametrize("path", starter())
def test_nothing_is_overwritten(repository: Path, path: str) -> None:
    """Where one file is there, it is named and kept, and none is written."""
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text("mine", "utf-8")
    with pytest.raises(FreshrunError, match=rf"^nothing was written.*already: {path};"):
        scaffold(repository)
    assert (repository / path).read_text("utf-8") == "mine"
    assert sum((repository / other).exists() for other in starter()) == 1


def test_a_file_in_the_place_of_a_folder_is_told(repository: Path) -> None:
    """So is a link that leads nowhere: the starter does not write through it."""
    (repository / "checks").write_text("a file", "utf-8")
    (repository / "runbook").mkdir()
    (repository / RUNBOOK).symlink_to("/nowhere/at/all")
    with pytest.raises(FreshrunError, match=r"runbook/runbook\.md, checks/conftest\.py, "):
        scaffold(repository)
    assert not (repository / ".github").exists()


def test_a_folder_outside_git_is_told_what_to_type(tmp_path: Path, repository: Path) -> None:
    """No repository, not its root, no folder at all: each is one line with the command."""
    for folder, hint in (
        (tmp_path, f"first type: git init {tmp_path}"),
        (tmp_path / "new", f"to make one: git init {tmp_path / 'new'}"),
        (repository / ".git" / "hooks", f"freshrun init {repository}"),
    ):
        with pytest.raises(FreshrunError, match=f"{hint}$"):
            scaffold(folder)


def test_the_starter_runbook_is_clean(repository: Path) -> None:
    """Lint has nothing to say of it."""
    scaffold(repository)
    assert not freshrun_lint.lint(read(repository / RUNBOOK), repository)


def test_a_plain_pytest_run_leaves_the_checks_alone(repository: Path) -> None:
    """The repository's own tests run as before, though the checks are named like tests."""
    scaffold(repository)
    (repository / "test_own.py").write_text("def test_it() -> None:\n    pass\n", "utf-8")
    plain = [str(SCRIPTS / "pytest"), "-q", "-p", "no:cacheprovider"]
    ended = subprocess.run(plain, cwd=repository, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout


def test_the_checks_are_in_our_own_style(repository: Path) -> None:
    """Ruff finds nothing in them, by the rules of this project."""
    scaffold(repository)
    command = [str(SCRIPTS / "ruff"), "check", f"--config={ROOT / 'pyproject.toml'}", "checks"]
    ended = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_the_workflow_is_safe_and_pinned_like_ours(repository: Path) -> None:
    """Zizmor finds nothing, and every action stands in a workflow of ours at the same commit."""
    scaffold(repository)
    path = repository / ".github" / "workflows" / "runbook.yml"
    command = [str(SCRIPTS / "zizmor"), "--quiet", "--offline", "--persona=auditor", str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    ours = "".join(f.read_text("utf-8") for f in (ROOT / ".github" / "workflows").iterdir())
    used = [line.strip() for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    others = [line for line in used if not line.startswith("uses: freshrun/freshrun@")]
    assert len(used) == len(others) + 1
    assert all(line in ours for line in others)
    assert f"documents: {RUNBOOK}" in path.read_text("utf-8")


def test_all_that_the_workflow_installs_is_pinned(repository: Path) -> None:
    """freshrun stands there at a commit, all else at a version, and nothing that it needs lacks."""  # noqa: D403 - its name
    scaffold(repository)
    workflow = (repository / ".github" / "workflows" / "runbook.yml").read_text("utf-8")
    assert "pip install" not in workflow
    assert f"          requirements: {REQUIREMENTS}\n" in workflow
    commit = requirements()[0].rpartition("@")[2]
    assert re.findall(r"uses: freshrun/freshrun@(\S+)", workflow) == [commit]
    assert f'python-version: "{sys.version_info.major}.{sys.version_info.minor}"' in workflow
    first, *others = [
        line
        for line in (repository / REQUIREMENTS).read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    own = "freshrun @ git+https://github.com/freshrun/freshrun.git@"
    assert re.fullmatch(rf"{re.escape(own)}([0-9a-f]{{40}}|v\d+\.\d+\.\d+)", first)
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.+]+", line) for line in others)
    named = {line.partition("==")[0] for line in others}
    for line in (
        (ROOT / "pyproject.toml")
        .read_text("utf-8")
        .split("dependencies = [")[1]
        .split("]")[0]
        .splitlines()
    ):
        if found := re.search(r'"([\w-]+)', line):
            assert found[1].lower() in named


def test_the_pinned_commit_is_the_one_that_is_installed() -> None:
    """It is that of this checkout, where it is what is installed; of a wheel, its release."""
    head = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    of_checkout = Path(freshrun_lint.__file__).is_relative_to(ROOT)
    wanted = commit if of_checkout else f"v{version('freshrun')}"
    assert requirements()[0].endswith(f"@{wanted}")


def test_what_is_pinned_can_be_installed_together(tmp_path: Path) -> None:
    """pip finds nothing missing and nothing that contradicts among the exact versions."""  # noqa: D403 - its name
    file = tmp_path / "requirements.txt"
    file.write_text("\n".join(requirements()[1:]), "utf-8")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "-r", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_readme_names_tables_that_our_runbook_has() -> None:
    """Sections and columns of the reference stand in the shipped runbook, and checks exist."""
    readme = read(ROOT / "README.md").section("Tables that the checks read")
    runbook = read(ROOT / "runbook" / "integration-triage-runbook.md")
    (table,) = (one for one in readme.tables if "Section" in one.headers)
    told = {"of", "freshrun", "lint", "triage"}
    for row in table.rows:
        headers = [set(one.headers) for one in runbook.section(row["Section"]).tables]
        columns = set(re.findall(r"`([^`]+)`", row["Columns"]))
        is_prose = row["Columns"] == "text"  # then the section alone has to be there
        assert is_prose or any(columns <= each for each in headers), row
        checks = [word for word in re.findall(r"[a-z_]+", row["Check"]) if word not in told]
        assert checks
        assert all(hasattr(freshrun_checks, c) or hasattr(freshrun_lint, c) for c in checks), checks
