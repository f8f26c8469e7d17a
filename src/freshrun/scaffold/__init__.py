"""A starter for any repository: a runbook, its checklist and a workflow, ready to run."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
