"""What all speak of: runbook, outcome, finding, record and errors, as frozen values. No I/O."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
