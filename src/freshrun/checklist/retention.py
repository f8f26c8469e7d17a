"""How long an artifact is kept: by the workflow, by the runbook, and by GitHub."""

import re
from collections.abc import Iterator, Mapping

from freshrun.checklist.ci_workflow import CiWorkflow, line_of
from freshrun.model import Finding, Runbook

_PUBLIC, _PRIVATE = 90, 400
"""So many days GitHub keeps an artifact at most: of a public repository, and of a private one."""


_DAYS = re.compile(r"\b(\d+)[ -]days?\b")


_KEPT = re.compile(r"artifact|\bke(?:pt|eps?)\b|retention|expire", re.IGNORECASE)


def retention(ci: CiWorkflow) -> Iterator[Finding]:
    """Hold the days that an artifact is kept against GitHub's most and the runbook's text."""
    kept: dict[int, int] = {}
    for _, upload in ci.uploading:
        days, line = upload.given.get("retention-days", ""), line_of(upload, "retention-days")
        if not days.isdecimal():
            message = f'retention-days is "{days}"' if days else "there is no retention-days"
            yield ci.there(line, f"{message}, so nobody can tell how long the artifact is kept")
            continue
        kept.setdefault(int(days), line)
    private = re.search(r"\d+ days[^.\n]*\bprivate\b", ci.runbook.text)
    highest = _PRIVATE if private else _PUBLIC
    for number, line in kept.items():
        if not 1 <= number <= highest:
            most = f"GitHub keeps an artifact for {_PUBLIC} days at most in a public repository"
            message = f"retention-days is {number}; {most}, {_PRIVATE} in a private one"
            yield ci.there(line, message)
    if kept:
        yield from _told_days(ci, kept)


def _told_days(ci: CiWorkflow, kept: Mapping[int, int]) -> Iterator[Finding]:
    told = list(_days(ci.runbook))
    where = ", ".join(f"{n} at {ci.workflow.path}:{line}" for n, line in kept.items())
    for line, days in told:
        if days not in kept:
            yield ci.here(
                line, f"artifacts are kept for {days} days here; retention-days is {where}"
            )
    if not told:
        line = ci.row.line
        yield ci.here(line, f"nothing says how long its artifacts are kept; it is {where}")


def _days(runbook: Runbook) -> Iterator[tuple[int, int]]:
    """Yield line and number of each time in days that is about what is kept."""
    lines = runbook.text.splitlines()
    for number, line in enumerate(lines, start=1):
        around = " ".join(lines[max(0, number - 2) : number + 1])
        for found in _DAYS.finditer(line):
            if _KEPT.search(around):
                yield number, int(found[1])
