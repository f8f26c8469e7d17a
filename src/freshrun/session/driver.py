"""What goes into the shell in the machine: the driver's text, filled in, and the messages to it.

Each message ends with a NUL; what a command's has in between are fields, each ended so.
"""

import hashlib
import re
import shlex
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files

from freshrun.model import Command
from freshrun.shell import history_lines, recalled

CAPACITY = 100_000
"""How many commands one shell can take."""

_BASH = ("bash", "--noprofile", "--norc", "-c")
_EVALUATE = 'IFS= read -r -d "" -u 197 program && eval "$program"'

BOOT = (*_BASH, f"exec 197<&0 198>&1 199>&2; {_EVALUATE}")
"""The process to start in the machine; `program` is the first thing that it reads."""

_FIELD = re.compile("«([^»]*)»")
_HOLD = (
    r"printf '\0«mark»\2%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0«mark»\1' 0 0 0 0 $$ '' '' / >&198; "
    r"printf '\0«mark»\2%s\0«mark»\1' 0 >&199; "
    "exec 3<> <(:); while :; do read -r -u 3; done"
)


class Kind(StrEnum):
    """What a message is, in one letter: the shell reads its messages byte by byte."""

    COMMAND = "c"
    PIPELINE = "p"
    """A command of several stages, each with a status of its own."""
    ENCLOSED = "e"
    """A command that sees the driver, if nothing is done about it."""
    UNCUT = "u"
    """A command whose text has no clear end, so that nothing can be added to it."""
    INPUT = "i"
    """A command that is given an input."""
    TERMINAL = "t"
    """A command whose streams are the shell's terminal."""
    SYNC = "s"
    """The end of a batch; after a failure the driver passes over everything before it."""


def boot_in_terminal(holder: int) -> tuple[str, ...]:
    """Return the process to start in a terminal, instead of `BOOT`.

    It takes its pipes from the process `holder`, a `BOOT` whose first message was `hold`.
    """
    pipes = f"</dev/null >/proc/{holder}/fd/198 2>/proc/{holder}/fd/199 197</proc/{holder}/fd/197"
    return (*_BASH, f"exec 195<&0 {pipes} 198>&1 199>&2; {_EVALUATE}")


def hold(salt: str) -> bytes:
    """Return the message that makes `BOOT` tell its process id, in a first mark, and wait."""
    return _filled(_HOLD, mark=secret(salt))


def program(salt: str, *, holder: int | None = None) -> bytes:
    """Return the driver for `salt` (hex digits), as the first message to what was booted."""
    return _filled(
        files("freshrun.session").joinpath("driver.bash").read_text("utf-8"),
        name=own_name(salt),
        mark=secret(salt),
        cancel=cancellation(salt),
        lines=str(CAPACITY),
        holder=str(holder or ""),
    )


def cancellation(salt: str) -> str:
    """Return the path of the file whose existence keeps the driver from taking a next command."""
    return f"/tmp/.{own_name(salt)}"  # noqa: S108 - in the machine, which is nobody else's


def typed(
    command: Command, *, seq: int, watched: bool = False, earlier: Sequence[Command] = ()
) -> bytes:
    """Return the message that types one command, the `seq`th of its shell.

    `watched` tells that an earlier one may have set what is called for each step; `earlier` are
    those that a reader's shell has in its history.
    """
    options = command.options
    kind = _kind(command)
    sees = watched or _SEES.search(command.text)
    # What encloses it calls `builtin`: the driver's own steps notice whose that is.
    if kind in {Kind.COMMAND, Kind.PIPELINE} and sees and not _SHADOWS.search(command.text):
        kind = Kind.ENCLOSED
    return _message(
        seq,
        options.exit,
        kind,
        stdin=options.stdin or "",
        text=f"{_in_bash(command, earlier)}\n",
    )


def _in_bash(command: Command, earlier: Sequence[Command]) -> str:
    """Return what is evaluated for a command, with the history of a reader's shell.

    A line that names earlier ones is shown as it is carried out.
    """
    text = command.text
    if line := recalled(command, earlier):
        return f"\\builtin printf '%s\\n' {shlex.quote(line)} >&2\n{line}"
    if _HISTORY.search(text):
        lines = map(shlex.quote, history_lines([*earlier, command]))
        known = (f"\\builtin history -s -- {line}\n" for line in lines)
        return f"\\builtin history -c\n{''.join(known)}{text}"
    return _without_editor(text)


def _without_editor(text: str) -> str:
    """Return a text in which the shell goes on to read its script after `set -o vi`.

    The line editor would read the rest from the command's own input; there is none to be edited.
    """
    return _EDITOR.sub(r"{ \g<0>; \\builtin set +o vi +o emacs; }", text)


_EDITOR = re.compile(r"(?m)(?<=^)set\s+-o\s+(?:vi|emacs)(?=\s*(?:$|[;&#]))")
_HISTORY = re.compile(r"(?m)^\s*history\b(?!\s+-)")


def watches(command: Command) -> bool:
    """Tell whether a command may set what is called, or told, for each step from then on."""
    return _WATCHES.search(command.text) is not None


_WATCHES = re.compile(r"\b(DEBUG|RETURN|BASH_XTRACEFD|extdebug|functrace)\b|\bset\s+-\w*T|>\(")
_SHADOWS = re.compile(r"\bbuiltin\s*\(|\bfunction\s+builtin\b")
_READS = r"(?m)(?:^|[;&|({])\s*(?:\\?\.|source|eval)\s"
_SEES = re.compile(rf"{_READS}|{_WATCHES.pattern}|\bPIPESTATUS\b|\bexec\b[^\n]*<")


def own_name(salt: str) -> str:
    """Return the driver's own name in the shell; `set -x` shows it, so it tells no mark."""
    return f"__f{salt[:4]}"


def secret(salt: str) -> str:
    r"""Return the part of the salt that stands in the marks; a digit would extend printf's `\0`."""
    return f"m{salt[4:]}"


def halves(salt: str) -> tuple[str, str]:
    """Return the two parts of what stands in the prompts of programs within the shell.

    Another one than in the marks: what is typed there can be read by what is started there.
    """
    word = hashlib.sha256(salt.encode()).hexdigest()
    return f"q{word[:5]}", f"z{word[5:10]}"


def _filled(text: str, **values: str) -> bytes:
    """Return a message: a text with all its fields filled in."""
    return _FIELD.sub(lambda field: values[field[1]], text).encode() + b"\0"


def _message(seq: int, expected: int, kind: Kind, *, stdin: str = "", text: str = "") -> bytes:
    return "".join(f"{field}\0" for field in (seq, expected, kind, stdin, text)).encode()


SYNC = _message(0, 0, Kind.SYNC)
"""The message that ends a batch."""


def _kind(command: Command) -> Kind:
    if command.options.tty:
        return Kind.TERMINAL
    if command.options.stdin is not None:
        return Kind.INPUT
    if not command.parses or command.text.endswith("\\"):
        return Kind.UNCUT
    return Kind.PIPELINE if command.stages else Kind.COMMAND
