from .attached import BEAT, Attached
from .engine import Engine, open_engine, stop_private
from .image import prune, resolve
from .machine import Limits, Machine, reap

__all__ = [
    "BEAT",
    "Attached",
    "Engine",
    "Limits",
    "Machine",
    "open_engine",
    "prune",
    "reap",
    "resolve",
    "stop_private",
]
