"""What lint finds in documents that are about to be rehearsed."""

import shlex
from collections.abc import Sequence
from contextlib import suppress

from freshrun.tasks.saying import tell

_TOLD = 10
"""Findings that are told; lint itself tells all."""


def forewarn(paths: Sequence[str]) -> None:
    """Tell, before anything is run, what can't work as it stands; that stops nothing."""
    from freshrun.lint import Severity, lint_files  # noqa: PLC0415 - keeps --list fast
    from freshrun.report import findings  # noqa: PLC0415 - same

    flaws = []
    with suppress(Exception):  # whatever is wrong with the documents, or with lint, the run says it
        for each in lint_files(paths):
            errors = (flaw for flaw in each.flaws if flaw.of.severity is Severity.ERROR)
            flaws += [flaw for flaw in errors if flaw.rule != "unreadable"]  # the run says that
    if flaws:
        tell(findings(flaws[:_TOLD], form="text"))
    if more := len(flaws[_TOLD:]):
        tell(f"and {more} more: freshrun lint {shlex.join(paths)}")
