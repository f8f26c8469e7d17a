"""The processes that one command started, as the machine shows them: looked at, or ended."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from freshrun.machine import Machine
from freshrun.model import MachineError, SilentEngineError

_BOUNDED = ("timeout", "--signal=KILL", "20")
"""No look may take longer, in seconds."""

_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Look:
    """What a command's processes are at.

    `work` is the processor time that they have used, in seconds; `busy` are those that would use
    more at this moment, or read a disk. `ports` are the TCP ports on which they listen; `names` are
    the programs' names, the kernel's 15 characters of each. `asking` are those that wait for a
    person at their terminal, the shell itself included. `connected` tells whether the shell still
    has what it and this side talk through.
    """

    work: float = 0.0
    busy: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    connected: bool = True


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """The descendants of a shell that are not older than `since`, in seconds since the epoch.

    Programs that left the shell's tree (`setsid`, `nohup`) are part of it. Every method raises
    `MachineError` where the machine or the engine went away.
    """

    machine: Machine
    shell: int
    since: float

    def look(self) -> Look:
        """Return what they are at."""
        # Only root sees the descriptors of root's processes, and only a user those of its own.
        return _read(b"".join(self._run("look", user=user) or b"" for user in (None, "root")))

    def start(self) -> tuple[str, Mapping[str, str]]:
        """Return the shell's directory and the variables that the running command was given."""
        shown = self._run("start") or b""
        cwd, *variables = shown.decode(errors="surrogateescape").split("\0")
        pairs = (variable.partition("=") for variable in variables)
        return cwd, {name: value for name, _, value in pairs if name.isidentifier()}

    def send(self, signal: str, *, shell: bool = False) -> None:
        """Send a signal, such as TERM, to all of them, and to the shell itself if asked."""
        action = ("signal", signal, *(("shell",) if shell else ()))
        if self._run(*action, user="root") is None:
            self.machine.evaluate(f"set -- {shlex.join(self._arguments(*action))}\n{_source()}")

    def _run(self, *action: str, user: str | None = None) -> bytes | None:
        """Return what the script prints, `None` where the machine has no room for its process."""
        argv = (*_BOUNDED, "bash", "-c", _source(), "tree", *self._arguments(*action))
        try:
            done = self.machine.run(argv, user=user)
        except SilentEngineError:
            raise
        except MachineError:
            if not self.machine.alive():
                raise
            return None
        return done.stdout if done.exit_code == 0 else None

    def _arguments(self, *action: str) -> tuple[str, ...]:
        return (str(self.shell), str(int(self.since * 1_000_000)), *action)


def _source() -> str:
    return files("freshrun.session").joinpath("process_tree.bash").read_text("utf-8")


def _read(text: bytes) -> Look:
    facts: dict[str, set[str]] = {}
    for line in text.decode(errors="replace").splitlines():
        key, _, value = line.partition(" ")
        facts.setdefault(key, set()).add(value)
    return Look(
        work=max(map(int, facts.get("work", ("0",)))) / _HUNDREDTHS,
        busy=tuple(sorted(facts.get("busy", ()))),
        ports=tuple(sorted(map(int, facts.get("port", ())))),
        names=tuple(sorted(facts.get("name", ()))),
        asking=tuple(sorted(facts.get("asks", ()))),
        connected="lost" not in facts,
    )
