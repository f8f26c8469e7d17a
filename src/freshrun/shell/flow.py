"""What a shell knows after each command: which variables are set, exported, or lost again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rpds import HashTrieMap

from freshrun.shell.event import (
    Apart,
    Assignment,
    Call,
    Event,
    Export,
    Function,
    Need,
    Removal,
    Unknown,
    Use,
)

_DEEPEST = 30
"""Calls of functions inside of one another that are followed."""

_STEPS = 100_000
"""Events inside of functions that are followed in one document."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is set, and the line that set it."""

    line: int
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What a shell knows between two commands.

    Each function has the number of lines above the text that defined it. `unknown` tells whether
    the shell has run text from elsewhere, which may have set anything. `exported` are those of
    its variables that what it starts is given. The maps share what they have in common, so that a
    shell is copied in no time, however much it knows.
    """

    variables: "HashTrieMap[str, Variable]" = field(default_factory=HashTrieMap)
    exported: "HashTrieMap[str, Variable]" = field(default_factory=HashTrieMap)
    functions: "HashTrieMap[str, tuple[int, tuple[Event, ...]]]" = field(
        default_factory=HashTrieMap
    )
    unknown: bool = False
    exports_all: bool = False

    @property
    def child(self) -> "Shell":
        """Return what a program knows that this shell starts: the exported variables."""
        return Shell(self.exported, self.exported, unknown=self.unknown)

    def given(self, variables: Mapping[str, Variable]) -> "Shell":
        """Return the shell with some more variables, all of them exported."""
        more = HashTrieMap(variables)
        return replace(
            self, variables=self.variables.update(more), exported=self.exported.update(more)
        )


class Allowance:
    """How much is still followed inside of functions, of which a short text can call very many.

    The shells of a document share one. Where nothing is left of it, a function may do anything.
    """

    def __init__(self, steps: int = _STEPS) -> None:
        """Begin with a number of events."""
        self._left = steps

    def take(self) -> bool:
        """Tell whether one more event may be followed."""
        self._left -= 1
        return self._left >= 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A use of a variable, in the document's line, and the variable as it was then.

    `variable` is `None` where nothing had set it, `unknown` where text from elsewhere may have.
    """

    use: Use
    variable: Variable | None
    unknown: bool


def typed(
    shell: Shell,
    events: Iterable[Event],
    *,
    above: int = 0,
    allowance: Allowance | None = None,
) -> tuple[Shell, tuple[Seen, ...]]:
    """Return what the shell knows after these events, and every use as it was met.

    `above` is the number of the document's lines above the text, so that lines are the document's.
    """
    own = Allowance() if allowance is None else allowance
    typing = _Typing(shell, above=above, allowance=own)
    typing.run_all(events)
    return typing.shell, tuple(typing.seen)


class _Typing:
    """One text as it is run."""

    def __init__(self, shell: Shell, *, above: int, allowance: Allowance, depth: int = 0) -> None:
        self.seen: list[Seen] = []
        self._above = above
        self._allowance = allowance
        self._depth = depth
        self._shell = shell
        self._variables = shell.variables
        self._exported = shell.exported
        self._functions = shell.functions
        self._locals: list[dict[str, Variable | None]] = []
        self._asked: set[str] = set()

    @property
    def shell(self) -> Shell:
        return replace(
            self._shell,
            variables=self._variables,
            exported=self._exported,
            functions=self._functions,
        )

    def run_all(self, events: Iterable[Event]) -> None:
        """Run a whole text; where it is nested deeper than anybody reads, it may do anything."""
        try:
            self.run(events)
        except RecursionError:
            self._may_do_anything()

    def run(self, events: Iterable[Event]) -> None:
        for event in events:
            if self._depth and not self._allowance.take():
                self._may_do_anything()
                return
            self._do(event)

    def _do(self, event: Event) -> None:
        match event:
            case Use():
                self._use(event)
            case Assignment():
                self._assign(event)
            case Export(name):
                self._export(name)
            case Removal(name):
                self._put(name, None)
            case Function(name, body):
                self._functions = self._functions.insert(name, (self._above, body))
            case Apart(inner):
                self._apart(self.shell, inner)
            case Call():
                self._call(event)
            case Unknown():
                self._may_do_anything()

    def _may_do_anything(self) -> None:
        self._shell = replace(self._shell, unknown=True)

    def _put(self, name: str, variable: Variable | None) -> None:
        """Set a variable, or unset it."""
        if variable is None:
            self._variables = self._variables.discard(name)
            self._exported = self._exported.discard(name)
            return
        self._variables = self._variables.insert(name, variable)
        if variable.exported:
            self._exported = self._exported.insert(name, variable)
        else:
            self._exported = self._exported.discard(name)

    def _use(self, use: Use) -> None:
        moved = replace(use, line=use.line + self._above)
        variable = self._variables.get(use.name)
        if use.need is not Need.PLAIN:
            self._asked.add(use.name)
        elif use.name in self._asked:  # the text has asked whether it is set, and goes on as it is
            moved = replace(moved, need=Need.DEFAULT)
        self.seen.append(Seen(moved, variable, unknown=self._shell.unknown))

    def _assign(self, event: Assignment) -> None:
        if event.local:
            if not self._locals:
                return
            self._locals[-1].setdefault(event.name, self._variables.get(event.name))
        before = self._variables.get(event.name)
        exported = event.exported or self._shell.exports_all or bool(before and before.exported)
        self._put(event.name, Variable(event.line + self._above, exported=exported))

    def _export(self, name: str) -> None:
        known = self._variables.get(name)
        if known is not None:
            self._put(name, replace(known, exported=True))

    def _apart(self, shell: Shell, events: Iterable[Event]) -> None:
        typing = _Typing(shell, above=self._above, allowance=self._allowance, depth=self._depth)
        typing._locals = [{}] if self._locals else []
        typing._asked |= self._asked
        typing.run(events)
        self.seen += typing.seen

    def _call(self, call: Call) -> None:
        if call.name == "set":
            self._set_option(call.words)
        given = {each.name: Variable(each.line + self._above, exported=True) for each in call.given}
        if call.script:
            self._apart(self.shell.child.given(given), call.script)
        function = self._functions.get(call.name)
        if function is not None and self._depth < _DEEPEST:
            self._run_function(function, given=given)

    def _run_function(
        self, function: tuple[int, tuple[Event, ...]], *, given: Mapping[str, Variable]
    ) -> None:
        above = self._above
        self._locals.append({name: self._variables.get(name) for name in given})
        for name, variable in given.items():
            self._put(name, variable)
        self._depth += 1
        self._above, body = function
        self.run(body)
        self._above = above
        self._depth -= 1
        for name, before in self._locals.pop().items():
            self._put(name, before)

    def _set_option(self, words: tuple[str, ...]) -> None:
        """Follow `set -a`, after which every variable that is set is exported."""
        for word in words:
            if word == "allexport" or (word[:1] in {"-", "+"} and "a" in word and word[1:2] != "-"):
                self._shell = replace(self._shell, exports_all=not word.startswith("+"))
