"""Programs that are open within a terminal's own shell, and what is typed there."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from freshrun.mask import Mask
from freshrun.model import Command, Ending, Options, Outcome, Output, Status
from freshrun.session import verdict
from freshrun.session.protocol import Ended, Finished, Outputs, Prompted
from freshrun.session.question import unanswered
from freshrun.session.terminal import Terminal
from freshrun.session.watch import Sight, Watch
from freshrun.shell import SHELL, Dialect, leaves, opened
from freshrun.text import shown

_PATIENCE = 15.0
"""Seconds that a program has to answer at its prompt, once it reads the terminal."""

_SETTLED, _LOOK = 0.15, 0.05
"""Seconds without output after which a prompt is one, and between two looks at the screen."""

_END_OF_INPUT = "\x04"

_NOTHING = Output()

Event = Finished | Ended | Prompted


@dataclass(frozen=True, slots=True)
class Level:
    """One program that is open: what opened it, how it is spoken to, and where it is."""

    opener: Command
    dialect: Dialect
    pid: str = ""
    cwd: str = ""

    @property
    def name(self) -> str:
        """Return how a reader is told of it."""
        return f"`{self.opener.text.strip()}` ({self.opener.file}:{self.opener.line})"


@dataclass(frozen=True, slots=True)
class Typing:
    """One statement that is typed: with what options, until when, and who looks at it."""

    command: Command
    watch: Watch
    deadline: float


class Inner:
    """What is open within a terminal's own shell, the innermost last.

    Each prompt of a shell, and of most programs, is made to tell how the last statement ended.
    `ended` is how the command ended that opened the outermost, where it did; `spent` tells that a
    statement failed, after which nobody types on. Every method raises `MachineError` where the
    machine or the engine went away.
    """

    def __init__(self, terminal: Terminal, *, mask: Mask) -> None:
        """Begin with nothing open."""
        self.levels: tuple[Level, ...] = ()
        self.ended: Finished | Ended | None = None
        self.spent = False
        self._terminal = terminal
        self._mask = mask
        self._printed: tuple[Output, ...] = ()

    def play(self, command: Command, *, watch: Watch, timeout: float) -> Outcome | Sight | None:
        """Type a command and return its outcome, or what is seen of one that does not end.

        It opens another program, or is typed into the one that is open. `None` is a timeout.
        """
        typing = Typing(command, watch, time.monotonic() + timeout)
        dialect = None if self.levels and self.levels[-1].dialect is not SHELL else opening(command)
        if dialect is None:
            return self._types(typing)
        if not self._terminal.is_real:
            return self._failed(command, _NO_TERMINAL, ending=Ending.NOT_RUN)
        if self.levels:
            self._terminal.turn()
            self._type(given(command, dialect).text)
        else:
            self._terminal.echo(on=False)
            self._terminal.cut()  # what the shell has said since of jobs that ended
            self._terminal.type((given(command, dialect),))
            self._terminal.await_next()
        return self._opens(typing, dialect)

    # --- opening ---

    def _opens(self, typing: Typing, dialect: Dialect) -> Outcome | Sight | None:
        """Await what a command opens that was just typed, and make it tell of what is typed there.

        Where it opened nothing its outcome is that of any other command; `None` is a timeout.
        """
        command = typing.command
        event = self._answer(typing, prompt=dialect.prompt)
        if isinstance(event, Prompted) and self._is_another(event):
            event = Sight.ASKS
        if isinstance(event, Sight):
            asks = event is Sight.ASKS and not unanswered(self._terminal.outputs.stdout)
            return self._at_prompt(typing, dialect) if asks else event
        return None if event is None else self._outcome(command, event)

    def _is_another(self, prompt: Prompted) -> bool:
        """Tell whether a shell has taken our prompt over from the one around it."""
        own = self.levels[-1].pid if self.levels else ""
        return bool(prompt.pid) and prompt.depth == len(self.levels) and prompt.pid != own

    def _at_prompt(self, typing: Typing, dialect: Dialect) -> Outcome:
        """Make the program tell how each statement ends; one that does not is not open."""
        printed = _without_prompt(self._terminal.cut())
        event = self._taught(typing, dialect) if dialect.hello else None
        if isinstance(event, (Finished, Ended)):
            return self._outcome(typing.command, event)
        if dialect.hello and event is None:
            return self._failed(
                typing.command,
                _NO_ANSWER.format(name=dialect.name),
                ending=Ending.WAITING,
                printed=printed,
            )
        pid, cwd = (event.pid, event.cwd) if event else ("", "")
        self.levels = (*self.levels, Level(typing.command, dialect, pid, cwd or self._terminal.cwd))
        return Outcome(
            self._mask.hide(typing.command),
            Status.PASSED,
            Ending.OPENED,
            seconds=self._terminal.elapsed,
            stdout=printed,
            cwd=cwd or self._terminal.cwd,
        )

    def _taught(self, typing: Typing, dialect: Dialect) -> Event | None:
        """Type what makes the prompt tell; return the first prompt that does."""
        depth = len(self.levels) + 1
        deadline = min(typing.deadline, time.monotonic() + _PATIENCE)
        for line in dialect.hello:
            self._terminal.press(self._filled(line, depth=depth) + "\r")
        while (left := deadline - time.monotonic()) > 0 and not self._terminal.flooded:
            event = self._terminal.event(left)
            if not isinstance(event, Prompted) or event.depth == depth:
                return event
        return None

    def _filled(self, line: str, *, depth: int) -> str:
        first, second = self._terminal.words
        return line.replace("«a»", first).replace("«b»", second).replace("«n»", str(depth))

    # --- typing ---

    def _types(self, typing: Typing) -> Outcome | Sight | None:
        """Type a statement at the innermost prompt; `None` is a timeout."""
        command = typing.command
        self._terminal.turn()
        self._printed = ()
        if refusal := _refusal(command, self.levels):
            return self._failed(command, refusal, ending=Ending.NOT_RUN)
        event: Event | Sight | None = None
        for line in _lines(command.text):
            event = self._entered(line, typing)
            if not isinstance(event, Prompted) or event.depth != len(self.levels):
                break
        if event is Sight.ASKS and self.levels[-1].dialect.recall:
            event = self._recalled(typing)
        if event is None or isinstance(event, Sight):
            return event
        return self._outcome(command, event)

    def _entered(self, line: str, typing: Typing) -> Event | Sight | None:
        """Type one line; return what came of it, and keep what it printed."""
        dialect = self.levels[-1].dialect
        self._type(line)
        taught = bool(dialect.hello)
        event = self._answer(typing, prompt=dialect.more if taught else dialect.prompt)
        if (event is Sight.ASKS and not taught) or self._shows(dialect.more):
            event = self._seen(status="+" if taught else "0")
        if isinstance(event, Prompted):
            self._printed = (*self._printed, _without_echo(event.output, line))
        return event

    def _seen(self, *, status: str) -> Prompted:
        """Return the prompt that the program shows by itself, as one that tells."""
        output = _without_prompt(self._terminal.cut())
        return Prompted(len(self.levels), status, "", "", recalled=False, output=output)

    def _recalled(self, typing: Typing) -> Event | Sight | None:
        """Ask a shell that has lost its prompt; where another reads that, it waits for input."""
        dialect = self.levels[-1].dialect
        kept = self._terminal.cut()
        self._terminal.press(self._filled(dialect.recall, depth=len(self.levels)) + "\r")
        event = self._answer(typing)
        if not isinstance(event, Prompted) or not event.recalled:
            return Sight.ASKS if isinstance(event, Prompted) else event
        self._answer(typing)
        self._printed = (*self._printed, _without_prompt(kept))
        return event

    def _type(self, text: str) -> None:
        """Press the keys of a text and Enter, or those of the end of input."""
        if text.strip() == "^D":
            self._terminal.press(_END_OF_INPUT)
        else:
            self._terminal.press(text.replace("\n", "\r") + "\r")

    def _answer(self, typing: Typing, *, prompt: str = "(?!)") -> Event | Sight | None:
        """Await an event, a prompt at the end of the screen, or what a look shows."""
        terminal = self._terminal
        looks = _LOOK if prompt != "(?!)" else _PATIENCE
        while (left := typing.deadline - time.monotonic()) > 0 and not terminal.flooded:
            event = terminal.event(min(left, looks, typing.watch.patience))
            if event is not None:
                return event
            if terminal.quiet >= _SETTLED and self._shows(prompt):
                return Sight.ASKS
            sight = typing.watch.sight()
            if sight is Sight.SERVES and not terminal.ports():
                continue  # it was there before
            if sight is not Sight.NOTHING:
                return sight
        return None

    def _shows(self, prompt: str) -> bool:
        """Tell whether the screen ends with a prompt."""
        return re.fullmatch(prompt, _last_line(self._terminal.outputs.stdout)) is not None

    # --- ends ---

    def _outcome(self, command: Command, event: Event) -> Outcome:
        """Return the outcome of a statement by the prompt, or the end, that came after it."""
        if not isinstance(event, Prompted):
            return self._left(command, event, status=event.exit_code)
        if event.depth < len(self.levels):
            left = self._left(command, event, status=_status(event))
            self.levels = self.levels[: event.depth]
            return left
        return self._judged(command, event)

    def _judged(self, command: Command, event: Prompted) -> Outcome:
        """Return the verdict on a statement after which its program is at its prompt."""
        shown_command = self._mask.hide(command)
        level = self.levels[-1] if self.levels else None
        printed = _joined(self._printed) if self._printed else event.output
        if event.waits:
            return self._failed(
                shown_command, _unfinished(level), ending=Ending.WAITING, printed=printed
            )
        if level and event.cwd:
            self.levels = (*self.levels[:-1], replace(level, cwd=event.cwd))
        error = _error(level, printed)
        done = Finished(
            seq=0,
            exit_code=_status(event) or int(bool(error)),
            started=0.0,
            ended=self._terminal.elapsed,
            shell_pid=0,
            job=None,
            pipe_status=(),
            cwd=self.levels[-1].cwd if self.levels else self._terminal.cwd,
            outputs=Outputs(printed),
        )
        outcome = verdict.ended(shown_command, done, seconds=done.ended)
        if error and outcome.status is Status.FAILED and not outcome.diff and level:
            return replace(outcome, reason=f"{level.name} printed an error: {error}")
        return outcome

    def _left(self, command: Command, event: Event, *, status: int) -> Outcome:
        """Return the outcome of a statement with which its program ended."""
        shown_command = self._mask.hide(command)
        if not isinstance(event, Prompted):
            self.ended = event
            if not self.levels:  # it opened nothing
                return verdict.ended(shown_command, event, seconds=self._terminal.elapsed)
        level = self.levels[-1]
        if self.ended:
            self.levels = ()
        asked = leaves(level.dialect, command.text)
        fails = not asked and status != command.options.exit
        taken = () if asked else (f"{level.name} ended with this command",)
        if isinstance(event, Ended):
            taken = (*taken, "the shell ended with this command; the next one gets a new shell")
        return Outcome(
            shown_command,
            Status.FAILED if fails else Status.PASSED,
            Ending.SHELL_ENDED if fails or isinstance(event, Ended) else Ending.EXITED,
            exit_code=status,
            seconds=self._terminal.elapsed,
            stdout=_without_echo(_printed_by(event), command.text),
            cwd=_directory(event, otherwise=self._terminal.cwd),
            reason=_ended_with(level, command, status=status) if fails else "",
            warnings=taken,
        )

    def _failed(
        self, command: Command, reason: str, *, ending: Ending, printed: Output = _NOTHING
    ) -> Outcome:
        """Return the outcome of a command that was not typed, or whose end nobody can tell."""
        cwd = self._terminal.cwd
        shown_command = self._mask.hide(command)
        return Outcome(shown_command, Status.FAILED, ending, stdout=printed, reason=reason, cwd=cwd)

    def close(self) -> Finished | Ended | None:
        """End all that is open, with what it started; return how the shell took it."""
        if self.levels and self.ended is None:
            self.ended = self._terminal.end_command()
        self.levels = ()
        return self.ended


def opening(command: Command) -> Dialect | None:
    """Return what a command may open: one that gets its input, or stays behind, opens nothing."""
    options = command.options
    stays = options.background or options.ready is not None
    if stays or options.stdin is not None or command.within:
        return None
    return opened(command.text)


def given(command: Command, dialect: Dialect) -> Command:
    """Return a command that opens a program as it is typed: at a terminal, with the words it needs.

    A program that would draw each line again is told not to, where the command is that alone.
    """
    options = replace(command.options, tty=True)
    alone = re.fullmatch(r"\s*(?:[\w./$+@:=~-]|\"\$?[\w./-]*\"|\s)+", command.text) is not None
    text = f"{dialect.env} {command.text.lstrip()}" if dialect.env and alone else command.text
    return replace(command, text=text, options=options)


def at_terminal(command: Command) -> Options:
    """Return the options of a command whose streams are the terminal."""
    return replace(command.options, tty=True)


_NO_ANSWER = (
    "can't tell how what stands below it would end: "
    "it reads the terminal, and does not answer at a prompt as {name} does"
)


_NO_TERMINAL = "can't tell what is typed below it: it opens another program, and has no terminal"


def _refusal(command: Command, levels: tuple[Level, ...]) -> str:
    """Return why a statement can't be typed at the innermost prompt."""
    if not levels:
        return f"it is typed into {command.within}, which no command above has open"
    level = levels[-1]
    if command.within and command.within != level.dialect.name:
        return f"it is typed into {command.within}, and {level.name} is open"
    if not level.dialect.answers and not leaves(level.dialect, command.text):
        return f"can't tell how it ends in {level.name}, into which a reader types it"
    return ""


def _unfinished(level: Level | None) -> str:
    where = level.name if level else "the shell"
    return f"{where} waits for the rest of the statement: a reader is left at its second prompt"


def _ended_with(level: Level, command: Command, *, status: int) -> str:
    return f"{level.name} ended with it: exit status {status}, expected {command.options.exit}"


def _directory(event: Event, *, otherwise: str) -> str | None:
    if isinstance(event, Finished):
        return event.cwd
    return None if isinstance(event, Ended) else (event.cwd or otherwise)


def _printed_by(event: Event) -> Output:
    return event.output if isinstance(event, Prompted) else event.outputs.stdout


def _status(prompt: Prompted) -> int:
    words = {"true": 1, "false": 0, "": 0}
    return words[prompt.status] if prompt.status in words else int(prompt.status)


def _error(level: Level | None, printed: Output) -> str:
    """Return the line by which a program tells of an error, or a shell of a line it refused."""
    if level is None:
        return ""
    lines = shown(printed.text).splitlines()
    failed = re.compile(level.dialect.failed)
    found = next((line for line in lines if failed.match(line)), "")
    if level.dialect is SHELL:
        return found if len(lines) == 1 else ""
    return found or _raised(lines)


def _raised(lines: list[str]) -> str:
    """Return the last line of what Python says of an exception."""
    told = any(line.startswith(("Traceback (most", '  File "')) for line in lines)
    return lines[-1] if told else ""


def _lines(text: str) -> Iterator[str]:
    yield from text.split("\n")


# --- what was shown, without what the terminal itself adds ---

_EDITING = rb"(?:\x1b\[\?2004l\r(?:\r?\n)?)?"


def _without_echo(output: Output, line: str) -> Output:
    """Return what a line printed, without the line itself, and what a line's editor draws."""
    typed = re.escape(line.encode())
    head = re.sub(rb"\A(?:" + typed + rb"\r\n)?" + _EDITING, b"", output.head)
    end = re.compile(rb"(?:\x1b\[\?2004h|(?:\A|(?<=\n))\([\w.-]+\) |\x1b\[K)+\Z")
    if output.tail:
        tail = end.sub(b"", output.tail)
    else:
        head, tail = end.sub(b"", head), b""
    lost = len(output.head) + len(output.tail) - len(head) - len(tail)
    return replace(output, head=head, tail=tail, size=output.size - lost)


def _without_prompt(output: Output) -> Output:
    """Return what was shown above the line of the prompt."""
    head = output.head[: output.head.rfind(b"\n") + 1] if not output.tail else output.head
    return replace(output, head=head, size=output.size - len(output.head) + len(head))


def _joined(outputs: tuple[Output, ...]) -> Output:
    """Return what several lines printed as one; what is too long for memory alone."""
    long = next((each for each in outputs if each.truncated or each.tail), None)
    if long:
        return long
    head = b"".join(each.head for each in outputs)
    return Output(head, b"", len(head))


def _last_line(output: Output) -> str:
    end = output.tail or output.head
    return shown(end[-1000:].rpartition(b"\n")[2].decode(errors="replace"))
