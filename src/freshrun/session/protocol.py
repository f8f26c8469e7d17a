"""What a session and the shell in the machine say to each other: bytes to values, no I/O.

Commands go in NUL-delimited; the end of each is a salted mark on both output streams. A mark can
come in pieces, between any bytes, and never costs or adds a byte of what the command printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from importlib.resources import files
from typing import IO

from freshrun.host import Spill
from freshrun.mask import Mask
from freshrun.model import Command, MachineError, Output

CAPACITY = 100_000
"""How many commands one shell can take."""

_BASH = ("bash", "--noprofile", "--norc", "-c")
_EVALUATE = 'IFS= read -r -d "" -u 197 program && eval "$program"'

BOOT = (*_BASH, f"exec 197<&0 198>&1 199>&2; {_EVALUATE}")
"""The process to start in the machine; `program` is the first thing that it reads."""

KEPT = 64 * 1024
"""Bytes of a stream that are kept at its head, and at its tail, each."""

_HEADER = 8


class Stream(IntEnum):
    """The output streams, numbered as Docker's multiplexed stream numbers them."""

    STDOUT = 1
    STDERR = 2


NOTHING = Output()


@dataclass(frozen=True, slots=True)
class Outputs:
    """What one command printed: on its two streams, and on the screen of the shell's terminal."""

    stdout: Output = NOTHING
    stderr: Output = NOTHING
    screen: Output = NOTHING

    def joined(self, *, tty: bool) -> "Outputs":
        """Return them with the screen as the stdout of a command whose streams are a terminal.

        Of any other command, too, what it wrote to the terminal itself is kept, if it is short.
        """
        if tty:
            return Outputs(self.screen, self.stderr)
        if not self.screen.size or self.screen.truncated or self.stdout.tail:
            return self
        both = self.stdout.head + self.screen.kept
        return Outputs(replace(self.stdout, head=both, size=len(both)), self.stderr)


@dataclass(frozen=True, slots=True)
class Finished:
    """One command came to its end. `started` and `ended` are seconds since the epoch.

    `job` is the process id of the job that was last put into the background, by whichever command.
    """

    seq: int
    exit_code: int
    started: float
    ended: float
    shell_pid: int
    job: int | None
    pipe_status: tuple[int, ...]
    cwd: str
    outputs: Outputs


@dataclass(frozen=True, slots=True)
class Ended:
    """The shell itself came to its end; the outputs are what the last command printed.

    `lost` tells that the document did not end it: it took away what the driver talks through.
    """

    exit_code: int
    lost: bool
    outputs: Outputs


def boot_in_terminal(holder: int) -> tuple[str, ...]:
    """Return the process to start in a terminal, in place of `BOOT`.

    It takes its pipes from the process `holder`, a `BOOT` whose first message was `hold`.
    """
    pipes = f"</dev/null >/proc/{holder}/fd/198 2>/proc/{holder}/fd/199 197</proc/{holder}/fd/197"
    return (*_BASH, f"exec 195<&0 {pipes} 198>&1 199>&2; {_EVALUATE}")


def hold(salt: str) -> bytes:
    """Return the message that makes `BOOT` tell its process id, in a first mark, and wait."""
    source = (
        r"printf '\0SALT\2%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0SALT\1' 0 0 0 0 $$ '' '' / >&198; "
        r"printf '\0SALT\2%s\0SALT\1' 0 >&199; "
        "exec 3<> <(:); while :; do read -r -u 3; done"
    )
    return source.replace("SALT", _secret(salt)).encode() + b"\0"


def program(salt: str, *, holder: int | None = None) -> bytes:
    """Return the driver for `salt` (hex digits), as the first message to what was booted."""
    source = files("freshrun.session").joinpath("driver.bash").read_text("utf-8")
    lines = str(2 * CAPACITY * 5 // 4)  # one in five waits for a status that is rare
    values = {
        "CANCEL": cancellation(salt),
        "HOLDER": str(holder or ""),
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
    options = command.options
    fields = (str(seq), str(options.exit), _kind(command), options.stdin or "", f"{command.text}\n")
    return "".join(f"{field}\0" for field in fields).encode()


def _kind(command: Command) -> str:
    """Return how the driver types it; nothing can be added to a text that has no clear end."""
    # One letter each: the shell reads its messages byte by byte.
    if command.options.tty:
        return "t"
    if command.options.stdin is not None:
        return "i"
    if not command.parses or command.text.endswith("\\"):
        return "u"
    return "p" if command.stages else "c"


SYNC = b"0\x000\0s\0\0\0"
"""The message that ends a batch: after a failure the driver passes over everything before it."""


class Conversation:
    """Reads one shell's side: Docker's frames in, `Finished` and `Ended` out.

    Output past the kept head and tail goes to a file of `spill`, where one is given.
    """

    def __init__(self, salt: str, *, mask: Mask, spill: Spill | None = None) -> None:
        """Start with the first byte that the exec prints."""
        self._frames = Frames()
        self._has_screen = False
        driver = _name(salt).encode()
        self._channels = {
            stream: _Channel(salt, _Capture(mask.fresh(), spill=spill, driver=name))
            for stream, name in ((Stream.STDOUT, None), (Stream.STDERR, driver))
        }
        self._screen = _Channel(salt, _Capture(mask.fresh(), spill=spill, driver=None))

    def open_screen(self) -> None:
        """Expect marks on a terminal's screen, too, from now on."""
        self._has_screen = True

    def feed(self, data: bytes) -> Iterator[Finished | Ended]:
        """Take what the socket gave; yield what is complete on every stream."""
        for stream, payload in self._frames.feed(data):
            self._channels[stream].feed(payload)
        yield from self._events()

    def feed_screen(self, data: bytes) -> Iterator[Finished | Ended]:
        """Take what the terminal showed; yield what is complete on every stream."""
        self._screen.feed(data)
        yield from self._events()

    def so_far(self) -> Outputs:
        """Return what came since the last mark, and go on collecting."""
        out, err = self._channels.values()
        return Outputs(out.so_far(), err.so_far(), self._screen.so_far())

    def rest(self) -> Outputs:
        """Return what came since the last mark; the streams are at their end."""
        out, err = self._channels.values()
        return Outputs(out.rest(), err.rest(), self._screen.rest())

    @property
    def received(self) -> int:
        """Return the bytes of output that came in so far."""
        return sum(channel.received for channel in (*self._channels.values(), self._screen))

    def _events(self) -> Iterator[Finished | Ended]:
        out, err = self._channels.values()
        while out.marks and err.marks and (self._screen.marks or not self._has_screen):
            screen = self._screen.marks.pop(0).output if self._has_screen else NOTHING
            yield _event(out.marks.pop(0), err.marks.pop(0), screen=screen)


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

    def __init__(self, mask: Mask, *, spill: Spill | None, driver: bytes | None) -> None:
        self._mask = mask
        self._spill = spill
        self._driver = driver
        self._clear()

    def _clear(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._size = 0
        self._file: IO[bytes] | None = None
        self._spills = self._spill is not None

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
        waiting = self._mask.peek()
        if tail:
            return Output(bytes(self._head), tail + waiting, self._size + len(waiting), name)
        return Output(bytes(self._head) + waiting, b"", self._size + len(waiting), name)

    def _keep(self, data: bytes) -> None:
        room = KEPT - len(self._head)
        self._size += len(data)
        self._head += data[:room]
        beyond = data[room:]
        if not beyond:
            return
        self._save(beyond)
        self._tail += beyond[-KEPT:]
        if len(self._tail) > 4 * KEPT:
            del self._tail[:-KEPT]

    def _save(self, beyond: bytes) -> None:
        """Write to the file what memory can't hold; a file without room for all of it goes."""
        if self._spill is None or not self._spills:
            return
        first = self._file is None
        file = self._file = self._file or self._spill.file()
        if not self._spill.write(file, bytes(self._head) + beyond if first else beyond):
            self._spill.drop(file)
            self._file, self._spills = None, False


def _without(name: bytes | None, output: Output) -> Output:
    """Return `output` without the driver's own lines that `set -x` or `set -v` shows at its end."""
    end = output.tail or output.head
    cut = _without_trace(name, end) if name else end
    size = output.size - len(end) + len(cut)
    if output.tail:
        return replace(output, tail=cut, size=size)
    return replace(output, head=cut, size=size)


def _without_trace(name: bytes, text: bytes) -> bytes:
    """Return the text up to the last lines that have the driver's name, or are empty before it."""
    at = text.rfind(name)
    if at < 0:
        return text
    start = text.rfind(b"\n", 0, at) + 1
    while start > 0:
        before = text.rfind(b"\n", 0, start - 1) + 1
        line = text[before : start - 1]
        if line and name not in line:
            break
        start = before
    return text[:start]


def _event(out: _Mark, err: _Mark, *, screen: Output) -> Finished | Ended:
    outputs = Outputs(out.output, err.output, screen)
    if b"end" in {out.fields[0], err.fields[0]}:
        end = out if out.fields[0] == b"end" else err
        lost = out.fields[0] != err.fields[0] or end.fields[2] == b"lost"
        return Ended(int(end.fields[1]), lost, outputs)
    if out.fields[0] != err.fields[0]:
        raise MachineError(f"a shell's streams disagree: {out.fields[0]!r} and {err.fields[0]!r}")
    try:
        return _finished(out.fields, outputs)
    except ValueError:
        raise MachineError("a mark of the shell is damaged: a command changed the driver") from None


def _finished(fields: tuple[bytes, ...], outputs: Outputs) -> Finished:
    seq, status, started, ended, pid, job, pipe, cwd = fields
    return Finished(
        seq=int(seq),
        exit_code=int(status),
        started=_seconds(started),
        ended=_seconds(ended),
        shell_pid=int(pid),
        job=int(job) if job else None,
        pipe_status=tuple(map(int, pipe.split())),
        cwd=cwd.decode(errors="surrogateescape"),
        outputs=outputs,
    )


def _seconds(text: bytes) -> float:
    # EPOCHREALTIME has the decimal sign of the shell's locale.
    return float(text.replace(b",", b"."))


def _name(salt: str) -> str:
    """Return the driver's own name in the shell; `set -x` shows it, so it tells no mark."""
    return f"__f{salt[:4]}"


def _secret(salt: str) -> str:
    r"""Return the part of the salt that stands in the marks; a digit would extend printf's `\0`."""
    return f"m{salt[4:]}"
