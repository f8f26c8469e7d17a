"""One live bash in a machine, from its start to its end: commands go in, events come out."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from select import select
from socket import socket

from freshrun.host import Spill
from freshrun.machine import BEAT, Attached, Machine
from freshrun.mask import Mask
from freshrun.model import Command, MachineError
from freshrun.session.driver import (
    BOOT,
    CAPACITY,
    SYNC,
    boot_in_terminal,
    cancellation,
    hold,
    program,
    typed,
)
from freshrun.session.process_tree import Look, ProcessTree
from freshrun.session.protocol import Conversation, Ended, Finished, Outputs

FLOOD = 2**30
"""Bytes that one command may print before it counts as endless."""

_READY = 30.0
"""Seconds that a shell has to say that it is there."""

_IDLE = 1.0
"""Seconds of silence after which the exec is asked whether it still runs."""

_FAREWELL = 2.0
"""Seconds after which a machine that outlives its shell is taken to go on."""

_ESCALATION = (("INT", True, 1.0), ("TERM", False, 1.0), ("KILL", False, 3.0), ("KILL", True, 5.0))
"""How a command is ended: signal, whether the shell gets it too, seconds to wait."""

_RECEIVE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Start:
    """Where a shell begins: its working directory and the variables that it is given.

    With `tty` it has a real terminal, for the commands that ask for one.
    """

    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    tty: bool = False


class Terminal:
    """One bash. Every method raises `MachineError` where the machine or the engine went away."""

    def __init__(
        self, machine: Machine, *, start: Start, mask: Mask, spill: Spill | None = None
    ) -> None:
        """Start the shell and wait until it is there."""
        self._machine = machine
        self._tty = start.tty
        self._sequence = 0
        self._awaited = 0
        self._on_screen: set[int] = set()
        self._pid = 0
        self._job: int | None = None
        self._marked = 0.0
        self._began = self._heard = self._felt = time.monotonic()
        self._printed = 0
        self._salt = secrets.token_hex(12)
        self._conversation = Conversation(self._salt, mask=mask, spill=spill)
        self._events: deque[Finished | Ended] = deque()
        self._pipes = self._attached = machine.attach(BOOT, cwd=start.cwd, env=start.env)
        self._screen: Attached | None = None
        self._pipes.socket.settimeout(0)
        self._unsent = {self._pipes.socket: bytearray()}
        try:
            self._boot(start)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the shell; what still runs in it ends with the machine."""
        self._pipes.close()
        if self._screen:
            self._screen.close()

    def leave(self) -> None:
        """Let the running command go on; its output is read on, so that nothing blocks it."""
        self._machine.run(("touch", cancellation(self._salt)))
        threading.Thread(target=self._listen_on, daemon=True).start()

    def type(self, commands: Sequence[Command]) -> None:
        """Type commands; those that an earlier call left unreported are reported no more."""
        if self._sequence + len(commands) > CAPACITY:
            raise MachineError(f"one shell takes {CAPACITY:,} commands; this document has more")
        self._awaited = self._sequence
        for command in commands:
            self._sequence += 1
            self._send(typed(command, seq=self._sequence))
            if command.options.tty:
                self._on_screen.add(self._sequence)
        self._send(SYNC)
        self._heard = time.monotonic()

    def press(self, keys: str) -> None:
        """Type at the terminal itself, into the program that reads it."""
        if self._screen and self._screen.socket in self._unsent:
            self._unsent[self._screen.socket].extend(keys.encode())
        self._heard = time.monotonic()
        self._exchange(0)

    def await_next(self) -> None:
        """Turn to the next command that was typed."""
        self._awaited += 1
        self._printed = self._conversation.received
        self._began = time.monotonic()

    def event(self, patience: float) -> Finished | Ended | None:
        """Return how the awaited command ended; `None` after `patience` seconds, or in a flood."""
        deadline = time.monotonic() + patience
        while True:
            while self._events:
                event = self._events.popleft()
                outputs = event.outputs.joined(tty=self._shows)
                if isinstance(event, Ended):
                    return replace(event, outputs=outputs)
                known, self._job = self._job, event.job
                self._marked = event.ended
                if event.seq == self._awaited:
                    own = event.job if event.job != known else None
                    return replace(event, outputs=outputs, job=own)
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self.flooded:
                return None
            self._exchange(min(remaining, _IDLE))

    @property
    def ended_since(self) -> int | None:
        """Return the exit status of a command that was left running, `None` while it goes on."""
        return self._events[0].exit_code if self._events else None

    @property
    def received(self) -> int:
        """Return the bytes that the shell has printed since its start."""
        return self._conversation.received

    @property
    def flooded(self) -> bool:
        """Tell whether the awaited command has printed more than anyone will read."""
        return self._conversation.received - self._printed > FLOOD

    @property
    def elapsed(self) -> float:
        """Return the seconds for which the command has been awaited."""
        return time.monotonic() - self._began

    @property
    def quiet(self) -> float:
        """Return the seconds since something was heard of the shell."""
        return time.monotonic() - self._heard

    @property
    def outputs(self) -> Outputs:
        """Return what the awaited command has printed by now."""
        return self._conversation.so_far().joined(tty=self._shows)

    def end_command(self) -> Finished | Ended:
        """End the running command with all that it started; return how the shell took it."""
        tree = self._tree  # the next mark begins another command
        for signal, shell, patience in _ESCALATION:
            tree.send(signal, shell=shell)
            self._printed = self._conversation.received
            event = self.event(patience)
            if event is not None:
                # What ignored the signal that ended the command is still there.
                tree.send("KILL")
                return event
        raise MachineError("a command could not be ended in the machine")

    def look(self) -> Look:
        """Return what the running command's processes are at."""
        return self._tree.look()

    def start(self) -> Start:
        """Return the shell's directory and the variables that the running command was given."""
        cwd, env = self._tree.start()
        return Start(cwd, env, self._tty)

    @property
    def _tree(self) -> ProcessTree:
        """Return the awaited command's processes; the last mark was its start."""
        return ProcessTree(self._machine, self._pid, self._marked)

    @property
    def _shows(self) -> bool:
        """Tell whether the awaited command prints on the screen."""
        return self._awaited in self._on_screen

    def _boot(self, start: Start) -> None:
        """Start the driver; what the shell printed before its first mark is nobody's."""
        holder = self._first_mark(hold(self._salt)).shell_pid if start.tty else None
        if holder is not None:
            argv = boot_in_terminal(holder)
            self._screen = self._machine.attach(argv, cwd=start.cwd, env=start.env, tty=True)
            self._screen.socket.settimeout(0)
            self._unsent[self._screen.socket] = bytearray()
            self._attached = self._screen
            self._conversation.open_screen()
        self._pid = self._first_mark(program(self._salt, holder=holder)).shell_pid

    def _first_mark(self, message: bytes) -> Finished:
        self._send(message)
        event = self.event(_READY)
        if isinstance(event, Finished):
            return event
        outputs = event.outputs if event else self.outputs
        printed = (outputs.stdout, outputs.stderr, outputs.screen)
        said = b"".join(output.tail or output.head for output in printed)
        raise MachineError(
            f"no shell could be started in the machine: {said.decode(errors='replace').strip()}"
        )

    def _send(self, message: bytes) -> None:
        self._unsent[self._pipes.socket].extend(message)

    def _exchange(self, patience: float) -> None:
        """Send and receive what is possible now, or wait `patience` seconds for it."""
        sending = [connection for connection, unsent in self._unsent.items() if unsent]
        readable, writable, _ = select(list(self._unsent), sending, [], patience)
        for connection in readable:
            self._receive(connection)
        for connection in writable if not readable else ():
            _flush(connection, self._unsent[connection])
        if not readable and not writable:
            self._look_for_an_end()

    def _receive(self, connection: socket) -> None:
        try:
            data = connection.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError as error:
            raise MachineError(f"the engine broke the connection to the shell: {error}") from error
        self._heard = time.monotonic()
        if data:
            self._take(connection, data)
        elif connection is self._pipes.socket:
            self._look_for_an_end(closed=True)
        else:  # the pipes tell how the shell ended
            del self._unsent[connection]

    def _take(self, connection: socket, data: bytes) -> None:
        is_screen = connection is not self._pipes.socket
        feed = self._conversation.feed_screen if is_screen else self._conversation.feed
        self._events.extend(feed(data))

    def _listen_on(self) -> None:
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
        exit_code = self._attached.exit_code()
        gone = exit_code is not None or closed
        if away := self._away(_FAREWELL if gone else 0):
            raise MachineError(f"{away} while a command ran in it")
        if time.monotonic() - max(self._felt, self._heard) > BEAT:
            self._machine.pulse()
            self._felt = time.monotonic()
        if gone:
            rest = self._conversation.rest()
            self._events.append(Ended(exit_code or 0, lost=False, outputs=rest))

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
