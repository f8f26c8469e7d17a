"""The container under a machine: made, looked at, removed; and the network that it is on."""

import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import docker
import docker.errors
from docker.models.containers import Container as DockerContainer
from docker.types import LogConfig
from docker.utils import parse_bytes

from freshrun.host import say
from freshrun.machine import network, orphans
from freshrun.machine.engine import PATIENCE, WORK, Engine, connected, refusals
from freshrun.machine.image import Image
from freshrun.machine.network import Network, reap_networks
from freshrun.model import MachineError, SilentEngineError

CAPABILITIES = (
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETUID",
    "SYS_CHROOT",
)
"""What sudo, apt and Debian's services need of root, and nothing else."""

ORDER = "/run/freshrun/order"
"""Where the machine's own shell finds what it is told to evaluate."""

_KEEPER = f"trap '. {ORDER}' USR1; exec 3<> <(:); while :; do read -r -u 3; done"
"""The machine's own shell: it waits, and evaluates what it is told to, without a new process."""

_HOSTNAME = "fresh"
_NETWORKS = ("full", "none")
_LATE = 2.0
_LAST_WORD = 8
"""Seconds that an engine has to remove a machine which it has already been silent about."""

_NO_QUOTA = re.compile("storage.opt", re.IGNORECASE)
_NO_LIMIT = "the machine's disk has no limit: the engine's storage can set none"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a machine may hold at a time; sizes are such as `2g`.

    `processes` counts threads, too. `disk` holds where the engine's storage can limit it.
    """

    memory: str = "2g"
    disk: str = "20g"
    processes: int = 4096


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a container is made of.

    `network` is `full` or `none`; with `allow_host` the full one leads to the services of the
    engine's host, too. `env` is the whole environment that is added to the image's own.
    """

    image: Image
    network: str = "full"
    allow_host: bool = False
    limits: Limits = LIMITS
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a network or a size that there is none of."""
        if self.network not in _NETWORKS:
            raise MachineError(f'network "{self.network}": it is {" or ".join(_NETWORKS)}')
        for name, size in (("memory", self.limits.memory), ("disk", self.limits.disk)):
            try:
                parse_bytes(size)
            except docker.errors.DockerException as fault:
                raise MachineError(f'{name} "{size}": it is a size such as 512m or 2g') from fault


class Container:
    """The container of one run.

    `id` is the engine's, empty until it is made; `since` is when it was started, in the engine's
    words; `resumed` is when it went on after `pause`, by this host's clock; `notes` are sentences
    on what could not be had.
    """

    def __init__(self, wanted: Wanted, *, engine: Engine) -> None:
        """Describe it; nothing is made yet."""
        self.id = ""
        self.since = ""
        self.resumed = 0.0
        self.notes: tuple[str, ...] = ()
        self.engine = engine
        self._wanted = wanted
        self._run = uuid.uuid4().hex[:12]
        self._network: Network | None = None
        self._client: docker.DockerClient | None = None
        self._silence: SilentEngineError | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it was made, and is not removed."""
        return self._client is not None

    @property
    def client(self) -> docker.DockerClient:
        """Return the engine's client; raises `MachineError` before `make` and after `remove`."""
        if self._client is None:
            raise MachineError("the machine is not open: use it in `with`")
        return self._client

    @property
    def api(self) -> docker.APIClient:
        """Return the engine's own interface."""
        return self.client.api

    @contextmanager
    def asked(self, doing: str) -> Iterator[None]:
        """Turn the client's errors into `MachineError`; after one silence nothing is asked again.

        Each question would cost its whole patience, and a run has many.
        """
        if self._silence is not None:
            raise self._silence
        try:
            with refusals(doing, error=MachineError):
                yield
        except SilentEngineError as silence:
            self._silence = silence
            raise

    def make(self) -> None:
        """Make and start it, its disk limited where the engine's storage has limits."""
        with self.asked("make the machine"):
            self._client = docker.DockerClient(base_url=self.engine.url, timeout=WORK)
            if self._wanted.network == "full":
                self._network = self._own_network()
            limits = self._started()
            self._network = self._network and network.found(self._network)
            self.notes = (*limits, *(self._network.notes if self._network else ()))
            self.api.timeout = PATIENCE
            self.since = str(self.api.inspect_container(self.id)["State"]["StartedAt"])

    def pause(self) -> None:
        """Freeze every program in it."""
        with self.asked("pause the machine"):
            self.api.pause(self.id)

    def resume(self) -> None:
        """Let the programs in it go on."""
        with self.asked("let the machine go on"):
            self.api.unpause(self.id)
        self.resumed = time.time()

    def remove(self, *, wait: float = 0) -> None:
        """Remove it, also when Ctrl-C comes twice; `wait` seconds for it to appear."""
        client, self._client = self._client, None
        if client is None:
            return
        client.api.timeout = _LAST_WORD if self._silence else PATIENCE
        left = f"remove the machine freshrun-{self._run} (the next run removes it)"
        try:
            with refusals(left, error=MachineError):
                self._remove_from(client.api, wait=wait)
        except KeyboardInterrupt:
            self._remove_from(client.api, wait=wait)
            raise
        finally:
            client.close()

    def remove_after(self, fault: BaseException) -> None:
        """Remove it after a fault, which stays the one that is raised."""
        # The request that Ctrl-C interrupted may still make it.
        unfinished = isinstance(fault, KeyboardInterrupt) and not self.id
        try:
            self.remove(wait=_LATE if unfinished else 0)
        except MachineError as left:
            say(str(left))

    def _own_network(self) -> Network:
        image = self.client.images.get(self._wanted.image.id).attrs["Config"].get("Env") or ()
        env = dict(variable.partition("=")[::2] for variable in image)
        return network.make(
            self.api,
            self.engine,
            run=self._run,
            allow_host=self._wanted.allow_host,
            env={**env, **self._wanted.env},
        )

    def _started(self) -> tuple[str, ...]:
        """Create and start it; return what of its limits could not be had."""
        try:
            self._start(storage={"size": self._wanted.limits.disk})
        except docker.errors.APIError as fault:
            if not _NO_QUOTA.search(str(fault.explanation)):
                raise
        else:
            return ()
        self._start(storage={})
        return (_NO_LIMIT,)

    def _start(self, *, storage: Mapping[str, str]) -> None:
        made = self._created(storage)
        self.id = str(made.id)
        made.start()

    def _created(self, storage: Mapping[str, str]) -> DockerContainer:
        """Create the container with its rights, its limits and its network."""
        limits = self._wanted.limits
        return self.client.containers.create(
            self._wanted.image.id,
            ["-c", _KEEPER],
            name=f"freshrun-{self._run}",
            entrypoint=["bash"],
            environment=dict(self._wanted.env),
            init=True,
            user="0",
            hostname=_HOSTNAME,
            labels={"freshrun": self._run, **orphans.labels()},
            network=self._network.id if self._network else "none",
            # Without a network the engine gives the name no address, and sudo looks for one.
            extra_hosts={} if self._network else {_HOSTNAME: "127.0.0.1"},
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            pids_limit=limits.processes,
            mem_limit=limits.memory,
            memswap_limit=limits.memory,
            storage_opt=dict(storage),
            log_config=LogConfig(type="none"),
            use_config_proxy=False,
        )

    def _remove_from(self, api: docker.APIClient, *, wait: float) -> None:
        deadline = time.monotonic() + wait
        label = f"freshrun={self._run}"
        while not (found := api.containers(all=True, filters={"label": label})):
            if time.monotonic() >= deadline:
                break
            time.sleep(0.1)
        for container in found:
            _remove_container(api, str(container["Id"]))
        if self._wanted.network == "full":
            network.unmake(api, self._network, run=self._run)


def reap(engine: Engine) -> tuple[str, ...]:
    """Remove the machines whose run was killed, and return the ids of their containers."""
    with refusals("remove machines of killed runs"), connected(engine) as client:
        found = client.api.containers(all=True, filters={"label": "freshrun"})
        dead = [
            str(c["Id"])
            for c in found
            if orphans.is_orphan(c["Labels"], running=c["State"] not in {"exited", "dead"})
        ]
        for container in dead:
            _remove_container(client.api, container)
        reap_networks(client.api)
    return tuple(dead)


def _remove_container(api: docker.APIClient, container: str) -> None:
    # Another run may be removing it at this moment.
    with suppress(docker.errors.NotFound):
        try:
            api.remove_container(container, force=True, v=True)
        except docker.errors.APIError as fault:
            if fault.status_code != HTTPStatus.CONFLICT:
                raise
