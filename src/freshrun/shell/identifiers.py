"""What one shell text calls, reads and sets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from freshrun.shell.event import Apart, Assignment, Call, Event, Function, Use, flat
from freshrun.shell.flow import Shell, typed
from freshrun.shell.syntax import Node, nodes, plain, trees
from freshrun.shell.variables import tree_events


@dataclass(frozen=True, slots=True)
class Names:
    """What a shell text calls, reads and sets, each name once, in order of appearance.

    `commands` are the literal first words of its simple commands. `used` are the variables that
    are expanded, `assigned` those that live on in the shell afterwards; `A=1 make` assigns none.
    """

    commands: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()


def names(text: str) -> Names:
    """Return the commands and variables of a text; none of them where it can't be parsed."""
    (tree,) = trees([text])
    (found,) = tree_events([tree])
    after, _ = typed(Shell(), found)
    return Names(
        commands=_once(map(_command_name, nodes(list(tree.statements)))),
        used=_once(_used(found)),
        assigned=_once(name for name in _assigned(found) if name in after.variables),
    )


def _assigned(found: Iterable[Event]) -> Iterator[str]:
    return (each.name for each in flat(found) if isinstance(each, Assignment))


def _used(found: Iterable[Event], *, local: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the variables that are expanded, without those of a function alone."""
    for event in found:
        match event:
            case Use(name) if name not in local:
                yield name
            case Function(_, body):
                yield from _used(body, local=local | _locals(body))
            case Apart(inner) | Call(script=inner):
                yield from _used(inner, local=local)


def _locals(body: Iterable[Event]) -> frozenset[str]:
    return frozenset(
        each.name for each in flat(body) if isinstance(each, Assignment) and each.local
    )


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in found if name))


def _command_name(node: Node) -> str:
    """Return the first word of a simple command where it is plain text, else nothing."""
    if node.get("Type") != "CallExpr" or not node.get("Args"):
        return ""
    return plain(node["Args"][0])
