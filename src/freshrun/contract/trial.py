"""Trials: what a check types after the rehearsal, in the shell that the reader stopped in."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from freshrun.outcome import Outcome
from freshrun.runbook import Command

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Prompt(Protocol):
    """The shell as the rehearsal left it, with its variables, functions and directory."""

    def type(self, command: Command) -> Outcome:
        """Type one more command; what it gave goes into the record, among the trials.

        Raises `MachineError` where the machine or the engine went away.
        """


def moved(like: Command, *, folder: str) -> Command:
    """Return the command that takes the shell to `folder`, at the place of `like`."""
    return replace(like, text=f"cd -- {shlex.quote(folder)}", stages=(), promised=None)


def aside(
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
