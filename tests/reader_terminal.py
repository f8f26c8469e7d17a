"""A real interactive bash on a terminal of a machine: what a reader sees who types there.

Bash's own line editor tells when it waits for a line and when it has one, by the sequences that
switch bracketed paste on and off. So nothing is needed in the prompt, which a document may change.
"""

import re
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from freshrun.machine.attached import Attached
from freshrun.machine.machine import Machine

_WAITS, _TAKES = b"\x1b[?2004h", b"\x1b[?2004l\r"
_PASTE, _PASTED = b"\x1b[200~", b"\x1b[201~"
_PROMPT = re.compile(rb"<(\d+)>")
_SET_UP = "stty cols 500; PS1='<$?>'"

_PATIENCE = 20.0
"""Seconds that one line may take."""

_WORK = 1.0
"""Seconds that a command has before a key interrupts it."""

_PAUSE = 0.3
"""Seconds of silence after which a prompt is whole that is not ours."""

INTERRUPT = "^C"
"""A line that is none, but a key, for the command before it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a terminal showed after a line was typed: the text, and the exit status.

    The status is `None` where the document has made the prompt its own, or bash asks for more.
    `ended` tells that the shell ended with the line.
    """

    text: str
    status: int | None
    ended: bool = False


class ReaderTerminal:
    """A terminal in which bash waits for a line."""

    def __init__(self, shell: Attached) -> None:
        """Take a bash that was started just now, at a terminal."""
        self._shell = shell
        self._until(_WAITS)

    def type(self, line: str, *, interrupted: bool = False) -> Seen:
        """Type a line, press Ctrl-C after a second if asked to, and wait for the next prompt."""
        self._shell.socket.sendall(_PASTE + line.encode() + _PASTED + b"\r")
        self._until(_TAKES)
        if interrupted:
            time.sleep(_WORK)
            self._shell.socket.sendall(b"\x03")
        printed, found = self._until(_WAITS)
        text = printed.decode(errors="backslashreplace").replace("\r\n", "\n")
        if not found:
            return Seen(text, self._shell.exit_code(), ended=True)
        prompt = _PROMPT.fullmatch(self._prompt())
        return Seen(text, int(prompt[1]) if prompt else None)

    def _until(self, sign: bytes) -> tuple[bytes, bool]:
        """Return what is shown before a sign, and whether it came before the shell's end."""
        came, deadline = b"", time.monotonic() + _PATIENCE
        while not came.endswith(sign):
            if not self._speaks(deadline - time.monotonic()):
                raise TimeoutError(f"the terminal shows {came[-500:]!r} and no {sign!r}")
            byte = self._shell.socket.recv(1)
            if not byte:
                return came, False
            came += byte
        return came.removesuffix(sign), True

    def _prompt(self) -> bytes:
        prompt = b""
        while not prompt.endswith(b">") and self._speaks(_PAUSE):
            prompt += self._shell.socket.recv(1)
        return prompt

    def _speaks(self, patience: float) -> bool:
        return bool(select.select([self._shell.socket], [], [], max(0.0, patience))[0])


@contextmanager
def reader_terminal(machine: Machine, *, folder: str) -> Iterator[ReaderTerminal]:
    """Open a new terminal, as a reader does, in a folder."""
    argv = ("bash", "-i")
    with closing(machine.attach(argv, cwd=folder, env={"TERM": "xterm"}, tty=True)) as shell:
        terminal = ReaderTerminal(shell)
        terminal.type(_SET_UP)
        yield terminal


def all_seen(terminal: ReaderTerminal, lines: Sequence[str]) -> Iterator[Seen]:
    """Type lines one after the other, and yield what each shows, up to the end of the shell."""
    for number, line in enumerate(lines):
        if line == INTERRUPT:
            continue
        seen = terminal.type(line, interrupted=lines[number + 1 : number + 2] == [INTERRUPT])
        yield seen
        if seen.ended:
            return
