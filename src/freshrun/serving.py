"""Is a command that does not end a server? Looked for while it runs, or asked for by `ready=`."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from freshrun.machine import Machine
from freshrun.readiness import Readiness, Signal, readiness
from freshrun.runbook import Options
from freshrun.terminal import Terminal

QUIET = 8.0
"""Seconds without output after which a command that listens on a port may be a server.

A test run that starts a server of its own is silent at times, too: it works, a server waits.
"""

IDLE = 0.2
"""The share of one processor below which a command is taken to wait."""

_SPELL = 2.0
"""Seconds for which it is watched at that."""

_OFTEN = 0.25
_GRACE = 0.5
"""Seconds that a command in the background has to fail, where no `ready=` tells more."""

_ANSWERS = '[[ $(curl -sk -o /dev/null -m 5 -w "%{http_code}" "$1") == [123]?? ]]'


class Watch:
    """Looks at one running command from time to time.

    `patience` is how many seconds to wait for the command's end before the next look.
    """

    def __init__(self, options: Options, *, machine: Machine, terminal: Terminal) -> None:
        """Watch for what the options ask for; without any, for a server that nobody announced."""
        self.ports: tuple[int, ...] = ()
        self.announced = options.background or options.ready is not None
        self._ready = readiness(options.ready) if options.ready else None
        self._machine = machine
        self._terminal = terminal
        self._next = QUIET
        self._work: float | None = None

    @property
    def patience(self) -> float:
        """Return how long to wait before the next look, in seconds."""
        if self.announced:
            return _OFTEN
        return max(self._next - self._terminal.quiet, _OFTEN)

    def serves(self) -> bool:
        """Look; tell whether the command is at its work as a server, and the rest may go on."""
        if self._ready is not None:
            started = _CHECKS[self._ready.signal](self._ready, self._machine, self._terminal)
        elif self.announced:
            started = self._terminal.elapsed >= _GRACE
        else:
            return self._listens()
        if started:
            self.ports = self._terminal.ports()
        return started

    def _listens(self) -> bool:
        """Look twice: at ports and work, and after a spell at the work that was done in it."""
        if self._terminal.quiet < self._next:
            return False
        work, before = self._terminal.work(), self._work
        self._work = None
        if before is not None and work - before < IDLE * _SPELL:
            return True
        self.ports = self._terminal.ports()
        if self.ports and before is None:
            self._work = work
            self._next = self._terminal.quiet + _SPELL
        else:  # a long computation is not looked at all the time
            self._next = max(2 * self._terminal.quiet, QUIET)
        return False


def _takes_connections(ready: Readiness, machine: Machine, _terminal: Terminal) -> bool:
    probe = f"exec 3<>/dev/tcp/127.0.0.1/{ready.value}"
    return machine.run(("bash", "-c", probe)).exit_code == 0


def _answers(ready: Readiness, machine: Machine, _terminal: Terminal) -> bool:
    return machine.run(("bash", "-c", _ANSWERS, "probe", ready.value)).exit_code == 0


def _printed(ready: Readiness, _machine: Machine, terminal: Terminal) -> bool:
    return any(re.search(ready.value, output.text, re.MULTILINE) for output in terminal.outputs)


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
