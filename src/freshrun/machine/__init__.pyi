from .attached import BEAT, Attached
from .container import Limits, reap
from .engine import Engine, open_engine, stop_private
from .frames import Frames, Stream
from .image import pinned, prune, resolve
from .machine import Machine
from .spare import Capacity, capacity
from .system import system_of

__all__ = [
    "BEAT",
    "Attached",
    "Capacity",
    "Engine",
    "Frames",
    "Limits",
    "Machine",
    "Stream",
    "capacity",
    "open_engine",
    "pinned",
    "prune",
    "reap",
    "resolve",
    "stop_private",
    "system_of",
]
