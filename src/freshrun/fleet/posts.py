"""The workers of a cluster as a caller sees them: who is there, who is ready, who has room."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version

from freshrun.fleet.errand import Greeting
from freshrun.fleet.station import RESOURCE
from freshrun.host import say

Workers = Mapping[str, Mapping[str, object]]
"""What a scheduler tells of its workers, by address."""


@dataclass(frozen=True, slots=True)
class Post:
    """One worker: its address, its name, and its greeting once it has said who it is.

    It is `ready` once it has the repository.
    """

    address: str
    name: str
    greeting: Greeting | None = None
    ready: bool = False

    def __str__(self) -> str:
        """Return what a person knows it by."""
        return self.name if self.name in {"", self.address} else f"{self.name} ({self.address})"


@dataclass(slots=True)
class Posts:
    """All workers that have machines to give, by address.

    `busy` counts what each is doing, and `refused` tells why one is given nothing.
    """

    known: dict[str, Post] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def missing(self, there: Collection[str]) -> list[str]:
        """Forget the workers that are no more; return their addresses."""
        gone = [address for address in self.known if address not in there]
        for address in gone:
            self.lose(address)
        return gone

    def new(self, workers: Workers) -> Iterator[Post]:
        """Yield the workers that have come, and that have machines to give."""
        for address, told in workers.items():
            if address not in self.known and _has_machines(told):
                self.known[address] = Post(address, str(told.get("name", "")))
                yield self.known[address]

    def lose(self, address: str) -> None:
        """Forget a worker that is gone, or that is another one by now."""
        for each in (self.known, self.busy, self.refused):
            each.pop(address, None)

    def greeted(self, address: str, greeting: Greeting) -> None:
        """Take in who a worker is."""
        if why := greeting.fault or _unlike(greeting):
            self.refuse(address, why)
        else:
            post = replace(self.known[address], greeting=greeting, ready=greeting.has)
            self.known[address] = post

    def supplied(self, address: str) -> None:
        """Take in that a worker has got the repository."""
        self.known[address] = replace(self.known[address], ready=True)

    def with_room(self) -> Iterator[Post]:
        """Yield the workers that can take one more; those with most room first."""
        while free := [post for post in self.known.values() if self._room(post) > 0]:
            yield max(free, key=self._room)

    def take(self, address: str) -> None:
        """Count one that a worker has been given."""
        self.busy[address] = self.busy.get(address, 0) + 1

    def give_back(self, address: str) -> None:
        """Count one that a worker has ended."""
        if address in self.busy:
            self.busy[address] -= 1

    @property
    def useless(self) -> str:
        """Return why none of the workers can rehearse; empty where one can, or may yet say so."""
        if not self.known or len(self.refused) < len(self.known):
            return ""
        return "; ".join(sorted({*self.refused.values()}))

    def _room(self, post: Post) -> int:
        if not post.ready or post.greeting is None:
            return 0
        return post.greeting.at_once - self.busy.get(post.address, 0)

    def refuse(self, address: str, why: str) -> None:
        """Give a worker nothing to do; say why, once for each reason."""
        if why not in self.refused.values():
            say(f"the worker {self.known[address]} is given nothing to do: {why}")
        self.refused[address] = why


def _has_machines(told: Mapping[str, object]) -> bool:
    resources = told.get("resources")
    return isinstance(resources, Mapping) and int(resources.get(RESOURCE, 0)) > 0


def _unlike(greeting: Greeting) -> str:
    own = version("freshrun")
    if greeting.version != own:
        return f"it has freshrun {greeting.version}, and this is {own}"
    return ""
