"""The front door: pytest's items, the exit codes, and the one-line errors."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).parent / "freshrun"

PASSING = "# Title\n\n```bash\necho one\necho two\n```\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that is no git repository."""
    return tmp_path


def freshrun(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    return subprocess.run(
        [PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def validated(text: str, *options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Rehearse a document of this text."""
    (cwd / "runbook.md").write_text(text, "utf-8")
    return freshrun("validate-runbook", "--runbook", "runbook.md", *options, cwd=cwd)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.md", None, "missing.md: there is no such file"),
        (".", None, ".: is a directory; name a Markdown file in it"),
        ("binary.md", "a\0b", "binary.md:1: byte 1 is NUL"),
        ("empty.md", "# No commands\n", "empty.md: no shell command found"),
        ("yaml.md", "---\nfreshrun: {\n---\n", "yaml.md:2: the front matter is no YAML"),
        (
            "option.md",
            "---\nfreshrun: {}\n---\n```bash timeuot=1s\nls\n```\n",
            'option.md:4: unknown option "timeuot"; did you mean "timeout"?',
        ),
        (
            "checklist.md",
            "---\nfreshrun:\n  checklist: nowhere\n---\n```bash\nls\n```\n",
            "checklist.md: the checklist nowhere does not exist",
        ),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    folder: Path, name: str, text: str | None, message: str
) -> None:
    """No traceback, no header, no engine needed."""
    if text is not None:
        (folder / name).write_text(text, "utf-8")
    ended = freshrun("validate-runbook", "--runbook", name, cwd=folder)
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.strip().splitlines()
    assert message in line


def test_a_refused_run_leaves_no_report_of_yesterday(folder: Path) -> None:
    """Page and JUnit say why, where an earlier run's stood: nobody is misled."""
    wanted = ("--junit", "out/j.xml", "--html", "page.html")
    for name in ("page.html", "out/j.xml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("all green", "utf-8")
    assert validated("# No commands\n", *wanted, cwd=folder).returncode == 2
    report = (folder / "out" / "j.xml").read_text("utf-8")
    assert '<error type="broken" message="runbook.md: no shell command' in report, report
    assert "no shell command" in (folder / "page.html").read_text("utf-8")


def test_an_unknown_bd_is_not_taken_for_the_real_one(folder: Path) -> None:
    """A word that is misspelt would leave the stand-in away."""
    ended = validated(PASSING, "--bd", "alive", cwd=folder)
    assert ended.returncode == 2
    assert "--bd alive: stand-in or live is right" in ended.stderr


def test_a_call_without_a_runbook_says_what_to_add(folder: Path) -> None:
    """Nothing is guessed."""
    ended = freshrun("validate-runbook", cwd=folder)
    assert ended.returncode == 2
    assert "--runbook" in ended.stderr


def test_markdown_is_collected_only_where_it_is_named(folder: Path) -> None:
    """A README in a folder of tests is no test."""
    (folder / "README.md").write_text(PASSING, "utf-8")
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    unnamed = subprocess.run(collect, cwd=folder, capture_output=True, text=True, check=False)
    named = subprocess.run(
        [*collect, "README.md"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "no tests collected" in unnamed.stdout
    assert named.stdout.splitlines()[:2] == [
        "README.md::Title::4: echo one",
        "README.md::Title::5: echo two",
    ]


@pytest.mark.engine
class TestWithAnEngine:
    """What needs a machine."""

    def test_a_good_document_ends_with_0_and_leaves_its_record(self, folder: Path) -> None:
        """A directory that is no git repository, no configuration, any image."""
        ended = validated(PASSING, "--image", "debian:bookworm", cwd=folder)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        record = json.loads((folder / ".freshrun" / "record.json").read_text("utf-8"))
        assert record["verdict"] == "passed"
        assert [command["stdout"]["text"] for command in record["commands"]] == ["one\n", "two\n"]
        assert ".freshrun/record.json" in ended.stdout

    def test_a_failing_command_ends_with_1_and_names_its_line_and_cause(self, folder: Path) -> None:
        """The rest of the document is not reached, and is not green."""
        text = "# T\n\n```bash\necho fine\nnosuchprogram --now\necho never\n```\n"
        ended = validated(text, "--junit", "report.xml", cwd=folder)
        assert ended.returncode == 1
        assert "runbook.md:5: failed: exit status 127, expected 0" in ended.stdout
        assert "command not found" in ended.stdout
        assert "1 not reached from here on" in ended.stdout
        report = (folder / "report.xml").read_text("utf-8")
        assert '<testcase name="nosuchprogram --now" classname="runbook.T"' in report
        assert "runbook.md:5: failed" in report

    def test_what_stands_before_a_selected_command_runs_too(self, folder: Path) -> None:
        """`-k` selects what is judged; a runbook's step needs its earlier ones."""
        text = "# T\n\n```bash\nvalue=set\necho selected $value\necho later\n```\n"
        ended = validated(text, "-k", "selected", cwd=folder)
        assert ended.returncode == 0, ended.stdout
        record = json.loads((folder / ".freshrun" / "record.json").read_text("utf-8"))
        assert record["commands"][-1]["stdout"]["text"] == "selected set\n"
        assert any("1 commands of the document" in note for note in record["provenance"]["notes"])

    def test_a_failure_before_a_selected_command_is_no_pass(self, folder: Path) -> None:
        """A selected command that was not reached never ends a run with 0."""
        text = "# T\n\n```bash\nfalse\necho selected\n```\n"
        assert validated(text, "-k", "selected", cwd=folder).returncode == 1

    def test_a_check_judges_the_record_and_shows_its_finding(self, folder: Path) -> None:
        """A checklist item that does not hold ends the run with 1 and stands in the record."""
        (folder / "checks").mkdir()
        (folder / "checks" / "test_output.py").write_text(
            "import pytest\n\n\n"
            "@pytest.mark.checklist('two lines')\n"
            "def test_it(record):\n"
            "    assert len(record.outcomes) == 3, 'the runbook has two commands'\n",
            "utf-8",
        )
        ended = validated(f"---\nfreshrun:\n  checklist: checks/\n---\n{PASSING}", cwd=folder)
        assert ended.returncode == 1
        (item,) = json.loads((folder / ".freshrun" / "record.json").read_text("utf-8"))["checklist"]
        assert (item["name"], item["status"]) == ("two lines", "failed")
        assert "the runbook has two commands" in item["reason"]

    @pytest.mark.parametrize(
        ("after", "code", "status", "told"),
        [
            ("pass", 1, "failed", ""),
            ("assert False, 'and that'", 1, "failed", "and that"),
            ("pytest.skip('not today')", 1, "failed", "not today"),
            ("pytest.xfail('known')", 1, "failed", "known"),
            ("raise NotReachedError('no block')", 1, "failed", "no block"),
            ("{}['lost']", 1, "failed", "test_all.py:14: KeyError: 'lost'"),
            ("raise MachineError('it went away')", 2, "broken", "MachineError: it went away"),
        ],
    )
    def test_all_findings_of_an_item_are_told(
        self, folder: Path, after: str, code: int, status: str, told: str
    ) -> None:
        """A check that judges several times is heard to its end, and nothing excuses a finding."""
        (folder / "checks").mkdir()
        (folder / "checks" / "test_all.py").write_text(
            "import pytest\n"
            "from freshrun.model import MachineError, NotReachedError\n"
            "from freshrun.checks import Finding\n\n"
            "one, two = Finding('a.md', 1, 'first'), Finding('b.md', 2, 'second')\n\n\n"
            "@pytest.mark.checklist('all')\n"
            "def test_it(record, judge):\n"
            "    judge((one,))\n"
            "    judge(())\n"
            "    judge((two, one))\n"
            "    if record.outcomes:\n"
            f"        {after}\n",
            "utf-8",
        )
        ended = validated(f"---\nfreshrun:\n  checklist: checks/\n---\n{PASSING}", cwd=folder)
        (item,) = json.loads((folder / ".freshrun" / "record.json").read_text("utf-8"))["checklist"]
        assert (ended.returncode, item["status"]) == (code, status), ended.stdout
        lines = item["reason"].splitlines()
        assert [one for one in lines if ".md:" in one] == ["a.md:1: first", "b.md:2: second"]
        assert told in item["reason"]
        assert ended.stdout.count("b.md:2: second") >= 1

    def test_what_commands_took_is_kept_where_it_is_asked_for(self, folder: Path) -> None:
        """Run by run, beside the document; a file of another kind is left alone."""
        text = "# T\n\n```bash name=one band=0s..9s\necho one\n```\n"
        assert validated(text, cwd=folder).returncode == 0
        assert not (folder / "durations.json").exists()
        for number in (1, 2):
            assert validated(text, "--keep-durations", cwd=folder).returncode == 0
            (runs,) = json.loads((folder / "durations.json").read_text())["runbook.md"][
                "one"
            ].values()
            assert len(runs) == number
        (folder / "durations.json").write_text("[1]", "utf-8")
        ended = validated(text, "--keep-durations", cwd=folder)
        assert ended.returncode == 2
        assert "durations.json: holds no durations" in ended.stdout
        assert (folder / "durations.json").read_text("utf-8") == "[1]"

    def test_what_a_fixture_finds_is_told_too(self, folder: Path) -> None:
        """Before the check, and after it, where nothing else would be heard any more."""
        (folder / "checks").mkdir()
        (folder / "checks" / "test_fixtures.py").write_text(
            "import pytest\n"
            "from freshrun.checks import Finding\n\n\n"
            "@pytest.fixture\n"
            "def before(judge):\n"
            "    judge((Finding('a.md', 1, 'before'),))\n\n\n"
            "@pytest.fixture\n"
            "def after(judge):\n"
            "    yield\n"
            "    judge((Finding('b.md', 2, 'after'),))\n\n\n"
            "@pytest.mark.checklist('first')\n"
            "def test_first(record, before, judge):\n"
            "    judge(())\n\n\n"
            "@pytest.mark.checklist('last')\n"
            "def test_last(record, after, judge):\n"
            "    judge(())\n",
            "utf-8",
        )
        ended = validated(f"---\nfreshrun:\n  checklist: checks/\n---\n{PASSING}", cwd=folder)
        assert ended.returncode == 1, ended.stdout
        record = json.loads((folder / ".freshrun" / "record.json").read_text("utf-8"))
        told = {(one["name"], one["status"], one["reason"]) for one in record["checklist"]}
        assert ("first", "failed", "a.md:1: before") in told
        assert ("last", "failed", "b.md:2: after") in told

    def test_an_error_in_a_check_is_broken_and_not_the_documents_fault(self, folder: Path) -> None:
        """Exit code 2, and the place of the error."""
        (folder / "checks").mkdir()
        (folder / "checks" / "test_bug.py").write_text(
            "import pytest\n\n\n"
            "@pytest.mark.checklist('bug')\n"
            "def test_it(record):\n"
            "    {}['missing']\n",
            "utf-8",
        )
        ended = validated(f"---\nfreshrun:\n  checklist: checks/\n---\n{PASSING}", cwd=folder)
        assert ended.returncode == 2
        assert "test_bug.py:6: KeyError" in ended.stdout

    def test_nothing_of_the_host_is_in_the_machine(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No exported variable, no untracked file; a declared secret is there, and masked."""
        monkeypatch.setenv("HOST_VARIABLE", "leaked")
        monkeypatch.setenv("DECLARED", "hunter2hunter2")
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        (folder / "tracked").write_text("tracked", "utf-8")
        subprocess.run(["git", "add", "tracked"], cwd=folder, check=True)
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
        subprocess.run(["git", *identity, "commit", "-qm", "x"], cwd=folder, check=True)
        (folder / "untracked").write_text("untracked", "utf-8")
        text = (
            "---\nfreshrun:\n  secrets: [DECLARED]\n---\n# T\n\n```bash\n"
            'test -z "${HOST_VARIABLE-}"\ntest -f tracked\ntest ! -e untracked\n'
            'echo "secret: $DECLARED"\n```\n'
        )
        ended = validated(text, "--html", "page.html", cwd=folder)
        assert ended.returncode == 0, ended.stdout
        for report in ("page.html", ".freshrun/record.json"):
            content = (folder / report).read_text("utf-8")
            assert "secret: ***" in content
            assert "hunter2" not in content

    def test_a_secret_that_is_not_set_is_a_broken_setup(self, folder: Path) -> None:
        """One line with the command to type."""
        text = f"---\nfreshrun:\n  secrets: [NOT_SET_ANYWHERE]\n---\n{PASSING}"
        ended = validated(text, cwd=folder)
        assert ended.returncode == 2
        assert "export NOT_SET_ANYWHERE=..." in ended.stderr

    def test_update_writes_the_printed_output_into_the_document(self, folder: Path) -> None:
        """The whole document is run, and passes from then on."""
        text = "# T\n\n```console\n$ echo one\n1\n$ echo two\n2\n$ echo three\nthree\n```\n"
        assert validated(text, "--update", cwd=folder).returncode == 0
        new = (folder / "runbook.md").read_text("utf-8")
        assert new == text.replace("\n1\n", "\none\n").replace("\n2\n", "\ntwo\n")
        assert validated(new, cwd=folder).returncode == 0

    def test_an_interrupted_run_is_broken_and_never_passed(self, folder: Path) -> None:
        """Ctrl-C ends with 130, and the record does not call what was done by then a pass."""
        (folder / "runbook.md").write_text("```bash\ntrue\nsleep 60\n```\n", "utf-8")
        # What was started in the background ignores Ctrl-C, and hands that on.
        hears = ["env", "--default-signal=INT", str(PROGRAM)]
        argv = [*hears, "validate-runbook", "--runbook", "runbook.md"]
        with subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            while "passed" not in process.stdout.readline():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            process.stdout.read()
        assert process.returncode == 130
        record = json.loads((folder / ".freshrun" / "record.json").read_text("utf-8"))
        assert (record["verdict"], record["fault"]) == ("broken", "the run was interrupted")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--servers", "maybe"), "--servers maybe: pass or fail is right"),
        (("--github-via", "carrier"), "--github-via carrier: socket or proxy is right"),
    ],
)
def test_a_wrong_word_of_an_option_is_one_clear_line(
    folder: Path, options: tuple[str, str], message: str
) -> None:
    """It says which words there are, and ends with 2."""
    done = validated(PASSING, *options, cwd=folder)
    assert done.returncode == 2
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_pytest_run_without_a_runbook_needs_nothing_of_a_rehearsal(folder: Path) -> None:
    """The plugin is part of every pytest run, and imports no engine's library there."""
    text = (
        "import sys\n\ndef test():\n    assert not {'docker', 'lxml', 'yaml'} & set(sys.modules)\n"
    )
    (folder / "test_x.py").write_text(text, "utf-8")
    argv = [sys.executable, "-m", "pytest", "-q", "test_x.py"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


FILING = """\
---
freshrun:
  bd: live
  checklist: checks
---
# Title

```bash
mkdir -p ~/bin
printf '#!/bin/sh\\n%s\\n' 'echo "bd version 1.0.5 (abc: HEAD@def)"' > ~/bin/bd
chmod +x ~/bin/bd
PATH="$HOME/bin:$PATH"
```
"""
FILED = """\
import pytest

@pytest.mark.checklist("beads", stand_in="bd")
def test_beads(record):
    \"\"\"They are filed.\"\"\"
"""


@pytest.mark.engine
def test_the_version_of_the_real_bd_is_in_the_verdict(folder: Path) -> None:
    """Found on the path of the reader's own shell, once the document was typed."""
    (folder / "checks").mkdir()
    (folder / "checks" / "test_beads.py").write_text(FILED, "utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    ended = validated(FILING, "--worktree", "--keep-engine", cwd=folder)
    assert "  passed       beads: bd: against bd 1.0.5\n" in ended.stdout, ended.stdout
    none = validated(FILING.replace("PATH=", "SOME="), "--worktree", "--keep-engine", cwd=folder)
    assert "bd: the real one, and none answers" in none.stdout
