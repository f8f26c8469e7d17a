"""The rehearsal of a runbook: what is opened before the first command, the loop, and the record."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
