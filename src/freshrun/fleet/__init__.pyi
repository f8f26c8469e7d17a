from .asked import Cluster, asked_cluster, asked_shard, asked_workers
from .clustered import rehearse_on
from .manifest import leave_manifest
from .merging import merge
from .rehearsing import rehearse_each
from .shard import known_seconds, split
from .unit import Begun, Unit, units_of

__all__ = [
    "Begun",
    "Cluster",
    "Unit",
    "asked_cluster",
    "asked_shard",
    "asked_workers",
    "known_seconds",
    "leave_manifest",
    "merge",
    "rehearse_each",
    "rehearse_on",
    "split",
    "units_of",
]
