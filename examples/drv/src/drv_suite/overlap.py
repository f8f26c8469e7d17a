"""Two transactions that overlap for certain: the second starts while the first is open."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from drv.database import Connection
from drv_suite.world import World

Result = TypeVar("Result")
SECONDS_TO_SETTLE = 10


@dataclass(frozen=True, slots=True)
class Overlap(Generic[Result]):
    """What the two gave, and whether the second waited for a lock of the first."""

    first: Result
    second: Result
    waited: bool


def overlap(
    world: World, *, first: Callable[[Connection], Result], second: Callable[[Connection], Result]
) -> Overlap[Result]:
    """Run `first`, then `second` on another connection; commit the first once the second rests.

    The second rests when it is done or waits for a lock. Raises `TimeoutError` if it does neither.
    """
    one, other = world.connect(), world.connect()
    with ThreadPoolExecutor(max_workers=1) as executor:
        with one.transaction():
            early = first(one)
            late = executor.submit(second, other)
            waited = _rests(world.connection, late, pid=other.info.backend_pid)
        return Overlap(early, late.result(timeout=SECONDS_TO_SETTLE), waited)


def _rests(observer: Connection, late: Future[Result], *, pid: int) -> bool:
    deadline = time.monotonic() + SECONDS_TO_SETTLE
    query = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
    while time.monotonic() < deadline:
        if late.done():
            return False
        if observer.execute(query, [pid]).fetchone() == (True,):
            return True
        time.sleep(0.005)
    raise TimeoutError(f"the second transaction neither ended nor waited in {SECONDS_TO_SETTLE} s")
