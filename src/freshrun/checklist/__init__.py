"""What any runbook may promise, read from its tables and held against what a record shows."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
