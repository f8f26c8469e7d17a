"""The container engine: found on this host, or started and stopped again."""

import hashlib
import json
import os
import queue
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import docker
import docker.errors
import requests

from freshrun.host import is_debian, is_root, progress, run
from freshrun.machine import daemon
from freshrun.machine.fence import Fence
from freshrun.model import EngineError, FreshrunError, MachineError, SilentEngineError

SOCKETS = (
    "/var/run/docker.sock",
    "{runtime}/docker.sock",
    "/run/podman/podman.sock",
    "{runtime}/podman/podman.sock",
)
"""Where engines answer that nobody points at; `runtime` is the user's XDG_RUNTIME_DIR."""

PATIENCE = 15
"""Seconds that an engine may take for an answer which costs it next to no work."""

WORK = 40
"""Seconds that it may take for what is work: to make a container, to take files, to remove."""

SILENCE = 30 * 60
"""Seconds after which a piece of work that says nothing is given up, though the engine answers."""

_GREETING = 5
_NOT_ALLOWED = (
    "this user may not open its socket: `sudo usermod -aG docker $USER`, then log in again"
)
_POLICY = "#!/bin/sh\n# Put here by freshrun while it installs an engine.\nexit 101\n"


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine that answers.

    `url` is what DOCKER_HOST would hold; `name` is `docker` or `podman`; `started` tells whether
    it is freshrun's own private daemon, and `fence` are the packet rules around its machines then.
    """

    url: str
    name: str
    version: str
    started: bool = False
    fence: Fence | None = None


@contextmanager
def open_engine(*, install: bool = False, keep: bool = False) -> Iterator[Engine]:
    """Yield the host's engine, or a private one that ends with its last user.

    In this order: DOCKER_HOST, the current context, the sockets of Docker and Podman, freshrun's
    private daemon. `install` lets root on Debian install it, `keep` leaves it running.
    Raises `EngineError` with the command to type where there is no engine.
    """
    search = _search()
    if search.engine is None and install and daemon.missing_packages():
        _install(daemon.missing_packages())
        search = _search()
    if search.engine is not None:
        yield search.engine
        return
    if daemon.missing_packages() or not is_root():
        raise EngineError(_advice(search.refusals))
    state = daemon.private_state()
    with daemon.private_daemon(state, keep=keep) as url:
        yield replace(_asked(url), started=True, fence=state.fence)


def stop_private() -> bool:
    """Stop the private daemon that an earlier run left or kept; tell whether one was running.

    Raises `EngineError` where another run is using it, and for anyone but root.
    """
    try:
        return daemon.stop_daemon(daemon.private_state())
    except PermissionError as fault:
        raise EngineError("only root may stop the private engine: use sudo") from fault


@contextmanager
def connected(engine: Engine, *, timeout: int = WORK) -> Iterator[docker.DockerClient]:
    """Yield a client of the engine that waits `timeout` seconds for an answer; close it after."""
    with refusals("say its version"):
        client = docker.DockerClient(base_url=engine.url, timeout=timeout)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def refusals(doing: str, *, error: type[FreshrunError] = EngineError) -> Iterator[None]:
    """Turn what the engine's client raises into `error`, with `doing` as what was tried."""
    try:
        yield
    except docker.errors.APIError as fault:
        raise error(f"the container engine could not {doing}: {fault.explanation}") from fault
    except (docker.errors.DockerException, requests.RequestException, OSError) as fault:
        if timed_out(fault):
            silent = SilentEngineError if issubclass(error, MachineError) else error
            raise silent(f"the container engine gave no answer when it should {doing}") from fault
        raise error(f"the container engine was lost while it should {doing}: {fault}") from fault


def timed_out(fault: BaseException) -> bool:
    """Tell whether what the engine's client raised is its waiting in vain."""
    # In the middle of an answer the client raises no timeout of its own.
    return isinstance(fault, (TimeoutError, requests.Timeout)) or "timed out" in str(fault)


def heard(
    events: Iterator[Mapping[str, str]], *, client: docker.DockerClient, doing: str
) -> Iterator[Mapping[str, str]]:
    """Yield the events of a long piece of work; `EngineError` where the engine froze at it.

    A step of it may be silent for as long as it works, so silence alone is no fault.
    """
    coming: queue.SimpleQueue[Mapping[str, str] | BaseException | None] = queue.SimpleQueue()

    def follow() -> None:
        try:
            for event in events:
                coming.put(event)
            coming.put(None)
        except Exception as fault:  # noqa: BLE001 - it is raised in the thread that asks
            coming.put(fault)

    threading.Thread(target=follow, daemon=True).start()
    deadline = time.monotonic() + SILENCE
    while (event := _next(coming, client, deadline=deadline, doing=doing)) is not None:
        if isinstance(event, BaseException):
            raise event
        deadline = time.monotonic() + SILENCE
        yield event


_Item = TypeVar("_Item")


def _next(
    coming: "queue.SimpleQueue[_Item]", client: docker.DockerClient, *, deadline: float, doing: str
) -> _Item:
    """Return what comes next, and ask for the engine's pulse while nothing does."""
    while True:
        with suppress(queue.Empty):
            return coming.get(timeout=PATIENCE)
        with refusals(doing):
            # The one question that every part of the engine has to answer.
            client.api.get(f"{client.api.base_url}/version", timeout=PATIENCE)
        if time.monotonic() > deadline:
            minutes = f"{SILENCE / 60:.0f} min"
            raise EngineError(f"the container engine was silent for {minutes} at this: {doing}")


def hijack(engine: Engine, path: str, *, body: bytes) -> socket.socket:
    """POST a JSON `body` and return the raw connection that the engine makes of it.

    The answer's head is taken off byte by byte: what the program printed at once is still there.
    Raises `OSError` where the engine refuses, `TimeoutError` where it is silent.
    """
    connection = _connection(engine.url, timeout=PATIENCE)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
        f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        connection.sendall(head.encode() + body)
        _check_head(connection)
        connection.settimeout(None)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_head(connection: socket.socket) -> None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            break
        head += byte
    status = head.partition(b"\r\n")[0].decode(errors="replace")
    if not status.startswith(("HTTP/1.1 101 ", "HTTP/1.1 200 ")):
        raise ConnectionError(status or "it closed the connection")


def _connection(url: str, *, timeout: float | None = None) -> socket.socket:
    scheme, _, address = url.partition("://")
    if scheme != "unix":
        host, _, port = address.rstrip("/").rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(timeout)
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


@dataclass(frozen=True, slots=True)
class _Search:
    """The engine that was found, or why nothing that could be one is."""

    engine: Engine | None
    refusals: tuple[str, ...] = ()


def _search() -> _Search:
    url = os.environ.get("DOCKER_HOST")
    if url:
        try:
            return _Search(_asked(url))
        except EngineError as fault:
            raise EngineError(f"DOCKER_HOST is {url}: {fault}; mend or unset it") from fault
    refusals = []
    for candidate in _candidates():
        try:
            return _Search(_asked(candidate))
        except EngineError as fault:
            refusals.append(f"{candidate}: {fault}")
    return _Search(None, tuple(refusals))


def _candidates() -> Iterator[str]:
    """Yield the URLs of the current context and of the usual sockets that exist."""
    context = _context_url()
    if context:
        yield context
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.geteuid()}")
    for pattern in SOCKETS:
        path = pattern.format(runtime=runtime)
        if Path(path).is_socket():
            yield f"unix://{path}"


def _context_url() -> str | None:
    """Return the URL of Docker's current context, `None` for its default one."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        name = os.environ.get("DOCKER_CONTEXT") or str(config["currentContext"])
        digest = hashlib.sha256(name.encode()).hexdigest()
        meta = folder / "contexts/meta" / digest / "meta.json"
        return str(json.loads(meta.read_text(encoding="utf-8"))["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError):
        return None


def _asked(url: str) -> Engine:
    """Return the engine at `url`; raises `EngineError` with the reason where there is none."""
    _check_scheme(url)
    try:
        # The client leaves its socket open where it can't connect.
        _connection(url, timeout=_GREETING).close()
        with connected(Engine(url, "", ""), timeout=_GREETING) as client:
            answer = client.version()
    except PermissionError as fault:
        raise EngineError(_NOT_ALLOWED) from fault
    except (FileNotFoundError, ConnectionRefusedError) as fault:
        raise EngineError("nothing answers there") from fault
    except (OSError, ValueError, docker.errors.DockerException, EngineError) as fault:
        raise EngineError(f"no container engine answers there: {fault}") from fault
    components = " ".join(str(c["Name"]) for c in answer.get("Components", ()))
    name = "podman" if "podman" in components.lower() else "docker"
    return Engine(url, name, str(answer["Version"]))


def _check_scheme(url: str) -> None:
    scheme, _, host = url.partition("://")
    if scheme == "ssh":
        forward = f"ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock {host}"
        raise EngineError(
            f"an engine over ssh needs its socket here: `{forward}` in another terminal, then "
            "`export DOCKER_HOST=unix:///tmp/docker.sock`"
        )
    if scheme not in {"unix", "tcp", "http"} or os.environ.get("DOCKER_TLS_VERIFY"):
        raise EngineError("only unix://PATH and tcp://HOST:PORT without TLS are supported")


def _advice(refused: tuple[str, ...] = ()) -> str:
    """Return the one message for a host without an engine: what to type."""
    if refused:
        return f"no container engine answers: {'; '.join(refused)}"
    if daemon.dockerd() is not None and not is_root():
        return (
            "no container engine runs here, and only root may start the one that is installed: "
            "`sudo systemctl start docker`"
        )
    if not is_debian():
        return (
            "no container engine was found; install Docker or Podman "
            "(https://docs.docker.com/engine/install), or point DOCKER_HOST at one"
        )
    if is_root():
        return (
            "no container engine was found: add --install-engine to let freshrun install one, "
            f"or type `apt-get install {' '.join(daemon.missing_packages())}`"
        )
    return (
        "no container engine was found: `sudo apt-get install docker.io && "
        "sudo usermod -aG docker $USER`, then log in again"
    )


def _install(packages: tuple[str, ...]) -> None:
    """Install Debian's engine without starting its services: the private daemon is the one."""
    if not (is_root() and is_debian()):
        raise EngineError(_advice())
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with progress(f"installing {', '.join(packages)} with apt-get"), _services_held():
        run(["apt-get", "update", "-q"], env=quiet)
        run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=quiet)


@contextmanager
def _services_held() -> Iterator[None]:
    """Keep packages from starting their services, the way that Debian's policy provides for."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists() and policy.read_text(encoding="utf-8") != _POLICY:
        yield  # This host has a policy of its own.
        return
    policy.write_text(_POLICY, encoding="utf-8")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()
