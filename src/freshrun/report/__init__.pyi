from .console import failure_text, terminal
from .forms import findings
from .github import annotations
from .junit import junit_xml
from .page import html
from .summary import step_summary
from .triage import triage_text

__all__ = [
    "annotations",
    "failure_text",
    "findings",
    "html",
    "junit_xml",
    "step_summary",
    "terminal",
    "triage_text",
]
