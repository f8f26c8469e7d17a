"""The rehearsals of a pytest session: prepared, run with its items, judged and written down."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar, get_args

import pytest

from freshrun import report
from freshrun.contract import Check, checklist_kept, rehearsed_runs
from freshrun.contract.checklist import SECTION
from freshrun.errors import FreshrunError
from freshrun.markdown import read, require_commands
from freshrun.outcome import Status
from freshrun.plugin.fixtures import FOLDER, JUDGED, RUNS, run_of
from freshrun.plugin.items import RunbookFile
from freshrun.plugin.veil import Veil
from freshrun.record import ChecklistItem, Record, to_json
from freshrun.replay import Way
from freshrun.run import Run
from freshrun.session import Policy
from freshrun.stage import LIVE, Choices

Value = TypeVar("Value")

_BROKEN_OFF = {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR}
_SERVERS = ("pass", "fail")
_VERDICT = pytest.StashKey[ChecklistItem]()
"""What a check came to."""

_SOURCE = pytest.StashKey[str]()
"""The file of a check, as it was when it was collected: its author may go on writing."""

_CLOSED = {Status.PASSED: 0, Status.FAILED: 1, Status.BROKEN: 2}


def prepare(config: pytest.Config, paths: Sequence[Path]) -> None:
    """Read the runbooks before anything else: what is wrong with one is a single line."""
    runs = config.stash.setdefault(RUNS, {})
    config.pluginmanager.register(Rehearsing(config))
    config.pluginmanager.register(Veil(config))
    for path in paths:
        with _usage_errors():
            runs[path.absolute()] = run = _run(path, config)
            if config.option.freshrun_checklist:
                config.args += _checklist(run)


class Rehearsing:
    """Runs the rehearsals beside the items of a session, and closes with their verdicts."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the session whose runs are rehearsed."""
        self._runs = config.stash[RUNS]
        self._checks: list[pytest.Item] = []

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect the runbooks that the command line names."""
        run = self._runs.get(file_path)
        return RunbookFile.from_parent(parent, path=file_path, run=run) if run else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep every check that was collected, before a selection leaves some out."""
        for item in items:
            if item.get_closest_marker("checklist"):
                item.stash[_SOURCE] = item.path.read_text("utf-8")
                self._checks.append(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Hold the stages open while items run."""
        if session.config.option.collectonly or not session.items:
            return (yield)
        with ExitStack() as stages:
            for run in self._runs.values():
                with _usage_errors(run.hidden):
                    stages.enter_context(run)
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdict on a checklist item into the record."""
        result = yield
        marker = item.get_closest_marker("checklist")
        if marker and (call.when == "call" or (call.when == "setup" and call.excinfo)):
            item.stash[_VERDICT] = verdict = _judged(item, marker=marker, call=call)
            run_of(item).judge(verdict)
        return result

    def pytest_report_teststatus(
        self,
        report: pytest.TestReport,
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Tell a command that was not reached from one that the document skips."""
        if report.when == "call" and ("status", Status.NOT_REACHED.value) in report.user_properties:
            return Status.NOT_REACHED.value, "n", ("NOT REACHED", {"yellow": True})
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the records, and let their verdicts decide the exit status."""
        if session.config.option.collectonly:
            return
        for run in self._runs.values():
            if session.exitstatus in _BROKEN_OFF:
                run.break_off("the run was interrupted")
            elif session.config.option.freshrun_checklist:
                _hold_checklist(run, [item for item in self._checks if run_of(item) is run])
            if session.config.getoption("--freshrun-update"):
                run.update()
            record = run.record
            _write(record, session.config)
            session.exitstatus = max(int(session.exitstatus), _CLOSED[record.verdict])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Close with the verdict, what failed and why, and where the record is."""
        config = terminalreporter.config
        if config.option.collectonly:
            return
        for run in self._runs.values():
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


def _run(path: Path, config: pytest.Config) -> Run:
    option = config.getoption
    choices = Choices(
        image=option("--freshrun-image"),
        user=option("--freshrun-user"),
        github=option("--freshrun-github"),
        github_via=_one_of(option("--freshrun-github-via"), get_args(Way), name="github-via"),
        github_fault=option("--freshrun-github-fault"),
        bd=_one_of(option("--freshrun-bd"), (None, "stand-in", LIVE), name="bd"),
        worktree=option("--freshrun-worktree"),
        allow_host=option("--freshrun-allow-host"),
        install_engine=option("--freshrun-install-engine"),
        keep_engine=option("--freshrun-keep-engine"),
    )
    return Run(
        require_commands(read(path)),
        choices=choices,
        policy=Policy(
            keep_going=option("--freshrun-keep-going"),
            servers=_one_of(option("--freshrun-servers"), _SERVERS, name="servers") == "pass",
            update=option("--freshrun-update"),
        ),
        spill=Path(FOLDER, "output"),
    )


def _one_of(word: Value, known: Sequence[Value], *, name: str) -> Value:
    if word not in known:
        right = " or ".join(str(one) for one in known if one is not None)
        raise FreshrunError(f"--{name} {word}: {right} is right")
    return word


def _checklist(run: Run) -> tuple[str, ...]:
    """Return the path of the checklist that the settings name; a missing one is an error."""
    if run.checklist is None:
        return ()
    if not run.checklist.exists():
        name, path = run.runbook.settings.checklist, run.runbook.path
        raise FreshrunError(
            f"{path}: the checklist {name} does not exist; it would be {run.checklist}"
        )
    return (str(run.checklist),)


def _hold_checklist(run: Run, items: Sequence[pytest.Item]) -> None:
    """Put into the record where the document's own table and the checks part."""
    findings = checklist_kept(run.runbook, [_check(item) for item in items])
    if findings:
        reason = "\n".join(map(str, findings))
        run.judge(ChecklistItem(SECTION.lower(), Status.FAILED, reason))


def _check(item: pytest.Item) -> Check:
    name = str(next(iter(item.iter_markers("checklist"))).args[0])
    verdict = item.stash.get(_VERDICT, None)
    status = verdict.status if verdict else None
    return Check(
        item=name,
        path=str(item.path),
        function=getattr(item, "originalname", item.name),
        source=item.stash[_SOURCE],
        judged=item.stash.get(JUDGED, 0) if status is Status.PASSED else None,
        skipped=verdict.reason if verdict and status is Status.SKIPPED else "",
    )


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
    run = run_of(item)
    record, starts = run.record, tuple(f"{name}: " for name in programs)
    told = [each for each in record.place.stand_ins if each.startswith(starts)]
    runs = rehearsed_runs(record) if "gh" in programs else ()
    github = any(each.startswith("gh: ") for each in told)
    shown = (f"{'' if github else 'gh: GitHub itself, '}{each}" for each in runs)
    real = (each for each in run.real if each.startswith(starts))
    return "; ".join((*told, *real, *shown))


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


@contextmanager
def _usage_errors(hidden: Callable[[str], str] = str) -> Iterator[None]:
    """Turn a fault of ours or of the input into pytest's one-line error."""
    try:
        yield
    except FreshrunError as error:
        raise pytest.UsageError(hidden(str(error))) from error
