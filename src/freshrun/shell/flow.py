"""What a shell knows after each command: which variables are set, exported, or lost again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from freshrun.shell.events import (
    Apart,
    Assignment,
    Call,
    Event,
    Export,
    Function,
    Removal,
    Unknown,
    Use,
)

_DEEPEST = 30
"""Calls of functions inside of one another that are followed."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is set, and the line that set it."""

    line: int
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What a shell knows between two commands.

    Each function has the number of lines above the text that defined it. `unknown` tells whether
    the shell has run text from elsewhere, which may have set anything.
    """

    variables: Mapping[str, Variable] = field(default_factory=lambda: MappingProxyType({}))
    functions: Mapping[str, tuple[int, tuple[Event, ...]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    unknown: bool = False
    exports_all: bool = False

    @property
    def child(self) -> "Shell":
        """Return what a program knows that this shell starts: the exported variables."""
        exported = {name: each for name, each in self.variables.items() if each.exported}
        return Shell(exported, unknown=self.unknown)


@dataclass(frozen=True, slots=True)
class Seen:
    """A use of a variable, in the document's line, and the variable as it was then.

    `variable` is `None` where nothing had set it, `unknown` where text from elsewhere may have.
    """

    use: Use
    variable: Variable | None
    unknown: bool


def typed(
    shell: Shell, events: Iterable[Event], *, above: int = 0
) -> tuple[Shell, tuple[Seen, ...]]:
    """Return what the shell knows after these events, and every use as it was met.

    `above` is the number of the document's lines above the text, so that lines are the document's.
    """
    typing = _Typing(shell, above=above)
    typing.run(events)
    return typing.shell, tuple(typing.seen)


class _Typing:
    """One text as it is run."""

    def __init__(self, shell: Shell, *, above: int, depth: int = 0) -> None:
        self.seen: list[Seen] = []
        self._above = above
        self._depth = depth
        self._shell = shell
        self._variables = dict(shell.variables)
        self._functions = dict(shell.functions)
        self._locals: list[dict[str, Variable | None]] = []

    @property
    def shell(self) -> Shell:
        return replace(self._shell, variables=self._variables, functions=self._functions)

    def run(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Use():
                    self._use(event)
                case Assignment():
                    self._assign(event)
                case Export(name):
                    self._export(name)
                case Removal(name):
                    self._variables.pop(name, None)
                case Function(name, body):
                    self._functions[name] = (self._above, body)
                case Apart(inner):
                    self._apart(self.shell, inner)
                case Call():
                    self._call(event)
                case Unknown():
                    self._shell = replace(self._shell, unknown=True)

    def _use(self, use: Use) -> None:
        moved = replace(use, line=use.line + self._above)
        variable = self._variables.get(use.name)
        self.seen.append(Seen(moved, variable, unknown=self._shell.unknown))

    def _assign(self, event: Assignment) -> None:
        if event.local:
            if not self._locals:
                return
            self._locals[-1].setdefault(event.name, self._variables.get(event.name))
        before = self._variables.get(event.name)
        exported = event.exported or self._shell.exports_all or bool(before and before.exported)
        self._variables[event.name] = Variable(event.line + self._above, exported=exported)

    def _export(self, name: str) -> None:
        if name in self._variables:
            self._variables[name] = replace(self._variables[name], exported=True)

    def _apart(self, shell: Shell, events: Iterable[Event]) -> None:
        typing = _Typing(shell, above=self._above, depth=self._depth)
        typing._locals = [{}] if self._locals else []
        typing.run(events)
        self.seen += typing.seen

    def _call(self, call: Call) -> None:
        if call.name == "set":
            self._set_option(call.words)
        given = {each.name: Variable(each.line + self._above, exported=True) for each in call.given}
        if call.script:
            child = self.shell.child
            self._apart(replace(child, variables={**child.variables, **given}), call.script)
        if call.name in self._functions and self._depth < _DEEPEST:
            self._run_function(self._functions[call.name], given=given)

    def _run_function(
        self, function: tuple[int, tuple[Event, ...]], *, given: Mapping[str, Variable]
    ) -> None:
        above = self._above
        self._locals.append({name: self._variables.get(name) for name in given})
        self._variables.update(given)
        self._depth += 1
        self._above, body = function
        self.run(body)
        self._above = above
        self._depth -= 1
        for name, before in self._locals.pop().items():
            if before is None:
                self._variables.pop(name, None)
            else:
                self._variables[name] = before

    def _set_option(self, words: tuple[str, ...]) -> None:
        """Follow `set -a`, after which every variable that is set is exported."""
        for word in words:
            if word == "allexport" or (word[:1] in {"-", "+"} and "a" in word and word[1:2] != "-"):
                self._shell = replace(self._shell, exports_all=not word.startswith("+"))
