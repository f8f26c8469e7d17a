"""What goes to a worker of a cluster, and what comes back from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from freshrun.model import Record
from freshrun.rehearsal import Choices


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """The values of secrets, by name, in a form that no log and no page shows."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return what a log may show."""
        return "Sealed(***)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, repr=False)
class Errand:
    """One rehearsal for a worker.

    `post` is the id of the worker that it is meant for, and of no other that has its address later.
    `repository` is the id of a bundle, `folder` where the caller stands in it; `word` announced the
    run.
    """

    post: str
    repository: str
    folder: str
    document: str
    choices: Choices
    word: Record
    secrets: Sealed = field(default_factory=Sealed)

    def __repr__(self) -> str:
        """Return what a log may show: a document's name may hold a secret."""
        return f"Errand({self.word.run})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class PinImage:
    """The wish to know which image a name stands for, as a registry tells it."""

    image: str


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What a worker says of an errand: the record as JSON, and the files of long outputs by name.

    `away` tells that the worker which was meant is gone, and another has its address. An errand
    that was given up has an empty record.
    """

    record: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    away: bool = False

    def __repr__(self) -> str:
        """Return what a log may show."""
        return f"Answer({len(self.record)} characters)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says of itself: its id, its version of freshrun, how many it rehearses at once.

    `has` tells whether the repository is there already; `fault` is why it can rehearse nothing.
    """

    id: str
    version: str
    at_once: int
    has: bool
    fault: str = ""
