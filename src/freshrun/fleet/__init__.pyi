from .asked import asked_shard, asked_workers
from .manifest import leave_manifest
from .merging import merge
from .rehearsing import rehearse_each
from .shard import known_seconds, split
from .unit import Begun, Unit, units_of

__all__ = [
    "Begun",
    "Unit",
    "asked_shard",
    "asked_workers",
    "known_seconds",
    "leave_manifest",
    "merge",
    "rehearse_each",
    "split",
    "units_of",
]
