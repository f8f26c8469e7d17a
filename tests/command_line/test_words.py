"""The command line that people try first: what is understood, and what a wrong one is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from freshrun.command_line.words import understood
from freshrun.tasks import forms

SCRIPTS = Path(sys.executable).parent
PASSING = "# Title\n\n```bash\necho one\n```\n"


def typed(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Type `freshrun` with these words."""
    argv = [str(SCRIPTS / "freshrun"), *words]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with two documents, one of them in a folder of its own."""
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "docs/guide.md"):
        (tmp_path / name).write_text(PASSING, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("READMEE",), 'did you mean "README.md"?'),
        (("READMEE.md",), 'did you mean "README.md"?'),
        (("lnt", "README.md"), 'did you mean "lint"?'),
        (("validate", "README.md"), 'did you mean "validate-runbook"?'),
        (("help",), "freshrun --help"),
        (("--help", "trage"), 'did you mean "triage"?'),
        (("docs",), "freshrun docs/*.md"),
        (("validate-runbook", "docs"), "docs/*.md"),
        (("README.md", "--keepgoing"), 'did you mean "--keep-going"?'),
        (("--imag=x", "README.md"), 'did you mean "--image"?'),
        (("README.md", "--keep-going=yes"), "--keep-going takes no value: leave =yes out"),
        (("README.md", "--image"), "--image needs a value"),
        (("README.md", "--image", "--worktree"), "--image needs a value"),
        (("README.md", "--bd", "alive"), "stand-in or live is right"),
        (("lint", "--keep-going", "README.md"), "one of `freshrun validate-runbook`"),
        (("README.md", "lint"), "freshrun lint"),
        (("engine", "README.md"), "`freshrun engine --help`"),
        (("engine", "--stopp"), 'did you mean "--stop"?'),
        (("record-run",), "freshrun record-run RUN-ID"),
        (("init", "a", "b"), "init takes one folder"),
        (("lint",), "freshrun lint README.md"),
        (("--keep-going",), "freshrun README.md"),
        (("--dry", "README.md"), 'unknown option "--dry"'),
        (("README.md", "-e"), 'unknown option "-e"'),
    ],
    ids=" ".join,
)
def test_a_wrong_one_is_one_line_with_the_right_one(
    words: tuple[str, ...], said: str, project: Path
) -> None:
    """Exit code 2, and nothing of a library's own."""
    done = typed(*words, cwd=project)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    told = done.stderr.strip()
    assert "\n" not in told
    assert not [word for word in ("Traceback", "Error", "No idea", "Flag '") if word in told]


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("README.md", "validate-runbook --runbook=README.md"),
        ("README.md docs/guide.md", "validate-runbook --runbook=README.md --runbook=docs/guide.md"),
        ("--image debian README.md", "validate-runbook --image=debian --runbook=README.md"),
        ("README.md --user=ann", "validate-runbook --user=ann --runbook=README.md"),
        ("validate-runbook README.md", "validate-runbook --runbook=README.md"),
        ("validate-runbook --runbook a.md", "validate-runbook --runbook=a.md"),
        ("nowhere.md", "validate-runbook --runbook=nowhere.md"),
        ("README.md -k smoke", "validate-runbook -k smoke --runbook=README.md"),
        ("README.md -ksmoke", "validate-runbook -ksmoke --runbook=README.md"),
        ("--no-checklist README.md", "validate-runbook --no-checklist --runbook=README.md"),
        ("lint README.md docs/guide.md", "lint --runbook=README.md --runbook=docs/guide.md"),
        ("lint-runbook README.md", "lint --runbook=README.md"),
        ("prerequisites README.md", "prerequisites --runbook=README.md"),
        ("init docs", "init --folder=docs"),
        ("record-run 12 --beside 13", "record-run 12 --beside=13"),
        ("lint README.md -h", "--help=lint"),
        ("-h lint", "--help=lint"),
        ("README.md --help", "--help=validate-runbook"),
        ("--help", "--help"),
        ("--version", "--version"),
    ],
)
def test_what_is_understood(
    line: str, taken: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may stand where people write it, and options on either side of it."""
    monkeypatch.chdir(project)
    assert " ".join(understood(line.split(), forms())) == taken


@pytest.mark.parametrize("task", sorted({form.name for form in forms().values()}))
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_each_task_has_help(task: str, word: str, tmp_path: Path) -> None:
    """With its own options, and none of invoke's."""
    done = typed(task, word, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: freshrun {task}")
    assert "core" not in done.stdout


def test_the_help_of_the_program_begins_with_what_is_tried_first(tmp_path: Path) -> None:
    """And has every task, and no option of invoke's own."""
    told = typed("--help", cwd=tmp_path).stdout
    assert told == typed(cwd=tmp_path).stdout == typed("-h", cwd=tmp_path).stdout
    assert told.startswith("Usage: freshrun FILE...")
    assert all(f"  {form.name} " in told for form in forms().values())
    assert not [word for word in ("--dry", "--pty", "--echo", "core") if word in told]
    assert max(map(len, told.splitlines())) < 80


def test_help_loads_nothing_slow() -> None:
    """No library of engines, documents, tests or terminals, and no room that needs one."""
    code = "import sys, freshrun.tasks; freshrun.tasks.forms(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {
        "docker",
        "requests",
        "markdown_it",
        "pytest",
        "rich",
        "msgspec",
        "regex",
        "watchfiles",
        "jinja2",
    }
    assert not slow & {*done.stdout.split()}


def test_a_shell_completes_tasks_options_and_files(project: Path) -> None:
    """By bash's own script, which asks the program."""
    script = typed("--print-completion-script", "bash", cwd=project).stdout
    ask = (
        'complete_it() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        '_complete_freshrun freshrun "${!#}"; printf "%s\\n" "${COMPREPLY[@]}"; }\n'
    )
    told = {
        words: subprocess.run(
            ["bash", "-c", f"{script}\n{ask}complete_it {words}"],
            cwd=project,
            env={"PATH": f"{SCRIPTS}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for words in ("freshrun val", "freshrun README.md --keep-g", "freshrun lint --runb")
    }
    assert told["freshrun val"] == ["validate-runbook"]
    assert told["freshrun README.md --keep-g"] == ["--keep-going"]
    assert told["freshrun lint --runb"] == ["--runbook"]


@pytest.mark.engine
def test_several_documents_are_rehearsed_one_after_the_other(project: Path) -> None:
    """A record each, and the worst exit code; what stands behind a failure is rehearsed too."""
    (project / "docs" / "bad.md").write_text("```bash\nfalse\n```\n", "utf-8")
    documents = ("docs/bad.md", "README.md", "docs/guide.md")
    done = typed(*documents, "--image=debian:bookworm", "--keep-engine", cwd=project)
    assert done.returncode == 1, done.stdout + done.stderr
    records = sorted(path.name for path in (project / ".freshrun").glob("*.json"))
    assert records == [
        "record-README.md.json",
        "record-docs-bad.md.json",
        "record-docs-guide.md.json",
    ]
    missing = typed("nowhere.md", "README.md", "--image=debian:bookworm", cwd=project)
    assert missing.returncode == 2
    assert "PASSED  README.md" in missing.stdout


def test_lint_takes_a_folder_for_the_documents_in_it(project: Path) -> None:
    """As its page says; a rehearsal is asked for by the names of its documents."""
    (project / "docs" / "guide.md").write_text(f"{PASSING}\n[gone](gone.md)\n", "utf-8")
    done = typed("lint", "docs", cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert "docs/guide.md:7:" in done.stdout
    assert "1 finding; " in done.stdout
