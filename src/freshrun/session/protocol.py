"""What the shell in the machine says to its session: bytes to values, no I/O.

The end of each command is a salted mark on both output streams. A mark can come in pieces, between
any bytes, and never costs or adds a byte of what the command printed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from freshrun.host import Spill
from freshrun.machine import Frames, Stream
from freshrun.mask import Mask
from freshrun.model import MachineError, Output
from freshrun.session.driver import halves, own_name, secret
from freshrun.session.traced import Traced

KEPT = 64 * 1024
"""Bytes of a stream that are kept at its head, and at its tail, each."""

_END, _LOST = b"end", b"lost"
"""The first field of the mark of a shell that has ended, and its last where the driver is lost."""


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


@dataclass(frozen=True, slots=True)
class Prompted:
    """A program within the shell is at its prompt, which says how its last statement ended.

    `depth` counts from 1 in the shell; `status` is `+` where the rest of the statement is awaited.
    `recalled` tells that it was asked for, and is no prompt. `pid` and `cwd` are empty where the
    program does not tell them.
    """

    depth: int
    status: str
    pid: str
    cwd: str
    recalled: bool
    output: Output

    @property
    def waits(self) -> bool:
        """Tell whether the program waits for the rest of a statement."""
        return self.status == "+"


class Conversation:
    """Reads one shell's side: Docker's frames in, `Finished`, `Prompted` and `Ended` out.

    Output past the kept head and tail goes to a file of `spill`, where one is given.
    """

    def __init__(self, salt: str, *, mask: Mask, spill: Spill | None = None) -> None:
        """Start with the first byte that the exec prints."""
        self._frames = Frames()
        self._has_screen = False
        traced = Traced(own_name(salt))
        self._channels = {
            stream: _Channel(salt, _Capture(mask.fresh(), spill=spill, traced=own))
            for stream, own in ((Stream.STDOUT, None), (Stream.STDERR, traced))
        }
        self._screen = _Screen(salt, _Capture(mask.fresh(), spill=spill, traced=None))

    def open_screen(self) -> None:
        """Expect marks on a terminal's screen, too, from now on."""
        self._has_screen = True

    def feed(self, data: bytes) -> Iterator[Finished | Ended]:
        """Take what the socket gave; yield what is complete on every stream."""
        for stream, payload in self._frames.feed(data):
            self._channels[stream].feed(payload)
        yield from self._events()

    def feed_screen(self, data: bytes) -> Iterator[Finished | Ended | Prompted]:
        """Take what the terminal showed; yield what is complete on every stream."""
        yield from self._screen.prompts(data)
        yield from self._events()

    def cut_screen(self) -> Output:
        """Return what the screen has shown since its last mark or prompt, and begin anew."""
        return self._screen.cut()

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
        self._opening = b"\0" + secret(salt).encode() + b"\2"
        self._closing = b"\0" + secret(salt).encode() + b"\1"
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


_LONGEST = 5000
"""Bytes of a prompt, with the directory in it."""


class _Screen(_Channel):
    """The screen: beside marks it shows the prompts of programs that were taught to tell."""

    def __init__(self, salt: str, capture: "_Capture") -> None:
        super().__init__(salt, capture)
        word = "".join(halves(salt)).encode()
        self._begins = b"[" + word + b"/"
        self._prompt = re.compile(
            rb"\[%b/(?P<depth>\d+)(?P<recalled>r?)/(?P<status>\d*|\+|true|false)"
            rb"(?:\]|/(?P<pid>\d*)/(?P<cwd>[^\n]*?)/%b\])" % (word, word)
        )

    def prompts(self, data: bytes) -> Iterator[Prompted]:
        """Take what was shown; yield each prompt in it."""
        self.received += len(data)
        data = self._pending + data
        self._pending = b""
        while found := self._prompt.search(data):
            self._take(data[: found.start()])
            yield self._prompted(found)
            data = data[found.end() :]
        cut = self._may_begin(data)
        self._take(data[:cut])
        self._pending += data[cut:]

    def cut(self) -> Output:
        """Return what was shown since the last mark or prompt, and begin anew."""
        self._capture.add(self._pending)
        self._pending = b""
        return self._capture.take()

    def _take(self, data: bytes) -> None:
        """Look for marks in what is no prompt."""
        before = self.received
        self.feed(data)
        self.received = before

    def _prompted(self, found: re.Match[bytes]) -> Prompted:
        return Prompted(
            depth=int(found["depth"]),
            status=found["status"].decode(),
            pid=(found["pid"] or b"").decode(),
            cwd=(found["cwd"] or b"").decode(errors="surrogateescape"),
            recalled=bool(found["recalled"]),
            output=self.cut(),
        )

    def _may_begin(self, data: bytes) -> int:
        """Return where a prompt may begin whose end is still to come."""
        at = data.rfind(self._begins)
        if at >= 0 and b"\n" not in data[at:] and len(data) - at < _LONGEST:
            return at
        return _possible_start(data, self._begins)


def _possible_start(data: bytes, opening: bytes) -> int:
    """Return where `data` may end in the first bytes of a mark; its length where it does not."""
    first, least = opening[:1], max(len(data) - len(opening) + 1, 0)
    at = data.rfind(first, least)
    while at >= 0 and not opening.startswith(data[at:]):
        at = data.rfind(first, least, at)
    return at if at >= 0 else len(data)


class _Capture:
    """Collects one command's bytes of one stream into an `Output` of bounded size."""

    def __init__(self, mask: Mask, *, spill: Spill | None, traced: Traced | None) -> None:
        self._mask = mask
        self._spill = spill
        self._traced = traced
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
        output = self._traced.as_typed(self.so_far()) if self._traced else self.so_far()
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


def _event(out: _Mark, err: _Mark, *, screen: Output) -> Finished | Ended:
    outputs = Outputs(out.output, _without_prompt(err), screen)
    if _END in {out.fields[0], err.fields[0]}:
        end = out if out.fields[0] == _END else err
        lost = out.fields[0] != err.fields[0] or end.fields[2] == _LOST
        return Ended(int(end.fields[1]), lost, outputs)
    if out.fields[0] != err.fields[0]:
        raise MachineError(f"a shell's streams disagree: {out.fields[0]!r} and {err.fields[0]!r}")
    try:
        return _finished(out.fields, outputs)
    except ValueError:
        raise MachineError("a mark of the shell is damaged: a command changed the driver") from None


def _without_prompt(mark: _Mark) -> Output:
    """Return what was printed without the prompt behind it, which the mark tells."""
    shown, output = b"".join(mark.fields[1:2]), mark.output
    if not shown or output.tail or not output.head.endswith(shown):
        return output
    head = output.head.removesuffix(shown)
    return replace(output, head=head, size=len(head))


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
