"""One live bash in a machine, from its start to its end: commands go in, events come out."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from select import select

from freshrun.errors import MachineError
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.outcome import Output
from freshrun.protocol import (
    BOOT,
    CAPACITY,
    SYNC,
    Conversation,
    Ended,
    Finished,
    cancellation,
    program,
    typed,
)
from freshrun.runbook import Command

FLOOD = 2**30
"""Bytes that one command may print before it counts as endless."""

_READY = 30.0
"""Seconds that a shell has to say that it is there."""

_IDLE = 1.0
"""Seconds of silence after which the exec is asked whether it still runs."""

_FAREWELL = 2.0
"""Seconds after which a machine that outlives its shell is taken to go on."""

_ESCALATION = (("INT", "shell", 1.0), ("TERM", "", 1.0), ("KILL", "", 1.0), ("KILL", "shell", 5.0))
"""How a command is ended: signal, whether the shell gets it too, seconds to wait."""

_BOUNDED = ("timeout", "--signal=KILL", "20")
"""No look at a machine's processes may take longer, in seconds."""

_RECEIVE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Start:
    """Where a shell begins: its working directory and the variables that it is given."""

    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)


class Terminal:
    """One bash. Every method raises `MachineError` where the machine or the engine went away."""

    def __init__(
        self, machine: Machine, *, start: Start, mask: Mask, spill: Path | None = None
    ) -> None:
        """Start the shell and wait until it is there."""
        self._machine = machine
        self._sequence = 0
        self._awaited = 0
        self._pid = 0
        self._marked = 0.0
        self._began = self._heard = time.monotonic()
        self._printed = 0
        salt = secrets.token_hex(20)
        self._cancellation = cancellation(salt)
        self._conversation = Conversation(salt, mask=mask, spill=spill)
        self._events: deque[Finished | Ended] = deque()
        self._unsent = bytearray(program(salt))
        self._attached = machine.attach(BOOT, cwd=start.cwd, env=start.env)
        self._socket = self._attached.socket
        self._socket.settimeout(0)
        self._begin()

    def close(self) -> None:
        """Let go of the shell; what still runs in it ends with the machine."""
        self._attached.close()

    def leave(self) -> None:
        """Let the running command go on; its output is read on, so that nothing blocks it."""
        self._machine.run(("touch", self._cancellation))
        threading.Thread(target=self._listen_on, daemon=True).start()

    def type(self, commands: Sequence[Command]) -> None:
        """Type commands; those that an earlier call left unreported are reported no more."""
        if self._sequence + len(commands) > CAPACITY:
            raise MachineError(f"one shell takes {CAPACITY:,} commands; this document has more")
        self._awaited = self._sequence
        for command in commands:
            self._sequence += 1
            self._unsent += typed(command, seq=self._sequence)
        self._unsent += SYNC
        self._heard = time.monotonic()

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
                if isinstance(event, Ended):
                    return event
                self._marked = event.ended
                if event.seq == self._awaited:
                    return event
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self.flooded:
                return None
            self._exchange(min(remaining, _IDLE))

    @property
    def ended_since(self) -> int | None:
        """Return the exit status of a command that was left running, `None` while it goes on."""
        return self._events[0].exit_code if self._events else None

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
    def outputs(self) -> tuple[Output, Output]:
        """Return what the awaited command has printed by now on stdout and stderr."""
        return self._conversation.so_far()

    def end_command(self) -> Finished | Ended:
        """End the running command with all that it started; return how the shell took it."""
        began = self._marked
        for signal, shell, patience in _ESCALATION:
            self._look("signal", signal, shell, user="root", since=began)
            self._printed = self._conversation.received
            event = self.event(patience)
            if event is not None:
                # What ignored the signal that ended the command is still there.
                self._look("signal", "KILL", user="root", since=began)
                return event
        raise MachineError("a command could not be ended in the machine")

    def ports(self) -> tuple[int, ...]:
        """Return the TCP ports on which the running command listens."""
        # Only root sees the sockets of root's processes, and only a user those of its own.
        seen = self._look("ports") + self._look("ports", user="root")
        return tuple(sorted({int(port) for port in seen.split()}))

    def work(self) -> float:
        """Return the processor time that the running command has used by now, in seconds."""
        return int(self._look("work") or 0) / 100

    def start(self) -> Start:
        """Return the shell's directory and the variables that the running command was given."""
        cwd, *variables = self._look("start").decode(errors="surrogateescape").split("\0")
        pairs = (variable.partition("=") for variable in variables)
        return Start(cwd, {name: value for name, _, value in pairs if name.isidentifier()})

    def _look(
        self, action: str, *rest: str, user: str | None = None, since: float | None = None
    ) -> bytes:
        """Run `process_tree.bash` on the running command; the last mark was its start."""
        script = files("freshrun").joinpath("process_tree.bash").read_text("utf-8")
        began = int((self._marked if since is None else since) * 1_000_000)
        arguments = (str(self._pid), str(began), action, *rest)
        argv = (*_BOUNDED, "bash", "-c", script, "tree", *arguments)
        return self._machine.run(argv, user=user).stdout

    def _begin(self) -> None:
        """Wait for the driver's first mark; what the shell printed before it is nobody's."""
        try:
            event = self.event(_READY)
        except MachineError:
            self.close()
            raise
        if not isinstance(event, Finished):
            said = b"".join(output.tail or output.head for output in self.outputs)
            self.close()
            raise MachineError(
                f"no shell could be started in the machine: {said.decode(errors='replace').strip()}"
            )
        self._pid = event.shell_pid

    def _exchange(self, patience: float) -> None:
        """Send and receive what is possible now, or wait `patience` seconds for it."""
        sockets = [self._socket]
        readable, writable, _ = select(sockets, sockets if self._unsent else [], [], patience)
        if readable:
            self._receive()
        elif writable:
            self._flush()
        else:
            self._look_for_an_end()

    def _flush(self) -> None:
        try:
            sent = self._socket.send(self._unsent)
        except OSError:  # the other side is gone; what it said last is still to be read
            sent = len(self._unsent)
        del self._unsent[:sent]

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError as error:
            raise MachineError(f"the engine broke the connection to the shell: {error}") from error
        self._heard = time.monotonic()
        if data:
            self._events.extend(self._conversation.feed(data))
        else:
            self._look_for_an_end(closed=True)

    def _listen_on(self) -> None:
        self._socket.settimeout(None)
        try:
            while data := self._socket.recv(_RECEIVE):
                self._events.extend(self._conversation.feed(data))
        except OSError:  # closed, with the session
            return

    def _look_for_an_end(self, *, closed: bool = False) -> None:
        """Make an event of a shell that ended without a mark; a lost machine is an error."""
        exit_code = self._attached.exit_code()
        gone = exit_code is not None or closed
        if not self._machine_stays(_FAREWELL if gone else 0):
            raise MachineError("the machine was stopped or removed while a command ran in it")
        if gone:
            out, err = self._conversation.rest()
            self._events.append(Ended(exit_code or 0, lost=False, stdout=out, stderr=err))

    def _machine_stays(self, seconds: float) -> bool:
        """Watch the machine: one that is killed takes its programs along before it is gone."""
        deadline = time.monotonic() + seconds
        while self._machine.alive():
            if time.monotonic() >= deadline:
                return True
            time.sleep(0.1)
        return False
