"""A record, told to people: terminal, HTML page, GitHub annotations and step summary. Pure.

Whatever a command printed is shown without its control characters and behind a mark of ours, so
that neither a terminal nor a browser nor a workflow's runner can take it for an instruction.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
