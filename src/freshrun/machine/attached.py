"""A program in a machine whose three streams are held on this side."""

import selectors
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from freshrun.machine.frames import Frames, Stream

BEAT = 10.0
"""Seconds of silence after which the engine is asked whether it is still there."""

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program gave."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Attached:
    """A running program.

    `socket` takes its stdin and yields its output in the engine's `Frames`.
    """

    def __init__(
        self,
        connection: socket.socket,
        *,
        exit_code: Callable[[], int | None],
        pulse: Callable[[], None],
    ) -> None:
        """Hold `connection`; `exit_code` tells how the program ended, `pulse` raises without one.

        Silence is what many programs are at their work; `pulse` is asked whether it is theirs.
        """
        self.socket = connection
        self._exit_code = exit_code
        self._pulse = pulse

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the streams; the program itself goes on until it notices."""
        self.close()

    def exit_code(self) -> int | None:
        """Return the program's exit code, `None` while it runs; `MachineError` where it is lost."""
        return self._exit_code()

    def exchange(self, stdin: bytes) -> tuple[bytes, bytes]:
        """Send `stdin` and its end; return stdout and stderr when the program has closed both."""
        frames, printed = Frames(), {stream: bytearray() for stream in Stream}
        for chunk in self._exchanged(stdin):
            for stream, payload in frames.feed(chunk):
                printed[stream] += payload
        return bytes(printed[Stream.STDOUT]), bytes(printed[Stream.STDERR])

    def close(self) -> None:
        """Close the streams."""
        self.socket.close()

    def _exchanged(self, stdin: bytes) -> Iterator[bytes]:
        """Send `stdin` and its end; yield what comes back until the other side closes."""
        self.socket.settimeout(0)
        pending = memoryview(stdin)
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while True:
                ready = self._ready(selector)
                if ready & selectors.EVENT_WRITE:
                    pending = _sent(self.socket, pending)
                    if not pending:
                        selector.modify(self.socket, selectors.EVENT_READ)
                if ready & selectors.EVENT_READ:
                    chunk = self.socket.recv(_CHUNK)
                    if not chunk:
                        return
                    yield chunk

    def _ready(self, selector: selectors.BaseSelector) -> int:
        """Return what the connection is ready for; an engine that went silent raises."""
        while not (events := selector.select(BEAT)):
            self._exit_code()
            self._pulse()
        return events[0][1]


def _sent(connection: socket.socket, pending: memoryview) -> memoryview:
    """Send a part, and after the last part the end; return what is left to send."""
    try:
        pending = pending[connection.send(pending[:_CHUNK]) :]
        if not pending:
            connection.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        return memoryview(b"")  # The program ended without reading all of it.
    return pending
