"""Units rehearsed by the workers of a Dask cluster: handed out one by one, taken in one by one.

The queue is here, and Dask is the way to the workers: each gets what it has room for at this
moment, by name, so that the longest begin first, a worker that comes late helps at once, and a
killed one takes down nothing but what it was doing.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import TypeVar
from uuid import uuid4

import dask
from distributed import CancelledError, Client, Future, KilledWorker, Security, as_completed

from freshrun.fleet import station
from freshrun.fleet.asked import Cluster
from freshrun.fleet.errand import Answer, Errand, Greeting
from freshrun.fleet.posts import Post, Posts, Workers
from freshrun.host import Bundle, interruption, shielded
from freshrun.model import FreshrunError

PATIENCE = 60.0
"""Seconds that a cluster may be without any worker."""

LOSSES = 2
"""Workers that one document may lose before it is broken."""

_CONNECT = 30.0
_LOOK = 0.5
_ANSWER = 600.0
_PAUSE = 0.02
_GONE = "the scheduler of the cluster was lost"
_T = TypeVar("_T")
_SETTINGS: Mapping[str, object] = {
    # What a worker is sent with the first task is the repository, once.
    "distributed.admin.large-graph-warning-threshold": "1TiB",
    "distributed.comm.timeouts.connect": f"{_CONNECT:.0f}s",
}


class ClusterLostError(FreshrunError):
    """The scheduler is gone, or no worker is left."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be rehearsed: its key, and the errand for a worker of an id."""

    key: str
    errand: Callable[[str], Errand]


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a task: the answer of a worker, or why there is none."""

    task: Task
    answer: Answer | None = None
    worker: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Flight:
    """Something that a worker was asked; `task` where it is a rehearsal."""

    post: Post
    task: Task | None = None


@contextmanager
def connection(cluster: Cluster) -> Iterator[Client]:
    """Yield a client of the scheduler; `FreshrunError`, in one line, where none answers."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says is said here
    given = {
        "tls_ca_file": cluster.ca_file,
        "tls_client_cert": cluster.cert,
        "tls_client_key": cluster.key,
    }
    with dask.config.set(_SETTINGS):
        try:
            security = Security(
                require_encryption=cluster.encrypted, **{k: v for k, v in given.items() if v}
            )
            client = Client(cluster.address, security=security, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            told = str(error).strip().partition("\n")[0]
            raise FreshrunError(f"--cluster {cluster.address}: no scheduler: {told}") from None
        try:
            yield client
        finally:
            with suppress(Exception):  # what is lost already can't be closed
                client.close(timeout=2)


class Office:
    """The caller's side of a cluster: what waits, what is under way, and who is there."""

    def __init__(self, client: Client, repository: Bundle) -> None:
        """Begin with nothing to do and nobody known; workers are given this repository."""
        self._client = client
        self._repository = repository
        self._posts = Posts()
        self._waiting: deque[Task] = deque()
        self._flights: dict[Future[object], _Flight] = {}
        self._losses: dict[str, list[str]] = {}
        self._coming = as_completed(loop=client.loop, with_results=True, raise_errors=False)
        self._names = (f"{uuid4().hex[:8]}-{number}" for number in count())
        self._staffed = self._looked = time.monotonic()

    def bring(self, tasks: Sequence[Task], take: Callable[[Brought], None]) -> None:
        """Have tasks rehearsed; `take` is given what came of each, before Dask lets go of it.

        After a signal, or where the cluster is lost, what has come is taken, and the rest has that
        as its fault.
        """
        self._waiting.extend(tasks)
        try:
            while self._waiting or any(flight.task for flight in self._flights.values()):
                for one in self._events():
                    with shielded():
                        take(one)
        except (KeyboardInterrupt, ClusterLostError) as end:
            why = str(end) if isinstance(end, ClusterLostError) else interruption()
            with shielded():
                for one in self._called_off(why):
                    take(one)

    def ask_one(self, question: Callable[[str], str], about: Sequence[str]) -> Mapping[str, str]:
        """Return what one of the workers answers on each of some things, as soon as one is ready.

        What a worker can't answer any more is left out.
        """
        while not (ready := next(self._posts.with_room(), None)):
            for _none in self._events():
                pass
        asked = {each: self._submitted(question, each, post=ready) for each in about}
        answers = {}
        for each, future in asked.items():
            with suppress(CancelledError, KilledWorker, TimeoutError):
                answers[each] = str(future.result(timeout=_ANSWER))
        return answers

    def _events(self) -> Iterator[Brought]:
        """Look who is there, hand out what they have room for, and yield what has come."""
        if time.monotonic() > self._looked + _LOOK:
            yield from self._look()
        for post in self._posts.with_room():
            if not self._waiting:
                break
            self._hand_out(self._waiting.popleft(), post)
        if not self._coming.has_ready():
            time.sleep(_PAUSE)
        for future, result in self._coming.next_batch(block=False):
            # What is not known any more was given up, and is another's by now.
            if flight := self._flights.pop(future, None):
                yield from self._landed(flight, result)

    def _look(self) -> Iterator[Brought]:
        """Take in who has come and who is gone, with whatever that one was doing."""
        workers = _workers(self._client)
        for address in self._posts.missing(workers):
            for future in [f for f, one in self._flights.items() if one.post.address == address]:
                flight = self._flights.pop(future)
                future.cancel()
                yield from self._lost(flight)
        for post in self._posts.new(workers):
            self._ask(station.greet, self._repository.id, post=post)
        self._looked = time.monotonic()
        self._check_staff()

    def _check_staff(self) -> None:
        if why := self._posts.useless:
            raise ClusterLostError(f"no worker of the cluster can rehearse: {why}")
        if self._posts.known:
            self._staffed = time.monotonic()
        elif time.monotonic() > self._staffed + PATIENCE:
            raise ClusterLostError(
                f"the cluster has had no worker for {PATIENCE:.0f} s; one is started with "
                f"`dask worker ADDRESS --resources {station.RESOURCE}=1`"
            )

    def _hand_out(self, task: Task, post: Post) -> None:
        if post.greeting:
            self._posts.take(post.address)
            self._ask(station.rehearse, task.errand(post.greeting.id), post=post, task=task)

    def _ask(
        self, function: Callable[[_T], object], about: _T, *, post: Post, task: Task | None = None
    ) -> None:
        future = self._submitted(function, about, post=post, machines=1 if task else 0)
        self._flights[future] = _Flight(post, task)
        self._coming.add(future)

    def _submitted(
        self, function: Callable[[_T], object], about: _T, *, post: Post, machines: int = 0
    ) -> Future[object]:
        return self._client.submit(
            function,
            about,
            key=f"freshrun-{next(self._names)}",
            workers=[post.address],
            resources={station.RESOURCE: machines} if machines else None,
            retries=0,
            pure=False,
        )

    def _landed(self, flight: _Flight, result: object) -> Iterator[Brought]:
        """Take in what a worker answered, or that it could not."""
        address = flight.post.address
        if isinstance(result, CancelledError):
            yield from self._uncertain(flight)
        elif flight.task:
            yield from self._rehearsed(flight, flight.task, result)
        elif address not in self._posts.known:
            return
        elif isinstance(result, Greeting):
            self._posts.greeted(address, result)
            if not result.has and address not in self._posts.refused:
                self._ask(station.deliver, self._repository, post=flight.post)
        elif result == "":
            self._posts.supplied(address)
        else:
            self._posts.refuse(address, _told(result))

    def _rehearsed(self, flight: _Flight, task: Task, result: object) -> Iterator[Brought]:
        self._posts.give_back(flight.post.address)
        if isinstance(result, Answer) and result.record:
            yield Brought(task, result, str(flight.post))
        elif isinstance(result, Answer) or isinstance(_error(result), KilledWorker):
            self._posts.lose(flight.post.address)  # another one has its address
            yield from self._lost(flight)
        else:
            yield Brought(task, fault=f"the worker {flight.post} could not: {_told(result)}")

    def _uncertain(self, flight: _Flight) -> Iterator[Brought]:
        """Take a task back that Dask has let go of, which it does where the scheduler is lost."""
        if flight.task:
            self._waiting.appendleft(flight.task)
        yield from self._look()

    def _lost(self, flight: _Flight) -> Iterator[Brought]:
        """Have a task done once more whose worker is lost; the second time it is broken."""
        if flight.task is None:
            return
        names = self._losses.setdefault(flight.task.key, [])
        names.append(str(flight.post))
        if len(names) < LOSSES:
            self._waiting.appendleft(flight.task)
        else:
            fault = f"it lost its worker {len(names)} times: {' and then '.join(names)}"
            yield Brought(flight.task, fault=fault)

    def _called_off(self, why: str) -> Iterator[Brought]:
        """Yield what has come, and give up all else."""
        for future, result in self._coming.next_batch(block=False):
            flight = self._flights.pop(future, None)
            if flight and flight.task and isinstance(result, Answer) and result.record:
                yield Brought(flight.task, result, str(flight.post))
            elif flight and flight.task:
                yield Brought(flight.task, fault=why)
        with suppress(Exception):  # the scheduler may be gone; then its workers end by themselves
            self._client.cancel([*self._flights], force=True)
        under_way = [one.task for one in self._flights.values() if one.task]
        yield from (Brought(task, fault=why) for task in (*under_way, *self._waiting))


def _workers(client: Client) -> Workers:
    """Return the workers that the scheduler knows."""
    if client.status != "running":
        raise ClusterLostError(_GONE)
    try:
        told = client.scheduler_info()
    except (OSError, RuntimeError, TimeoutError, CancelledError) as error:
        raise ClusterLostError(f"{_GONE}: {error}") from None
    workers: Workers = told["workers"]
    return workers


def _error(result: object) -> object:
    """Return the exception of a task that failed, as Dask hands it over."""
    return result[1] if isinstance(result, tuple) and len(result) > 1 else result


def _told(result: object) -> str:
    return str(_error(result)).strip().partition("\n")[0]
