"""A program in a machine whose three streams are held on this side."""

import selectors
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_CHUNK = 64 * 1024
_HEADER = 8
_STDERR = 2


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program gave."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Attached:
    """A running program.

    `socket` takes its stdin and yields its output in the engine's frames: a header of eight bytes
    (stream 1 or 2, three zeros, big-endian length) and the bytes themselves.
    """

    def __init__(self, connection: socket.socket, *, exit_code: Callable[[], int | None]) -> None:
        """Hold `connection`, and `exit_code` as the one to ask how the program ended."""
        self.socket = connection
        self._exit_code = exit_code

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
        return _streams(_exchange(self.socket, stdin))

    def close(self) -> None:
        """Close the streams."""
        self.socket.close()


def _exchange(connection: socket.socket, stdin: bytes) -> bytes:
    """Send `stdin` and its end; return what came back until the other side closed."""
    connection.settimeout(0)
    pending, received = memoryview(stdin), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            ready = selector.select()[0][1]
            if ready & selectors.EVENT_WRITE:
                pending = _sent(connection, pending)
                if not pending:
                    selector.modify(connection, selectors.EVENT_READ)
            if ready & selectors.EVENT_READ:
                chunk = connection.recv(_CHUNK)
                if not chunk:
                    return bytes(received)
                received += chunk


def _sent(connection: socket.socket, pending: memoryview) -> memoryview:
    """Send a part, and after the last part the end; return what is left to send."""
    try:
        pending = pending[connection.send(pending[:_CHUNK]) :]
        if not pending:
            connection.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        return memoryview(b"")  # The program ended without reading all of it.
    return pending


def _streams(received: bytes) -> tuple[bytes, bytes]:
    """Split the engine's frames into stdout and stderr."""
    stdout, stderr, position = bytearray(), bytearray(), 0
    while position < len(received):
        stream, length = struct.unpack_from(">BxxxL", received, position)
        position += _HEADER
        (stderr if stream == _STDERR else stdout).extend(received[position : position + length])
        position += length
    return bytes(stdout), bytes(stderr)
