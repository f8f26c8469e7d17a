"""The fresh container that a runbook is typed into: made, used and removed."""

import os
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self, cast

import docker
import docker.errors
from docker.types import LogConfig
from docker.utils import parse_bytes
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from freshrun.host import SHELF, Ids, Repository, checkout, moved, pack, say
from freshrun.machine import network, orphans
from freshrun.machine.accounts import Account, accounts
from freshrun.machine.attached import Attached, Completed
from freshrun.machine.disk import Disk
from freshrun.machine.engine import PATIENCE, WORK, Engine, connected, hijack, refusals
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

NEWCOMER = "newcomer"
"""Who reads a runbook, where an image has that user."""

_ORDER = "/run/freshrun/order"
_KEEPER = f"trap '. {_ORDER}' USR1; exec 3<> <(:); while :; do read -r -u 3; done"
"""The machine's own shell: it waits, and evaluates what it is told to, without a new process."""

_HOSTNAME = "fresh"
_ENDED = "the machine was stopped or removed"
_NETWORKS = ("full", "none")
_LATE = 2.0
_LAST_WORD = 8
"""Seconds that an engine has to remove a machine which it has already been silent about."""

_MEBIBYTE = 1 << 20
_NEARLY = 0.9
_NO_QUOTA = re.compile("storage.opt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a machine may hold at a time; sizes are such as `2g`.

    `processes` counts threads, too. `disk` holds where the engine's storage can limit it.
    """

    memory: str = "2g"
    disk: str = "20g"
    processes: int = 4096


LIMITS = Limits()


class Machine:
    """A fresh container, from `with` to the end of it.

    `user` is whom programs run as: the one that was asked for, else `newcomer` where the image
    has one, else the image's own; `home` is that user's directory; `id` is the container's. The
    three are empty before `with`. `notes` are sentences on what could not be had.
    Every method raises `MachineError` where the engine fails or the machine is gone.
    """

    def __init__(  # noqa: PLR0913 - each is one visible option of a rehearsal
        self,
        image: Image,
        *,
        engine: Engine,
        user: str | None = None,
        network: str = "full",
        allow_host: bool = False,
        limits: Limits = LIMITS,
        env: Mapping[str, str] | None = None,
        repository: Repository | None = None,
    ) -> None:
        """Describe the machine; nothing is made before `with`.

        `network` is `full` or `none`; with `allow_host` the full one leads to the services of the
        engine's host, too. `env` is the whole environment that is added to the image's own.
        """
        self.image = image
        self.user = ""
        self.repository = repository
        self.home = ""
        self.id = ""
        self.notes: tuple[str, ...] = ()
        _check(network, memory=limits.memory, disk=limits.disk)
        self._asked_user = user
        self._engine = engine
        self._run = uuid.uuid4().hex[:12]
        self._has_network = network == "full"
        self._allow_host = allow_host
        self._network: Network | None = None
        self._since = ""
        self._silence: SilentEngineError | None = None
        self._limits = limits
        self._env = dict(env or {})
        self._known: list[Account] = []
        self._container: DockerContainer | None = None

    def __enter__(self) -> Self:
        """Make and start the container, with the repository on its shelf."""
        try:
            self._open()
        except KeyboardInterrupt:
            # The request that it interrupted may still make the container.
            self._remove_after(wait=0 if self.id else _LATE)
            raise
        except BaseException:
            self._remove_after()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the container, whatever happened in it."""
        if fault:
            self._remove_after()
        else:
            self._remove()

    def run(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        stdin: bytes = b"",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a program beside the rehearsal, to its end; `cwd` is `home` unless given."""
        with self.attach(argv, user=user, cwd=cwd, env=env) as attached:
            with self._asked(f"run {argv[0]} in the machine"):
                stdout, stderr = attached.exchange(stdin)
            while (code := attached.exit_code()) is None:
                if away := self.away():
                    raise MachineError(f"{away} while {argv[0]} ran in it")
                time.sleep(0.01)
        return Completed(code, stdout, stderr)

    def start(
        self, argv: Sequence[str], *, user: str | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Start a program and leave it running, its output discarded, until the machine ends."""
        with self._asked(f"start {argv[0]} in the machine"):
            made = self._api.exec_create(
                self.id,
                list(argv),
                stdout=False,
                stderr=False,
                user=user or self.user,
                environment=dict(env or {}),
                workdir=self.home,
            )
            self._api.exec_start(made["Id"], detach=True)

    def attach(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        tty: bool = False,
    ) -> Attached:
        """Start a program whose streams the caller holds; `cwd` is `home` unless given.

        With `tty` all three are one terminal, whose bytes come and go without frames.
        """
        with self._asked(f"start {argv[0]} in the machine"):
            made = self._api.exec_create(
                self.id,
                list(argv),
                stdin=True,
                tty=tty,
                user=user or self.user,
                environment=dict(env or {}),
                workdir=cwd or self.home,
            )
            exec_id = str(made["Id"])
            body = b'{"Tty":true}' if tty else b'{"Tty":false}'
            connection = hijack(self._engine, f"/exec/{exec_id}/start", body=body)
        began = time.monotonic()
        return Attached(
            connection, exit_code=partial(self._exit_code, exec_id, began), pulse=self.pulse
        )

    def evaluate(self, script: str) -> None:
        """Let the machine's own shell, which is root's, evaluate a script soon.

        No new process is needed for that: it works in a machine that can have none any more.
        """
        self.write(_ORDER, script.encode(), user="root")
        with self._asked("send a signal to the machine"):
            self._api.kill(self.id, signal="USR1")

    def write(self, path: str, data: bytes, *, mode: int = 0o644, user: str | None = None) -> None:
        """Put a file in, with the directories above it; they are `user`'s (`Machine.user`'s)."""
        target = PurePosixPath(path)
        self.write_tree({target.name: data}, folder=str(target.parent), mode=mode, user=user)

    def write_tree(
        self, files: Mapping[str, bytes], *, folder: str, mode: int = 0o644, user: str | None = None
    ) -> None:
        """Put files in, by their path relative to `folder`; they are `user`'s."""
        targets = {str(PurePosixPath(folder, name)): data for name, data in files.items()}
        above = self._disk.missing([folder, *(str(PurePosixPath(t).parent) for t in targets)])
        account = self._account(user or self.user)
        self._disk.put(pack(targets, folders=above, ids=account.ids, mode=mode))

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, `None` where there is no such file."""
        return self._disk.read(path)

    def tree(self, folder: str) -> Mapping[str, bytes]:
        """Return the regular files below `folder` by relative path; none where it is missing."""
        return self._disk.tree(folder)

    def exists(self, path: str) -> bool:
        """Tell whether a file or directory of that name is in the machine."""
        return self._disk.exists(path)

    def alive(self) -> bool:
        """Tell whether the container still runs; false where the engine is gone as well."""
        return not self.away()

    def away(self) -> str:
        """Return what happened to the machine from outside, in words; nothing while it runs on."""
        try:
            with self._asked("look at the machine"):
                state = self._api.inspect_container(self.id)["State"]
        except SilentEngineError as silence:
            return str(silence)
        except MachineError as fault:
            gone = isinstance(fault.__cause__, docker.errors.NotFound) or not self._container
            return _ENDED if gone else "the container engine was lost"
        if not state["Running"]:
            return _ENDED
        if state.get("Paused"):
            return "the machine was paused"
        return "the machine was restarted" if state["StartedAt"] != self._since else ""

    def disturbed(self, seconds: float) -> str:
        """Return what the engine or its host did to the machine in the last `seconds`, in words.

        A command can't be judged by what it gave meanwhile. Nothing where all was well.
        """
        return self.away() or self._paused(seconds) or self._full()

    def pulse(self) -> None:
        """Raise `SilentEngineError` where the engine, or what holds the machine, is frozen."""
        # The one question that goes through every part of the engine and starts nothing.
        with self._asked("look at the machine's programs"), suppress(docker.errors.APIError):
            self._api.top(self.id)

    def clone_to(self, path: str) -> None:
        """Make `path` (from `home`) a checkout of the machine's repository, the user's own.

        Where the image has no git, the files alone are put there.
        """
        repository = self.repository
        if repository is None:
            raise MachineError("the machine was given no repository that could be checked out")
        if self.run(["git", "--version"]).exit_code == 0:
            self._git("clone", "--quiet", f"file://{repository.path}", path)
            if repository.url:
                self._git("-C", path, "remote", "set-url", "origin", repository.url)
            return
        folder = str(PurePosixPath(self.home, path))
        self._disk.put(moved(checkout(repository), folder, ids=self._account(self.user).ids))

    @property
    def _disk(self) -> Disk:
        return Disk(self._api, self.id)

    @contextmanager
    def _asked(self, doing: str) -> Iterator[None]:
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

    def _paused(self, seconds: float) -> str:
        now = time.time()
        # With its fraction, for the engine waits for a moment that has not come yet; the client's
        # stubs know whole seconds alone.
        since, until = (cast("int", f"{each:.6f}") for each in (now - seconds - 1, now))
        with self._asked("say what happened to the machine"):
            events = self._api.events(
                since=since,
                until=until,
                filters={"container": self.id, "event": ["pause", "unpause"]},
                decode=True,
            )
            return "the machine was paused for a time" if any(True for _ in events) else ""

    def _full(self) -> str:
        """Tell that the engine's disk is full, unless the machine itself holds too much on it."""
        probe = ("timeout", "--signal=KILL", "10", "stat", "-f", "-c", "%a %S %d %c", "/")
        shown = self.run(probe, user=self.user, cwd="/").stdout.split()
        if len(shown) < len(probe[-2].split()):
            return ""
        blocks, size, free_nodes, nodes = map(int, shown)
        if blocks * size >= _MEBIBYTE and (free_nodes or not nodes):
            return ""
        with self._asked("measure the machine"):
            (found,) = self._api.containers(all=True, size=True, filters={"id": self.id})
            place = self._client.info()["DockerRootDir"]
        own = found.get("SizeRw", 0) >= _NEARLY * parse_bytes(self._limits.disk)
        return "" if own else f"the container engine's disk is full ({place} on its host)"

    @property
    def _api(self) -> docker.APIClient:
        return self._client.api

    @property
    def _client(self) -> docker.DockerClient:
        if self._container is None:
            raise MachineError("the machine is not open: use it in `with`")
        return self._container.get_docker_client().client

    def _open(self) -> None:
        with self._asked("make the machine"):
            self.id = self._start().get_container_id()
            self._api.timeout = PATIENCE
            self._since = str(self._api.inspect_container(self.id)["State"]["StartedAt"])
        self.user = self._asked_user or self._usual_user()
        self.home = self._home()
        if self.repository is not None:
            self._deliver(self.repository)

    def _start(self) -> DockerContainer:
        """Start the container, its disk limited where the engine's storage has limits."""
        container = self._container = self._described()
        if self._has_network:
            self._network = self._own_network()
            self.notes = self._network.notes
        try:
            self._furnished(container, storage={"size": self._limits.disk}).start()
        except docker.errors.APIError as fault:
            if not _NO_QUOTA.search(str(fault.explanation)):
                raise
            told = "the machine's disk has no limit: the engine's storage can set none"
            self.notes = (told, *self.notes)
            self._furnished(container, storage={}).start()
        return container

    def _own_network(self) -> Network:
        image = self._client.images.get(self.image.id).attrs["Config"].get("Env") or ()
        env = dict(variable.partition("=")[::2] for variable in image)
        return network.make(
            self._api,
            self._engine,
            run=self._run,
            allow_host=self._allow_host,
            env={**env, **self._env},
        )

    def _described(self) -> DockerContainer:
        # The reaper needs an image of its own and the engine's socket inside a container; `reap`
        # does the same from labels.
        testcontainers_config.ryuk_disabled = True
        testcontainers_config.hub_image_name_prefix = ""
        with _docker_host_kept():
            container = DockerContainer(
                self.image.id,
                docker_client_kw={
                    "environment": {"DOCKER_HOST": self._engine.url},
                    "timeout": WORK,
                },
            )
        container.with_name(f"freshrun-{self._run}").with_envs(**self._env)
        return container.with_command(["-c", _KEEPER])

    def _furnished(
        self, container: DockerContainer, *, storage: Mapping[str, str]
    ) -> DockerContainer:
        """Return the container with its rights, its limits and its network."""
        return container.with_kwargs(
            entrypoint=["bash"],
            init=True,
            user="0",
            hostname=_HOSTNAME,
            labels={"freshrun": self._run, **orphans.labels()},
            network=self._network.id if self._network else "none",
            # Without a network the engine gives the name no address, and sudo looks for one.
            extra_hosts={} if self._network else {_HOSTNAME: "127.0.0.1"},
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            pids_limit=self._limits.processes,
            mem_limit=self._limits.memory,
            memswap_limit=self._limits.memory,
            storage_opt=dict(storage),
            log_config=LogConfig(type="none"),
            use_config_proxy=False,
        )

    def _remove_after(self, *, wait: float = 0) -> None:
        """Remove the container after a fault, which stays the one that is raised."""
        try:
            self._remove(wait=wait)
        except MachineError as left:
            say(str(left))

    def _remove(self, *, wait: float = 0) -> None:
        """Remove the container, also when Ctrl-C comes twice; `wait` seconds for it to appear."""
        container, self._container = self._container, None
        if container is None:
            return
        client = container.get_docker_client().client
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

    def _remove_from(self, api: docker.APIClient, *, wait: float) -> None:
        deadline = time.monotonic() + wait
        label = f"freshrun={self._run}"
        while not (found := api.containers(all=True, filters={"label": label})):
            if time.monotonic() >= deadline:
                break
            time.sleep(0.1)
        for container in found:
            _remove_container(api, str(container["Id"]))
        if self._has_network:
            network.unmake(api, self._network, run=self._run)

    def _deliver(self, repository: Repository) -> None:
        self._disk.put(repository.archive)
        include = f"[include]\n\tpath = {SHELF}/gitconfig\n".encode()
        self.write("/etc/gitconfig", (self.read("/etc/gitconfig") or b"") + include, user="root")

    def _git(self, *arguments: str) -> None:
        done = self.run(["git", *arguments])
        if done.exit_code:
            said = done.stderr.decode(errors="replace").strip()
            raise MachineError(f"git {arguments[0]} failed in the machine: {said}")

    def _exit_code(self, exec_id: str, began: float) -> int | None:
        with self._asked("look at a program in the machine"):
            state = self._api.exec_inspect(exec_id)
            if state["Running"] and not state["Pid"] and time.monotonic() - began > PATIENCE:
                raise TimeoutError("timed out")
        if state["Running"]:
            return None
        if state["ExitCode"] is None:
            raise MachineError("the machine ended while a program ran in it")
        return int(state["ExitCode"])

    def _usual_user(self) -> str:
        self._known = accounts(self.read("/etc/passwd") or b"")
        names = {account.name for account in self._known}
        return NEWCOMER if NEWCOMER in names else self.image.user.partition(":")[0]

    def _home(self) -> str:
        home = self._account(self.user).home
        return home if self.exists(home) else "/"

    def _account(self, user: str) -> "Account":
        if not any(account.answers_to(user) for account in self._known):
            self._known = accounts(self.read("/etc/passwd") or b"")  # a document can make new ones
        for account in self._known:
            if account.answers_to(user):
                return account
        if user.isdigit():
            return Account(user, Ids(int(user)), home="/")
        known = ", ".join(account.name for account in self._known)
        raise MachineError(f'the image {self.image.name} has no user "{user}"; it has {known}')


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


def _check(wanted: str, **sizes: str) -> None:
    if wanted not in _NETWORKS:
        raise MachineError(f'network "{wanted}": it is {" or ".join(_NETWORKS)}')
    for name, size in sizes.items():
        try:
            parse_bytes(size)
        except docker.errors.DockerException as fault:
            raise MachineError(f'{name} "{size}": it is a size such as 512m or 2g') from fault


@contextmanager
def _docker_host_kept() -> Iterator[None]:
    """Undo that testcontainers writes its own idea of DOCKER_HOST into this process."""
    before = os.environ.get("DOCKER_HOST")
    try:
        yield
    finally:
        os.environ.pop("DOCKER_HOST", None)
        if before is not None:
            os.environ["DOCKER_HOST"] = before
