"""The pytest plugin: each command of a runbook and each checklist item is a pytest item.

A Markdown file that is named on pytest's command line is a runbook. Tests beside it judge what it
did through the fixtures `runbook`, `record`, `machine` and `judge`; the marker
`checklist(name, stand_in=...)` makes a test an item of the checklist.
"""

import os
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from freshrun import report
from freshrun.errors import FreshrunError
from freshrun.finding import Finding
from freshrun.machine import Machine
from freshrun.markdown import read, require_commands
from freshrun.outcome import Outcome, Status
from freshrun.record import ChecklistItem, Record, to_json
from freshrun.run import Run
from freshrun.runbook import Command, Runbook, Section
from freshrun.session import Policy
from freshrun.stage import Choices, repository_root

FOLDER = ".freshrun"
"""Where a run leaves its record; git ignores it."""

_RUNS = pytest.StashKey[dict[Path, Run]]()
_SUFFIXES = {".md", ".markdown"}
_BROKEN_OFF = {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR}
_CLOSED = {Status.PASSED: 0, Status.FAILED: 1, Status.BROKEN: 2}


def main(path: str, *options: str) -> int:
    """Rehearse a runbook and judge its checklist; return 0 passed, 1 failed, 2 broken."""
    settings = ("addopts=", "junit_family=xunit1", f"cache_dir={FOLDER}/pytest")
    loaded = "-Wignore:Module already imported:pytest.PytestAssertRewriteWarning"
    quiet = ("--no-header", "--tb=no", "-rN")  # the closing report says it all, once
    code = pytest.main(
        [path, "--freshrun-checklist", loaded, *quiet, *(f"-o{s}" for s in settings), *options]
    )
    return code if code in _CLOSED.values() else _CLOSED[Status.BROKEN]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a rehearsal."""
    group = parser.getgroup("freshrun", "rehearsal of runbooks")
    group.addoption("--freshrun-image", metavar="IMAGE", help="image, or path of a Dockerfile")
    group.addoption("--freshrun-user", metavar="NAME", help="the user who types the commands")
    group.addoption("--freshrun-github", metavar="RECORDING", help="a recorded run, or `live`")
    group.addoption("--freshrun-bd", metavar="KIND", help="`stand-in` or `live`")
    group.addoption("--freshrun-servers", choices=("pass", "fail"), default="pass")
    group.addoption("--freshrun-json", metavar="PATH", default=f"{FOLDER}/record.json")
    group.addoption("--freshrun-html", metavar="PATH", help="write the record as a page")
    for flag, meaning in (
        ("checklist", "judge the checklist that the runbook's settings name, too"),
        ("worktree", "take what git would commit now, not what is committed"),
        ("install-engine", "install a container engine where there is none"),
        ("keep-engine", "leave the private container engine running"),
        ("update", "write the printed output into transcripts that promise another one"),
        ("keep-going", "run every section, also after a failure"),
    ):
        group.addoption(f"--freshrun-{flag}", action="store_true", help=meaning)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of checklist items, and hide secrets in what pytest tells of any item."""
    config.pluginmanager.register(_Veil(config))
    config.addinivalue_line(
        "markers",
        "checklist(name, stand_in=None): an item of a runbook's checklist; "
        "stand_in is the program, or the programs, whose stand-in the verdict has to name",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Read the runbooks before anything else: what is wrong with one is a single line."""
    runs = config.stash.setdefault(_RUNS, {})
    for argument in tuple(config.args):
        path = Path(argument.partition("::")[0])
        if path.suffix.lower() in _SUFFIXES or config.option.freshrun_checklist:
            with _usage_errors():
                runs[path.absolute()] = run = _run(path, config)
                if config.option.freshrun_checklist:
                    config.args += _checklist(run.runbook)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the runbooks that the command line names."""
    run = parent.config.stash[_RUNS].get(file_path)
    return RunbookFile.from_parent(parent, path=file_path, run=run) if run else None


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Hold the stages open while items run."""
    if session.config.option.collectonly or not session.items:
        return (yield)
    with ExitStack() as stages:
        for run in session.config.stash[_RUNS].values():
            with _usage_errors(run.hidden):
                stages.enter_context(run)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the verdict on a checklist item into the record."""
    result = yield
    marker = item.get_closest_marker("checklist")
    if marker and (call.when == "call" or (call.when == "setup" and call.excinfo)):
        _of(item).judge(_judged(item, marker=marker, call=call))
    return result


def pytest_report_teststatus(
    report: pytest.TestReport,
) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Tell a command that was not reached from one that the document skips."""
    if report.when == "call" and ("status", Status.NOT_REACHED.value) in report.user_properties:
        return Status.NOT_REACHED.value, "n", ("NOT REACHED", {"yellow": True})
    return None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the records, and let their verdicts decide the exit status."""
    if session.config.option.collectonly:
        return
    for run in session.config.stash.get(_RUNS, {}).values():
        if session.exitstatus in _BROKEN_OFF:
            run.break_off("the run was interrupted")
        if session.config.getoption("--freshrun-update"):
            run.update()
        record = run.record
        _write(record, session.config)
        session.exitstatus = max(int(session.exitstatus), _CLOSED[record.verdict])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Close with the verdict, what failed and why, and where the record is."""
    config = terminalreporter.config
    if config.option.collectonly:
        return
    for run in config.stash.get(_RUNS, {}).values():
        terminalreporter.section("rehearsal")
        terminalreporter.write_line(
            report.terminal(
                run.record,
                colour=terminalreporter.hasmarkup,
                path=config.getoption("--freshrun-json"),
            )
        )
        if os.environ.get("GITHUB_ACTIONS") == "true":
            terminalreporter.write_line(report.annotations(run.record))


class _Veil:
    """Hides the secrets of every runbook in what pytest reports: tracebacks, output, warnings."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self,
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        self._hide(report)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        self._hide(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        warning_message.message = Warning(self._hidden(str(warning_message.message)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        # pytest's own words may elide the middle of a secret and show its ends.
        told = f"{left!r} {op} {right!r}"
        hidden = self._hidden(told)
        return [hidden] if hidden != told else None

    def _hide(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        report.sections = [(name, self._hidden(text)) for name, text in report.sections]
        told = report.longrepr
        if isinstance(told, tuple):
            report.longrepr = (self._hidden(told[0]), told[1], self._hidden(told[2]))
        elif told is not None and (text := str(told)) != (hidden := self._hidden(text)):
            report.longrepr = hidden  # without the frames that hold the secret's value

    def _hidden(self, text: str) -> str:
        for run in self._config.stash.get(_RUNS, {}).values():
            text = run.hidden(text)
        return text


class RunbookFile(pytest.File):
    """A runbook, as a file of tests."""

    def __init__(self, *, run: Run, **rest: object) -> None:
        """Take the run whose commands are collected."""
        super().__init__(**rest)  # type: ignore[arg-type]  # what pytest's own constructor takes
        self.run = run

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield a collector for each section that has commands."""
        for section in self.run.runbook.sections:
            if section.commands:
                name = self.run.hidden(section.title) or "(before the first heading)"
                yield SectionCollector.from_parent(self, name=name, section=section, run=self.run)


class SectionCollector(pytest.Collector):
    """A section of a runbook, so that `-k` finds it by its title."""

    def __init__(self, *, section: Section, run: Run, **rest: object) -> None:
        """Take the section and the run that it belongs to."""
        super().__init__(**rest)  # type: ignore[arg-type]  # what pytest's own constructor takes
        self.section = section
        self.run = run

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each command."""
        for command in self.section.commands:
            name = f"{command.line}: {_first_line(self.run.hidden(command.text))}"
            yield CommandItem.from_parent(self, name=name, command=command, run=self.run)


class CommandItem(pytest.Item):
    """One command of a runbook."""

    def __init__(self, *, command: Command, run: Run, **rest: object) -> None:
        """Take the command and the run that types it."""
        super().__init__(**rest)  # type: ignore[arg-type]  # what pytest's own constructor takes
        self.command = command
        self.run = run

    def runtest(self) -> None:
        """Wait for the command's outcome; raise where it is anything but a pass."""
        outcome = self.run.outcome(self.command)
        self.user_properties += [
            ("file", self.command.file),
            ("line", self.command.line),
            ("status", outcome.status.value),
            ("seconds", round(outcome.seconds, 3)),
        ]
        if outcome.status in {Status.SKIPPED, Status.NOT_REACHED}:
            pytest.skip(outcome.reason)
        if outcome.status is not Status.PASSED:
            raise CommandError(outcome)

    def repr_failure(  # type: ignore[override]  # the plain text is one of pytest's own forms
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str:
        """Return what the document's author needs, without a traceback of ours."""
        if isinstance(excinfo.value, CommandError):
            return report.failure_text(excinfo.value.outcome)
        if isinstance(excinfo.value, FreshrunError):
            return f"broken: {excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the document's file and line (pytest counts lines from 0)."""
        return self.path, self.command.line - 1, f"{self.command.file}:{self.command.line}"


class CommandError(Exception):
    """A command failed; `outcome` says how."""

    def __init__(self, outcome: Outcome) -> None:
        """Take the outcome that is no pass."""
        super().__init__(outcome.reason)
        self.outcome = outcome


@pytest.fixture
def runbook(request: pytest.FixtureRequest) -> Runbook:
    """Return the runbook that this session rehearses."""
    return _of(request.node).runbook


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Record:
    """Return the record of the whole rehearsal; commands that were not run yet run now."""
    run = _of(request.node)
    run.finish()
    return run.record


@pytest.fixture
def machine(request: pytest.FixtureRequest, record: Record) -> Machine:  # noqa: ARG001 - the rehearsal comes first
    """Return the machine as the rehearsal left it."""
    return _of(request.node).machine


@pytest.fixture
def prompt(request: pytest.FixtureRequest, record: Record) -> Run:  # noqa: ARG001 - the rehearsal comes first
    """Return where a check types on: the shell as the rehearsal left it (see `contract.Prompt`)."""
    return _of(request.node)


@pytest.fixture
def faulty_github(request: pytest.FixtureRequest) -> Callable[[str], Mapping[str, str]]:
    """Return what switches a fault of GitHub on, by name, and gives the environment to see it in.

    The names are those of `freshrun.replay.FAULTS`; the recorded run is the runbook's own.
    """
    return _of(request.node).faulty_github


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Callable[[tuple[Finding, ...]], None]:
    """Return what fails the test with the findings' own lines, where there are any."""
    run = _of(request.node)

    def fail_with(findings: tuple[Finding, ...]) -> None:
        if findings:
            pytest.fail(run.hidden("\n".join(map(str, findings))), pytrace=False)

    return fail_with


def _run(path: Path, config: pytest.Config) -> Run:
    option = config.getoption
    choices = Choices(
        image=option("--freshrun-image"),
        user=option("--freshrun-user"),
        github=option("--freshrun-github"),
        bd=option("--freshrun-bd"),
        worktree=option("--freshrun-worktree"),
        install_engine=option("--freshrun-install-engine"),
        keep_engine=option("--freshrun-keep-engine"),
    )
    return Run(
        require_commands(read(path)),
        choices=choices,
        policy=Policy(
            keep_going=option("--freshrun-keep-going"),
            servers=option("--freshrun-servers") == "pass",
            update=option("--freshrun-update"),
        ),
        spill=Path(FOLDER, "output"),
    )


def _checklist(runbook: Runbook) -> tuple[str, ...]:
    """Return the path of the checklist that the settings name; a missing one is an error."""
    name = runbook.settings.checklist
    if name is None:
        return ()
    path = repository_root(runbook) / name
    if not path.exists():
        raise FreshrunError(
            f"{runbook.path}: the checklist {name} does not exist; it would be {path}"
        )
    return (str(path),)


def _of(item: pytest.Item) -> Run:
    """Return the run that an item belongs to: the session's only one, or the one it stands by."""
    runs = item.config.stash[_RUNS]
    if len(runs) == 1:
        return next(iter(runs.values()))
    for run in runs.values():
        checklist = run.runbook.settings.checklist
        if checklist and item.path.is_relative_to(repository_root(run.runbook) / checklist):
            return run
    raise FreshrunError(f"{item.path}: no runbook to judge; name one runbook beside the checks")


def _judged(
    item: pytest.Item, *, marker: pytest.Mark, call: pytest.CallInfo[None]
) -> ChecklistItem:
    name = str(marker.args[0])
    if call.excinfo is None:
        return ChecklistItem(name, Status.PASSED, _stand_in(item, marker))
    error = call.excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return ChecklistItem(name, Status.SKIPPED, str(error))
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return ChecklistItem(name, Status.FAILED, str(error))
    where = call.excinfo.traceback[-1]
    reason = f"{Path(where.path).name}:{where.lineno + 1}: {type(error).__name__}: {error}"
    return ChecklistItem(name, Status.BROKEN, reason)


def _stand_in(item: pytest.Item, marker: pytest.Mark) -> str:
    wanted = marker.kwargs.get("stand_in", ())
    programs = (wanted,) if isinstance(wanted, str) else wanted
    told = _of(item).record.place.stand_ins
    return "; ".join(s for s in told if s.startswith(tuple(f"{name}: " for name in programs)))


def _write(record: Record, config: pytest.Config) -> None:
    page = config.getoption("--freshrun-html")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    _write_file(Path(config.getoption("--freshrun-json")), to_json(record))
    if page:
        _write_file(Path(page), report.html(record))
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(report.step_summary(record))


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent == Path(FOLDER):
        (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    path.write_text(text, encoding="utf-8")


def _first_line(text: str) -> str:
    line, _, more = text.strip().partition("\n")
    width = 72
    return f"{line[:width]} ..." if more or len(line) > width else line


@contextmanager
def _usage_errors(hidden: Callable[[str], str] = str) -> Iterator[None]:
    """Turn a fault of ours or of the input into pytest's one-line error."""
    try:
        yield
    except FreshrunError as error:
        raise pytest.UsageError(hidden(str(error))) from error
