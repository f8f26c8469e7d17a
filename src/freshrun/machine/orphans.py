"""Whose a container is: the process that made it, told in labels, and whether it still lives."""

import os
from collections.abc import Mapping
from pathlib import Path


def labels() -> dict[str, str]:
    """Return the labels of what this process makes.

    A process number comes again: with its start time, the boot and its namespace it does not.
    """
    return {
        "freshrun.pid": str(os.getpid()),
        "freshrun.born": _born(os.getpid()),
        "freshrun.boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        "freshrun.pidns": str(Path("/proc/self/ns/pid").readlink()),
    }


def is_orphan(found: Mapping[str, str], *, running: bool) -> bool:
    """Tell from a container's labels whether its maker is gone.

    A container that can't be judged from here, another host's or namespace's, is no orphan.
    """
    mine = labels()
    if not mine.keys() <= found.keys():
        return False
    if found["freshrun.boot"] != mine["freshrun.boot"]:
        # Another host's; or this one's from before it was booted anew, which has ended then.
        return not running
    if found["freshrun.pidns"] != mine["freshrun.pidns"]:
        return False
    return _born(int(found["freshrun.pid"])) != found["freshrun.born"]


def stamp() -> str:
    """Return what stands in the name of a file that this process makes on this host."""
    return f"{os.getpid()}.{_born(os.getpid())}"


def stamped(text: str) -> bool:
    """Tell whether the process of a `stamp` still lives."""
    pid, _, born = text.partition(".")
    return _born(int(pid)) == born


def _born(pid: int) -> str:
    """Return when a process started, in the kernel's ticks since boot; nothing where it is dead."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if state == "Z" else fields[18]
