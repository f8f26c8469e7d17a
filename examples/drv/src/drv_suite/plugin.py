"""The pytest plugin of one run: which scenarios run, and what is written about them."""

import json
import logging
import platform
from collections.abc import Generator, Mapping
from datetime import UTC, datetime

import psycopg
import pytest

from drv.database import without_password
from drv_suite import diagnostics
from drv_suite.catalogue import BY_NAME, FailureClass, Scenario
from drv_suite.run import Run
from drv_suite.usage import UsageError
from drv_suite.violation import Json, ViolationError

LOG = logging.getLogger(__name__)
RUN = pytest.StashKey[Run]()
FACTS = pytest.StashKey[dict[str, Json]]()
"""What the scenarios learn of the place, for `environment.json`."""
STARTED = pytest.StashKey[datetime]()


class Recorder:
    """Runs the harness's scenarios first and stops there if one fails; records every failure."""

    def __init__(self, run: Run) -> None:
        """Record for `run`."""
        self._run = run
        self._facts: dict[str, Json] = {}
        self._lines: list[str] = []
        self._begun = 0
        self._not_run = 0

    def pytest_configure(self, config: pytest.Config) -> None:
        """Give the run to the fixtures."""
        config.stash[RUN] = self._run
        config.stash[FACTS] = self._facts

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the run's scenarios, in the catalogue's order: the harness's come first."""
        order = list(BY_NAME)
        items[:] = [item for item in items if self._selects(_scenario(item))]
        items.sort(key=lambda item: order.index(_scenario(item).name))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note in the log where a scenario begins."""
        self._begun += 1
        LOG.info("scenario %s", nodeid)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note when a scenario begins."""
        item.stash[STARTED] = datetime.now(UTC)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Record a failure of any phase; a violation's own text replaces the traceback."""
        report = yield
        if report.failed and call.excinfo:
            self._record(item, call.excinfo.value, traceback=report.longreprtext)
            if isinstance(call.excinfo.value, ViolationError):
                report.longrepr = str(call.excinfo.value)
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write `environment.json`."""
        self._not_run = len(session.items) - self._begun
        document = {**self._environment(), "scenarios": len(session.items)}
        path = self._run.out / "environment.json"
        path.write_text(json.dumps(document, indent=2) + "\n")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print one line for each failure, and one for what was not run."""
        terminalreporter.section("drv-suite")
        for line in self._lines:
            terminalreporter.write_line(line)
        if self._not_run:
            terminalreporter.write_line(f"DRV-NOT-RUN {self._not_run} scenarios: see the failure")
        if not self._lines:
            terminalreporter.write_line("DRV-GREEN every scenario of this run holds")

    def _selects(self, scenario: Scenario) -> bool:
        harness = scenario.invariant.failure_class is FailureClass.HARNESS
        wanted = self._run.only in (None, scenario.name)
        return self._run.selects(scenario) and (harness or wanted)

    def _record(self, item: pytest.Item, error: BaseException, *, traceback: str) -> None:
        scenario = _scenario(item)
        failure = diagnostics.failure(
            scenario, error, started=item.stash[STARTED], traceback=traceback
        )
        path = diagnostics.write(failure, self._run, number=len(self._lines) + 1)
        self._lines.append(failure.line(path))
        invariant = failure.scenario.invariant
        item.user_properties.append(("scenarioId", failure.scenario.id))
        item.user_properties.append(("invariantId", invariant.id))
        if scenario.invariant.failure_class is FailureClass.HARNESS:
            item.session.shouldfail = "the harness failed: nothing else was run"

    def _environment(self) -> Mapping[str, Json]:
        run = self._run
        return {
            "runId": run.run_id,
            "commit": run.commit,
            "suite": run.suite.value,
            "fault": run.fault,
            "startedAt": run.started.isoformat(timespec="milliseconds"),
            "endedAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "database": without_password(run.address),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "psycopg": psycopg.__version__,
            "failures": len(self._lines),
            "notRun": self._not_run,
            **self._facts,
        }


def _scenario(item: pytest.Item) -> Scenario:
    name = item.name.removeprefix("test_")
    if name not in BY_NAME:
        raise UsageError(f"{item.nodeid} is not in the catalogue of scenarios")
    return BY_NAME[name]
