"""The connections to one shell: what is still to be sent, and what has come back."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from select import select
from socket import socket

from freshrun.machine import BEAT, Attached, Machine
from freshrun.model import MachineError
from freshrun.session.driver import BOOT
from freshrun.session.protocol import Conversation, Ended, Finished, Prompted
from freshrun.session.start import Start

_FAREWELL = 2.0
"""Seconds after which a machine that outlives its shell is taken to go on."""

_RECEIVE = 256 * 1024


class Wire:
    """The pipes to a shell, and its terminal where it has one.

    `events` are what has come and nobody has taken; `heard` is when anything came last.
    Every method raises `MachineError` where the machine or the engine went away.
    """

    def __init__(self, machine: Machine, *, start: Start, conversation: Conversation) -> None:
        """Start the process that reads the driver; `conversation` reads what it says."""
        self.events: deque[Finished | Ended | Prompted] = deque()
        self.heard = self._felt = time.monotonic()
        self._machine = machine
        self._conversation = conversation
        self._pipes = self._shell = machine.attach(BOOT, cwd=start.cwd, env=start.env)
        self._pipes.socket.settimeout(0)
        self._unsent = {self._pipes.socket: bytearray()}

    def open_screen(self, argv: Sequence[str], *, start: Start) -> None:
        """Start the shell in a terminal; it takes the pipes that are there."""
        screen = self._machine.attach(argv, cwd=start.cwd, env=start.env, tty=True)
        screen.socket.settimeout(0)
        self._unsent[screen.socket] = bytearray()
        self._shell = screen
        self._conversation.open_screen()

    def close(self) -> None:
        """Let go of the shell; what still runs in it ends with the machine."""
        self._pipes.close()
        self._shell.close()

    def send(self, message: bytes) -> None:
        """Send a message to the driver, as soon as it takes some."""
        self._unsent[self._pipes.socket].extend(message)
        self.heard = time.monotonic()

    def press(self, keys: str) -> None:
        """Type at the terminal itself, into the program that reads it."""
        if self._screen and self._screen.socket in self._unsent:
            self._unsent[self._screen.socket].extend(keys.encode())
        self.heard = time.monotonic()
        self.exchange(0)

    def exchange(self, patience: float) -> None:
        """Send and receive what is possible now, or wait `patience` seconds for it."""
        sending = [connection for connection, unsent in self._unsent.items() if unsent]
        readable, writable, _ = select(list(self._unsent), sending, [], patience)
        for connection in readable:
            self._receive(connection)
        for connection in writable if not readable else ():
            _flush(connection, self._unsent[connection])
        if not readable and not writable:
            self._look_for_an_end()

    def read_on(self) -> None:
        """Read what comes from now on, so that nothing blocks what is left to itself."""
        threading.Thread(target=self._read_on, daemon=True).start()

    @property
    def _screen(self) -> Attached | None:
        return self._shell if self._shell is not self._pipes else None

    def _receive(self, connection: socket) -> None:
        try:
            data = connection.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError as error:
            raise MachineError(f"the engine broke the connection to the shell: {error}") from error
        self.heard = time.monotonic()
        if data:
            self._take(connection, data)
        elif connection is self._pipes.socket:
            self._look_for_an_end(closed=True)
        else:  # the pipes tell how the shell ended
            del self._unsent[connection]

    def _take(self, connection: socket, data: bytes) -> None:
        is_screen = connection is not self._pipes.socket
        talk = self._conversation
        self.events.extend(talk.feed_screen(data) if is_screen else talk.feed(data))

    def _read_on(self) -> None:
        try:
            while True:
                for connection in select(list(self._unsent), [], [])[0]:
                    data = connection.recv(_RECEIVE)
                    if not data:
                        return
                    self._take(connection, data)
        except (OSError, ValueError):  # closed, with the session
            return

    def _look_for_an_end(self, *, closed: bool = False) -> None:
        """Make an event of a shell that ended without a mark; a lost machine is an error."""
        exit_code = self._shell.exit_code()
        gone = exit_code is not None or closed
        if away := self._away(_FAREWELL if gone else 0):
            raise MachineError(f"{away} while a command ran in it")
        if time.monotonic() - max(self._felt, self.heard) > BEAT:
            self._machine.pulse()
            self._felt = time.monotonic()
        if gone:
            rest = self._conversation.rest()
            self.events.append(Ended(exit_code or 0, lost=False, outputs=rest))

    def _away(self, seconds: float) -> str:
        """Watch the machine: one that is killed takes its programs along before it is gone."""
        deadline = time.monotonic() + seconds
        while not (away := self._machine.away()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return away


def _flush(connection: socket, waiting: bytearray) -> None:
    """Send what the other side takes now, and drop it from what is waiting."""
    try:
        sent = connection.send(waiting)
    except BlockingIOError:
        return
    except OSError:  # the other side is gone; what it said last is still to be read
        sent = len(waiting)
    del waiting[:sent]
