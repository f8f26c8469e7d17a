"""Secrets in what a machine prints and in what is told of it, replaced before anyone sees them."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
