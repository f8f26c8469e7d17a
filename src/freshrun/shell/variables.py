"""The variables of a shell text, read from its syntax tree."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from freshrun.shell.calls import code_of, mentioned_in, names_set, script_of, unwrapped
from freshrun.shell.event import (
    Apart,
    Assignment,
    Call,
    Event,
    Export,
    Function,
    Mention,
    Need,
    Removal,
    Unknown,
    Use,
    flat,
)
from freshrun.shell.foreign import read_in_command
from freshrun.shell.remembered import Remembered
from freshrun.shell.syntax import Node, Tree, batches, nodes, plain, trees


def events(texts: Sequence[str]) -> tuple[tuple[Event, ...], ...]:
    """Return the events of each text, lines counted from 1; none where it can't be parsed."""
    return _EVENTS.of(texts)


def _read(texts: Sequence[str]) -> Iterator[tuple[Event, ...]]:
    for batch in batches(texts):  # a tree takes about 200 times its text
        yield from tree_events(trees(batch))


_EVENTS = Remembered(_read)


def is_ambient(name: str) -> bool:
    """Tell whether every shell or login sets the variable, or a tool's user may, by old custom."""
    return _AMBIENT.fullmatch(name) is not None


_AMBIENT = re.compile(
    r"HOME|PATH|USER|LOGNAME|PWD|OLDPWD|SHELL|TERM|LANG|LC_\w+|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE"
    r"|UID|EUID|PPID|S?RANDOM|SECONDS|LINENO|EPOCH\w+|IFS|PS[0-4]|OPT(?:ARG|IND|ERR)|BASH\w*"
    r"|SHELLOPTS|SHLVL|COLUMNS|LINES|DIRSTACK|FUNCNAME|GROUPS|PIPESTATUS|HIST\w+|_|COMP_\w+"
    r"|TMPDIR|EDITOR|VISUAL|PAGER|NO_COLOR|XDG_\w+|TZ|DEBIAN_FRONTEND|MAIL|SUDO_\w+|PROMPT_COMMAND"
)

_NAME = re.compile(r"[A-Za-z_]\w*")


def tree_events(found: Sequence[Tree]) -> Iterator[tuple[Event, ...]]:
    """Yield the events of each text that has been read."""
    scripts = _scripts(found)
    for tree in found:
        try:
            yield _Reader(tree, scripts).events_of(list(tree.statements))
        except RecursionError:  # nested deeper than anybody reads
            yield ()


_SCRIPTS_DEEP = 4
"""Scripts inside of one another that are read: `bash -c "eval '...'"` has two."""


def _scripts(found: Sequence[Tree]) -> Mapping[str, Tree]:
    """Return the trees of all scripts that stand as a word, by their text, read together."""
    known: dict[str, Tree] = {}
    for _ in range(_SCRIPTS_DEEP):
        texts = {text for tree in found for text in _texts_in(tree)} - known.keys()
        if not texts:
            break
        read = dict(zip(sorted(texts), trees(sorted(texts)), strict=True))
        known |= read
        found = tuple(read.values())
    return known


def _texts_in(tree: Tree) -> Iterator[str]:
    for node in nodes(list(tree.statements)):
        if node.get("Type") == "CallExpr" and node.get("Args"):
            _, _, (name, *rest) = unwrapped([_literal(word) for word in node["Args"]])
            yield from filter(None, (script_of(name, rest), code_of(name, rest)))


def _part(node: Node, key: str) -> Node:
    """Return a part that is a node itself, an empty one where it is none."""
    found = cast("Mapping[str, object]", node).get(key)
    return cast("Node", found) if isinstance(found, dict) else Node()


def _value(assignment: Node) -> str:
    return plain(_part(assignment, "Value"))


# --- the walk ---

_ASSIGNING = re.compile(rb"(?:<<|>>|[-+*/%&|^])?=(?!=)")
_DEFAULTING = re.compile(rb":?[-=+]")


class _Reader:
    """Walks through one tree and notes what happens, in the order of the text."""

    def __init__(
        self, tree: Tree, scripts: Mapping[str, Tree], *, in_function: bool = False
    ) -> None:
        self._tree = tree
        self._scripts = scripts
        self._in_function = in_function
        self._found: list[Event] = []

    def events_of(self, *parts: object, in_function: bool = False) -> tuple[Event, ...]:
        """Return what happens in some parts of the tree."""
        inside = in_function or self._in_function
        reader = _Reader(self._tree, self._scripts, in_function=inside)
        reader.visit(list(parts))
        return tuple(reader._found)

    def visit(self, part: object) -> None:
        """Note what happens in a part of the tree and in all that it holds."""
        if isinstance(part, list):
            for each in part:
                self.visit(each)
        elif isinstance(part, dict):
            node = cast("Node", part)
            _STEPS.get(node.get("Type", ""), _Reader.statement)(self, node)

    def inside(self, node: Node) -> None:
        self.visit(list(node.values()))

    def statement(self, node: Node) -> None:
        for document in map(_here_document, node.get("Redirs", [])):
            self._fed(_part(node, "Cmd"), document)
        if node.get("Background"):
            self.subshell(node)
        else:
            self.inside(node)

    def subshell(self, node: Node) -> None:
        self._found.append(Apart(self.events_of(*node.values())))

    def coprocess(self, node: Node) -> None:
        self.subshell(node)
        self._set(plain(_part(node, "Name")) or "COPROC", node)

    def connected(self, node: Node) -> None:
        operator = self._operator(node)
        if operator.startswith(b"|") and not operator.startswith(b"||"):
            self._found += [Apart(self.events_of(node[side])) for side in ("X", "Y")]
        else:
            self.inside(node)

    def function(self, node: Node) -> None:
        body = self.events_of(node["Body"], in_function=True)
        self._found.append(Function(node["Name"]["Value"], body))

    def loop(self, node: Node) -> None:
        loop = node["Loop"]
        if "Name" in loop:
            self.inside(loop)
            self._set(loop["Name"]["Value"], loop)
        for part in ("Init", "Cond", "Post"):
            self._arithmetic(_part(loop, part))
        self.visit([part for key, part in node.items() if key != "Loop"])

    def _line(self, node: Node) -> int:
        return node["Pos"]["Line"] - self._tree.first_line + 1

    def _operator(self, node: Node) -> bytes:
        # Older versions write operators as numbers, so the source is asked.
        offset = node["OpPos"]["Offset"]
        return self._tree.source[offset : offset + 3]

    def _use(self, name: str, node: Node, need: Need = Need.PLAIN) -> None:
        self._found.append(Use(name, self._line(node), need))

    def _set(self, name: str, node: Node) -> None:
        self._found.append(Assignment(name, self._line(node)))

    # Expansions.

    def parameter(self, node: Node) -> None:
        name = node["Param"]["Value"]
        self._index(_part(node, "Index"))
        operator = self._expansion_operator(node)
        if _NAME.fullmatch(name) and not node.get("Names"):
            self._use(name, node, _need(operator))
            if re.match(rb":?=", operator):
                self._set(name, node)
        self.visit([_part(node, "Exp"), _part(node, "Repl")])
        for bound in ("Offset", "Length"):
            self._arithmetic(_part(_part(node, "Slice"), bound))

    def _expansion_operator(self, node: Node) -> bytes:
        """Return what follows the name, such as `:-`, where the expansion has an operator."""
        if "Exp" not in node:
            return b""
        index = _part(node, "Index")
        end = index["End"]["Offset"] + 1 if index else node["Param"]["End"]["Offset"]
        return self._tree.source[end : end + 2]

    def _index(self, node: Node) -> None:
        """Note an index: arithmetic in an array and a key in a map, which nobody can tell apart."""
        if _NAME.fullmatch(plain(node)):
            self._use(plain(node), node, Need.DEFAULT)
        else:
            self._arithmetic(node)

    def test(self, node: Node) -> None:
        name = plain(node["X"])
        if self._operator(node).startswith(b"-v") and _NAME.fullmatch(name):
            self._use(name, node, Need.DEFAULT)
        elif self._operator(node)[:2] in {b"-n", b"-z"}:
            self._found += map(_asked, self.events_of(node["X"]))
        else:
            self.inside(node)

    # Arithmetic, where bare words are variables.

    def arithmetic(self, node: Node) -> None:
        self._arithmetic(_part(node, "X"))
        for each in node.get("Exprs", []):
            self._arithmetic(each)

    def _arithmetic(self, node: Node) -> None:
        kind = node.get("Type")
        if kind in {"BinaryArithm", "UnaryArithm"} and self._assigns(node):
            self._arithmetic_assignment(node)
        elif kind in {"BinaryArithm", "UnaryArithm", "ParenArithm"}:
            self._arithmetic(_part(node, "X"))
            self._arithmetic(_part(node, "Y"))
        elif _NAME.fullmatch(plain(node)):
            self._use(plain(node), node)
        else:
            self.visit(node)

    def _assigns(self, node: Node) -> bool:
        operator = self._operator(node)
        return operator[:2] in {b"++", b"--"} or _ASSIGNING.match(operator) is not None

    def _arithmetic_assignment(self, node: Node) -> None:
        self._arithmetic(_part(node, "Y"))
        target = node["X"]
        name = plain(target)
        if not _NAME.fullmatch(name):
            self.visit(target)
            return
        if not self._operator(node).startswith(b"="):
            self._use(name, target, Need.DEFAULT)
        self._set(name, target)

    # Declarations and calls.

    def declaration(self, node: Node) -> None:
        variant = node["Variant"]["Value"]
        arguments = node.get("Args", [])
        flags = "".join(_value(each) for each in arguments if "Name" not in each)
        is_local = variant == "local" or (self._in_function and variant in {"declare", "typeset"})
        for argument in arguments:
            self._values(argument)
            if "Name" in argument:
                exported = variant == "export" or "x" in flags
                self._declare(argument, exported=exported, local=is_local and "g" not in flags)
            elif not _value(argument):
                self._found.append(Unknown())

    def _declare(self, argument: Node, *, exported: bool, local: bool) -> None:
        name = argument["Name"]["Value"]
        if exported and argument.get("Naked"):
            self._found.append(Export(name))
        else:
            line = self._line(argument)
            value = _value(argument)
            self._found.append(Assignment(name, line, exported=exported, local=local, value=value))

    def _values(self, assignment: Node) -> None:
        self._index(_part(assignment, "Index"))
        name = _part(assignment, "Name").get("Value", "")
        for event in self.events_of(_part(assignment, "Value"), _part(assignment, "Array")):
            match event:
                case Use(used, line) if used == name:  # `X=more:$X` adds to what may be there
                    self._found.append(Use(name, line, Need.DEFAULT))
                case _:
                    self._found.append(event)

    def call(self, node: Node) -> None:
        words = node.get("Args", [])
        for assignment in node.get("Assigns", []):
            self._values(assignment)
        asks = _asks_whether_set([_literal(word) for word in words])
        self._found += map(_asked, self.events_of(words)) if asks else self.events_of(words)
        given = [
            Assignment(each["Name"]["Value"], self._line(each), value=_value(each))
            for each in node.get("Assigns", [])
        ]
        if words:
            self._called([_literal(word) for word in words], given=given, line=self._line(node))
        else:
            self._found += given

    def _called(self, words: list[str], *, given: list[Assignment], line: int) -> None:
        wrapper, passed, (name, *rest) = unwrapped(words)
        given = given + [Assignment(key, line, value=value) for key, value in passed.items()]
        own = code_of(name, rest) if not wrapper else ""
        script = self._events_at(script_of(name, rest), line=line)
        script += tuple(_read_by(name, rest, line=line))
        if wrapper == "sudo":  # which hands over what its own settings allow
            self._found += [Mention(each.name) for each in _uses(script)]
            script = ()
        self._found += [Mention(word) for word in mentioned_in(name, rest)]
        self._found.append(Call(name, line, tuple(rest), tuple(given), script))
        if not wrapper:
            read = own in self._scripts
            self._found += (
                self._events_at(own, line=line) if read else _effects(name, rest, line=line)
            )

    def _fed(self, command: Node, document: str) -> None:
        """Note what a program in another language reads whose code is a here-document."""
        words = [_literal(word) for word in command.get("Args", [])]
        if document and words:
            _, passed, (name, *_) = unwrapped(words)
            line = self._line(command)
            given = [each["Name"]["Value"] for each in command.get("Assigns", [])]
            known = tuple(Assignment(key, line) for key in (*given, *passed))
            if script := tuple(_read_by(name, [document], line=line)):
                self._found.append(Call(name, line, given=known, script=script))

    def _events_at(self, text: str, *, line: int) -> tuple[Event, ...]:
        """Return the events of a script that stands as one word in `line`."""
        if text not in self._scripts:
            return ()
        reader = _Reader(self._scripts[text], self._scripts)
        found = reader.events_of(list(self._scripts[text].statements))
        return tuple(replace(each, line=line) if isinstance(each, Use) else each for each in found)


_STEPS = {
    "ArithmCmd": _Reader.arithmetic,
    "ArithmExp": _Reader.arithmetic,
    "BinaryCmd": _Reader.connected,
    "CallExpr": _Reader.call,
    "CmdSubst": _Reader.subshell,
    "CoprocClause": _Reader.coprocess,
    "DeclClause": _Reader.declaration,
    "ForClause": _Reader.loop,
    "FuncDecl": _Reader.function,
    "LetClause": _Reader.arithmetic,
    "ParamExp": _Reader.parameter,
    "ProcSubst": _Reader.subshell,
    "Subshell": _Reader.subshell,
    "UnaryTest": _Reader.test,
}
"""What is done at each kind of node; at any other its parts are visited."""


def _asks_whether_set(words: Sequence[str]) -> bool:
    """Tell whether a command is `test` or `[`, and asks whether there is any text."""
    asked = [word for word in words[1:] if word not in {"!", "]"}]
    return words[:1] in (["test"], ["["]) and (
        len(asked) == 1 or not {"-n", "-z"}.isdisjoint(asked)
    )


def _asked(event: Event) -> Event:
    """Return a use as one that does without a value: it asks whether there is one."""
    if isinstance(event, Use) and event.need is Need.PLAIN:
        return replace(event, need=Need.DEFAULT)
    return event


def _need(operator: bytes) -> Need:
    if re.match(rb":?\?", operator):
        return Need.CHECKED
    return Need.DEFAULT if _DEFAULTING.match(operator) else Need.PLAIN


def _literal(word: Node) -> str:
    """Return a word's text; of one that begins `NAME=` and goes on with expansions, that much."""
    if text := plain(word):
        return text
    first = (word.get("Parts") or [Node()])[0]
    start = re.match(r"[A-Za-z_]\w*=", first.get("Value", "") if "Parts" not in first else "")
    return start[0] if start else ""


def _here_document(redirection: Node) -> str:
    """Return the text of a here-document, without what the shell puts in; of any other, nothing."""
    parts = _part(redirection, "Hdoc").get("Parts", [])
    return "".join(part.get("Value", "") for part in parts if "Parts" not in part)


def _read_by(program: str, texts: Sequence[str], *, line: int) -> Iterator[Use]:
    """Yield what code in another language reads of the variables that are exported."""
    for read in read_in_command(program, texts):
        yield Use(read.name, line, Need.PLAIN if read.needed else Need.DEFAULT)


def _uses(found: Iterable[Event]) -> Iterator[Use]:
    return (each for each in flat(found) if isinstance(each, Use))


def _effects(name: str, words: list[str], *, line: int) -> Iterator[Event]:
    """Yield what a builtin does to variables."""
    if name in {"source", "."}:
        if not _HARMLESS.search(words[0] if words else ""):
            yield Unknown()
    elif name == "eval":
        yield Unknown()
    elif name == "unset":
        yield from (Removal(word) for word in words if _NAME.fullmatch(word) and "-f" not in words)
    else:
        yield from (Assignment(each, line) for each in names_set(name, words))


_HARMLESS = re.compile(r"(?:^|/)(?:bin/activate|activate|nvm\.sh|cargo/env)$")
"""Files to source that set nothing that a runbook's commands use."""
