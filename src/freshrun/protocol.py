"""What a session and the shell in the machine say to each other: bytes to values, no I/O.

Commands go in NUL-delimited; the end of each is a salted mark on both output streams. A mark can
come in pieces, between any bytes, and never costs or adds a byte of what the command printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from freshrun.errors import MachineError
from freshrun.mask import Mask
from freshrun.outcome import Output
from freshrun.runbook import Command

CAPACITY = 100_000
"""How many commands one shell can take."""

BOOT = ("bash", "--noprofile", "--norc", "-c", 'IFS= read -r -d "" program && eval "$program"')
"""The process to start in the machine; `program` is the first thing that it reads."""

KEPT = 64 * 1024
"""Bytes of a stream that are kept at its head, and at its tail, each."""

_HEADER = 8


class Stream(IntEnum):
    """The output streams, numbered as Docker's multiplexed stream numbers them."""

    STDOUT = 1
    STDERR = 2


@dataclass(frozen=True, slots=True)
class Finished:
    """One command came to its end. `started` and `ended` are seconds since the epoch."""

    seq: int
    exit_code: int
    started: float
    ended: float
    shell_pid: int
    background_pid: int | None
    pipe_status: tuple[int, ...]
    cwd: str
    stdout: Output
    stderr: Output


@dataclass(frozen=True, slots=True)
class Ended:
    """The shell itself came to its end; the outputs are what the last command printed.

    `lost` tells that the document did not end it: it took away what the driver talks through.
    """

    exit_code: int
    lost: bool
    stdout: Output
    stderr: Output


def program(salt: str) -> bytes:
    """Return the driver for `salt` (hex digits), as the first message to `BOOT`."""
    source = files("freshrun").joinpath("driver.bash").read_text("utf-8")
    lines = str(2 * CAPACITY)
    values = {
        "CANCEL": cancellation(salt),
        "LINES": lines,
        "SALT": _secret(salt),
        "NAME": _name(salt),
    }
    for word, value in values.items():
        source = source.replace(word, value)
    return source.encode() + b"\0"


def cancellation(salt: str) -> str:
    """Return the path of the file whose existence keeps the driver from taking a next command."""
    return f"/tmp/.{_name(salt)}"  # noqa: S108 - in the machine, which is nobody else's


def typed(command: Command, *, seq: int) -> bytes:
    """Return the message that types one command, the `seq`th of its shell."""
    # The final newline keeps blanks at the end of the text, which the driver's `read` would strip.
    message = f"{seq} {command.options.exit} {_kind(command)} {command.text}\n\0"
    stdin = command.options.stdin
    return (message if stdin is None else f"{message}{stdin}\0").encode()


def _kind(command: Command) -> str:
    """Return how the driver types it; nothing can be added to a text that has no clear end."""
    if command.options.stdin is not None:
        return "input"
    if not command.parses or command.text.endswith("\\"):
        return "unclear"
    return "pipeline" if command.stages else "command"


SYNC = b"0 0 sync\0"
"""The message that ends a batch: after a failure the driver passes over everything before it."""


class Conversation:
    """Reads one shell's side: Docker's frames in, `Finished` and `Ended` out.

    Output past the kept head and tail goes to a file in `spill`, where a folder is given.
    """

    def __init__(self, salt: str, *, mask: Mask, spill: Path | None = None) -> None:
        """Start with the first byte that the exec prints."""
        self._frames = Frames()
        driver = _name(salt).encode()
        self._channels = {
            Stream.STDOUT: _Channel(salt, _Capture(mask.fresh(), spill=spill, driver=None)),
            Stream.STDERR: _Channel(salt, _Capture(mask.fresh(), spill=spill, driver=driver)),
        }

    def feed(self, data: bytes) -> Iterator[Finished | Ended]:
        """Take what the socket gave; yield what is complete on both streams."""
        for stream, payload in self._frames.feed(data):
            self._channels[stream].feed(payload)
        out, err = self._channels[Stream.STDOUT], self._channels[Stream.STDERR]
        while out.marks and err.marks:
            yield _event(out.marks.pop(0), err.marks.pop(0))

    def so_far(self) -> tuple[Output, Output]:
        """Return what came on stdout and stderr since the last mark, and go on collecting."""
        return self._channels[Stream.STDOUT].so_far(), self._channels[Stream.STDERR].so_far()

    def rest(self) -> tuple[Output, Output]:
        """Return what came on stdout and stderr since the last mark; the stream is at its end."""
        return self._channels[Stream.STDOUT].rest(), self._channels[Stream.STDERR].rest()

    @property
    def received(self) -> int:
        """Return the bytes of output that came in so far."""
        return sum(channel.received for channel in self._channels.values())


class Frames:
    """Docker's multiplexed stream (an 8-byte header before each payload), in any pieces."""

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


@dataclass(frozen=True, slots=True)
class _Mark:
    fields: tuple[bytes, ...]
    output: Output


class _Channel:
    """One stream: output up to each mark, and the marks."""

    def __init__(self, salt: str, capture: "_Capture") -> None:
        self.marks: list[_Mark] = []
        self.received = 0
        # Ending in another byte than NUL keeps the search fast in a long run of NULs.
        self._opening = b"\0" + _secret(salt).encode() + b"\2"
        self._closing = b"\0" + _secret(salt).encode() + b"\1"
        self._capture = capture
        self._pending = b""

    def feed(self, data: bytes) -> None:
        self.received += len(data)
        data = self._pending + data
        while (at := data.find(self._opening)) >= 0:
            end = data.find(self._closing, at)
            if end < 0:
                break
            self._capture.add(data[:at])
            fields = data[at + len(self._opening) : end].split(b"\0")
            self.marks.append(_Mark(tuple(fields), self._capture.take()))
            data = data[end + len(self._closing) :]
        cut = at if at >= 0 else _possible_start(data, self._opening)
        self._capture.add(data[:cut])
        self._pending = data[cut:]

    def so_far(self) -> Output:
        return self._capture.so_far()

    def rest(self) -> Output:
        self._capture.add(self._pending)
        self._pending = b""
        return self._capture.take()


def _possible_start(data: bytes, opening: bytes) -> int:
    """Return where `data` may end in the first bytes of a mark; its length where it does not."""
    at = data.rfind(b"\0", max(len(data) - len(opening) + 1, 0))
    while at >= 0 and not opening.startswith(data[at:]):
        at = data.rfind(b"\0", max(len(data) - len(opening) + 1, 0), at)
    return at if at >= 0 else len(data)


class _Capture:
    """Collects one command's bytes of one stream into an `Output` of bounded size."""

    def __init__(self, mask: Mask, *, spill: Path | None, driver: bytes | None) -> None:
        self._mask = mask
        self._folder = spill
        self._driver = driver
        self._clear()

    def _clear(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._size = 0
        self._file: IO[bytes] | None = None

    def add(self, data: bytes) -> None:
        self._keep(self._mask.feed(data))

    def take(self) -> Output:
        self._keep(self._mask.flush())
        output = _without(self._driver, self.so_far())
        if self._file:
            self._file.close()
        self._clear()
        return output

    def so_far(self) -> Output:
        tail = bytes(self._tail[-KEPT:])
        name = self._file.name if self._file else None
        return Output(bytes(self._head), tail, self._size, name)

    def _keep(self, data: bytes) -> None:
        room = KEPT - len(self._head)
        self._size += len(data)
        self._head += data[:room]
        beyond = data[room:]
        if not beyond:
            return
        self._spill(beyond)
        self._tail += beyond[-KEPT:]
        if len(self._tail) > 4 * KEPT:
            del self._tail[:-KEPT]

    def _spill(self, beyond: bytes) -> None:
        if self._folder is None:
            return
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = NamedTemporaryFile(  # noqa: SIM115 - it stays open until the command ends
                dir=self._folder, prefix="output-", delete=False
            )
            self._file.write(self._head)
        self._file.write(beyond)


def _without(name: bytes | None, output: Output) -> Output:
    """Return `output` without the driver's own lines that `set -x` traces at its end."""
    end = output.tail or output.head
    cut = _without_trace(name, end) if name else end
    size = output.size - len(end) + len(cut)
    if output.tail:
        return replace(output, tail=cut, size=size)
    return replace(output, head=cut, size=size)


def _without_trace(name: bytes, text: bytes) -> bytes:
    """Return the text up to the trace of the driver's call, and of the line before that."""
    at = text.rfind(name + b" ")
    if at < 0:
        return text
    start = text.rfind(b"\n", 0, at) + 1
    before = text.rfind(b"\n", 0, max(start - 1, 0)) + 1
    return text[: before if name in text[before:start] else start]


def _event(out: _Mark, err: _Mark) -> Finished | Ended:
    if b"end" in {out.fields[0], err.fields[0]}:
        end = out if out.fields[0] == b"end" else err
        lost = out.fields[0] != err.fields[0] or end.fields[2] == b"lost"
        return Ended(int(end.fields[1]), lost, out.output, err.output)
    if out.fields[0] != err.fields[0]:
        raise MachineError(f"a shell's streams disagree: {out.fields[0]!r} and {err.fields[0]!r}")
    try:
        return _finished(out, err)
    except ValueError:
        raise MachineError("a mark of the shell is damaged: a command changed the driver") from None


def _finished(out: _Mark, err: _Mark) -> Finished:
    seq, status, started, ended, pid, background, pipe, cwd = out.fields
    return Finished(
        seq=int(seq),
        exit_code=int(status),
        started=_seconds(started),
        ended=_seconds(ended),
        shell_pid=int(pid),
        background_pid=int(background) if background else None,
        pipe_status=tuple(map(int, pipe.split())),
        cwd=cwd.decode(errors="surrogateescape"),
        stdout=out.output,
        stderr=err.output,
    )


def _seconds(text: bytes) -> float:
    # EPOCHREALTIME has the decimal sign of the shell's locale.
    return float(text.replace(b",", b"."))


def _name(salt: str) -> str:
    """Return the driver's own name in the shell; `set -x` shows it, so it tells no mark."""
    return f"__freshrun_{salt[:8]}"


def _secret(salt: str) -> str:
    r"""Return the part of the salt that stands in the marks; a digit would extend printf's `\0`."""
    return f"m{salt[8:]}"
