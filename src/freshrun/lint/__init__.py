"""Findings that need no container: links, variables, and commands that will fail."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
