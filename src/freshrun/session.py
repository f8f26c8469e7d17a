"""A live shell in a machine, and what is typed into it."""

import secrets
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from select import select
from types import TracebackType
from typing import Self

from freshrun.errors import MachineError
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.outcome import Ending, Outcome, Output, Status
from freshrun.promise import mismatch
from freshrun.protocol import BOOT, CAPACITY, SYNC, Conversation, Ended, Finished, program, typed
from freshrun.runbook import Command

_READY = 30.0
"""Seconds that a shell has to say that it is there."""

_IDLE = 1.0
"""Seconds of silence after which the exec is asked whether it still runs."""

_FAREWELL = 2.0
"""Seconds after which a machine that outlives its shell is taken to go on."""

_ESCALATION = (("INT", "shell", 1.0), ("TERM", "", 1.0), ("KILL", "", 1.0), ("KILL", "shell", 5.0))
"""How a command is ended at its timeout: signal, whether the shell gets it too, seconds to wait."""

_RECEIVE = 256 * 1024


class Session:
    """Types commands into one shell of a machine; what a command leaves behind, the next one finds.

    Where a command ends the shell, the next one gets a new shell in the same machine. `cwd` and
    `env` are where each shell starts; `timeout` is in seconds, of a command that names none.
    """

    def __init__(  # noqa: PLR0913 - every part has a name at the call
        self,
        machine: Machine,
        *,
        cwd: str,
        env: Mapping[str, str],
        mask: Mask,
        timeout: float,
        spill: Path | None = None,
    ) -> None:
        """Prepare; the shell is opened by the first command."""
        self._machine = machine
        self._cwd = cwd
        self._env = env
        self._mask = mask
        self._timeout = timeout
        self._spill = spill
        self._shell: _Shell | None = None

    def __enter__(self) -> Self:
        """Return itself; the shell is closed at the end of the `with`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the shell."""
        self._close()

    def run(self, commands: Sequence[Command]) -> Iterator[Outcome]:
        """Type the commands and yield what each gave, as it comes; stop after the first failure.

        The commands are sent ahead of the results, as far as the shell itself can tell whether
        the next one may run. An engine that goes away is an outcome with the status `BROKEN`.
        """
        waiting = deque(commands)
        while waiting:
            for command in self._send(waiting):
                outcome = self._outcome(command)
                waiting.popleft()
                yield outcome
                if outcome.status is not Status.PASSED:
                    return
                if outcome.ending is not Ending.EXITED:
                    break

    def _send(self, waiting: Sequence[Command]) -> tuple[Command, ...]:
        """Type commands up to the first whose verdict the shell can't see; return those."""
        if self._shell is None:
            self._shell = _Shell(
                self._machine, cwd=self._cwd, env=self._env, mask=self._mask, spill=self._spill
            )
        sight = len(tuple(takewhile(_shell_can_judge, waiting)))
        batch = tuple(waiting)[: sight + 1]
        self._shell.type(batch)
        return batch

    def _outcome(self, command: Command) -> Outcome:
        timeout = self._timeout if command.options.timeout is None else command.options.timeout
        shell = self._shell
        assert shell is not None, "a command is awaited after it was sent"  # noqa: S101 - for mypy
        try:
            outcome = shell.outcome(command, timeout=timeout)
        except MachineError as error:
            out, err = shell.rest()
            outcome = Outcome(
                command, Status.BROKEN, Ending.LOST, stdout=out, stderr=err, reason=str(error)
            )
        if outcome.ending in {Ending.SHELL_ENDED, Ending.LOST} or shell.ended:
            self._close()
        return outcome

    def _close(self) -> None:
        if self._shell is not None:
            self._shell.close()
            self._shell = None


def _shell_can_judge(command: Command) -> bool:
    """Tell whether the driver in the shell sees a failure of this command by its status alone."""
    dies_by_signal = 128
    promises = command.options.band, command.promised
    return promises == (None, None) and command.options.exit < dies_by_signal


class _Shell:
    """One bash, from its start to its end."""

    def __init__(
        self,
        machine: Machine,
        *,
        cwd: str,
        env: Mapping[str, str],
        mask: Mask,
        spill: Path | None,
    ) -> None:
        self.ended = False
        self._machine = machine
        self._sequence = 0
        self._awaited = 0
        self._pid = 0
        self._marked = 0.0
        salt = secrets.token_hex(20)
        self._conversation = Conversation(salt, mask=mask, spill=spill)
        self._events: deque[Finished | Ended] = deque()
        self._unsent = bytearray(program(salt))
        self._attached = machine.attach(BOOT, cwd=cwd, env=env)
        self._socket = self._attached.socket
        self._socket.settimeout(0)
        self._begin()

    def close(self) -> None:
        self._attached.close()

    def type(self, commands: Sequence[Command]) -> None:
        if self._sequence + len(commands) > CAPACITY:
            raise MachineError(f"one shell takes {CAPACITY:,} commands; this document has more")
        self._awaited = self._sequence  # after a failure nothing else of its batch is reported
        for command in commands:
            self._sequence += 1
            self._unsent += typed(
                command.text,
                seq=self._sequence,
                expected=command.options.exit,
                stdin=command.options.stdin,
                pipeline=bool(command.stages),
            )
        self._unsent += SYNC

    def outcome(self, command: Command, *, timeout: float) -> Outcome:
        """Wait for the end of `command`, the next one that was typed; end it at its timeout."""
        self._awaited += 1
        started = time.monotonic()
        event = self._next(timeout)
        if event is None:
            return self._timed_out(command, started=started, timeout=timeout)
        if isinstance(event, Ended):
            seconds = time.monotonic() - started
            return _shell_ended(command, event, seconds=seconds)
        return _judged(command, event)

    def rest(self) -> tuple[Output, Output]:
        return self._conversation.rest()

    def _begin(self) -> None:
        """Wait for the driver's first mark; what the shell printed before it is nobody's."""
        try:
            event = self._next(_READY)
        except MachineError:
            self.close()
            raise
        if not isinstance(event, Finished):
            said = b"".join(output.tail or output.head for output in self.rest())
            self.close()
            raise MachineError(
                f"no shell could be started in the machine: {said.decode(errors='replace').strip()}"
            )
        self._pid = event.shell_pid

    def _timed_out(self, command: Command, *, started: float, timeout: float) -> Outcome:
        begun = self._marked
        for signal, shell, patience in _ESCALATION:
            self._signal(signal, shell, since=begun)
            event = self._next(patience)
            if event is not None:
                break
        else:
            raise MachineError(f"a command could not be ended after its timeout of {timeout:g} s")
        self._signal("KILL", "", since=begun)  # what ignored the signal that ended the command
        self.ended = isinstance(event, Ended)
        return Outcome(
            command,
            Status.FAILED,
            Ending.TIMED_OUT,
            seconds=time.monotonic() - started,
            stdout=event.stdout,
            stderr=event.stderr,
            cwd=event.cwd if isinstance(event, Finished) else None,
            reason=f"timed out after {timeout:g} s"
            + (" and ended its shell" if self.ended else ""),
        )

    def _signal(self, signal: str, shell: str, *, since: float) -> None:
        """Send `signal` to all that the shell started `since` then, by the machine's clock."""
        script = files("freshrun").joinpath("end_tree.bash").read_text("utf-8")
        arguments = (signal, str(self._pid), str(int(since * 1_000_000)), shell)
        self._machine.run(("bash", "-c", script, "end_tree", *arguments), user="root")

    def _next(self, timeout: float) -> Finished | Ended | None:
        """Return the awaited event, `None` after `timeout` seconds without it."""
        deadline = time.monotonic() + timeout
        while True:
            while self._events:
                event = self._events.popleft()
                if isinstance(event, Ended):
                    return event
                self._marked = event.ended
                if event.seq == self._awaited:
                    return event
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            self._exchange(min(remaining, _IDLE))

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
        if data:
            self._events.extend(self._conversation.feed(data))
        else:
            self._look_for_an_end(closed=True)

    def _look_for_an_end(self, *, closed: bool = False) -> None:
        """Make an event of a shell that ended without a mark; a lost machine is an error."""
        exit_code = self._attached.exit_code()
        gone = exit_code is not None or closed
        if not self._machine_stays(_FAREWELL if gone else 0):
            raise MachineError("the machine was stopped or removed while a command ran in it")
        if not gone:
            return
        out, err = self.rest()
        self._events.append(Ended(exit_code or 0, out, err))

    def _machine_stays(self, seconds: float) -> bool:
        """Watch the machine: one that is killed takes its programs along before it is gone."""
        deadline = time.monotonic() + seconds
        while self._machine.alive():
            if time.monotonic() >= deadline:
                return True
            time.sleep(0.1)
        return False


def _judged(command: Command, finished: Finished) -> Outcome:
    seconds = finished.ended - finished.started
    diff = _other_output(command, finished)
    reason = (
        _unexpected(finished.exit_code, command.options.exit)
        or _outside(command.options.band, seconds)
        or ("the output is not the promised one" if diff else "")
    )
    return Outcome(
        command,
        Status.FAILED if reason else Status.PASSED,
        exit_code=finished.exit_code,
        seconds=seconds,
        stdout=finished.stdout,
        stderr=finished.stderr,
        cwd=finished.cwd,
        pipe_status=finished.pipe_status,
        reason=reason,
        warnings=_pipeline_warnings(command, finished),
        diff=diff,
    )


def _shell_ended(command: Command, ended: Ended, *, seconds: float) -> Outcome:
    reason = _unexpected(ended.exit_code, command.options.exit)
    return Outcome(
        command,
        Status.FAILED if reason else Status.PASSED,
        Ending.SHELL_ENDED,
        exit_code=ended.exit_code,
        seconds=seconds,
        stdout=ended.stdout,
        stderr=ended.stderr,
        reason=f"the shell ended with it: {reason}" if reason else "",
        warnings=("the shell ended with this command; the next one gets a new shell",),
    )


def _unexpected(exit_code: int, expected: int) -> str:
    return "" if exit_code == expected else f"exit status {exit_code}, expected {expected}"


def _outside(band: tuple[float, float] | None, seconds: float) -> str:
    if band is None or band[0] <= seconds <= band[1]:
        return ""
    side = "below" if seconds < band[0] else "above"
    return f"took {seconds:.2f} s, {side} the documented band of {band[0]:g} s to {band[1]:g} s"


def _other_output(command: Command, finished: Finished) -> str:
    """Return how the output differs from what a transcript promises; its lines follow it."""
    if command.promised is None:
        return ""
    out, err = finished.stdout.text, finished.stderr.text
    ways = (out, out + err, err + out)
    return mismatch(command.promised, ways, file=command.file, line=command.end_line + 1) or ""


def _pipeline_warnings(command: Command, finished: Finished) -> tuple[str, ...]:
    """Name each earlier stage of a pipeline that failed while the whole passed."""
    if finished.exit_code != 0:
        return ()
    stages = zip(command.stages, finished.pipe_status, strict=False)
    return tuple(
        f"stage {number} of the pipeline, `{text}`, ended with exit status {status}"
        for number, (text, status) in enumerate(stages, start=1)
        if status != 0
    )
