"""How the work for a text grows with its length: a ratio of processor times, on any machine."""

import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

from freshrun.model.errors import FreshrunError

Made = TypeVar("Made")

_SMALLEST, _LARGEST = 2_000, 512_000
"""Characters of the first text, and of the last one that is measured by itself."""
_ENOUGH = 0.04
"""Seconds of processor time that drown what a first call costs."""
_STEP = 4
_TOO_MUCH = 10.0
"""How much longer four times the text may take: 4 where work is linear, 16 where quadratic."""
_AGAIN = 3
"""Times that too much is measured once more before it is believed."""
_HANG = 120.0
"""Seconds that no single text takes, not even on a machine that has much else to do."""


def assert_linear(make: Callable[[int], Made], do: Callable[[Made], object]) -> None:
    """Fail where the work for `make(size)` grows faster than about its size, or does not end.

    A `FreshrunError` is an answer: a text may be refused in one line.
    """
    size = _SMALLEST
    while (before := _seconds(do, make(size))) < _ENOUGH and size < _LARGEST:
        size *= _STEP
    if before < _ENOUGH:
        return
    after = _seconds(do, make(_STEP * size))
    for _ in range(_AGAIN):  # another program may have had the processor's cache
        if after <= _TOO_MUCH * before:
            return
        before = max(before, _seconds(do, make(size)))
        after = min(after, _seconds(do, make(_STEP * size)))
    grown = f"{before:.2f} s for {size:,}, {after:.2f} s for {_STEP * size:,}"
    assert after <= _TOO_MUCH * before, f"the work grows faster than the text: {grown}"


def _seconds(do: Callable[[Made], object], made: Made) -> float:
    """Return the processor time, that of the programs which were started included."""
    begin = _processor()
    with _an_end(), suppress(FreshrunError):
        do(made)
    return _processor() - begin


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextmanager
def _an_end() -> Iterator[None]:
    """Interrupt what hangs, also inside of a regular expression."""

    def hangs(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"it has not ended after {_HANG:g} s")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.setitimer(signal.ITIMER_REAL, _HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
