"""The engine's frames: a program's two output streams on one connection, taken apart again."""

from collections.abc import Iterator
from enum import IntEnum

from freshrun.model import MachineError

_HEADER = 8


class Stream(IntEnum):
    """The output streams, numbered as the engine numbers them."""

    STDOUT = 1
    STDERR = 2


class Frames:
    """Docker's multiplexed stream, in any pieces.

    Before each payload stands a header of eight bytes: stream, three zeros, big-endian length.
    """

    def __init__(self) -> None:
        """Start at a header."""
        self._begun = b""

    def feed(self, data: bytes) -> Iterator[tuple[Stream, bytes]]:
        """Yield each whole payload with its stream; what has only begun waits for the rest."""
        data = self._begun + data
        view, start = memoryview(data), 0
        while len(data) - start >= _HEADER:
            end = start + _HEADER + int.from_bytes(view[start + 4 : start + _HEADER], "big")
            if end > len(data):
                break
            yield _stream(data[start]), view[start + _HEADER : end].tobytes()
            start = end
        self._begun = data[start:]


def _stream(number: int) -> Stream:
    try:
        return Stream(number)
    except ValueError:
        raise MachineError(f"the engine sent a frame of the unknown stream {number}") from None
