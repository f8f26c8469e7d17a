"""The fresh container that a runbook is typed into: made, used and removed."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self

import docker.errors
import requests

from freshrun.host import SHELF, Ids, Repository, checkout, moved, pack
from freshrun.machine.accounts import Account, Accounts
from freshrun.machine.attached import Attached, Completed
from freshrun.machine.container import LIMITS, ORDER, Container, Limits, Wanted
from freshrun.machine.disk import Disk
from freshrun.machine.disturbance import FREE, away, full, paused
from freshrun.machine.engine import PATIENCE, Engine, hijack
from freshrun.machine.image import Image
from freshrun.model import MachineError

NEWCOMER = "newcomer"
"""Who reads a runbook, where an image has that user."""


_EXPIRY = 0.1
"""Seconds that programs have to notice, once they go on, that their time is over."""


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
        self.repository = repository
        self.user = ""
        self.home = ""
        self._asked_user = user
        self._limits = limits
        wanted = Wanted(image, network, allow_host, limits=limits, env=dict(env or {}))
        self._container = Container(wanted, engine=engine)
        self._accounts = Accounts(lambda: self.read("/etc/passwd") or b"")

    def __enter__(self) -> Self:
        """Make and start the container, with the repository on its shelf."""
        try:
            self._open()
        except BaseException as fault:
            self._container.remove_after(fault)
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
            self._container.remove_after(fault)
        else:
            self._container.remove()

    @property
    def id(self) -> str:
        """Return the engine's id of the container, empty before `with`."""
        return self._container.id

    @property
    def notes(self) -> tuple[str, ...]:
        """Return sentences on what could not be had."""
        return self._container.notes

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
            with self._container.asked(f"run {argv[0]} in the machine"):
                stdout, stderr = attached.exchange(stdin)
            while (code := attached.exit_code()) is None:
                if gone := self.away():
                    raise MachineError(f"{gone} while {argv[0]} ran in it")
                time.sleep(0.01)
        return Completed(code, stdout, stderr)

    def start(
        self, argv: Sequence[str], *, user: str | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Start a program and leave it running, its output discarded, until the machine ends."""
        with self._container.asked(f"start {argv[0]} in the machine"):
            made = self._container.api.exec_create(
                self.id,
                list(argv),
                stdout=False,
                stderr=False,
                user=user or self.user,
                environment=dict(env or {}),
                workdir=self.home,
            )
            self._container.api.exec_start(made["Id"], detach=True)

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
        with self._container.asked(f"start {argv[0]} in the machine"):
            made = self._container.api.exec_create(
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
            connection = hijack(self._container.engine, f"/exec/{exec_id}/start", body=body)
        began = time.monotonic()
        return Attached(
            connection, exit_code=partial(self._exit_code, exec_id, began), pulse=self.pulse
        )

    def evaluate(self, script: str) -> None:
        """Let the machine's own shell, which is root's, evaluate a script soon.

        No new process is needed for that: it works in a machine that can have none any more.
        """
        self.write(ORDER, script.encode(), user="root")
        with self._container.asked("send a signal to the machine"):
            self._container.api.kill(self.id, signal="USR1")

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
        return away(self._container)

    def disturbed(self, seconds: float) -> str:
        """Return what the engine or its host did to the machine in the last `seconds`, in words.

        A command can't be judged by what it gave meanwhile. Nothing where all was well.
        """
        container = self._container
        return away(container) or paused(container, seconds=seconds) or self._full()

    def pause(self) -> None:
        """Freeze every program in it, until `resume`; nothing may be asked of it meanwhile."""
        self._container.pause()

    def resume(self) -> tuple[str, ...]:
        """Let its programs go on; return those that ended as soon as they could, by their names.

        What waited for a time, such as `sleep`, finds that over.
        """
        before = self._programs()
        self._container.resume()
        if not before:
            return ()
        time.sleep(_EXPIRY)
        after = self._programs()
        return tuple(sorted(name for pid, name in before.items() if pid not in after))

    def pulse(self) -> None:
        """Raise `SilentEngineError` where the engine, or what holds the machine, is frozen."""
        # The one question that goes through every part of the engine and starts nothing. Podman
        # asks a `ps` of the image: where there is none it answers with nothing.
        with (
            self._container.asked("look at the machine's programs"),
            suppress(docker.errors.APIError, requests.JSONDecodeError),
        ):
            self._container.api.top(self.id)

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

    def _programs(self) -> Mapping[str, str]:
        """Return the names of the programs in it by their process ids, as its host sees them."""
        with self._container.asked("look at the machine's programs"):
            found = self._container.api.top(self.id, "-eo pid,stat,comm")["Processes"]
        return {pid: name for pid, state, name, *_ in found or () if not state.startswith("Z")}

    @property
    def _disk(self) -> Disk:
        return Disk(self._container.api, self.id)

    def _full(self) -> str:
        free = self.run(FREE, user=self.user, cwd="/").stdout
        return full(self._container, free=free, limit=self._limits.disk)

    def _open(self) -> None:
        self._container.make()
        self.user = self._asked_user or self._usual_user()
        self.home = self._home()
        if self.repository is not None:
            self._deliver(self.repository)

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
        with self._container.asked("look at a program in the machine"):
            state = self._container.api.exec_inspect(exec_id)
            if state["Running"] and not state["Pid"] and time.monotonic() - began > PATIENCE:
                raise TimeoutError("timed out")
        if state["Running"]:
            return None
        if state["ExitCode"] is None:
            raise MachineError("the machine ended while a program ran in it")
        return int(state["ExitCode"])

    def _usual_user(self) -> str:
        account = self._accounts.named(NEWCOMER)
        return account.name if account else self.image.user.partition(":")[0]

    def _home(self) -> str:
        home = self._account(self.user).home
        return home if self.exists(home) else "/"

    def _account(self, user: str) -> Account:
        if account := self._accounts.named(user):
            return account
        if user.isdigit():
            return Account(user, Ids(int(user)), home="/")
        known = ", ".join(self._accounts.names())
        raise MachineError(f'the image {self.image.name} has no user "{user}"; it has {known}')
