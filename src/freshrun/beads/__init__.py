"""Programs that stand in, inside the fresh machine, for services that it can't reach."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
