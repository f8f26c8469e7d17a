"""What lint finds in documents that are about to be rehearsed."""

import shlex
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

_TOLD = 10
"""Findings that are told; lint itself tells all."""


class Forewarning:
    """Lints documents beside what is made ready for them, and stops nothing.

    Most of the time until a first command is spent on waiting for the engine.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Begin."""
        self._paths = paths
        self._lines: list[str] = []
        self._thread = Thread(target=self._lint, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return what can't work as it stands, empty where nothing is known of that."""
        self._thread.join()
        return "\n".join(self._lines)

    def _lint(self) -> None:
        from freshrun.lint import Severity, lint_files  # noqa: PLC0415 - keeps --list fast
        from freshrun.report import findings  # noqa: PLC0415 - same

        flaws = []
        # Whatever is wrong with the documents, or with lint, the run says it.
        with suppress(Exception):
            for each in lint_files(self._paths):
                errors = (flaw for flaw in each.flaws if flaw.of.severity is Severity.ERROR)
                flaws += [flaw for flaw in errors if flaw.rule != "unreadable"]
        if flaws:
            self._lines.append(findings(flaws[:_TOLD], form="text"))
        if more := len(flaws[_TOLD:]):
            self._lines.append(f"and {more} more: freshrun lint {shlex.join(self._paths)}")
