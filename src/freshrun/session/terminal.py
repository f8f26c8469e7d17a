"""One live bash in a machine, from its start to its end: commands go in, events come out."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from freshrun.host import Spill
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.model import Command, MachineError, Output
from freshrun.session.driver import (
    CAPACITY,
    SYNC,
    boot_in_terminal,
    cancellation,
    halves,
    hold,
    program,
    typed,
    watches,
)
from freshrun.session.process_tree import Look, ProcessTree
from freshrun.session.protocol import Conversation, Ended, Finished, Outputs, Prompted
from freshrun.session.start import Start
from freshrun.session.wire import Wire

FLOOD = 2**30
"""Bytes that one command may print before it counts as endless."""

_READY = 30.0
"""Seconds that a shell has to say that it is there."""

_IDLE = 1.0
"""Seconds of silence after which the exec is asked whether it still runs."""

_ESCALATION = (("INT", True, 1.0), ("TERM", False, 1.0), ("KILL", False, 3.0), ("KILL", True, 5.0))
_HANG_UP = (("HUP", False, 1.5),)
"""How a command is ended: signal, whether the shell gets it too, seconds to wait."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """The command whose end is awaited: its number in the shell, since when, from which byte on.

    With `within` it is typed into a program that the command of that number opened.
    """

    number: int = 0
    since: float = field(default_factory=time.monotonic)
    printed: int = 0
    within: bool = False


class Terminal:
    """One bash. Every method raises `MachineError` where the machine or the engine went away."""

    def __init__(
        self, machine: Machine, *, start: Start, mask: Mask, spill: Spill | None = None
    ) -> None:
        """Start the shell and wait until it is there."""
        self._machine = machine
        self._tty = start.tty
        self._typed = 0
        self._awaited = _Awaited()
        self._watched = False
        self._commands: list[Command] = []
        self._on_screen: set[int] = set()
        self._last: Finished | None = None
        self._opened = 0.0
        self._salt = secrets.token_hex(12)
        self._conversation = Conversation(self._salt, mask=mask, spill=spill)
        self._wire = Wire(machine, start=start, conversation=self._conversation)
        try:
            self._pid = self._boot(start)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the shell; what still runs in it ends with the machine."""
        self._wire.close()

    def leave(self) -> None:
        """Let the running command go on; its output is read on, so that nothing blocks it."""
        self._machine.run(("touch", cancellation(self._salt)))
        self._wire.read_on()

    def type(self, commands: Sequence[Command]) -> None:
        """Type commands; those that an earlier call left unreported are reported no more."""
        if self._typed + len(commands) > CAPACITY:
            raise MachineError(f"one shell takes {CAPACITY:,} commands; this document has more")
        self._awaited = replace(self._awaited, number=self._typed)
        for command in commands:
            self._typed += 1
            self._watched = self._watched or watches(command)
            self._wire.send(
                typed(command, seq=self._typed, watched=self._watched, earlier=self._commands)
            )
            self._commands.append(command)
            if command.options.tty:
                self._on_screen.add(self._typed)
        self._wire.send(SYNC)

    def press(self, keys: str) -> None:
        """Type at the terminal itself, into the program that reads it."""
        self._wire.press(keys)

    def await_next(self) -> None:
        """Turn to the next command that was typed."""
        self._awaited = _Awaited(self._awaited.number + 1, printed=self.received)

    def turn(self) -> None:
        """Turn to what is typed next at the prompt of a program that the awaited command opened."""
        self._awaited = _Awaited(self._awaited.number, printed=self.received, within=True)

    def cut(self) -> Output:
        """Return what the screen has shown since the last mark or prompt, and begin anew."""
        return self._conversation.cut_screen()

    def echo(self, *, on: bool) -> None:
        """Let the terminal show what is typed, or not."""
        mode = "echo" if on else "-echo"
        self._machine.run(("bash", "-c", f"stty {mode} </proc/{self._pid}/fd/195 2>/dev/null"))

    def event(self, patience: float) -> Finished | Ended | Prompted | None:
        """Return how the awaited command ended; `None` after `patience` seconds, or in a flood.

        A prompt of a program that it opened is an event, too.
        """
        deadline = time.monotonic() + patience
        while True:
            while self._wire.events:
                event = self._taken(self._wire.events.popleft())
                if event is not None:
                    return event
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self.flooded:
                return None
            self._wire.exchange(min(remaining, _IDLE))

    @property
    def ended_since(self) -> int | None:
        """Return the exit status of a command that was left running, `None` while it goes on."""
        ended = (each for each in self._wire.events if not isinstance(each, Prompted))
        return next((each.exit_code for each in ended), None)

    @property
    def cwd(self) -> str:
        """Return the directory in which the shell itself was last at its prompt."""
        return self._last.cwd if self._last else "/"

    @property
    def words(self) -> tuple[str, str]:
        """Return the two parts of what stands in the prompts of programs that are open in it."""
        return halves(self._salt)

    @property
    def is_within(self) -> bool:
        """Tell whether what is awaited is typed into a program that is open in the shell."""
        return self._awaited.within

    @property
    def is_real(self) -> bool:
        """Tell whether it is a real terminal, at which a program can be opened."""
        return self._tty

    @property
    def received(self) -> int:
        """Return the bytes that the shell has printed since its start."""
        return self._conversation.received

    @property
    def flooded(self) -> bool:
        """Tell whether the awaited command has printed more than anyone will read."""
        return self.received - self._awaited.printed > FLOOD

    @property
    def elapsed(self) -> float:
        """Return the seconds for which the command has been awaited."""
        return time.monotonic() - self._awaited.since

    @property
    def quiet(self) -> float:
        """Return the seconds since something was heard of the shell."""
        return time.monotonic() - self._wire.heard

    @property
    def outputs(self) -> Outputs:
        """Return what the awaited command has printed by now."""
        return self._conversation.so_far().joined(tty=self._shows)

    def interrupt(self) -> None:
        """Do to the running command what Ctrl-C does; where the shell itself is at work, to it."""
        in_shell = not self._tree.look().names
        self._tree.send("INT", shell=in_shell)

    def end_command(self) -> Finished | Ended:
        """End the running command with all that it started; return how the shell took it.

        What is open in it learns first that its terminal is closed, at which a shell ends.
        """
        tree = self._tree  # the next mark begins another command
        for signal, shell, patience in (*_HANG_UP[: self._awaited.within], *_ESCALATION):
            tree.send(signal, shell=shell)
            self._awaited = replace(self._awaited, printed=self.received)
            event = self._end(patience)
            if event is not None:
                # What ignored the signal that ended the command is still there.
                tree.send("KILL")
                return event
        raise MachineError("a command could not be ended in the machine")

    def _end(self, patience: float) -> Finished | Ended | None:
        """Return how the awaited command ended; a prompt within it is no end."""
        while isinstance(event := self.event(patience), Prompted):
            pass
        return event

    def look(self) -> Look:
        """Return what the running command's processes are at."""
        return self._tree.look()

    def ports(self) -> tuple[int, ...]:
        """Return the ports of what was started since the last turn, by the machine's clock."""
        begun = (self._last.ended if self._last else 0.0) + self._awaited.since - self._opened
        return ProcessTree(self._machine, self._pid, begun).look().ports

    def start(self) -> Start:
        """Return the shell's directory and the variables that the running command was given."""
        cwd, env = self._tree.start()
        return Start(cwd, env, self._tty)

    @property
    def _tree(self) -> ProcessTree:
        """Return the awaited command's processes; the last mark was its start."""
        return ProcessTree(self._machine, self._pid, self._last.ended if self._last else 0.0)

    @property
    def _shows(self) -> bool:
        """Tell whether the awaited command prints on the screen."""
        return self._awaited.number in self._on_screen

    def _taken(self, event: Finished | Ended | Prompted) -> Finished | Ended | Prompted | None:
        """Return an event that is about the awaited command, with the job that it started."""
        if isinstance(event, Prompted):
            return event
        outputs = event.outputs.joined(tty=self._shows)
        if isinstance(event, Ended):
            return replace(event, outputs=outputs)
        known = self._last.job if self._last else None
        self._last, self._opened = event, time.monotonic()
        if event.seq != self._awaited.number:
            return None
        return replace(event, outputs=outputs, job=event.job if event.job != known else None)

    def _boot(self, start: Start) -> int:
        """Start the driver; what the shell printed before its first mark is nobody's.

        Returns the shell's process id.
        """
        holder = self._first_mark(hold(self._salt)).shell_pid if start.tty else None
        if holder is not None:
            self._wire.open_screen(boot_in_terminal(holder), start=start)
        return self._first_mark(program(self._salt, holder=holder)).shell_pid

    def _first_mark(self, message: bytes) -> Finished:
        self._wire.send(message)
        event = self._end(_READY)
        if isinstance(event, Finished):
            return event
        outputs = event.outputs if event else self.outputs
        printed = (outputs.stdout, outputs.stderr, outputs.screen)
        said = b"".join(output.tail or output.head for output in printed)
        raise MachineError(
            f"no shell could be started in the machine: {said.decode(errors='replace').strip()}"
        )
