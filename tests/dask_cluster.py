"""A scheduler of Dask's and its workers, as processes of this host that end with a test."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READY = 120.0


class OwnCluster:
    """A scheduler, and the workers that are started one by one; each logs into a file."""

    def __init__(self, folder: Path, *security: str) -> None:
        """Describe it; `security` are options that scheduler and workers are given."""
        self.folder = folder
        self._security = security
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *words: str) -> "subprocess.Popen[bytes]":
        """Start one of Dask's programs; what it says goes to `NAME.log`."""
        argv = [sys.executable, "-m", *words, *self._security]
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                argv, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.processes.append(started)
        return started

    def scheduler(self) -> "subprocess.Popen[bytes]":
        """Start the scheduler, and wait for its address."""
        self.file.unlink(missing_ok=True)
        scheme = ("--protocol", "tls") if self._security else ()
        started = self.start(
            "scheduler",
            "distributed.cli.dask_scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"),
            *("--scheduler-file", str(self.file), *scheme),
        )
        waited_for(self.file.exists)
        return started

    def worker(self, name: str, *words: str) -> "subprocess.Popen[bytes]":
        """Start a worker that rehearses one document at a time."""
        return self.start(
            name,
            "distributed.cli.dask_worker",
            *("--scheduler-file", str(self.file), "--name", name, "--nthreads", "1"),
            *("--resources", "machine=1", "--local-directory", str(self.folder / name)),
            *("--memory-limit", "0", "--dashboard-address", "127.0.0.1:0", *words),
        )

    @property
    def address(self) -> str:
        """Return where the scheduler listens."""
        return str(json.loads(self.file.read_text("utf-8"))["address"])

    def logged(self, name: str) -> str:
        """Return what a process has said."""
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def end(self) -> None:
        """End all that was started, with what that has started."""
        for process in self.processes:
            with_group(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                with_group(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def own_cluster(folder: Path, *security: str) -> Iterator[OwnCluster]:
    """Yield a cluster whose scheduler runs, and that has no worker yet."""
    cluster = OwnCluster(folder, *security)
    try:
        cluster.scheduler()
        yield cluster
    finally:
        cluster.end()


def with_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that leads a group of its own, and to all of that group."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def waited_for(there: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + READY
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError("that did not come to be")
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, in whichever of its threads."""
    listed = ""
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            listed += thread.read_text("utf-8")
    return [int(each) for each in listed.split()]


def below(pid: int) -> list[int]:
    """Return a process and all that it has started, at any depth."""
    return [pid, *(each for child in children(pid) for each in below(child))]


def serving(nanny: int) -> int | None:
    """Return the process of a worker that its nanny watches, `None` where there is none yet."""
    for pid in children(nanny):
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None
