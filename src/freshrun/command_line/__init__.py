"""What a person types after `freshrun`: which task, which files, and what was meant."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
