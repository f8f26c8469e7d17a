"""What the engine or its host did to a container from outside, in words; nothing where all is well.

A command can't be judged by what it gave meanwhile.
"""

import time
from collections.abc import Mapping
from typing import cast

import docker.errors
from docker.utils import parse_bytes

from freshrun.machine.container import Container
from freshrun.model import MachineError, SilentEngineError

FREE = ("timeout", "--signal=KILL", "10", "stat", "-f", "-c", "%a %S %d %c", "/")
"""The program whose output in the machine `full` reads: what is free on its disk."""

_ENDED = "the machine was stopped or removed"
_MEBIBYTE = 1 << 20
_NEARLY = 0.9
_SETTLING = 2.0
"""Seconds within which the engine has told of a pause that it was asked for, and of its end.

It tells what containerd reports, which may be after both.
"""
_LOOKS = 10
"""How often a machine that is paused is looked at within that time."""


def away(container: Container) -> str:
    """Tell that the container does not run, or not since its start."""
    try:
        state = _state(container)
        for _ in range(_LOOKS):
            if not state.get("Paused"):
                break
            # The engine may call one paused for a moment that goes on already.
            time.sleep(_SETTLING / _LOOKS)
            state = _state(container)
    except SilentEngineError as silence:
        return str(silence)
    except MachineError as fault:
        gone = isinstance(fault.__cause__, docker.errors.NotFound) or not container.is_open
        return _ENDED if gone else "the container engine was lost"
    if not state["Running"]:
        return _ENDED
    if state.get("Paused"):
        return "the machine was paused"
    return "the machine was restarted" if state["StartedAt"] != container.since else ""


def _state(container: Container) -> Mapping[str, object]:
    with container.asked("look at the machine"):
        state: Mapping[str, object] = container.api.inspect_container(container.id)["State"]
    return state


def paused(container: Container, *, seconds: float) -> str:
    """Tell that the container was paused in the last `seconds`, and not by its own `pause`."""
    now = time.time()
    begun = max(now - seconds - 1, container.resumed + _SETTLING)
    if begun >= now:
        return ""
    # With its fraction, for the engine waits for a moment that has not come yet; the client's
    # stubs know whole seconds alone.
    since, until = (cast("int", f"{each:.6f}") for each in (begun, now))
    with container.asked("say what happened to the machine"):
        events = container.api.events(
            since=since,
            until=until,
            filters={"container": container.id, "event": ["pause", "unpause"]},
            decode=True,
        )
        return "the machine was paused for a time" if any(True for _ in events) else ""


def full(container: Container, *, free: bytes, limit: str) -> str:
    """Tell that the engine's disk is full, unless the container itself holds too much on it.

    `free` is what the program `FREE` printed, `limit` is what the container may hold.
    """
    shown = free.split()
    if len(shown) < len(FREE[-2].split()):
        return ""
    blocks, size, free_nodes, nodes = map(int, shown)
    if blocks * size >= _MEBIBYTE and (free_nodes or not nodes):
        return ""
    with container.asked("measure the machine"):
        (found,) = container.api.containers(all=True, size=True, filters={"id": container.id})
        folder = container.client.info()["DockerRootDir"]
    own = found.get("SizeRw", 0) >= _NEARLY * parse_bytes(limit)
    return "" if own else f"the container engine's disk is full ({folder} on its host)"
