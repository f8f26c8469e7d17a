"""The rehearsals of a pytest session: run with its items, judged and written down."""

import dataclasses
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import pytest

from freshrun.host import interrupted, interruption
from freshrun.model import Record, Status, internal
from freshrun.plugin.closing import CODES, Closing, Rehearsal, close
from freshrun.plugin.fixtures import RUNS, TYPES_ON, run_of
from freshrun.plugin.found import heard_out
from freshrun.plugin.items import CommandError, CommandItem, RunbookFile
from freshrun.plugin.judging import hold_checklist, judge, keep_sources
from freshrun.plugin.showing import Showing
from freshrun.plugin.workers import hand_over, is_worker
from freshrun.rehearsal import Run


class Rehearsing:
    """Runs the rehearsals beside the items of a session, and closes with their verdicts."""

    def __init__(self, rehearsals: Sequence[Rehearsal], *, showing: Showing | None = None) -> None:
        """Take the session's rehearsals; each has left word that it has begun.

        With `showing` a verdict is told there, and the machines are removed after it.
        """
        self._showing = showing
        self.rehearsals = tuple(rehearsals)
        self.closings: dict[str, Closing] = {}
        self._received: dict[str, Record] = {}
        self._stages = ExitStack()
        self._opened: set[str] = set()
        self._checks: list[pytest.Item] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Say which runs the session has."""
        config.stash[RUNS] = {one.run.path: one.run for one in self.rehearsals}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Tell what stops the collection in one line."""
        with self._in_one_line():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep every check that was collected, before a selection leaves some out."""
        self._checks += [item for item in items if not isinstance(item, CommandItem)]
        keep_sources(self._checks)

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect the runbooks that the command line names."""
        run = parent.config.stash[RUNS].get(file_path)
        return RunbookFile.from_parent(parent, path=file_path, run=run) if run else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Put into the records why something could not be collected."""
        if report.failed:
            said = str(report.longrepr).strip().splitlines()
            name = report.nodeid or "the session"
            self._break_off(f"{name} can't be collected: {said[-1] if said else 'no reason'}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Hold the stages open while items run."""
        if session.config.option.collectonly or not session.items:
            return (yield)
        with self._in_one_line(), nullcontext() if self._showing else self._stages:
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Open the stage of a runbook in front of the first item that needs it."""
        run = item.run if isinstance(item, CommandItem) else _needed(item)
        if run is not None and run.id not in self._opened:
            self._opened.add(run.id)
            self._open(run, item.config)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell all that the fixtures of a check found."""
        return (yield from heard_out(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell all that a check found."""
        return (yield from heard_out(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell all that the fixtures of a check found after it."""
        return (yield from heard_out(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdict on a checklist item into the record."""
        result = yield
        if isinstance(item, CommandItem):
            _watch(item, call)
        elif (verdict := judge(item, call)) is not None:
            result.user_properties.append(("status", verdict.status.value))
        return result

    def pytest_report_teststatus(
        self,
        report: pytest.TestReport | pytest.CollectReport,
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Tell what was not reached from what the document skips, and broken from failed."""
        if isinstance(report, pytest.CollectReport) or (
            report.when != "call" and not report.failed
        ):
            return None
        if ("status", Status.NOT_REACHED.value) in report.user_properties:
            return Status.NOT_REACHED.value, "n", ("NOT REACHED", {"yellow": True})
        if ("status", Status.BROKEN.value) in report.user_properties:
            return Status.BROKEN.value, "B", ("BROKEN", {"red": True})
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Put into the records what stopped pytest itself."""
        self._break_off(str(internal(excinfo.value)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the records, and let their verdicts decide the exit status."""
        if session.config.option.collectonly:
            return
        if session.exitstatus == pytest.ExitCode.INTERRUPTED or interrupted():
            self._break_off(interruption())
        for one in self.rehearsals:
            if one.run.runbook.path not in self._received:
                self._settle(one, session)
            self._close(one, session)
        if self._showing:
            self._showing.behind()
            self._remove_machines(session)
        if is_worker(session.config):
            hand_over([one for one in self.rehearsals if one.run.id in self._opened], session)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Close with the verdict, what failed and why, and where the record is."""
        for closing in () if self._showing else self.closings.values():
            terminalreporter.section("rehearsal")
            terminalreporter.write_line(closing.text)
            if os.environ.get("GITHUB_ACTIONS") == "true":
                terminalreporter.write_line(closing.annotations)

    def receive(self, path: str, record: Record) -> None:
        """Take the record of a run that another process rehearsed."""
        for one in self.rehearsals:
            if one.run.runbook.path == path:
                self._received[path] = dataclasses.replace(record, run=one.run.id)

    def hidden(self, text: str) -> str:
        """Return `text` with the secrets of every run hidden."""
        for one in self.rehearsals:
            text = one.run.draft.hidden(text)
        return text

    def _close(self, one: Rehearsal, session: pytest.Session) -> None:
        known = self._received.get(one.run.runbook.path)
        closing = close(one, record=known, colour=self._coloured(session.config))
        self.closings[one.run.id] = closing
        session.exitstatus = max(int(session.exitstatus), CODES[closing.verdict])
        if self._showing:
            self._showing.close(closing)

    def _coloured(self, config: pytest.Config) -> bool:
        if self._showing:
            return self._showing.colour
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        return bool(terminal and getattr(terminal, "hasmarkup", False))

    def _remove_machines(self, session: pytest.Session) -> None:
        """Remove them; a run whose machine can't be removed is no pass after all."""
        before = [one.run.draft.fault for one in self.rehearsals]
        self._stages.close()
        for one, fault in zip(self.rehearsals, before, strict=True):
            if one.run.draft.fault != fault:
                self._close(one, session)

    def _open(self, run: Run, config: pytest.Config) -> None:
        try:
            self._stages.enter_context(run)
        except Exception:
            # A worker that ends early is a crash to xdist; the run's record says why instead.
            if not is_worker(config):
                raise

    def _settle(self, one: Rehearsal, session: pytest.Session) -> None:
        """Put into the record what can be said only when all has run."""
        _count_unrun(one.run, session)
        run = one.run
        if not run.setup.checklist or run.draft.fault:
            return
        checks = [item for item in self._checks if run_of(item) is run]
        if run.checklist and not checks:
            run.draft.break_off(f"no check was collected from the checklist {run.checklist}")
        hold_checklist(run, [item for item in checks if item.get_closest_marker("checklist")])

    def _break_off(self, reason: str) -> None:
        for one in self.rehearsals:
            one.run.draft.break_off(reason)

    @contextmanager
    def _in_one_line(self) -> Iterator[None]:
        """Turn what stops a session into pytest's one-line error; no record is a pass then."""
        try:
            yield
        except (pytest.Session.Failed, pytest.UsageError):
            raise
        except pytest.exit.Exception as error:
            self._break_off(f"a check or a plugin ended the session: {error.msg}")
            raise
        except Exception as error:
            told = internal(error)
            self._break_off(str(told))
            raise pytest.UsageError(self.hidden(str(told))) from error


def _needed(item: pytest.Item) -> Run | None:
    """Return the run whose machine an item of the checklist looks at, `None` where it has none."""
    return run_of(item) if TYPES_ON.intersection(getattr(item, "fixturenames", ())) else None


def _watch(item: CommandItem, call: pytest.CallInfo[None]) -> None:
    """Break a run off whose item ended with anything but the command's own outcome."""
    error = call.excinfo.value if call.excinfo else None
    known = (CommandError, pytest.skip.Exception, pytest.exit.Exception, KeyboardInterrupt)
    if error is not None and not isinstance(error, known):
        item.run.draft.break_off(str(internal(error)))


def _count_unrun(run: Run, session: pytest.Session) -> None:
    """Break a run off that would pass, and did not run every command that was asked for."""
    asked = [i for i in session.items if isinstance(i, CommandItem) and i.run is run]
    unrun = [item for item in asked if not run.has_run(item.command)]
    if unrun and run.draft.record.verdict is Status.PASSED:
        run.draft.break_off(
            f"{len(unrun)} commands that were asked for were not run, the first in line "
            f"{unrun[0].command.line}"
        )
