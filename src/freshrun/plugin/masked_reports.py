"""What pytest itself tells of an item, with the secrets of every runbook hidden."""

import warnings
from collections.abc import Callable, Generator

import pytest


class MaskedReports:
    """Hides the secrets of every runbook in what pytest reports: tracebacks, output, warnings."""

    def __init__(self, hidden: Callable[[str], str]) -> None:
        """Take what hides them in a text."""
        self._hidden = hidden

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self,
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hide them in the report on an item."""
        report = yield
        self._hide(report)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Hide them in the report on a file of checks."""
        report = yield
        self._hide(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Hide them in a warning."""
        warning_message.message = Warning(self._hidden(str(warning_message.message)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Hide them in a comparison, in full: none where it holds no secret."""
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
