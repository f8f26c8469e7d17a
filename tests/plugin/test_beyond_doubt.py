"""What a run says of itself: nothing foreign runs, nothing unproved is green, whatever happens."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from freshrun.machine.engine import Engine, connected

PROGRAM = Path(sys.executable).parent / "freshrun"
DOCUMENT = "# Title\n\n```bash\necho one\necho two\n```\n"
IMAGE = ("--image", "debian:bookworm")
RECORD = ".freshrun/record.json"
CANARY = "import os, pathlib\npathlib.Path(os.environ['CANARY']).touch()\n"

EVIL: Mapping[str, str] = {
    "conftest.py": CANARY,
    "tasks.py": CANARY,
    "invoke.py": CANARY,
    "sitecustomize.py": CANARY,
    "usercustomize.py": CANARY,
    "evil.py": CANARY,
    "json.py": CANARY,
    "docker.py": CANARY,
    "docs/conftest.py": CANARY,
    "docs/test_evil.py": CANARY,
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\npythonpath = ["."]\n',
    "pytest.ini": "[pytest]\naddopts = -p evil --collect-only\npythonpath = .\n",
    "tox.ini": "[pytest]\naddopts = -p evil\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil\n",
    "invoke.yaml": "freshrun: {runbook: nowhere.md}\n",
    ".pytest.ini": "[pytest]\naddopts = -p evil\n",
}
"""What a stranger's folder may hold beside a document; each leaves a file if it is loaded."""

GIT_TRAPS = (
    ("core.fsmonitor", "touch $CANARY; false"),
    ("core.hooksPath", "hooks"),
    ("filter.evil.clean", "touch $CANARY; cat"),
    ("filter.evil.smudge", "touch $CANARY; cat"),
    ("filter.evil.process", "touch $CANARY"),
    ("diff.evil.textconv", "touch $CANARY; cat"),
    ("diff.external", "touch $CANARY"),
    ("core.pager", "touch $CANARY"),
    ("pager.status", "touch $CANARY"),
    ("core.sshCommand", "touch $CANARY"),
    ("uploadpack.packObjectsHook", "touch $CANARY"),
    ("core.alternateRefsCommand", "touch $CANARY"),
    ("gpg.program", "touch $CANARY"),
    ("alias.ls-files", "!touch $CANARY"),
)


def freshrun(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    environment = {**os.environ, **(env or {})}
    argv = [PROGRAM, *arguments]
    return subprocess.run(
        argv, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def record(folder: Path, name: str = RECORD) -> dict[str, object]:
    """Return the record of the last run."""
    document: dict[str, object] = json.loads((folder / name).read_text("utf-8"))
    return document


def git(folder: Path, *arguments: str) -> None:
    """Run git with an identity."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def trapped_repository(folder: Path) -> Path:
    """Return a repository whose own settings run a program at every turn of git."""
    written(folder, {"README.md": DOCUMENT, ".gitattributes": "* filter=evil diff=evil\n"})
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")
    hook = folder / "hooks" / "post-checkout"
    written(folder, {"hooks/post-checkout": '#!/bin/sh\ntouch "$CANARY"\n'})
    hook.chmod(0o755)
    for name in ("pre-commit", "reference-transaction", "post-index-change"):
        (hook.parent / name).write_text(hook.read_text("utf-8"), "utf-8")
        (hook.parent / name).chmod(0o755)
    for name, value in GIT_TRAPS:
        git(folder, "config", name, value)
    written(folder, {"README.md": DOCUMENT + "\nChanged.\n"})
    return folder


class TestNothingForeignRuns:
    """A document's folder is text: none of it is loaded into the harness."""

    @pytest.mark.engine
    @pytest.mark.parametrize("name", ["README.md", "docs/guide.md"])
    def test_a_rehearsal_loads_nothing_of_the_folder(self, tmp_path: Path, name: str) -> None:
        """Configuration, conftest, plugins, tasks and modules beside the document stay text."""
        folder = written(tmp_path / "stranger", {**EVIL, name: DOCUMENT})
        canary = tmp_path / "canary"
        env = {"CANARY": str(canary), "PYTEST_ADDOPTS": "-p evil", "PYTEST_PLUGINS": "evil"}
        done = freshrun("validate-runbook", "--runbook", name, *IMAGE, cwd=folder, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not canary.exists()
        assert record(folder)["verdict"] == "passed"

    @pytest.mark.parametrize("task", ["lint-runbook", "triage", "prerequisites"])
    def test_no_other_task_loads_anything_of_the_folder(self, tmp_path: Path, task: str) -> None:
        """Lint, triage and prerequisites read; they run nothing."""
        folder = trapped_repository(tmp_path / "stranger")
        written(folder, EVIL)
        canary = tmp_path / "canary"
        freshrun(task, "--runbook", "README.md", cwd=folder, env={"CANARY": str(canary)})
        assert not canary.exists()

    @pytest.mark.engine
    @pytest.mark.parametrize("options", [(), ("--worktree",)], ids=["committed", "worktree"])
    def test_a_repositorys_own_settings_run_nothing(
        self, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        """Filters, hooks, monitors and pagers of a stranger's .git/config stay text, too."""
        folder = trapped_repository(tmp_path / "stranger")
        canary = tmp_path / "canary"
        done = freshrun(
            *("validate-runbook", "--runbook", "README.md", *IMAGE, *options),
            cwd=folder,
            env={"CANARY": str(canary)},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert not canary.exists()

    def test_a_repository_whose_files_are_elsewhere_is_refused(self, tmp_path: Path) -> None:
        """`core.worktree` may not bring files of this host into the machine."""
        folder = trapped_repository(tmp_path / "stranger")
        written(tmp_path / "private", {"key": "private"})
        git(folder, "config", "core.worktree", str(tmp_path / "private"))
        done = freshrun(
            *("validate-runbook", "--runbook", "README.md", *IMAGE, "--worktree"), cwd=folder
        )
        assert done.returncode == 2
        assert "core.worktree" in done.stderr

    @pytest.mark.parametrize("place", ["../checks", "/tmp", "link"])  # noqa: S108 - a path to refuse
    def test_a_checklist_outside_of_the_repository_is_refused(
        self, tmp_path: Path, place: str
    ) -> None:
        """By its path or through a link: one line, exit code 2, and nothing ran."""
        canary = tmp_path / "canary"
        written(tmp_path / "checks", {"test_evil.py": CANARY})
        text = f"---\nfreshrun:\n  checklist: {place}\n---\n{DOCUMENT}"
        folder = written(tmp_path / "stranger", {"README.md": text})
        (folder / "link").symlink_to(tmp_path / "checks")
        done = freshrun(
            *("validate-runbook", "--runbook", "README.md"),
            cwd=folder,
            env={"CANARY": str(canary)},
        )
        assert done.returncode == 2
        assert "leads out of the repository" in done.stderr
        assert not canary.exists()
        assert record(folder)["verdict"] == "broken"

    @pytest.mark.engine
    def test_a_checklist_runs_with_its_own_conftest_and_is_told(self, tmp_path: Path) -> None:
        """The named folder's conftest is read, the one above it is not; the report says so."""
        check = (
            "import pytest\n\n\n@pytest.mark.checklist('own')\n"
            "def test_own(own, record):\n    assert own == 1\n"
        )
        own = "import pytest\n\n\n@pytest.fixture\ndef own():\n    return 1\n"
        files = {"conftest.py": CANARY, "checks/conftest.py": own, "checks/test_own.py": check}
        text = f"---\nfreshrun:\n  checklist: checks\n---\n{DOCUMENT}"
        folder = written(tmp_path / "own", {**files, "README.md": text})
        canary = tmp_path / "canary"
        arguments = ("validate-runbook", "--runbook", "README.md", *IMAGE)
        done = freshrun(*arguments, cwd=folder, env={"CANARY": str(canary)})
        assert done.returncode == 0, done.stdout + done.stderr
        assert not canary.exists()
        assert "the checklist checks of the repository was run on this host" in done.stdout
        left_out = freshrun(*arguments, "--no-checklist", cwd=folder)
        assert left_out.returncode == 0
        assert record(folder)["checklist"] == []
        assert "left out" in left_out.stdout


ROOMS = (
    "freshrun.diagnosis.diagnose",
    "freshrun.session.verdict.ended",
    "freshrun.session.session.Session.run",
    "freshrun.session.session.Session.__exit__",
    "freshrun.session.terminal.Terminal.__init__",
    "freshrun.session.terminal.Terminal.event",
    "freshrun.session.terminal.Terminal.close",
    "freshrun.machine.machine.Machine.__enter__",
    "freshrun.machine.machine.Machine.__exit__",
    "freshrun.rehearsal.stage.reap",
    "freshrun.rehearsal.stage.resolve",
    "freshrun.rehearsal.stage.repository",
    "freshrun.rehearsal.run.Run.finish",
    "freshrun.rehearsal.draft.Draft.judge",
    "freshrun.rehearsal.draft.Draft.record",
    "freshrun.rehearsal.opened.open_stage",
    "freshrun.rehearsal.run.played",
    "freshrun.mask.masking.Mask.hide",
    "freshrun.report.console.terminal",
    "freshrun.report.page.html",
    "freshrun.report.github.annotations",
    "freshrun.report.console.failure_text",
    "freshrun.rehearsal.record_file.to_json",
    "freshrun.rehearsal.record_file.write_whole",
    "freshrun.tasks.front_door.understood",
    "freshrun.tasks.rehearsing.chosen",
    "freshrun.plugin.closing._closed",
    "freshrun.plugin.items.RunbookFile.collect",
    "freshrun.plugin.items.SectionCollector.collect",
    "freshrun.plugin.items.CommandItem.reportinfo",
    "freshrun.plugin.alone.Document.pytest_collection_modifyitems",
    "freshrun.plugin.preparing.read",
    "freshrun.plugin.preparing.decided",
)
"""Where an exception is raised on purpose: a function, by its module and name."""

BEFORE = ("freshrun.tasks.front_door.understood", "freshrun.tasks.rehearsing.chosen")
"""Where nobody knows yet which document is meant, nor where its record goes."""

UNWRITTEN = (
    "freshrun.rehearsal.record_file.to_json",
    "freshrun.rehearsal.record_file.write_whole",
)
"""What a record is written with."""

RAISES = """
import sys
from importlib import import_module

target, kind = sys.argv[1:3]
module, _, name = target.rpartition(".")
try:
    home = import_module(module)
except ModuleNotFoundError:
    module, _, inner = module.rpartition(".")
    home = getattr(import_module(module), inner)

def fails(*_arguments, **_options):
    raise getattr(__import__("builtins"), kind)("on purpose")

import freshrun.plugin.alone
assert hasattr(home, name), target
setattr(home, name, property(fails) if isinstance(getattr(home, name), property) else fails)
from freshrun.tasks import program
program.run(["freshrun", *sys.argv[3:]])
"""

CHECK = (
    "import pytest\n\n\n@pytest.mark.checklist('all ran')\n"
    "def test_x(record, judge):\n    judge(())\n"
)
LATE = (
    "import pytest\n\n@pytest.fixture\ndef late(record):\n    yield\n    {}['x']\n\n"
    "@pytest.mark.checklist('late')\ndef test_x(late):\n    pass\n"
)
FAILING = "# Title\n\n```bash\necho one\ncat /nowhere/$\necho three\n```\n"


@pytest.mark.engine
class TestAnExceptionOfOurs:
    """Whatever raises, wherever: broken, one line, exit code 2."""

    @pytest.mark.parametrize(
        ("room", "kind"),
        [
            *((room, "IndexError") for room in ROOMS),
            *((room, kind) for room in ROOMS[::6] for kind in ("OSError", "RecursionError")),
        ],
    )
    def test_is_never_green(self, tmp_path: Path, room: str, kind: str) -> None:
        """No record says passed or failed, nobody sees a traceback, and no machine is left."""
        text = f"---\nfreshrun:\n  checklist: checks\n---\n{FAILING}"
        files = {"README.md": text, "raises.py": RAISES, "checks/test_x.py": CHECK}
        folder = written(tmp_path, {**files, RECORD: '{"verdict": "passed"}'})
        arguments = ("--runbook", "README.md", *IMAGE, "--html", "page.html", "--junit", "j.xml")
        done = subprocess.run(
            [sys.executable, "raises.py", room, kind, "validate-runbook", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode == 2, told
        assert "Traceback" not in told
        assert "on purpose" in told or kind in told
        if room not in UNWRITTEN:
            assert record(folder)["verdict"] == ("passed" if room in BEFORE else "broken")
        else:
            assert not (folder / RECORD).exists()

    def test_the_dollar_without_a_name_is_read(self, tmp_path: Path) -> None:
        """The case that showed the kind: a missing path with a lone `$` in it."""
        folder = written(tmp_path, {"README.md": FAILING})
        done = freshrun("validate-runbook", "--runbook", "README.md", *IMAGE, cwd=folder)
        assert done.returncode == 1, done.stdout
        assert record(folder)["verdict"] == "failed"

    def test_in_a_check_that_pytest_collects_is_told(self, tmp_path: Path) -> None:
        """In one's own pytest, with its longest reports: no traceback of ours."""
        text = f"---\nfreshrun:\n  checklist: checks\n---\n{DOCUMENT}"
        body = "raise RuntimeError('on purpose')\n"
        folder = written(tmp_path, {"README.md": text, "checks/test_x.py": body})
        argv = [sys.executable, "-m", "pytest", "README.md", "checks", "-rA", "-v"]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "rehearsing.py" not in done.stdout + done.stderr
        assert record(folder)["verdict"] == "broken"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ("import nowhere_to_be_found\n", 2),
            ("def test_x(:\n", 2),
            ("def test_unmarked(record):\n    assert not record.outcomes, 'it ran'\n", 1),
            ("def test_unmarked(record):\n    raise KeyError('bug')\n", 2),
            (LATE, 2),
            ("import sys\nsys.exit(0)\n", 2),
            ("import pytest\n\ndef test_x(record):\n    pytest.exit('enough', returncode=0)\n", 2),
            ("import os\n\ndef test_x(record):\n    raise SystemExit(0)\n", 2),
        ],
    )
    def test_in_a_check_is_told_with_its_place(
        self, tmp_path: Path, body: str, status: int
    ) -> None:
        """A check that can't be collected, has no marker or fails late: record and exit agree."""
        text = f"---\nfreshrun:\n  checklist: checks\n---\n{DOCUMENT}"
        folder = written(tmp_path, {"README.md": text, "checks/test_x.py": body})
        done = freshrun("validate-runbook", "--runbook", "README.md", *IMAGE, cwd=folder)
        assert done.returncode == status, done.stdout + done.stderr
        assert record(folder)["verdict"] == {1: "failed", 2: "broken"}[status]


@pytest.mark.engine
class TestNothingRun:
    """What was not executed is not passed."""

    @pytest.mark.parametrize("front", ["freshrun", "pytest"])
    @pytest.mark.parametrize("place", ["../doc.md", "link.md", "linked/doc.md", "./sub/../doc.md"])
    def test_a_document_is_run_however_it_is_named(
        self, tmp_path: Path, place: str, front: str
    ) -> None:
        """A path that goes up, and links to a file or folder."""
        written(tmp_path, {"doc.md": DOCUMENT, "work/doc.md": DOCUMENT, "work/sub/x": ""})
        folder = tmp_path / "work"
        (folder / "link.md").symlink_to(tmp_path / "doc.md")
        (folder / "linked").symlink_to(tmp_path)
        argv: Sequence[str | Path] = (PROGRAM, "validate-runbook", "--runbook", place, *IMAGE)
        if front == "pytest":
            argv = (sys.executable, "-m", "pytest", place, "--freshrun-image", IMAGE[1])
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        commands = record(folder)["commands"]
        assert isinstance(commands, list)
        assert len(commands) == 2

    def test_a_document_whose_commands_are_all_skipped_is_broken(self, tmp_path: Path) -> None:
        """The document says so; nothing was proved."""
        text = '```bash skip="later"\necho one\n```\n'
        folder = written(tmp_path, {"README.md": text})
        done = freshrun("validate-runbook", "--runbook", "README.md", *IMAGE, cwd=folder)
        assert done.returncode == 2, done.stdout
        assert record(folder)["verdict"] == "broken"
        assert "no command of the document was run" in done.stdout

    def test_a_selection_of_nothing_is_broken(self, tmp_path: Path) -> None:
        """`-k` that no command and no item matches."""
        folder = written(tmp_path, {"README.md": DOCUMENT})
        arguments = ("validate-runbook", "--runbook", "README.md", *IMAGE)
        assert freshrun(*arguments, cwd=folder).returncode == 0
        assert freshrun(*arguments, "-k", "nosuchcommand", cwd=folder).returncode == 2
        assert record(folder)["verdict"] == "broken"

    @pytest.mark.parametrize("body", ["", "def helper():\n    pass\n"])
    def test_a_checklist_without_a_check_is_broken(self, tmp_path: Path, body: str) -> None:
        """The document promises checks; where none is collected, nothing of that was judged."""
        text = f"---\nfreshrun:\n  checklist: checks\n---\n{DOCUMENT}"
        folder = written(tmp_path, {"README.md": text, "checks/test_x.py": body})
        done = freshrun("validate-runbook", "--runbook", "README.md", *IMAGE, cwd=folder)
        assert done.returncode == 2, done.stdout
        assert "no check was collected from the checklist" in done.stdout

    def test_two_documents_of_one_run_leave_two_records(self, tmp_path: Path) -> None:
        """Each under its own name, and the worst decides the exit code."""
        folder = written(tmp_path, {"good.md": DOCUMENT, "bad.md": "```bash\nfalse\n```\n"})
        argv = [sys.executable, "-m", "pytest", "good.md", "bad.md", f"--freshrun-image={IMAGE[1]}"]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stdout
        assert record(folder, ".freshrun/record-good.md.json")["verdict"] == "passed"
        assert record(folder, ".freshrun/record-bad.md.json")["verdict"] == "failed"

    def test_a_worker_that_gets_no_machine_says_why(self, tmp_path: Path) -> None:
        """No crash of a worker, and no pass: the record has the reason."""
        folder = written(tmp_path, {"a.md": DOCUMENT})
        options = ("-n", "2", "--freshrun-image=no.such.registry.invalid/x")
        argv = [sys.executable, "-m", "pytest", "a.md", *options]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stdout
        assert "no.such.registry.invalid" in str(record(folder)["fault"])

    @pytest.mark.parametrize("bad", ["false", "true"])
    def test_workers_of_xdist_keep_a_document_whole(self, tmp_path: Path, bad: str) -> None:
        """Summary, record and exit code agree, and each command ran once."""
        text = f"```bash\nvalue=1\ntest $value = 1\n{bad}\n```\n"
        folder = written(tmp_path, {"a.md": DOCUMENT, "b.md": text})
        options = ("-n", "2", f"--freshrun-image={IMAGE[1]}")
        argv = [sys.executable, "-m", "pytest", "a.md", "b.md", *options]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        expected = {"false": (1, "failed"), "true": (0, "passed")}[bad]
        verdicts = record(folder, ".freshrun/record-b.md.json")["verdict"]
        assert (done.returncode, verdicts) == expected, done.stdout
        assert record(folder, ".freshrun/record-a.md.json")["verdict"] == "passed"
        assert sorted(p.name for p in (folder / ".freshrun").glob("*.json")) == [
            "record-a.md.json",
            "record-b.md.json",
        ]


class TestEarlierVerdicts:
    """No earlier `passed` stays behind where a run was begun."""

    PASSED = '{"schema": 1, "verdict": "passed", "run": "earlier"}'

    @pytest.mark.parametrize(
        ("document", "options"),
        [
            (None, ()),
            ("# Nothing\n", ()),
            (DOCUMENT, ("--servers", "maybe")),
            (DOCUMENT, ("--github", "nowhere")),
            (DOCUMENT, ("--image", "Dockerfile.nowhere")),
            ("---\nfreshrun: {secrets: [NOT_SET]}\n---\n" + DOCUMENT, ()),
        ],
    )
    def test_a_refused_run_takes_its_place(
        self, tmp_path: Path, document: str | None, options: tuple[str, ...]
    ) -> None:
        """The record says broken, and why."""
        folder = written(tmp_path, {RECORD: self.PASSED})
        if document is not None:
            written(folder, {"README.md": document})
        done = freshrun("validate-runbook", "--runbook", "README.md", *options, cwd=folder)
        assert done.returncode == 2
        assert record(folder)["verdict"] == "broken"
        assert record(folder)["fault"]

    @pytest.mark.engine
    def test_a_killed_run_leaves_running(self, tmp_path: Path) -> None:
        """`kill -9` in the middle: the record says that the run has not ended."""
        folder = written(tmp_path, {"README.md": "```bash\necho one\nsleep 60\n```\n"})
        written(folder, {RECORD: self.PASSED})
        argv = (PROGRAM, "validate-runbook", "--runbook", "README.md", *IMAGE)
        with subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            while "passed " not in process.stdout.readline():
                assert process.poll() is None
            process.kill()
        assert (record(folder)["verdict"], record(folder)["state"]) == ("broken", "running")

    def test_a_place_that_takes_no_record_is_one_line(self, tmp_path: Path) -> None:
        """A file where the folder should be; nothing is rehearsed without a record."""
        folder = written(tmp_path, {"README.md": DOCUMENT, ".freshrun": "a file"})
        done = freshrun("validate-runbook", "--runbook", "README.md", cwd=folder)
        assert done.returncode == 2
        (line,) = done.stderr.strip().splitlines()
        assert ".freshrun/record.json: can't be written" in line

    @pytest.mark.engine
    def test_four_runs_in_one_folder_keep_four_records(self, tmp_path: Path) -> None:
        """Each reader of a record sees a whole one, and no run's verdict is another's."""
        # Each is still running when the last one begins: what has ended makes room for the next.
        texts = {f"{n}.md": f"```bash\nsleep {10 + n / 2}\nexit {n % 2}\n```\n" for n in range(4)}
        folder = written(tmp_path, texts)
        runs = [
            subprocess.Popen(
                [PROGRAM, "validate-runbook", "--runbook", name, *IMAGE],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for name in texts
        ]
        while any(run.poll() is None for run in runs):
            for path in (folder / ".freshrun").glob("*.json"):
                assert json.loads(path.read_text("utf-8"))["schema"] == 1
            time.sleep(0.01)
        told = [run.communicate()[0] for run in runs]
        assert [run.returncode for run in runs] == [0, 1, 0, 1], "\n".join(told)
        paths = (folder / ".freshrun").glob("*.json")
        records = [json.loads(path.read_text("utf-8")) for path in paths]
        verdicts = {r["runbook"]["path"]: r["verdict"] for r in records}
        assert verdicts == {f"{n}.md": ("failed" if n % 2 else "passed") for n in range(4)}


@pytest.mark.engine
class TestInterrupts:
    """INT, TERM and HUP at any moment: broken, no machine left, and never the exit code 1.

    Ctrl-C ends with the shells' own 130 (`128 + number`).
    """

    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
    @pytest.mark.parametrize(
        "moment", ["first", "image", "running", "last", "0.5", "1.3", "random"]
    )
    def test_leave_nothing_and_are_never_a_verdict(
        self, tmp_path: Path, engine: Engine, name: str, moment: str
    ) -> None:
        """What the record says and what the exit code says agree."""
        folder = written(tmp_path, {"README.md": "```bash\necho one\nsleep 0.7\n```\n"})
        number = signal.Signals[name]
        command = (PROGRAM, "validate-runbook", "--runbook", "README.md", *IMAGE)
        hears = ("env", f"--default-signal={name.removeprefix('SIG')}", *command)
        marks = {"running": "echo one (", "last": "PASSED  README.md"}
        waits = {"first": 0.0, "image": 0.9, "0.5": 0.5, "1.3": 1.3}
        with subprocess.Popen(
            hears, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            if moment in marks:
                while marks[moment] not in process.stdout.readline():
                    assert process.poll() is None
            else:
                time.sleep(waits.get(moment, random.uniform(0.2, 3.0)))  # noqa: S311 - no secret
            process.send_signal(number)
            told = process.stdout.read()
        if told.startswith("Fatal Python error"):  # Python itself was not there yet: nothing ran
            assert not (folder / RECORD).exists()
            return
        assert process.returncode in {0, 2, -number, 128 + number}, told
        if (folder / RECORD).exists():
            verdict = "passed" if process.returncode == 0 else "broken"
            assert record(folder)["verdict"] == verdict, told
        with connected(engine) as client:
            label = {"label": "freshrun"}
            owned = client.api.containers(all=True, filters=label)
            pids = {c["Labels"].get("freshrun.pid", "") for c in owned}
        assert str(process.pid) not in pids


@pytest.mark.parametrize(
    "arguments",
    [
        ("--nosuch",),
        ("nosuch",),
        ("validate-runbook", "--nosuch"),
        ("validate-runbook", "--runbook"),
        ("validate-runbook", "--servers=maybe", "--runbook", "README.md"),
        ("lint-runbook", "--runbook", "nowhere.md"),
        ("lint-runbook", "--nosuch"),
        ("triage", "--nosuch"),
        ("record-run", "abc"),
        ("record-run",),
        ("engine", "--nosuch"),
        ("prerequisites", "--runbook", "nowhere.md"),
    ],
)
def test_misuse_ends_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """1 says that a runbook failed; a wrong option says nothing of one."""
    written(tmp_path, {"README.md": DOCUMENT})
    done = freshrun(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
