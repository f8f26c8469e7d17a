"""What is never typed, because the shell it would be typed into has ended."""

import re
from collections.abc import Iterator

from freshrun.diagnosis import unquoted
from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject
from freshrun.model import Block, Command

_ENDS = re.compile(r"(?:exit(?:[ \t]+\d{1,3})?|logout)[ \t]*;?(?:[ \t]*#[^\n]*)?")
_EXEC = re.compile(r"exec[ \t]+(?!-|[<>\d&{])(?P<what>\S+)")
_SHELL = re.compile(r"\A[\"']?(?:\$\{?SHELL\}?|(?:/\S*/)?(?:ba|z|da|k|fi)?sh|su|newgrp)[\"']?\Z")
_OPENS = re.compile(
    r"(?:^|[\s;&|(/])(?:su|(?:ba|z|da|k|fi|tc|nu|pw|mo|c)?sh|newgrp|chroot|arch-chroot|screen|tmux"
    r"|script|systemd-nspawn|wsl|nix-shell|devbox|colima|psql|mysql|mariadb|sqlite3|python[\d.]*"
    r"|ipython|node|mongosh?|mongo|irb|redis-cli|cqlsh|rails|telnet|nc|s?ftp|gdb|scala|ghci|iex|R"
    r"|julia|php|lua|octave|erl|clickhouse-client|influx|singularity|apptainer|srun|salloc|qsub"
    r"|-i|-s|-it|-ti"
    r"|[\w:.-]{0,30}(?:shell|enter|attach|exec|ssh|console|login|connect|develop|session)[\w:.-]{0,30})"
    r"(?=\s|\Z)",
    re.MULTILINE,
)
"""What may open a shell or a prompt that an `exit` further down leaves again."""


def unreachable(subject: Subject) -> Iterator[Flaw]:
    """Find the first command that is typed after its terminal's shell has ended."""
    ended: dict[str | None, Command] = {}
    open_shells: dict[str | None, int] = {}
    numbers = {command.number for command in subject.runbook.commands}
    for block in subject.blocks:
        for command in block.commands:
            terminal = command.options.terminal
            if (end := ended.pop(terminal, None)) is not None:
                message = _sentence(command, end)
                first = command.text.partition("\n")[0]
                yield subject.flaw_in(command, "unreachable", message, span=(0, len(first)))
            opened = open_shells.get(terminal, 0)
            if _ends(command, block):
                if opened == 0:
                    ended[terminal] = command
                open_shells[terminal] = max(opened - 1, 0)
            # What a program with a prompt of its own is left with stands among its statements.
            is_left = command.number + 1 not in numbers
            if not is_left and _OPENS.search(unquoted(command.text)):
                open_shells[terminal] = open_shells.get(terminal, 0) + 1


def _sentence(command: Command, end: Command) -> str:
    shown = end.text.partition("\n")[0]
    return (
        f"the shell has ended at line {end.line}, with `{shown}`, so line {command.line} is not"
        " typed into it; leave that out, or run it with bash -c"
    )


def _ends(command: Command, block: Block) -> bool:
    """Tell whether a command ends the shell that it is typed into, whatever happens."""
    if command.options.background or command.options.ready is not None:
        return False
    if _ENDS.fullmatch(command.text):
        return True
    started = _EXEC.match(command.text)
    is_last = block.commands[-1].number == command.number
    return started is not None and not is_last and not _SHELL.match(started["what"])
