"""Trials: what a check types after the rehearsal, in the shell that the reader stopped in."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from freshrun.checklist.paths import Disk
from freshrun.model import Command, Options, Outcome

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Shell(Protocol):
    """The shell as the rehearsal left it, with its variables, functions and directory."""

    def type(self, command: Command) -> Outcome:
        """Type one more command; what it gave goes into the record, among the trials.

        Raises `MachineError` where the machine or the engine went away.
        """


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where a check tries things out: the live shell, and the files of its machine.

    `world` is the folder that holds all that a command can leave: the whole machine.
    """

    shell: Shell
    machine: Disk
    world: str = "/"


def retyped(like: Command, *, text: str, line: int | None = None) -> Command:
    """Return the command that types `text` at the place of `like`, or at another line of it.

    It promises nothing but exit status 0.
    """
    place = line or like.line
    end = place + text.count("\n") if line else like.end_line
    options = Options(name=like.options.name, timeout=like.options.timeout)
    return Command(text, like.file, place, end, like.section, options)


def moved(like: Command, *, folder: str) -> Command:
    """Return the command that takes the shell to `folder`, at the place of `like`."""
    return retyped(like, text=f"cd -- {shlex.quote(folder)}")


def value_of(name: str, *, like: Command, shell: Shell) -> str:
    """Return the value of a variable of the live shell; empty where it is not set."""
    outcome = shell.type(retyped(like, text=f'printf %s "${{{name}-}}"'))
    return outcome.stdout.text


def in_subshell(
    like: Command,
    *,
    folder: str,
    env: Mapping[str, str] = _NOTHING,
    without: Iterable[str] = (),
    exit_code: int = 0,
) -> Command:
    """Return the command as typed in a subshell, which leaves nothing behind in the shell.

    The subshell goes to `folder`, unsets the variables `without` and exports `env` first; the text
    itself stays as it is. `exit_code` is the exit status that the trial promises.
    """
    lines = [f"cd -- {shlex.quote(folder)} || exit"]
    lines += [f"unset -v {shlex.quote(name)}" for name in without]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in env.items()]
    text = "\n".join(["(", *lines, like.text, ")"])
    options = replace(like.options, exit=exit_code, band=None, background=False, ready=None)
    return replace(like, text=text, options=options, stages=(), promised=None)
