from .attached import BEAT, Attached
from .container import Limits, reap
from .engine import Engine, open_engine, stop_private
from .frames import Frames, Stream
from .image import prune, resolve
from .machine import Machine

__all__ = [
    "BEAT",
    "Attached",
    "Engine",
    "Frames",
    "Limits",
    "Machine",
    "Stream",
    "open_engine",
    "prune",
    "reap",
    "resolve",
    "stop_private",
]
