from .console import failure_text, terminal
from .github import annotations, step_summary
from .page import html
from .triage import triage_text

__all__ = ["annotations", "failure_text", "html", "step_summary", "terminal", "triage_text"]
