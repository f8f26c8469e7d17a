"""What is a command at that does not end? Looked for while it runs, or asked for by `ready=`."""

from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum, auto
from types import MappingProxyType

from freshrun.document import Readiness, Signal, readiness
from freshrun.machine import Machine
from freshrun.model import FreshrunError, MachineError, Options
from freshrun.session.process_tree import Look
from freshrun.session.question import holds_screen
from freshrun.session.terminal import Terminal
from freshrun.text import Expression

QUIET = 8.0
"""Seconds without output after which a command that listens on a port may be a server.

A test run that starts a server of its own is silent at times, too: it works, a server waits.
"""

IDLE = 0.2
"""The share of one processor below which a command is taken to wait."""

_SOON, _SPELL = 0.4, 2.0
"""Seconds between two looks at what may wait for a person, and at what may be a server."""

_FIRST, _FIRST_ON_SCREEN = 1.2, 0.3
"""Seconds without output before the first look."""

OFTEN, _SELDOM = 0.25, 1.0
"""Seconds between two questions whether something was printed."""

_GRACE = 0.5
"""Seconds that a command in the background has to fail, where no `ready=` tells more."""

_END_OF_INPUT = "\x04"

_ANSWERS = '[[ $(curl -sk -o /dev/null -m 5 -w "%{http_code}" "$1") == [123]?? ]]'


class Sight(Enum):
    """What a look can show."""

    NOTHING = auto()
    SERVES = auto()
    """It is at its work as a server, and the rest of the document may go on."""
    ASKS = auto()
    """It waits for what nobody types."""
    LOST = auto()
    """The shell itself waits: it can't hear or tell anything any more."""


class Watch:
    """Looks at one running command from time to time.

    `patience` is how many seconds to wait for the command's end before the next look; `ports` and
    `asking` are the ports and the program that the last look was about.
    """

    def __init__(self, options: Options, *, machine: Machine, terminal: Terminal) -> None:
        """Watch for what the options ask for; without any, for what does not end by itself."""
        self.ports: tuple[int, ...] = ()
        self.asking = ""
        self.announced = options.background or options.ready is not None
        self._ready = readiness(options.ready) if options.ready else None
        self._machine = machine
        self._terminal = terminal
        self._tty = options.tty
        self._answers = deque(_typed(options) if options.tty else ())
        self._first = _FIRST_ON_SCREEN if options.tty else _FIRST
        self._next = self._first
        self._before: Look | None = None
        self._looked = 0.0
        self._received = terminal.received

    @property
    def patience(self) -> float:
        """Return how long to wait before the next look, in seconds."""
        if self.announced:
            return OFTEN
        return min(max(self._next - self._terminal.quiet, OFTEN), _SELDOM)

    def sight(self) -> Sight:
        """Look, and return what that shows."""
        if self.announced:
            return Sight.SERVES if self._started() else Sight.NOTHING
        if self._terminal.received != self._received:
            self._begin_again()
        quiet = self._terminal.quiet
        if quiet < self._next:
            return Sight.NOTHING
        return self._seen(self._terminal.look(), quiet=quiet)

    def _begin_again(self) -> None:
        """Forget what was seen before the last output; what holds the screen is looked at soon."""
        self._received = self._terminal.received
        self._before, self._looked, self._next = None, 0.0, QUIET
        if self._tty or holds_screen(self._terminal.outputs.stdout):
            self._next = self._first

    def _started(self) -> bool:
        if self._ready is not None:
            started = _CHECKS[self._ready.signal](self._ready, self._machine, self._terminal)
        else:
            started = self._terminal.elapsed >= _GRACE
        if started:
            self.ports = self._terminal.look().ports
        return started

    def _seen(self, look: Look, *, quiet: float) -> Sight:
        """Hold a look against the one before it: one moment alone proves nothing."""
        before, since = self._before, quiet - self._looked
        self._before, self._looked = look, quiet
        if look.asking and self._answers:
            self._terminal.press(self._answers.popleft())
            self._before, self._looked, self._next = None, 0.0, self._first
            return Sight.NOTHING
        suspicion, spell = self._suspicion(look, quiet=quiet)
        if suspicion is Sight.NOTHING:
            # A long computation is not looked at all the time.
            self._next = QUIET if quiet < QUIET else 2 * quiet
            return suspicion
        confirmed = before is not None and self._suspicion(before, quiet=quiet)[0] is suspicion
        if before and confirmed and since >= spell and _idle(before, look, seconds=since):
            self.ports, self.asking = look.ports, (*look.asking, *look.names, "")[0]
            return suspicion
        self._next = quiet + spell
        return Sight.NOTHING

    def _suspicion(self, look: Look, *, quiet: float) -> tuple[Sight, float]:
        """Return what a look may mean, and the seconds after which a second one can confirm it."""
        if not look.connected and not look.names:
            return Sight.LOST, _SOON
        # A server at a terminal may read keys beside its work.
        asks = look.asking or (look.names and holds_screen(self._terminal.outputs.stdout))
        if asks and not look.ports:
            return Sight.ASKS, _SOON
        if look.ports and quiet >= QUIET:
            return Sight.SERVES, _SPELL
        return Sight.NOTHING, 0.0


def _idle(before: Look, look: Look, *, seconds: float) -> bool:
    """Tell whether the processes waited between two looks, and at both."""
    return look.work - before.work < IDLE * seconds and not (before.busy or look.busy)


def _typed(options: Options) -> list[str]:
    """Return what is typed at a terminal, line by line, and the end of it."""
    lines = (options.stdin or "").splitlines(keepends=True)
    # The key Enter sends a carriage return; only a terminal that reads lines makes a newline of it.
    return [*(line.replace("\n", "\r") for line in lines), _END_OF_INPUT] if lines else []


def _takes_connections(ready: Readiness, machine: Machine, _terminal: Terminal) -> bool:
    probe = f"exec 3<>/dev/tcp/127.0.0.1/{ready.value}"
    return machine.run(("bash", "-c", probe)).exit_code == 0


def _answers(ready: Readiness, machine: Machine, _terminal: Terminal) -> bool:
    return machine.run(("bash", "-c", _ANSWERS, "probe", ready.value)).exit_code == 0


def _printed(ready: Readiness, _machine: Machine, terminal: Terminal) -> bool:
    outputs = terminal.outputs
    texts = (outputs.stdout.text, outputs.stderr.text)
    expression = Expression(ready.value, multi_line=True)
    try:
        return any(expression.search(text) for text in texts)
    except FreshrunError as error:
        raise MachineError(str(error)) from None


def _exists(ready: Readiness, machine: Machine, terminal: Terminal) -> bool:
    found = machine.run(("test", "-e", ready.value), cwd=terminal.start().cwd)
    return found.exit_code == 0


_Check = Callable[[Readiness, Machine, Terminal], bool]

_CHECKS: Mapping[Signal, _Check] = MappingProxyType(
    {
        Signal.TCP: _takes_connections,
        Signal.HTTP: _answers,
        Signal.LOG: _printed,
        Signal.FILE: _exists,
    }
)
