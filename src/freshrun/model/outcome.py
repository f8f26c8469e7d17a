"""What one command gave: values, no I/O."""

from dataclasses import dataclass, field
from enum import Enum

from freshrun.model.runbook import Command


class Status(Enum):
    """The verdict on one command or one checklist item."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"
    """An earlier failure stood in its way."""
    SKIPPED = "skipped"
    """The document says so, with its reason."""
    BROKEN = "broken"
    """The harness or the engine failed: never the document's fault."""


class Ending(Enum):
    """How a command came to its end."""

    EXITED = "exited"
    """It ended and the shell took the next command."""
    SHELL_ENDED = "shell ended"
    """The shell itself ended with it: `exit`, `exec`, `set -e`, a signal."""
    TIMED_OUT = "timed out"
    """Its process tree was killed at the timeout."""
    WAITING = "waiting for input"
    """It asked for what nobody types, and was stopped."""
    FLOODED = "flooded"
    """It printed without end and was stopped."""
    SERVING = "serving"
    """It goes on running, as a server does; the next command got a new terminal."""
    OPENED = "opened"
    """It is at its prompt: what stands below it is typed there, until it is left."""
    NOT_RUN = "not run"
    LOST = "lost"
    """The machine or the engine went away while it ran."""


@dataclass(frozen=True, slots=True)
class Output:
    """What came on one stream: the first and the last bytes, and how many there were in all.

    `tail` is empty while everything fits into `head`. `spill` is the path of the file that
    holds the whole, where there is more than the two keep.
    """

    head: bytes = b""
    tail: bytes = b""
    size: int = 0
    spill: str | None = None

    @property
    def kept(self) -> bytes:
        """Return the bytes that are in memory: all of them, unless `truncated`."""
        return self.head + self.tail

    @property
    def truncated(self) -> bool:
        """Tell whether bytes between head and tail were left out."""
        return len(self.head) + len(self.tail) < self.size

    @property
    def text(self) -> str:
        r"""Return head and tail as UTF-8, bad bytes as `\xNN`, the gap named in brackets."""
        head = self.head.decode(errors="backslashreplace")
        if not self.truncated:
            return head + self.tail.decode(errors="backslashreplace")
        missing = self.size - len(self.head) - len(self.tail)
        tail = self.tail.decode(errors="backslashreplace")
        return f"{head}\n[... {missing} bytes left out ...]\n{tail}"


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that a failed command names and changed: its path in the machine, and its end.

    `redirected` tells that the command's output went there. `content.spill` is where it is kept.
    """

    path: str
    content: Output
    redirected: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command gave.

    `exit_code` is `None` where the command did not end by itself. `seconds` is wall time, measured
    in the shell. `cwd` is the working directory afterwards. `pipe_status` is bash's `PIPESTATUS`
    where the command is a pipeline, else empty. `reason` is one sentence for every status but
    `passed`; `cause` is a fixed word (see `freshrun.diagnosis`) and `hint` one sentence with its
    evidence, both empty unless the command failed. `diff` is a unified diff of the document, from
    what a transcript promises to what was printed; empty where they agree. `ports` are the TCP
    ports on which a command listens that was left running. `captures` are what the names in a
    transcript's output stood for, each as `name=value`. `job` is the process id of the last job
    that it started in the background, `None` where it started none. `files` are what a command
    that failed names and changed.
    """

    command: Command
    status: Status
    ending: Ending = Ending.EXITED
    exit_code: int | None = None
    seconds: float = 0.0
    stdout: Output = field(default_factory=Output)
    stderr: Output = field(default_factory=Output)
    cwd: str | None = None
    pipe_status: tuple[int, ...] = ()
    reason: str = ""
    warnings: tuple[str, ...] = ()
    cause: str = ""
    hint: str = ""
    diff: str = ""
    ports: tuple[int, ...] = ()
    job: int | None = None
    captures: tuple[str, ...] = ()
    files: tuple[LeftFile, ...] = ()
