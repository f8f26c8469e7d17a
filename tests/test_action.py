"""Our action and our hook, in a repository of somebody else: as GitHub and pre-commit run them."""

import json
import os
import re
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
GOOD = "# Widget\n\n```bash\necho one > out.txt\ntest -s out.txt\n```\n"
BAD = "# Widget\n\n```bash\necho one\nnosuchprogram --now\n```\n"

Action = Mapping[str, Mapping[str, list[Mapping[str, str | Mapping[str, str]]]]]


def typed(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as somebody does in a checkout."""
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a checkout with one good runbook and one bad one, both committed."""
    folder = tmp_path / "widget"
    (folder / "docs").mkdir(parents=True)
    (folder / "README.md").write_text(GOOD, "utf-8")
    (folder / "docs" / "bad one.md").write_text(BAD, "utf-8")
    (folder / "docs" / "links.md").write_text("# T\n\nSee [it](nowhere.md).\n", "utf-8")
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", "action.yml"),
        *(
            ("vendor.github-workflows", str(path))
            for path in (ROOT / ".github/workflows").iterdir()
        ),
    ],
)
def test_the_schema_of_github_takes_it(schema: str, path: str) -> None:
    """Each key is known, and of its kind."""
    done = typed(SCRIPTS / "check-jsonschema", "--builtin-schema", schema, path, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_in_the_action() -> None:
    """What a caller gives goes into no script but as a variable."""
    words = ("--offline", "--persona=auditor", "--no-progress", "action.yml")
    done = typed(SCRIPTS / "zizmor", *words, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_the_steps_are_clean_shell(tmp_path: Path) -> None:
    """By ShellCheck; that a list of names is split and expanded is meant."""
    scripts = [step["run"] for step in _steps() if "run" in step]
    assert len(scripts) == 4
    for script in scripts:
        file = tmp_path / "step.bash"
        file.write_text(f"#!/usr/bin/env bash\n{script}", "utf-8")
        done = typed(SCRIPTS / "shellcheck", "--exclude=SC2206", file, cwd=tmp_path)
        assert done.returncode == 0, done.stdout


def _steps() -> list[dict[str, str]]:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    steps: list[dict[str, str]] = action["runs"]["steps"]
    return steps


def _inputs(given: Mapping[str, str]) -> dict[str, str]:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    usual = {name: str(one.get("default", "")) for name, one in action["inputs"].items()}
    assert set(given) <= set(usual)
    return {f"inputs.{name}": value for name, value in {**usual, **given}.items()}


def _run(step: str, *, inputs: Mapping[str, str], cwd: Path, temp: Path) -> tuple[int, str, str]:
    """Run a step as a runner does; return its exit code, what it printed, and its outputs."""
    values = {"github.action_path": str(ROOT), **_inputs(inputs)}
    (one,) = (each for each in _steps() if each.get("id") == step)
    given: Mapping[str, str] = yaml.safe_load(yaml.safe_dump(one.get("env", {})))
    variables = {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], str(value))
        for name, value in given.items()
    }
    output, script = temp / "output", temp / "step.bash"
    output.write_text("", "utf-8")
    script.write_text(one["run"], "utf-8")
    environment = {
        **os.environ,
        **variables,
        "RUNNER_TEMP": str(temp),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_ACTIONS": "true",
    }
    words = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr, output.read_text("utf-8")


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """Return a runner's folder in which this freshrun is what the action has installed."""
    folder = tmp_path / "temp"
    programs = folder / "freshrun" / "bin"
    programs.mkdir(parents=True)
    (programs / "freshrun").symlink_to(SCRIPTS / "freshrun")
    return folder


@pytest.mark.engine
class TestTheRehearsal:
    """The step that types the runbooks, with a real engine."""

    def test_a_good_one_is_green_and_leaves_its_reports(self, repository: Path, temp: Path) -> None:
        """Record, page and JUnit, from where they are uploaded."""
        given = {"documents": "README.md", "options": "--image debian:bookworm --keep-engine"}
        code, told, outputs = _run("rehearsal", inputs=given, cwd=repository, temp=temp)
        assert code == 0, told
        assert outputs == "verdict=passed\n"
        names = {path.name for path in (repository / "freshrun-report").iterdir()}
        assert names >= {"record.json", "junit.xml", "report.html"}

    def test_a_bad_one_is_annotated_from_the_root(self, repository: Path, temp: Path) -> None:
        """A name with a blank is found by its pattern; the job is red, and says which line."""
        given = {"documents": "docs/bad*.md", "options": "--image debian:bookworm\n--keep-engine"}
        code, told, outputs = _run("rehearsal", inputs=given, cwd=repository, temp=temp)
        assert code == 1, told
        assert outputs == "verdict=failed\n"
        assert "::error file=docs/bad one.md,line=5,endLine=5,title=command not found::" in told
        record = json.loads((repository / "freshrun-report" / "record.json").read_text("utf-8"))
        assert record["provenance"]["path"] == "docs/bad one.md"


def test_what_names_no_file_is_broken(repository: Path, temp: Path) -> None:
    """A pattern that has become empty is no green run."""
    given = {"documents": "nowhere/*.md"}
    code, told, outputs = _run("rehearsal", inputs=given, cwd=repository, temp=temp)
    assert (code, outputs) == (2, "verdict=broken\n")
    assert "::error title=freshrun::no file is named" in told


def test_what_is_given_is_no_shell(repository: Path, temp: Path) -> None:
    """Neither a document's name nor an option is run."""
    given = {"documents": "$(touch pwned) `touch pwned`;touch pwned", "options": "$(touch pwned)"}
    code, _, _ = _run("rehearsal", inputs=given, cwd=repository, temp=temp)
    assert code == 2
    assert not list(repository.rglob("pwned"))


def test_the_hook_lints_the_files_that_are_committed(repository: Path) -> None:
    """pre-commit installs it from this checkout, gives it the Markdown, and shows what it found."""
    environment = {**os.environ, "PRE_COMMIT_HOME": str(repository.parent / "pre-commit")}
    words = (str(SCRIPTS / "pre-commit"), "try-repo", str(ROOT), "freshrun-lint", "--verbose")
    for files, code in ((("README.md",), 0), (("README.md", "docs/links.md"), 1)):
        done = subprocess.run(
            [*words, "--files", *files],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert ("docs/links.md:3" in done.stdout) is bool(code)
