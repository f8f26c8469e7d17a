"""Packet rules around machines: no way to this host's services, to metadata or to one another.

Every bridge of a fence begins with its prefix; the letter after that says whether the machines on
it may reach this host. The rules hold for the prefix, so that a new machine needs none of its own.
Setting them needs root on the engine's own host.
"""

import fcntl
import hashlib
import ipaddress
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from freshrun.host import environment, is_root, run
from freshrun.model import EngineError

# RFC 2544's range for benchmarks: nobody routes it, so no company's network is hidden by it.
# Its first half is what some proxies of a desktop answer with for every name.
MACHINES = (ipaddress.IPv4Network("198.18.0.0/16"), ipaddress.IPv4Network("198.19.128.0/17"))
"""Where machines have their addresses, the first choice first."""

ENGINES = ipaddress.IPv4Network("198.19.0.0/17")
"""Where the bridges of private engines have theirs."""

FOREIGN = "fresh-"
"""How the bridges of machines begin on an engine that is not freshrun's own."""

OWN = "fr-"
"""How they begin on one of freshrun's own."""

CLOSED, OPEN = "c", "o"
"""What stands after the prefix in a bridge's name: whether the host is closed to its machine."""

_METADATA = ("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32")
"""What clouds answer at with the host's own credentials: link-local, Alibaba, Azure, Oracle."""

_BRIDGES = ("docker0", "br-", "podman", "cni", "virbr")
"""How the bridges of other containers and virtual machines of this host begin."""

_LOCK = Path("/run/freshrun-fence.lock")
_REJECT = "-j REJECT --reject-with icmp-admin-prohibited"
_KNOWN = "-m conntrack --ctstate RELATED,ESTABLISHED"
_DNS = 53
_LIMIT = 20.0
"""Seconds that each step may take that sets packet rules; it takes a hundredth of one."""


@dataclass(frozen=True, slots=True)
class Door:
    """One address on the far side of a fence that a machine's own settings name; TCP."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Fence:
    """The rules for all bridges whose name begins with `prefix`.

    `forwards` tells that the engine itself sets no rules: then the way out is part of the fence.
    """

    prefix: str
    forwards: bool = False

    def stands(self) -> bool:
        """Tell whether the rules are set as they have to be now.

        Someone may have flushed the host's, or set others; and a host gets other resolvers.
        """
        with suppress(EngineError):
            rules = _done(["iptables", "-w", "-S"])
            return self._seal in rules and all(f"-j {chain}\n" in rules for chain in self._chains)
        return False

    def raise_(self) -> None:
        """Set the rules where they do not stand; raises `EngineError` where that is refused."""
        if self.stands():
            return
        with _locked():
            if not self.stands():
                self._clear()
                _restore("iptables-restore", (*self._rules(), *self._sealed()))
                if Path("/proc/net/if_inet6").exists():
                    _restore("ip6tables-restore", self._rules_of_ipv6())

    def lower(self) -> None:
        """Take the rules away, unless a machine's bridge still stands behind them."""
        with _locked():
            if not any(Path("/sys/class/net").glob(f"{self.prefix}*")):
                self._clear()

    def open(self, door: Door, *, bridge: str) -> None:
        """Let the machine on `bridge` through to one address."""
        for chain in self._chains:
            _done(["iptables", "-w", "-I", chain, *_through(door, bridge)])

    def close(self, door: Door, *, bridge: str) -> None:
        """Take that way away again."""
        for chain in self._chains:
            with suppress(EngineError):
                _done(["iptables", "-w", "-D", chain, *_through(door, bridge)])

    @property
    def _chains(self) -> tuple[str, str]:
        """Return the chains for packets to this host, and for those that go on from it."""
        return f"{self.prefix}-in", f"{self.prefix}-out"

    @property
    def _seal(self) -> str:
        """Return the part of a rule that tells these rules from those of another day."""
        digest = hashlib.sha256("\n".join(self._rules()).encode()).hexdigest()
        return f"--comment {self.prefix}-{digest[:12]}"

    def _sealed(self) -> Iterator[str]:
        yield "*filter"
        yield f"-A {self._chains[0]} -m comment {self._seal} -j RETURN"  # nothing comes so far
        yield "COMMIT"

    def _rules(self) -> Iterator[str]:
        to_host, onward = self._chains
        before = "DOCKER-USER" if not self.forwards and _has_docker_user() else "FORWARD"
        yield "*filter"
        yield from (f":{chain} - [0:0]" for chain in self._chains)
        yield f"-I INPUT -i {self.prefix}+ -j {to_host}"
        yield f"-I {before} -i {self.prefix}+ -j {onward}"
        if self.forwards:
            yield f"-I FORWARD -o {self.prefix}+ {_KNOWN} -j ACCEPT"
        yield f"-A {to_host} {_KNOWN} -j ACCEPT"
        yield f"-A {to_host} -i {self.prefix}{OPEN}+ -j RETURN"
        yield from (f"-A {to_host} {name}" for name in _resolvers())
        yield f"-A {to_host} {_REJECT}"
        yield from (f"-A {onward} {rule}" for rule in self._onward())
        yield "COMMIT"
        yield "*nat"
        comment = f"-m comment --comment {self.prefix}"
        for source in (*MACHINES, ENGINES):
            yield f"-I POSTROUTING -s {source} ! -o {self.prefix}+ {comment} -j MASQUERADE"
        yield "COMMIT"

    def _onward(self) -> Iterator[str]:
        passes = "ACCEPT" if self.forwards else "RETURN"
        yield f"{_KNOWN} -j {passes}"
        for neighbours in (FOREIGN, OWN):
            yield f"-o {neighbours}+ {_REJECT}"
        yield f"-i {self.prefix}{OPEN}+ -j {passes}"
        yield from (name.replace("RETURN", passes) for name in _resolvers())
        for address in _METADATA:
            yield f"-d {address} {_REJECT}"
        # What the host publishes for another container is one of its services.
        yield f"-m conntrack --ctstate DNAT {_REJECT}"
        for bridge in _foreign_bridges():
            yield f"-o {bridge}+ {_REJECT}"
        yield f"-j {passes}"

    def _rules_of_ipv6(self) -> Iterator[str]:
        # A machine has no IPv6 beyond its own link; that link ends at this host.
        to_host, onward = self._chains
        yield "*filter"
        yield from (f":{chain} - [0:0]" for chain in self._chains)
        yield f"-I INPUT -i {self.prefix}+ -j {to_host}"
        yield f"-I FORWARD -i {self.prefix}+ -j {onward}"
        for chain in self._chains:
            yield f"-A {chain} -i {self.prefix}{OPEN}+ -j RETURN"
            yield f"-A {chain} -j REJECT --reject-with icmp6-adm-prohibited"
        yield "COMMIT"

    def _clear(self) -> None:
        """Delete every rule that names the prefix, whichever version of freshrun set it."""
        for program, tables in (("iptables", ("nat", "filter")), ("ip6tables", ("filter",))):
            for table in tables:
                with suppress(EngineError):
                    self._clear_table([program, "-w", "-t", table])

    def _clear_table(self, command: list[str]) -> None:
        listed = _done([*command, "-S"]).splitlines()
        mine = [line.split()[1:] for line in listed if self._names(line.split())]
        for rule in (r for r in mine if r[0] not in self._chains):
            _done([*command, "-D", *rule])
        chains = [line.split()[1] for line in listed if line.startswith("-N ")]
        for chain in (c for c in chains if c in self._chains):
            _done([*command, "-F", chain])
            _done([*command, "-X", chain])

    def _names(self, words: list[str]) -> bool:
        """Tell whether a listed rule is about the prefix: its bridges, its chains, its comment."""
        ours = {self.prefix, f"{self.prefix}+", *self._chains}
        return words[0] == "-A" and any(word.strip('"') in ours for word in words)


def can_fence() -> bool:
    """Tell whether this process may set packet rules on this host, and has the programs."""
    path = environment()["PATH"]
    return is_root() and all(
        shutil.which(program, path=path) for program in ("iptables", "iptables-restore")
    )


def _through(door: Door, bridge: str) -> tuple[str, ...]:
    to = ("-d", door.address, "-p", "tcp", "--dport", str(door.port))
    return ("-i", bridge, *to, "-j", "ACCEPT")


def _restore(program: str, rules: Iterable[str]) -> None:
    text = "\n".join(rules) + "\n"
    _done([program, "-w", "--noflush"], stdin=text)


def _done(argv: Sequence[str], *, stdin: str = "") -> str:
    return run(argv, stdin=stdin, limit=_LIMIT)


def _resolvers() -> Iterator[str]:
    """Yield the rules that let names be asked for where this host and its engines ask."""
    for name in dict.fromkeys(_nameservers()):
        with suppress(ValueError):
            address = ipaddress.IPv4Address(name)
            for protocol in ("udp", "tcp") if not address.is_loopback else ():
                yield f"-d {address} -p {protocol} --dport {_DNS} -j RETURN"


def _nameservers() -> Iterator[str]:
    for file in ("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"):
        with suppress(OSError):
            lines = Path(file).read_text(errors="replace").splitlines()
            named = (line.split() for line in lines if line.startswith("nameserver"))
            yield from (words[1] for words in named if len(words) > 1)
    with suppress(OSError, ValueError, AttributeError):
        settings = json.loads(Path("/etc/docker/daemon.json").read_text(encoding="utf-8"))
        yield from (str(name) for name in settings.get("dns", ()))


def _foreign_bridges() -> Iterator[str]:
    """Yield what other bridges' names begin with, except where the way out is such a bridge."""
    routes = json.loads(_done(["ip", "-json", "-4", "route", "show", "default"]))
    ways_out = tuple(str(route.get("dev", "")) for route in routes)
    yield from (b for b in _BRIDGES if not any(way.startswith(b) for way in ways_out))


def _has_docker_user() -> bool:
    return "-N DOCKER-USER\n" in _done(["iptables", "-w", "-S"])


@contextmanager
def _locked() -> Iterator[None]:
    """Hold off every other run while rules are set, but for no longer than a run can wait."""
    deadline = time.monotonic() + _LIMIT
    with _LOCK.open("w") as lock:
        while not _taken(lock):
            if time.monotonic() > deadline:
                raise EngineError(
                    f"another freshrun has been setting packet rules for {_LIMIT:.0f} s ({_LOCK})"
                )
            time.sleep(0.05)
        yield


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
