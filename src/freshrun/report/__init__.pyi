from .console import failure_text, terminal
from .github import annotations
from .page import html
from .summary import step_summary
from .triage import triage_text

__all__ = ["annotations", "failure_text", "html", "step_summary", "terminal", "triage_text"]
