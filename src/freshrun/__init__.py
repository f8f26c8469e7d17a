"""Proves that a runbook works for someone who has never seen the system.

    from freshrun import Machine, read, rehearse

The names are loaded when they are first used, so that `invoke --list` stays fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freshrun.document import read
    from freshrun.machine import Machine
    from freshrun.rehearsal import rehearse

__all__ = ["Machine", "read", "rehearse"]

_HOMES = {"Machine": "machine", "read": "document", "rehearse": "rehearsal"}


def __getattr__(name: str) -> object:
    """Return a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'freshrun' has no attribute {name!r}")
    return getattr(import_module(f"freshrun.{_HOMES[name]}"), name)
