"""A record as the summary of a step of a GitHub workflow."""

from freshrun.model import Record
from freshrun.report import words

_SHOWN = 50
"""Failures told at length in a summary, which GitHub drops when it is over a megabyte."""


def step_summary(record: Record) -> str:
    """Return Markdown for the file that `$GITHUB_STEP_SUMMARY` names."""
    from freshrun.report import rendering  # noqa: PLC0415 - Jinja2 takes its time: here alone

    failures = words.failures(record)
    return rendering.summary(
        record=record,
        failures=failures[:_SHOWN],
        left=len(failures) - _SHOWN,
        warnings=words.warnings(record)[:_SHOWN],
    )
