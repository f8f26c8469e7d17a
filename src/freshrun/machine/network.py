"""A machine's own network: one bridge with one machine on it, and a fence around it."""

import ipaddress
import random
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import docker
import docker.errors
from docker.types import IPAMConfig, IPAMPool

from freshrun.machine import orphans
from freshrun.machine.engine import Engine
from freshrun.machine.fence import CLOSED, FOREIGN, MACHINES, OPEN, Door, Fence, can_fence
from freshrun.model import EngineError

_FOREIGN = Fence(FOREIGN)
"""The fence around the machines on an engine that is not freshrun's own."""

_OPENED = (
    "the services of the engine's host and the cloud's metadata addresses are open to the machine "
    "(--allow-host)"
)
_NO_ROOM = (
    f"no free subnet is left in {' and '.join(map(str, MACHINES))} for a machine's network: "
    "take away the routes that this host has there"
)
_ELSEWHERE = (
    "its bridge is not on this host: the engine runs on another one, in a virtual machine, or in a "
    "network of its own"
)
_ATTEMPTS = 20
_SIZE = 29
_LONGEST = 15
_HOUR = 60 * 60.0
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Network:
    """The engine's id of a network, its bridge on the engine's host, and what that ends at.

    `gateway` is the address that the engine's host has on it. `fence` is what keeps its machine
    away from that host, `None` where nobody may set it; `doors` are the ways through it. `notes`
    are sentences on what could not be had.
    """

    id: str
    bridge: str
    gateway: str
    fence: Fence | None = None
    doors: tuple[Door, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Tell whether this host has the bridge."""
        return Path("/sys/class/net", self.bridge).exists()


def make(
    api: docker.APIClient,
    engine: Engine,
    *,
    run: str,
    allow_host: bool,
    env: Mapping[str, str],
) -> Network:
    """Make a network for the machine of a run; `env` is what may name a proxy on this host.

    Its machine reaches what this host reaches, but not the host itself, no metadata and no other
    machine; with `allow_host` host and metadata are open. Where that can't be enforced the notes
    say so. Raises `docker.errors.APIError` where the engine refuses.
    """
    fence = engine.fence or _FOREIGN
    made = _created(api, fence.prefix + (OPEN if allow_host else CLOSED), run=run)
    notes = [_OPENED] if allow_host else []
    # Podman makes the bridge with the first machine on it: see `found`.
    if not made.is_here and engine.name != "podman":
        return replace(made, notes=tuple(notes) or (_unfenced(_ELSEWHERE),))
    refusal = _refusal(fence, own=engine.fence is not None)
    if refusal:
        return replace(made, notes=tuple(notes) or (_unfenced(refusal),))
    doors = () if allow_host else tuple(_doors(env))
    for door in doors:
        fence.open(door, bridge=made.bridge)
        notes.append(f"the machine's settings name a proxy at {door.address}:{door.port}: let in")
    return replace(made, fence=fence, doors=doors, notes=tuple(notes))


def found(network: Network) -> Network:
    """Return a network as it is once its machine has been started on it.

    Rules hold for the name of a bridge; where no bridge of this host has it, they keep out nobody.
    """
    if network.fence is None or network.is_here:
        return network
    opened = _OPENED in network.notes
    return replace(network, notes=(_OPENED if opened else _unfenced(_ELSEWHERE),))


def unmake(api: docker.APIClient, network: Network | None, *, run: str) -> None:
    """Remove a run's network once its machine is gone, and the fence with the last of them.

    `network` is `None` where the making of it did not come to its end.
    """
    for known in api.networks(filters={"label": f"freshrun={run}"}):
        with suppress(docker.errors.NotFound):
            api.remove_network(known["Id"])
    if network is not None and network.fence is not None:
        for door in network.doors:
            network.fence.close(door, bridge=network.bridge)
        if network.fence == _FOREIGN:
            with suppress(EngineError):  # then the next machine's end takes them away
                network.fence.lower()


def reap_networks(api: docker.APIClient) -> None:
    """Remove the networks of runs that were killed, once their machines are gone."""
    for known in api.networks(filters={"label": "freshrun"}):
        labels = known.get("Labels") or {}
        if orphans.is_orphan(labels, running=_recent(str(known.get("Created", "")))):
            with suppress(docker.errors.APIError):  # a machine that could not be removed is on it
                api.remove_network(known["Id"])
    if can_fence() and _FOREIGN.stands():
        with suppress(EngineError):
            _FOREIGN.lower()


def _refusal(fence: Fence, *, own: bool) -> str:
    """Set the fence on another's engine, where it is needed; return why it does not stand."""
    if not own:
        if not can_fence():
            return "this user may set no packet rules"
        try:
            fence.raise_()
        except EngineError as fault:
            return str(fault)
    return "" if fence.stands() else "its packet rules were taken away"


def _unfenced(reason: str) -> str:
    return (
        "nothing keeps the machine from the services of the engine's host and the cloud's metadata "
        f"addresses: {reason}"
    )


def _created(api: docker.APIClient, start: str, *, run: str) -> Network:
    """Make a small network; where another run took the same addresses first, try others."""
    labels = {"freshrun": run, **orphans.labels()}
    for attempt in range(_ATTEMPTS):
        subnet = _free_subnet()
        bridge = start + secrets.token_hex(4)[: _LONGEST - len(start)]
        try:
            answer = api.create_network(
                f"freshrun-{run}",
                driver="bridge",
                options={
                    "com.docker.network.bridge.name": bridge,
                    "com.docker.network.bridge.enable_icc": "false",
                },
                ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
                labels=labels,
                enable_ipv6=False,
            )
        except docker.errors.APIError as fault:
            taken = any(w in str(fault.explanation).lower() for w in ("overlap", "same bridge"))
            if not taken or attempt == _ATTEMPTS - 1:
                raise
        else:
            return Network(str(answer["Id"]), bridge, gateway=str(subnet[1]))
    raise EngineError(_NO_ROOM)


def _free_subnet() -> ipaddress.IPv4Network:
    """Return a small network out of the first range that has room, by chance: others choose too."""
    taken = tuple(_routed())
    for number in range(_ATTEMPTS * len(MACHINES) * 50):
        pool = MACHINES[number // (_ATTEMPTS * 50)]
        block = random.randrange(2 ** (_SIZE - pool.prefixlen))  # noqa: S311 - no secret
        start = int(pool.network_address) + block * 2 ** (pool.max_prefixlen - _SIZE)
        subnet = ipaddress.IPv4Network((start, _SIZE))
        if not any(subnet.overlaps(other) for other in taken):
            return subnet
    raise EngineError(_NO_ROOM)


def _routed() -> Iterator[ipaddress.IPv4Network]:
    """Yield what this host has routes for, but for the default one."""
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        fields = line.split()
        address, mask = (socket.ntohl(int(fields[n], 16)) for n in (1, 7))
        if mask:
            yield ipaddress.IPv4Network((address, mask.bit_count()))


def _recent(created: str) -> bool:
    """Tell whether a machine of another host may still be on its way to a network."""
    with suppress(ValueError):
        # The engine writes nanoseconds, more than Python reads.
        made = datetime.fromisoformat(f"{created[:19]}+00:00")
        return time.time() - made.timestamp() < _HOUR
    return True


def _doors(env: Mapping[str, str]) -> Iterator[Door]:
    """Yield the proxies that a machine's variables name, by every address of theirs."""
    named = {value for name, value in env.items() if name.upper() in _PROXIES and value}
    for url in sorted(named):
        parts = urlsplit(url if "//" in url else f"http://{url}")
        with suppress(OSError, ValueError):
            port = parts.port or _PORTS.get(parts.scheme, 80)
            found = socket.getaddrinfo(parts.hostname, port, socket.AF_INET, socket.SOCK_STREAM)
            for address in sorted({str(entry[4][0]) for entry in found}):
                if not address.startswith("127."):
                    yield Door(address, port)
