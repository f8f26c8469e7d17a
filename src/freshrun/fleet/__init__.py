"""Many documents at once: each rehearsed whole by a process of its own, and told together."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
