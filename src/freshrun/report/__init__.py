"""A record, told to people: terminal, HTML page, GitHub annotations and step summary. Pure.

Whatever a command printed is shown without its control characters and behind a mark of ours, so
that neither a terminal nor a browser nor a workflow's runner can take it for an instruction.
"""

from freshrun.report.console import failure_text, terminal
from freshrun.report.github import annotations, step_summary
from freshrun.report.page import html

__all__ = ["annotations", "failure_text", "html", "step_summary", "terminal"]
