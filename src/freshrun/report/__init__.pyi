from .console import cause_lines, failure_text, terminal
from .contents import Entry, contents_page
from .differences import difference, nowhere
from .forms import findings
from .github import annotations
from .junit import junit_xml
from .overview import Line, line, table, told
from .page import html
from .summary import step_summary
from .triage import triage_text
from .words import count, duration, plain

__all__ = [
    "Entry",
    "Line",
    "annotations",
    "cause_lines",
    "contents_page",
    "count",
    "difference",
    "duration",
    "failure_text",
    "findings",
    "html",
    "junit_xml",
    "line",
    "nowhere",
    "plain",
    "step_summary",
    "table",
    "terminal",
    "told",
    "triage_text",
]
