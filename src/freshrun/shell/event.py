"""What a shell text does with variables: values, in the order in which they happen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum


class Need(Enum):
    """What a use asks of its variable."""

    PLAIN = "plain"
    DEFAULT = "default"
    """It has a default or another way out: `${X:-d}`, `${X:+d}`, `[[ -v X ]]`, `$((X += 1))`."""
    CHECKED = "checked"
    """The command fails without it: `${X:?}`."""


@dataclass(frozen=True, slots=True)
class Use:
    """A variable is expanded."""

    name: str
    line: int
    need: Need = Need.PLAIN


@dataclass(frozen=True, slots=True)
class Mention:
    """Text that this shell does not expand names it, and another program may read it."""

    name: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variable is set, and lives on; `local` is one of the function around it alone.

    `value` is the text that it is set to, empty where that is not told by the text alone.
    """

    name: str
    line: int
    exported: bool = False
    local: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A variable is exported, with the value that it has."""

    name: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A variable is unset."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Text from elsewhere is run in this shell, which may set anything: `source`, `eval`."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What happens inside leaves nothing behind: a subshell, a stage of a pipeline, a job."""

    events: "tuple[Event, ...]"


@dataclass(frozen=True, slots=True)
class Function:
    """A function is defined; its events happen when it is called."""

    name: str
    events: "tuple[Event, ...]"


@dataclass(frozen=True, slots=True)
class Call:
    """A command is called, with variables that are set for it alone.

    `name` is empty where the first word is not plain text; `words` are those after it, each empty
    where it is not. `script` is what a shell that it starts does: `bash -c 'text'`.
    """

    name: str
    line: int
    words: tuple[str, ...] = ()
    given: tuple[Assignment, ...] = ()
    script: "tuple[Event, ...]" = ()


Event = Use | Mention | Assignment | Export | Removal | Unknown | Apart | Function | Call


def flat(found: Iterable[Event]) -> Iterator[Event]:
    """Yield every event, those inside of others after the one that holds them."""
    stack = [iter(found)]
    while stack:
        event = next(stack[-1], None)
        if event is None:
            stack.pop()
            continue
        yield event
        match event:
            case Apart(inner) | Function(_, inner) | Call(script=inner):
                stack.append(iter(inner))
