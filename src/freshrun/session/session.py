"""The terminals of a rehearsal, and what is typed into them."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from freshrun.host import Spill
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.model import Command, Ending, MachineError, Options, Outcome, Status
from freshrun.session import verdict
from freshrun.session.inner import Inner, at_terminal, opening
from freshrun.session.key import interrupt
from freshrun.session.latest import Latest
from freshrun.session.left_files import LeftFiles
from freshrun.session.protocol import Ended, Outputs, Prompted
from freshrun.session.start import Start
from freshrun.session.terminal import FLOOD, Terminal
from freshrun.session.watch import OFTEN, Sight, Watch


@dataclass(frozen=True, slots=True)
class Policy:
    """What the caller allows.

    Without `servers` a server that nobody announced is a failure. With `update` an output that is
    not the promised one is taken as the new one.
    """

    servers: bool = True
    update: bool = False


STRICT = Policy()

Waiting = Callable[[Command, str], None]
"""What hears, once a second, which command is waited for, and the last line that it printed."""


def _nobody(_command: Command, _line: str) -> None:
    """Hear nothing."""


class Session:
    """Types commands into a machine; what a command leaves behind, the next one finds.

    There is one shell for each terminal that the document names. Where a command ends its shell,
    the next one gets a new shell in the same machine; where it is left running as a server, the new
    one has its directory and variables. `start` is where shells begin; `timeout` is in seconds, of
    a command that names none; long outputs go to files below the folder `spill`. The terminals
    named in `ttys` (`None` is the first) are real ones, for the commands that ask for that.
    `waiting` hears of the command that is waited for; `broken_off` is the outcome of the one that
    Ctrl-C found running.
    """

    def __init__(  # noqa: PLR0913 - every part has a name at the call
        self,
        machine: Machine,
        *,
        start: Start,
        mask: Mask,
        timeout: float,
        spill: Path | None = None,
        policy: Policy = STRICT,
        ttys: Collection[str | None] = (),
        waiting: Waiting = _nobody,
    ) -> None:
        """Prepare; a shell is opened by its first command."""
        self._waiting = waiting
        self.broken_off: Outcome | None = None
        self.policy = policy
        self._machine = machine
        self._start = start
        self.mask = mask
        self._timeout = timeout
        self._spill = Spill(spill) if spill else None
        self._left_files = LeftFiles(machine, mask=mask, spill=self._spill)
        self._ttys = ttys
        self._terminals: dict[str | None, Terminal] = {}
        self._starts: dict[str | None, Start] = {}
        self._left: list[tuple[Command, Terminal]] = []
        self._inners: dict[str | None, Inner] = {}

    def __enter__(self) -> Self:
        """Return itself; the shells are closed at the end of the `with`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the shells, and let later runs take the files of long outputs away."""
        for terminal in (*self._terminals.values(), *(one for _, one in self._left)):
            terminal.close()
        if self._spill:
            self._spill.close()

    def run(self, commands: Sequence[Command]) -> Iterator[Outcome]:
        """Type the commands and yield what each gave, as it comes; stop after the first failure.

        The commands are sent ahead of the results, as far as the shell itself can tell whether
        the next one may run. An engine that goes away is an outcome with the status `BROKEN`.
        """
        waiting = deque(commands)
        while waiting:
            if self._is_apart(waiting[0]):
                outcome = self._apart(waiting.popleft())
                yield outcome
                if outcome.status is not Status.PASSED:
                    return
                continue
            batch = _batch(waiting)
            try:
                terminal = self._open(batch[0].options)
                terminal.type(batch)
            except MachineError as error:
                yield verdict.lost(batch[0], Outputs(), reason=str(error))
                return
            for command in batch:
                outcome = self._outcome(command, terminal)
                waiting.popleft()
                yield outcome
                if outcome.status is not Status.PASSED:
                    return
                if outcome.ending is not Ending.EXITED:
                    break

    @property
    def is_at_rest(self) -> bool:
        """Tell whether no program is open in a shell, so that what comes may be another text."""
        return not self._inners

    def follow(
        self,
        commands: Sequence[Command],
        *,
        ttys: Collection[str | None],
        waiting: Waiting,
    ) -> None:
        """Go on with another text of the same document, of which `commands` are all.

        What was typed by now stands there, too, but maybe in other lines.
        """
        self._left = [(commands[one.number - 1], terminal) for one, terminal in self._left]
        self._ttys = ttys
        self._waiting = waiting

    def leave_programs(self) -> None:
        """End what is open within the shells: what comes is for the shells themselves."""
        for name in tuple(self._inners):
            self._leave(name)

    def _is_apart(self, command: Command) -> bool:
        """Tell whether a command opens another program, or is typed into one that is open."""
        inner = self._inners.get(command.options.terminal)
        if inner and (inner.spent or not command.number):
            # What a check types, or another section, is for the terminal's own shell.
            self._leave(command.options.terminal)
        return command.options.terminal in self._inners or _is_apart(command)

    def _apart(self, command: Command) -> Outcome:
        """Return the outcome of a command that opens another program, or is typed into one."""
        try:
            terminal = self._open(command.options)
        except MachineError as error:
            return verdict.lost(command, Outputs(), reason=str(error))
        try:
            outcome = self._undisturbed(self._within(command, terminal), terminal)
        except MachineError as error:
            outcome = verdict.lost(command, terminal.outputs, reason=str(error))
        return self._concluded(outcome, command)

    def _within(self, command: Command, terminal: Terminal) -> Outcome:
        """Type a command into what is open in the terminal, or see what it opens."""
        name = command.options.terminal
        inner = self._inners.setdefault(name, Inner(terminal, mask=self.mask))
        watch = Watch(at_terminal(command), machine=self._machine, terminal=terminal)
        found = inner.play(command, watch=watch, timeout=self._time_for(command))
        outcome = found if isinstance(found, Outcome) else self._unended(found, command, watch)
        inner.spent = outcome.status is not Status.PASSED
        if found is not outcome or not inner.levels:
            del self._inners[name]
            if outcome.cwd is not None and outcome.ending is not Ending.SERVING:
                terminal.echo(on=True)
        return outcome

    def _leave(self, name: str | None) -> None:
        """End what is open within a terminal's own shell; it goes on, if it is still there."""
        event = self._inners.pop(name).close()
        terminal = self._terminals[name]
        if isinstance(event, Ended):
            self._terminals.pop(name).close()
        else:
            terminal.echo(on=True)

    def _open(self, options: Options) -> Terminal:
        name = options.terminal
        if name not in self._terminals:
            tty = options.tty or name in self._ttys
            start = self._starts.pop(name, replace(self._start, tty=tty))
            self._terminals[name] = Terminal(
                self._machine, start=start, mask=self.mask, spill=self._spill
            )
        return self._terminals[name]

    def _outcome(self, command: Command, terminal: Terminal) -> Outcome:
        terminal.await_next()
        self._left_files.read(command.text)
        try:
            outcome = self._undisturbed(self._awaited(command, terminal), terminal)
            outcome = self._with_files(outcome, command)
        except MachineError as error:
            outcome = verdict.lost(command, terminal.outputs, reason=str(error))
        except KeyboardInterrupt:
            self.broken_off = verdict.broken_off(
                command, terminal.outputs, seconds=terminal.elapsed
            )
            raise
        return self._concluded(outcome, command)

    def _concluded(self, outcome: Outcome, command: Command) -> Outcome:
        """Let go of a terminal that nobody types into any more, and tell of servers that ended."""
        name = command.options.terminal
        if outcome.ending is Ending.SERVING or outcome.cwd is None:
            self._inners.pop(name, None)
        if outcome.ending is Ending.SERVING:
            self._left.append((command, self._terminals.pop(name)))
        elif outcome.cwd is None:  # its shell is gone, or nobody can talk to it any more
            self._terminals.pop(name).close()
        ended = tuple(self._ended_servers())
        return replace(outcome, warnings=(*outcome.warnings, *ended)) if ended else outcome

    def _with_files(self, outcome: Outcome, command: Command) -> Outcome:
        if outcome.status is not Status.FAILED:
            return outcome
        return replace(outcome, files=self._left_files.of(outcome, command.text))

    def _undisturbed(self, outcome: Outcome, terminal: Terminal) -> Outcome:
        """Return a failure as it is, unless the engine disturbed the machine: then it is broken."""
        if outcome.status is not Status.FAILED:
            return outcome
        what = self._machine.disturbed(terminal.elapsed)
        if not what:
            return outcome
        outputs = Outputs(outcome.stdout, outcome.stderr)
        return verdict.lost(
            outcome.command, outputs, reason=f"{what} while the command ran: {outcome.reason}"
        )

    def _ended_servers(self) -> Iterator[str]:
        """Tell of each server that was left running and has ended since, once."""
        for command, terminal in tuple(self._left):
            status = terminal.ended_since
            if status is not None:
                self._left.remove((command, terminal))
                terminal.close()
                where = f"{command.file}:{command.line}"
                yield f"the command of {where}, left running, has ended with exit status {status}"

    def _time_for(self, command: Command) -> float:
        own = command.options.timeout
        return self._timeout if own is None else own

    def _awaited(self, command: Command, terminal: Terminal) -> Outcome:
        timeout = self._time_for(command)
        watch = Watch(command.options, machine=self._machine, terminal=terminal)
        key, pressed = interrupt(command.promised), False
        latest = Latest()
        while (left := timeout - terminal.elapsed) > 0 and not terminal.flooded:
            self._waiting(command, latest.line(terminal.outputs))
            event = terminal.event(min(left, watch.patience if key is None else OFTEN))
            if isinstance(event, Prompted):
                continue
            if event is not None:
                shown, seconds = self.mask.hide(command), terminal.elapsed
                if key and pressed:
                    return verdict.interrupted(shown, event, key=key, seconds=seconds)
                outcome = verdict.ended(shown, event, seconds=seconds)
                return verdict.accepted(outcome) if self.policy.update else outcome
            if key and not pressed and key.is_due(terminal.outputs, seconds=terminal.elapsed):
                terminal.interrupt()
                pressed = True
            if (sight := watch.sight()) is not Sight.NOTHING:
                return self._unended(sight, command, watch)
        return self._unended(None, command, watch)

    def _unended(self, sight: Sight | None, command: Command, watch: Watch) -> Outcome:
        """Return the outcome of a command that did not end; without a sight its time is up."""
        terminal = self._terminals[command.options.terminal]
        match sight:
            case Sight.SERVES:
                return self._serving(command, terminal, watch=watch)
            case Sight.ASKS:
                return _asking(command, terminal, program=watch.asking)
            case Sight.LOST:
                return verdict.taken(command, terminal.outputs)
        return self._stopped(command, terminal, timeout=self._time_for(command))

    def _serving(self, command: Command, terminal: Terminal, *, watch: Watch) -> Outcome:
        """Leave a server running in its terminal; the next command gets another one."""
        if not (self.policy.servers or watch.announced):
            reason = f"it listens on port {watch.ports[0]} and does not end"
            return _ended(command, terminal, ending=Ending.TIMED_OUT, reason=reason)
        outputs = terminal.outputs
        self._starts[command.options.terminal] = terminal.start()
        terminal.leave()
        return verdict.serving(command, outputs, ports=watch.ports, seconds=terminal.elapsed)

    def _stopped(self, command: Command, terminal: Terminal, *, timeout: float) -> Outcome:
        if terminal.flooded:
            reason = f"it printed more than {FLOOD // 2**20} MiB"
            return _ended(command, terminal, ending=Ending.FLOODED, reason=reason)
        ready = command.options.ready
        reason = f"not ready ({ready}) after {timeout:g} s" if ready else f"after {timeout:g} s"
        return _ended(command, terminal, ending=Ending.TIMED_OUT, reason=f"timed out: {reason}")


def _asking(command: Command, terminal: Terminal, *, program: str) -> Outcome:
    question = verdict.question(terminal.outputs)
    asked = f' at "{question}"' if question else ""
    given = ", and all of `stdin=` was typed" if command.options.stdin else ""
    reason = f"`{program}` waits for input{asked}{given}"
    return _ended(command, terminal, ending=Ending.WAITING, reason=reason)


def _ended(command: Command, terminal: Terminal, *, ending: Ending, reason: str) -> Outcome:
    """End a command that would not end by itself."""
    printed = terminal.outputs
    event = terminal.end_command()
    if terminal.is_within:  # what a shell says of its own end is not the command's
        event = replace(event, outputs=printed)
    return verdict.stopped(command, event, ending=ending, reason=reason, seconds=terminal.elapsed)


def _batch(waiting: Sequence[Command]) -> tuple[Command, ...]:
    """Return the commands that can be sent ahead: up to the first that the shell can't judge."""
    batch: list[Command] = []
    for command in waiting:
        if command.options.terminal != waiting[0].options.terminal or (
            batch and _is_apart(command)
        ):
            break
        batch.append(command)
        if not _shell_can_judge(command):
            break
    return tuple(batch)


def _is_apart(command: Command) -> bool:
    """Tell whether a command opens another program, or is written for one."""
    return bool(command.within) or opening(command) is not None


def _shell_can_judge(command: Command) -> bool:
    """Tell whether the driver in the shell sees a failure of this command by its status alone."""
    dies_by_signal = 128
    options = command.options
    watched = options.background or options.ready is not None
    promises = options.band is not None or command.promised is not None
    return not (watched or promises or options.tty) and options.exit < dies_by_signal
