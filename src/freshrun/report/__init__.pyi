from .console import failure_text, terminal
from .github import annotations
from .junit import junit_xml
from .page import html
from .summary import step_summary
from .triage import triage_text

__all__ = [
    "annotations",
    "failure_text",
    "html",
    "junit_xml",
    "step_summary",
    "terminal",
    "triage_text",
]
