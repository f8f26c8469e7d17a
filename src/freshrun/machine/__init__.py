"""The fresh container: engine, image, network, disk; and all of it gone afterwards."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
