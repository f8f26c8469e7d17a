"""What a worker of Dask does for a caller: the functions that the caller's tasks are.

Each rehearsal is done by a process beside the worker (`hand`), which is kept for the next one.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing.connection import Connection

from distributed import Worker, get_worker

from freshrun.fleet import shelf
from freshrun.fleet.errand import Answer, Errand, Greeting, PinImage
from freshrun.host import Bundle
from freshrun.model import FreshrunError, to_json

RESOURCE = "machine"
"""The resource of Dask's of which a worker has as many as it rehearses at a time."""

_BEAT = 0.5


@dataclass(frozen=True, slots=True)
class _Hand:
    """A process that rehearses; `fault` is why it can rehearse nothing."""

    process: "subprocess.Popen[bytes]"
    asked: "Connection[Errand | PinImage, Answer | str]"
    fault: str

    def end(self) -> None:
        """Ask it to end with its machine; it does so by itself."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        self.asked.close()
        threading.Thread(target=self.process.wait, daemon=True).start()


_idle: list[_Hand] = []
_taking = threading.Lock()


def greet(repository: str) -> Greeting:
    """Say who this worker is, once a process of it is ready to rehearse."""
    worker = get_worker()
    hand = _taken()
    if hand.fault:
        hand.end()
    else:
        _give_back(hand)
    return Greeting(
        worker.id, version("freshrun"), _at_once(worker), shelf.holds(repository), hand.fault
    )


def deliver(sent: Bundle) -> str:
    """Keep a repository; return why that can't be, or nothing."""
    try:
        shelf.put(sent)
    except (FreshrunError, OSError) as error:
        return str(error)
    return ""


def pin(image: str) -> str:
    """Return an image's name with its digest (see `pinned`); empty where it can't be had."""
    answer = _asked(PinImage(image))
    return answer if isinstance(answer, str) else ""


def rehearse(errand: Errand) -> Answer:
    """Rehearse a document; what goes wrong with it stands in its record."""
    if get_worker().id != errand.post:
        return Answer(away=True)
    answer = _asked(errand)
    if isinstance(answer, Answer):
        return answer
    return Answer(to_json(errand.word.refused(answer or "its process on the worker was ended")))


def _at_once(worker: Worker) -> int:
    """Return how many rehearsals a worker takes at a time: its machines, and threads to wait."""
    machines = int(worker.state.total_resources.get(RESOURCE, 0))
    return min(machines, worker.state.nthreads)


def _asked(what: Errand | PinImage) -> Answer | str:
    """Return what a process answers; a text where it was ended, which says why if that is known."""
    hand = _taken()
    if hand.fault:
        hand.end()
        return hand.fault
    try:
        hand.asked.send(what)
        while not hand.asked.poll(_BEAT):
            if _called_off():
                hand.end()
                return Answer()
        answer = hand.asked.recv()
    except (EOFError, OSError):
        hand.end()
        return ""
    _give_back(hand)
    return answer


def _called_off() -> bool:
    """Tell whether the caller wants the task of this thread no more, or is gone."""
    worker = get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return task is None or task.state not in {"executing", "long-running"}


def _taken() -> _Hand:
    with _taking:
        if _idle:
            return _idle.pop()
    return _started()


def _give_back(hand: _Hand) -> None:
    with _taking:
        _idle.append(hand)


def _started() -> _Hand:
    ours, theirs = socket.socketpair()
    with theirs:
        argv = [sys.executable, "-m", "freshrun.fleet.hand", str(theirs.fileno())]
        process = subprocess.Popen(
            argv, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
        )
    asked: Connection[Errand | PinImage, Answer | str] = Connection(os.dup(ours.fileno()))
    ours.close()
    try:
        fault = str(asked.recv())
    except (EOFError, OSError):
        fault = f"its process ended with {process.wait()}; the worker's log says why"
    return _Hand(process, asked, fault)
