"""What passes between who watches a document and the processes that rehearse it, line by line."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass

from freshrun.host import say
from freshrun.rehearsal import Choices


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is told: to type so many commands and wait, or to `go` on to the verdict.

    One that is to `drop` its work ends, and leaves nothing behind.
    """

    upto: int = 0
    go: bool = False
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """What a process tells: one `kind` of news, with a number or a text.

    `read`: the digest of the document that it types. `waits`: the commands that it has typed.
    `gone`: why it can't wait. `refused`: why it can't go on with the document as it is now. `on`:
    it goes on, from so many commands. `place`: a safe place that it has passed. `failed`: the
    command that failed. `verdict`: that stands.
    """

    kind: str
    number: int = 0
    text: str = ""


class Orders:
    """The orders that come to this process; with their source it ends, too."""

    def __init__(self) -> None:
        """Take them from stdin, as they come; pytest takes that away while a check runs."""
        self._source = os.fdopen(os.dup(0))
        self.dropped = False
        self._coming: queue.SimpleQueue[Order] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def waiting(self) -> bool:
        """Tell whether there is one that was not taken."""
        return not self._coming.empty()

    def next(self) -> Order:
        """Wait for the next one."""
        return self._coming.get()

    def _read(self) -> None:
        for line in self._source:
            order = Order(**json.loads(line))
            self.dropped = self.dropped or order.drop
            if order.drop:
                break
            self._coming.put(order)
        os.kill(os.getpid(), signal.SIGTERM)


def teller(descriptor: int) -> Callable[[Word], None]:
    """Return what tells words through a pipe; nobody may be there any more."""

    def tell(word: Word) -> None:
        with suppress(OSError):
            os.write(descriptor, json.dumps(asdict(word)).encode() + b"\n")

    return tell


class Player:
    """A process that rehearses a document: at once, or in front of a place first.

    `upto` is how many commands it was told to type, and `waits` whether it has; `told` is whether
    its verdict stands, and `passed` whether it has passed a place since it leads.
    """

    def __init__(self, document: str, choices: Choices, order: Order) -> None:
        """Start it with its first order."""
        self.upto = order.upto
        self.waits = False
        self.told = False
        self.passed = False
        heard, tells = os.pipe()
        given = json.dumps({"document": document, "choices": asdict(choices)})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "freshrun.watching", str(tells), given],
            stdin=subprocess.PIPE,
            pass_fds=(tells,),
        )
        os.close(tells)
        os.set_blocking(heard, False)
        self._heard = heard
        self._unread = b""
        self.order(order)

    @property
    def alive(self) -> bool:
        """Tell whether the process is there: its machine may be, too."""
        return self._process.poll() is None

    def order(self, order: Order) -> None:
        """Tell it what to do; one that has ended hears nothing."""
        self.upto = max(order.upto, self.upto)
        self.waits = False
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
                self._process.stdin.flush()

    def words(self) -> Iterator[Word]:
        """Yield what it has told since."""
        with suppress(BlockingIOError):
            while data := os.read(self._heard, 65536):
                self._unread += data
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            yield Word(**json.loads(line))

    def drop(self) -> None:
        """Ask it to end, with its machine, and to leave nothing behind; that takes its time."""
        self.order(Order(drop=True))

    def end(self) -> None:
        """Ask it to end, with its machine, and to say so; that takes its time."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)

    def close(self, patience: float) -> None:
        """Wait for its end; after `patience` seconds it is killed, and the next run tidies up."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            say("a rehearsal does not end: the next run removes its machine")
            self._process.kill()
            self._process.wait()
        os.close(self._heard)
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
