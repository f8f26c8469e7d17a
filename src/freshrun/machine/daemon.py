"""freshrun's own `dockerd`: started where no engine runs, shared by runs, stopped by the last.

It has its own data, sockets, bridge and packet rules, so that another daemon on the host is left
alone. Runs that use it hold a shared lock; the one that can make that lock exclusive is the last.
A lock dies with its process, so a killed run is never counted.
"""

import fcntl
import hashlib
import ipaddress
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from freshrun.host import environment, last_lines, progress, run, unmount_below
from freshrun.machine.fence import ENGINES, OWN, Fence, can_fence
from freshrun.model import EngineError

START_SECONDS = 90.0
"""How long the daemon may take until it answers."""

STOP_SECONDS = 20.0
"""How long it may take to end before it is killed; it gives its containers 15 of them."""

LOCK_SECONDS = 240.0
"""How long another run may take to start or stop it."""

_FROZEN = 15.0

# What the kernel takes as a socket's path, and the longest that the daemon makes below `run`.
_SOCKET_PATH = 107
_LONGEST_SOCKET = "exec/containerd/containerd.sock.ttrpc"


@dataclass(frozen=True, slots=True)
class State:
    """Where the daemon keeps its things: `data` outlives a boot, `run` does not."""

    data: Path
    run: Path

    @property
    def url(self) -> str:
        """Return where the daemon answers."""
        return f"unix://{self.socket}"

    @property
    def socket(self) -> Path:
        """Return the daemon's socket."""
        return self.run / "docker.sock"

    @property
    def pid_file(self) -> Path:
        """Return the file in which the daemon writes its process id."""
        return self.run / "docker.pid"

    @property
    def settings(self) -> Path:
        """Return the daemon's settings file, which also tells its process from any other."""
        return self.run / "daemon.json"

    @property
    def log(self) -> Path:
        """Return the daemon's log."""
        return self.data / "dockerd.log"

    @property
    def kept(self) -> Path:
        """Return the mark of a daemon that is to outlive its users."""
        return self.run / "kept"

    @property
    def bridge(self) -> str:
        """Return the name of the daemon's network bridge; those of its machines begin with it."""
        return OWN + hashlib.sha256(str(self.data).encode()).hexdigest()[:8]

    @property
    def fence(self) -> Fence:
        """Return the packet rules around the daemon's machines, which sets none itself."""
        return Fence(self.bridge, forwards=True)


def private_state() -> State:
    """Return where the private daemon keeps its things: `FRESHRUN_STATE`, or the usual folders."""
    folder = os.environ.get("FRESHRUN_STATE")
    if folder:
        return State(Path(folder).resolve(), Path(folder).resolve() / "run")
    return State(Path("/var/lib/freshrun"), Path("/run/freshrun"))


@contextmanager
def private_daemon(state: State, *, keep: bool = False) -> Iterator[str]:
    """Yield the URL of the private daemon, started if it does not run.

    The last user stops it, unless one of them said `keep`. Raises `EngineError` with the end of
    its log where it does not start.
    """
    for folder in (state.data, state.run):
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (state.run / "users").open("w") as users:
        with _locked(state):
            if not answers(state):
                _end_frozen(state, users)
            if not answers(state):
                _start(state)
            state.fence.raise_()
            fcntl.flock(users, fcntl.LOCK_SH)
        if keep:
            state.kept.touch()
        try:
            yield state.url
        finally:
            with _locked(state):
                if _alone(users) and not state.kept.exists():
                    _stop(state)


def stop_daemon(state: State) -> bool:
    """Stop the private daemon that an earlier run left; tell whether one was running.

    Raises `EngineError` where another run is using it.
    """
    if not state.run.exists():
        return False
    with _locked(state), (state.run / "users").open("w") as users:
        if not _alone(users):
            raise EngineError("the private engine is in use by another freshrun: end that first")
        found = bool(_daemon(state) or _strays(state))
        _stop(state)
    return found


def answers(state: State) -> bool:
    """Tell whether the private daemon takes requests."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(5)
        connection.connect(str(state.socket))
        connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in connection.recv(64)
    return False


def dockerd() -> str | None:
    """Return the path of the daemon's program, `None` where it is not installed."""
    return shutil.which("dockerd", path=environment()["PATH"])


def missing_packages() -> tuple[str, ...]:
    """Return the Debian packages that the private daemon still needs."""
    path = environment()["PATH"]
    needed = {"dockerd": "docker.io", "iptables": "iptables", "ip": "iproute2"}
    return tuple(needed[program] for program in needed if not shutil.which(program, path=path))


@contextmanager
def _locked(state: State) -> Iterator[None]:
    """Hold off every other run while the daemon is started or stopped."""
    with (state.run / "lock").open("w") as lock:
        if not _until(lambda: _alone(lock), seconds=LOCK_SECONDS):
            raise EngineError(
                f"another freshrun has been starting or stopping the private engine for "
                f"{LOCK_SECONDS:.0f} s ({state.run / 'lock'}): end it first"
            )
        yield


def _alone(lock: TextIO) -> bool:
    """Take a lock for this run alone, if no other holds it; tell whether that was so."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_frozen(state: State, users: TextIO) -> None:
    """End a daemon that lives and does not answer, where no other run is at its mercy."""
    pid = _daemon(state)
    if pid is None or _until(lambda: answers(state), seconds=_FROZEN):
        return
    if not _alone(users):
        raise EngineError(
            f"the private engine (process {pid}) does not answer, and another freshrun uses it: "
            "end that first, then `invoke engine --stop`"
        )
    _stop(state)


def _start(state: State) -> None:
    program = dockerd()
    if program is None:
        raise EngineError("dockerd is not installed: apt-get install docker.io")
    if len(str(state.run / _LONGEST_SOCKET)) > _SOCKET_PATH:
        raise EngineError(f"{state.run}: the path is too long for sockets; shorten FRESHRUN_STATE")
    with progress("starting a private container engine (dockerd)"):
        try:
            _forget(state)
            _write_settings(state, _raise_bridge(state))
            _wait(state, _spawn(state, program))
        except BaseException:
            _stop(state)
            raise


def _write_settings(state: State, mtu: int) -> None:
    """Write the daemon's settings over the host's own: mirrors and proxies stay as they are."""
    system = Path("/etc/docker/daemon.json")
    settings = json.loads(system.read_text() or "{}") if system.exists() else {}
    settings |= {
        "data-root": str(state.data / "docker"),
        "exec-root": str(state.run / "exec"),
        "pidfile": str(state.pid_file),
        "hosts": [state.url],
        "containerd-namespace": state.bridge,
        "containerd-plugins-namespace": f"{state.bridge}-plugins",
        "bridge": state.bridge,
        "mtu": mtu,
        # Its rules would replace those of another daemon; ours are the fence.
        "iptables": False,
    }
    state.settings.write_text(json.dumps(settings, indent=2), encoding="utf-8")


def _spawn(state: State, program: str) -> int:
    """Start the daemon in a session of its own, out of reach of this terminal's Ctrl-C."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        program,
        [program, "--config-file", str(state.settings)],
        environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(state.log), flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _wait(state: State, pid: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(state):
        ended = not _runs(pid)
        if ended or time.monotonic() > deadline:
            what = "ended" if ended else f"did not answer within {START_SECONDS:.0f} s"
            said = last_lines(state.log.read_text(errors="replace"))
            raise EngineError(f"the private dockerd {what}; the end of {state.log}:{said}")
        time.sleep(0.1)


def _stop(state: State) -> None:
    """End the daemon and what it started; take its bridge, rules and leftovers away."""
    for process in (_containerd, _daemon):  # what is frozen hears no other signal
        pid = process(state)
        if pid is not None:
            os.kill(pid, signal.SIGCONT)
    for process in (_daemon, _containerd):
        pid = process(state)
        if pid is not None:
            _end(pid)
    _end_shims(state)
    _forget(state)
    for leftover in (state.kept, state.settings):
        leftover.unlink(missing_ok=True)
    for folder in (state.run / "exec", state.data / "docker"):
        unmount_below(folder)
    shutil.rmtree(state.run / "exec", ignore_errors=True)


def _forget(state: State) -> None:
    """Take away what a daemon that was killed left in the way of the next one."""
    if _daemon(state) is None:
        state.pid_file.unlink(missing_ok=True)
        state.socket.unlink(missing_ok=True)
        _remove_bridges(state)
    if _containerd(state) is None:
        (state.run / "exec/containerd/containerd.pid").unlink(missing_ok=True)


def _end(pid: int) -> None:
    for deadly, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        with suppress(ProcessLookupError):
            os.kill(pid, deadly)
        if _until(lambda: not _runs(pid), seconds=seconds):
            return
    raise EngineError(f"the private engine's process {pid} does not end, not even when killed")


def _until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def _runs(pid: int) -> bool:
    # A daemon that this process started is its child, and stays a zombie until it is asked for;
    # one that another run started may be that run's zombie.
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _daemon(state: State) -> int | None:
    return _process(state.pid_file, named=str(state.settings))


def _containerd(state: State) -> int | None:
    folder = state.run / "exec/containerd"
    return _process(folder / "containerd.pid", named=str(folder))


def _process(pid_file: Path, *, named: str) -> int | None:
    """Return a pid file's process, `None` where it is dead or the number is another's by now."""
    try:
        pid = int(pid_file.read_text())
        return pid if named.encode() in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None


def _end_shims(state: State) -> None:
    """End the containers of a daemon that was killed: each has a shim that outlives it."""
    shims = _strays(state)
    for pid in (*_children(shims), *shims):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _until(lambda: not _strays(state), seconds=STOP_SECONDS)


def _strays(state: State) -> set[int]:
    """Return the processes that only a daemon of this state starts."""
    mark = str(state.run / "exec").encode()
    strays = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if mark in (process / "cmdline").read_bytes():
                strays.add(int(process.name))
    return strays


def _children(parents: set[int]) -> set[int]:
    children = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) in parents:
                children.add(int(process.name))
    return children


def _raise_bridge(state: State) -> int:
    """Make the daemon's bridge with a free subnet and a way out; return the MTU of that way."""
    subnet = _free_subnet()
    run(["ip", "link", "add", state.bridge, "type", "bridge"])
    run(["ip", "address", "add", f"{subnet[1]}/{subnet.prefixlen}", "dev", state.bridge])
    run(["ip", "link", "set", state.bridge, "up"])
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    return _way_out_mtu()


def _remove_bridges(state: State) -> None:
    """Take the daemon's bridge away, those that its machines left, and the rules around them."""
    bridges = sorted(Path("/sys/class/net").glob(f"{state.bridge}*"))
    for bridge in bridges:
        run(["ip", "link", "delete", bridge.name])
    if can_fence():
        state.fence.lower()


def _free_subnet() -> ipaddress.IPv4Network:
    routes = json.loads(run(["ip", "-json", "-4", "route", "show", "table", "all"]))
    taken = [ipaddress.IPv4Network(r["dst"]) for r in routes if r["dst"][0].isdigit()]
    for subnet in ENGINES.subnets(new_prefix=24):
        if not any(subnet.overlaps(other) for other in taken):
            return subnet
    raise EngineError(f"no free subnet is left in {ENGINES} for the private engine's bridge")


def _way_out_mtu() -> int:
    routes = json.loads(run(["ip", "-json", "-4", "route", "show", "default"]))
    device = routes[0]["dev"] if routes else "lo"
    return min(1500, int(Path(f"/sys/class/net/{device}/mtu").read_text()))
