"""A rehearsal as it goes on, on a terminal or line by line."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
