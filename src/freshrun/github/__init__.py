"""GitHub: recorded runs and the server that shows them to gh, workflows, CODEOWNERS."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
