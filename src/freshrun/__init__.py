"""Proves that a runbook works for someone who has never seen the system.

    from freshrun import rehearse

    record = rehearse("README.md")

The names are loaded when they are first used, so that `invoke --list` stays fast.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
