"""The live shells of a machine: what is typed, what comes back, and the verdict on each command."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
