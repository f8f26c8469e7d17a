from .console import failure_text, terminal
from .contents import Entry, contents_page
from .differences import difference
from .forms import findings
from .github import annotations
from .junit import junit_xml
from .overview import Line, line, table, told
from .page import html
from .summary import step_summary
from .triage import triage_text

__all__ = [
    "Entry",
    "Line",
    "annotations",
    "contents_page",
    "difference",
    "failure_text",
    "findings",
    "html",
    "junit_xml",
    "line",
    "step_summary",
    "table",
    "terminal",
    "told",
    "triage_text",
]
