"""Units rehearsed at the same time, each in a process of its own that ends with it.

A process is a copy of this one, so that it has nothing to load and leaves nothing behind: memory
does not grow with the number of documents, and one that is killed takes no other with it.
"""

import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import IO

from freshrun.fleet.unit import Begun, Unit
from freshrun.host import SIGNALS, interruptible, interruption, shielded
from freshrun.model import Record, from_json, to_json

PATIENCE = 120.0
"""Seconds that a process has to remove its machine and end, once it was asked to."""

_BEAT = 1.0
_FORK = get_context("fork")


@dataclass(frozen=True, slots=True)
class Ended:
    """A unit, and the record of its run; `lost` where its process left none behind."""

    unit: Unit
    record: Record
    lost: bool = False


Rehearse = Callable[[Begun], Record]
"""What rehearses a unit; a document that can't be read is in the record, too."""

Tell = Callable[[Ended], None]


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process that rehearses one unit; `said` is the file that its own words go into."""

    begun: Begun
    process: ForkProcess
    answers: "Connection[object, object]"
    said: IO[bytes]


def rehearse_all(plan: Sequence[Begun], rehearse: Rehearse, *, workers: int, tell: Tell) -> None:
    """Rehearse units, so many `workers` at a time; `tell` is given each as it ends.

    No record is kept here. After a signal nothing more is begun, each process is asked to
    end, and what it leaves is waited for: then no machine of theirs is left.
    """
    waiting, live = deque(plan), list[_Worker]()
    try:
        while waiting or live:
            while waiting and len(live) < workers:
                with _deaf():
                    live.append(_started(waiting.popleft(), rehearse))
            for worker in _ready(live):
                with shielded():
                    live.remove(worker)
                    tell(_ended(worker))
    except KeyboardInterrupt as asked:
        with shielded():
            _ask_to_end(live, str(asked))
            for one in (*map(_ended, live), *map(_called_off, waiting)):
                tell(one)


@contextmanager
def _deaf() -> Iterator[None]:
    """Let signals wait: no process is begun that is not among those which are asked to end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _started(begun: Begun, rehearse: Rehearse) -> _Worker:
    answers, answer = _FORK.Pipe(duplex=False)
    said = tempfile.TemporaryFile()  # noqa: SIM115 - it is open as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    process = _FORK.Process(
        target=_work, args=(begun, rehearse, answer, said.fileno(), os.getpid())
    )
    process.start()
    answer.close()
    return _Worker(begun, process, answers, said)


def _work(
    begun: Begun, rehearse: Rehearse, answer: "Connection[object, object]", said: int, parent: int
) -> None:
    """Rehearse one unit, in the new process; what it prints is looked at where it fails."""
    # Out of reach of the terminal's Ctrl-C: it would come beside the signal of the parent.
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    for stream in (1, 2):
        os.dup2(said, stream)
    # The parent tells GitHub of all of them, in order.
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    threading.Thread(target=follow, args=(parent,), daemon=True).start()
    with interruptible():
        record = rehearse(begun)
    answer.send_bytes(to_json(record).encode())


def follow(parent: int) -> None:
    """End with the process that waits for a record: without it nobody would end this one."""
    while os.getppid() == parent:
        time.sleep(_BEAT)
    os.kill(os.getpid(), signal.SIGTERM)


def _ready(live: Sequence[_Worker]) -> list[_Worker]:
    """Return the processes that have sent their record, or died."""
    ready = wait([one.answers for one in live])
    return [one for one in live if one.answers in ready]


def _ended(worker: _Worker) -> Ended:
    """Take the record of a process that has sent it, or has died."""
    begun = worker.begun
    with worker.answers, worker.said:
        try:
            record = from_json(worker.answers.recv_bytes().decode(), source=begun.unit.name)
        except (EOFError, OSError):
            worker.process.join()
            return Ended(begun.unit, begun.word.refused(_death(worker)), lost=True)
        worker.process.join(PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
    return Ended(begun.unit, record)


def _death(worker: _Worker) -> str:
    """Return why a process left no record."""
    code = worker.process.exitcode or 0
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    worker.said.seek(0)
    lines = worker.said.read().decode(errors="replace").strip().splitlines()
    return f"its process ended with {code} and left no record{f': {lines[-1]}' if lines else ''}"


def _ask_to_end(live: Sequence[_Worker], name: str) -> None:
    """Hand a signal on, and see to it that each process has ended."""
    number = getattr(signal, name, signal.SIGTERM)
    for worker in live:
        if worker.process.pid and worker.process.is_alive():
            os.kill(worker.process.pid, number)
    deadline = time.monotonic() + PATIENCE
    for worker in live:
        # A record may be longer than the pipe: it is waited for, and not the process's end.
        if not worker.answers.poll(max(0.0, deadline - time.monotonic())):
            worker.process.kill()


def _called_off(begun: Begun) -> Ended:
    return Ended(begun.unit, begun.word.refused(interruption()), lost=True)
