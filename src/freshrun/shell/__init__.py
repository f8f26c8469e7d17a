"""Shell text, read from mvdan/sh's own syntax tree: statements, transcripts and variables."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
