"""The variables of a runbook, as its commands use and set them, terminal by terminal."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun import shell
from freshrun.lint.of_shell import of_shell
from freshrun.model import Command, Runbook
from freshrun.shell import Allowance, Event, Seen, Shell, Variable


@dataclass(frozen=True, slots=True)
class Missed:
    """A use of a variable that is not set there; `elsewhere` says where it is, if anywhere."""

    seen: Seen
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """A variable that a command names, in the document's line.

    `sets` tells whether it gives it a value, `for_programs` whether what it starts is meant to
    read that: it is exported, or set for that command alone.
    """

    name: str
    line: int
    sets: bool = False
    for_programs: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Variables:
    """What the commands of a runbook do with variables.

    `missed` are the uses of what no earlier command of the same shell has set, nor the front
    matter. `touched` is every mention, with that of programs in other languages.
    """

    missed: tuple[Missed, ...]
    touched: tuple[Touched, ...]
    programs: frozenset[str]


def variables(runbook: Runbook) -> Variables:
    """Read the variables of all commands, in the document's order.

    As in a rehearsal, each terminal has a shell of its own, what goes on in the background leaves
    its variables behind unless they are exported, and independent sections share the first alone.
    """
    runbook = of_shell(runbook)
    commands = runbook.commands
    found = dict(zip(commands, shell.events([c.text for c in commands]), strict=True))
    missed: list[Missed] = []
    walk = _Walk(runbook, found)
    for part in _parts(runbook):
        missed += walk.part(part)
    touched = tuple(each for command in commands for each in _touched(command, found[command]))
    calls = (
        e for events in found.values() for e in shell.flat(events) if isinstance(e, shell.Call)
    )
    return Variables(tuple(missed), touched, frozenset(call.name for call in calls))


def _parts(runbook: Runbook) -> Iterator[tuple[Command, ...]]:
    """Yield the commands that share their shells: all of them, or those of each section."""
    if runbook.settings.sections != "independent":
        yield runbook.commands
        return
    part: list[Command] = []
    for section in runbook.sections:
        if section.level <= _SECOND and part:
            yield tuple(part)
            part = []
        part += section.commands
    yield tuple(part)


_SECOND = 2


class _Walk:
    """One way through the commands; after the first part with commands, its shells are kept."""

    def __init__(self, runbook: Runbook, events: dict[Command, tuple[Event, ...]]) -> None:
        given = (*runbook.settings.env, *runbook.settings.secrets)
        self._fresh = Shell().given({name: Variable(1, exported=True) for name in given})
        self._allowance = Allowance()
        self._events = events
        self._setup: dict[str | None, Shell] | None = None
        self._set = _lines_that_set(events)

    def part(self, commands: Sequence[Command]) -> list[Missed]:
        shells = dict(self._setup or {})
        missed: list[Missed] = []
        for command in commands:
            terminal = command.options.terminal
            before = shells.get(terminal, self._fresh)
            after, seen = shell.typed(
                before,
                self._events[command],
                above=command.line - 1,
                allowance=self._allowance,
            )
            shells[terminal] = after.child if _stays_behind(command) else after
            missed += [
                Missed(each, self._elsewhere(each, command, shells=shells))
                for each in seen
                if each.variable is None and not each.unknown
            ]
        if self._setup is None and commands:
            self._setup = shells
        return missed

    def _elsewhere(self, seen: Seen, command: Command, *, shells: dict[str | None, Shell]) -> str:
        """Say why a variable is not set here although a command of the document sets it."""
        name = seen.use.name
        for terminal, other in shells.items():
            if terminal != command.options.terminal and name in other.variables:
                line = other.variables[name].line
                return f"line {line} sets it in another terminal; set it in this one too"
        own = shells[command.options.terminal].variables.get(name)
        if own is not None and not own.exported:
            return f"line {own.line} sets it and does not export it; export it"
        lines = self._set.get(name, [])
        if earlier := bisect_right(lines, seen.use.line):
            return f"what line {lines[earlier - 1]} sets does not last until here; set it here too"
        return f"only line {lines[0]}, below, sets it; set it first" if lines else ""


def _lines_that_set(events: Mapping[Command, tuple[Event, ...]]) -> Mapping[str, list[int]]:
    """Return the lines that set a variable, in order, by its name."""
    lines: dict[str, list[int]] = {}
    for command, happening in events.items():
        for each in _touched(command, happening):
            if each.sets:
                lines.setdefault(each.name, []).append(each.line)
    return {name: sorted(found) for name, found in lines.items()}


def _stays_behind(command: Command) -> bool:
    return command.options.background or command.options.ready is not None


def _touched(command: Command, events: tuple[Event, ...]) -> Iterator[Touched]:
    above = command.line - 1
    for event in shell.flat(events):
        match event:
            case shell.Use(name, line):
                yield Touched(name, line + above)
            case shell.Mention(name) | shell.Export(name) | shell.Removal(name):
                yield Touched(name, command.line, for_programs=isinstance(event, shell.Export))
            case shell.Assignment():
                yield _set(event, above=above, for_programs=event.exported)
            case shell.Call(given=given):
                yield from (_set(each, above=above, for_programs=True) for each in given)


def _set(event: shell.Assignment, *, above: int, for_programs: bool) -> Touched:
    line = event.line + above
    return Touched(event.name, line, sets=True, for_programs=for_programs, value=event.value)
