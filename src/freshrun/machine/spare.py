"""What an engine's host has to spare at this moment, for machines beside one another."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from freshrun.machine.engine import Engine, connected, refusals


@dataclass(frozen=True, slots=True)
class Capacity:
    """What there is to spare: processors, how many of them are busy, and bytes.

    Of an engine on another host nothing is known of its load; `disk` is `None` where the engine's
    folder can't be looked at.
    """

    processors: int
    load: float
    memory: int
    disk: int | None


def capacity(engine: Engine) -> Capacity:
    """Return what an engine's host has to spare; `EngineError` where the engine does not say."""
    with refusals("say what it has to spare"), connected(engine) as client:
        told = client.info()
    total, processors = int(told["MemTotal"]), int(told["NCPU"])
    here = engine.url.startswith("unix:")
    return Capacity(
        processors=processors,
        load=os.getloadavg()[0] if here else 0.0,
        memory=min(total, _free()) if here else total,
        disk=_room(Path(str(told["DockerRootDir"]))) if here else None,
    )


def _free() -> int:
    """Return the bytes of memory that new programs can have on this host."""
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def _room(folder: Path) -> int | None:
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return None
