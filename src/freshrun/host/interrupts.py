"""What asks this process to end: Ctrl-C, `kill` and a closed terminal; heard at once, or after."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupt(KeyboardInterrupt):
    """A signal asked the process to end; its text is the signal's name, such as SIGTERM."""


@dataclass(slots=True)
class _Heard:
    shields: int = 0
    waiting: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


_heard = _Heard()


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupt` in the main thread for each signal that asks the process to end.

    A signal that the caller ignores stays ignored: `nohup`, or a shell's job in the background.
    After the `with` such signals are passed over: what comes that late finds nothing to end, and
    must not change an exit code that is decided.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in held:
        signal.signal(number, _hear)
    try:
        yield
    finally:
        for number in held:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def shielded() -> Iterator[None]:
    """Finish what must not stop half-way; a signal that comes meanwhile is raised after it."""
    _heard.shields += 1
    try:
        yield
    finally:
        _heard.shields -= 1
    if _heard.waiting and not _heard.shields:
        raise Interrupt(_heard.waiting.pop())


def interrupted() -> str:
    """Return the name of the first signal that was heard, also where its exception got lost."""
    return next(iter(_heard.names), "")


def broken_code() -> int:
    """Return the exit code of a run that was broken off: the shells' own for Ctrl-C, else 2."""
    return 130 if interrupted() == "SIGINT" else 2


def interruption() -> str:
    """Return what a record says of a run that a signal ended."""
    name = interrupted()
    return "the run was interrupted" + (f" by {name}" if name not in {"", "SIGINT"} else "")


def _hear(number: int, _frame: FrameType | None) -> None:
    name = signal.Signals(number).name
    _heard.names.append(name)
    if _heard.shields:
        _heard.waiting.append(name)
    else:
        raise Interrupt(name)
