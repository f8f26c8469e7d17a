"""The whole machine before and after a run: what it left outside of the documented outputs."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from freshrun.checklist.contract import contract_of
from freshrun.checklist.outputs import output_paths
from freshrun.checklist.paths import checkout, matching
from freshrun.checklist.readers import text_of
from freshrun.checklist.trial import Sandbox, in_subshell, retyped
from freshrun.model import Command, MachineError, Runbook

_PRUNED = ("/proc", "/sys", "/dev/pts", "/dev/mqueue")
"""What is no storage: the kernel's own views, and terminals."""

_LOOK = r"""
set +eu
exec 2> note
root=$(sudo -n true 2> /dev/null && echo sudo -n)
$root find {world} \( {pruned} \) -prune -o ! -type d ! -name '*.pyc' -cnewer mark \
  -printf '%u\t%p\n' > list
cut -f2- list | tr '\n' '\0' | $root xargs -0 -r grep -aPHo -e {ids} -- | sort -u > ids
id -un > user
:
"""
"""Bytecode is left out: a program's first failure may well load more of it."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A file outside of the documented outputs that a run made or changed, and the IDs in it.

    `own` tells that it belongs to who typed the command; other files are those of servers, which
    write as they work, and are looked through for IDs alone.
    """

    path: str
    own: bool
    ids: tuple[str, ...]

    @property
    def fault(self) -> str:
        """Return what is wrong with it, empty where nothing is."""
        named = f"{', '.join(self.ids)} stands in it" if self.ids else ""
        if self.own:
            return f"leaves {self.path}, which no row names{named and f'; {named}'}"
        return f"changes {self.path}, and {named}" if named else ""


class Watch:
    """Looks at the whole machine, before and after a run.

    It asks for the time of a file's last change, which no program can set.
    """

    def __init__(self, runbook: Runbook, *, like: Command, sandbox: Sandbox) -> None:
        self._runbook = runbook
        self._like = like
        self._sandbox = sandbox
        self._folder = f"{sandbox.machine.home}/places"

    def begin(self) -> None:
        """Note the moment; what is changed after it is seen."""
        folder = shlex.quote(self._folder)
        # A kernel's file times stand still for some milliseconds: what is written then isn't newer.
        wait = "{ sleep 0.05 2>/dev/null || sleep 1; }"
        text = f"rm -rf -- {folder} && mkdir -p -- {folder} && : > {folder}/mark && {wait}"
        text += f" && : > {folder}/canary"
        self._type(text, folder=self._sandbox.machine.home)

    def strays(self) -> tuple[Stray, ...]:
        """Return the files that were made or changed since, without the documented ones.

        Raises `MachineError` where the machine has no `find` that could tell.
        """
        pruned = " -o ".join(f"-path {shlex.quote(path)}" for path in _PRUNED)
        scans = {row.scan.pattern for row in contract_of(self._runbook).locations.rows}
        ids = shlex.quote("|".join(f"(?:{scan})" for scan in sorted(scans)))
        world = shlex.quote(self._sandbox.world)
        self._type(_LOOK.format(world=world, pruned=pruned, ids=ids), folder=self._folder)
        lines = self._lines("list")
        owners = {path: owner for owner, _, path in (line.partition("\t") for line in lines)}
        if f"{self._folder}/canary" not in owners:
            said = "; ".join(self._lines("note")[:1]) or "find shows none of its files"
            raise MachineError(f"what a command leaves can't be looked for: {said}")
        named = _named(self._lines("ids"), owners)
        user = "".join(self._lines("user"))
        return tuple(
            Stray(path, owner == user, tuple(named.get(path, ())))
            for path, owner in sorted(owners.items())
            if not self._is_documented(path) and (owner == user or path in named)
        )

    def _is_documented(self, path: str) -> bool:
        if path.startswith(f"{self._folder}/"):
            return True
        root = f"{checkout(self._runbook, home=self._sandbox.machine.home)}/"
        below = [path.removeprefix(root)] if path.startswith(root) else []
        return any(matching(glob, below) for glob in output_paths(self._runbook))

    def _type(self, text: str, *, folder: str) -> None:
        self._sandbox.shell.type(in_subshell(retyped(self._like, text=text), folder=folder))

    def _lines(self, name: str) -> list[str]:
        return text_of(self._sandbox.machine.read(f"{self._folder}/{name}") or b"").splitlines()


def _named(lines: Iterable[str], known: Iterable[str]) -> Mapping[str, list[str]]:
    """Return the IDs by file; a line is the file, a colon, and an ID."""
    paths, found = set(known), dict[str, list[str]]()
    for line in lines:
        path, _, name = line.rpartition(":")
        if path in paths:
            found.setdefault(path, []).append(name)
    return found
