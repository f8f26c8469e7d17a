"""The files that a failed command left: those that its text names, and that it changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from freshrun.host import Spill
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.model import LeftFile, MachineError, Outcome, Output

KEPT = 1024 * 1024
"""Bytes at the end of a file that are kept."""

_SHOWN = 64 * 1024
_MANY, _FILES = 40, 8
_PATIENCE = ("timeout", "10")

_ASSIGNED = re.compile(
    r"(?:^|[\s;&|(])(?P<name>[A-Za-z_]\w*)=(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s;&|]*))"
)
_WORD = re.compile(
    r"(?P<to>(?:\d|&)?>{1,2}\|?[ \t]*|\btee[ \t]+(?:-a[ \t]+)?)?"
    r"(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s\"'<>|&;()`]+))"
)
_PATH = re.compile(r"[^-$*?\[\]{}\0][^$*?\[\]{}\0]{0,254}")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")

_CHANGED = """
since=$(( $(date +%s) - $1 )); shift
for path; do
    [ -f "$path" ] && [ -r "$path" ] || continue
    changed=$(stat -c %Y -- "$path") && [ "$changed" -ge "$since" ] || continue
    printf '%s\\0%s\\0' "$path" "$(stat -c %s -- "$path")"
done
"""


@dataclass(frozen=True, slots=True)
class _Named:
    path: str
    redirected: bool


class LeftFiles:
    """Finds them in one machine; what a variable stands for is read from the commands before."""

    def __init__(self, machine: Machine, *, mask: Mask, spill: Spill | None) -> None:
        """Look at this machine; whole files go to `spill`, where there is one."""
        self._machine = machine
        self._mask = mask
        self._spill = spill
        self._given: dict[str, str] = {}

    def read(self, text: str) -> None:
        """Take a command's text that is typed now: later ones may use what it sets."""
        for found in _ASSIGNED.finditer(text):
            self._given[found["name"]] = _filled(_plain(found), self._given)

    def of(self, outcome: Outcome, text: str) -> tuple[LeftFile, ...]:
        """Return the files of a command that failed, those first that its output went to.

        Nothing that goes wrong in here makes a failure another one.
        """
        cwd = outcome.cwd or self._machine.home
        named = {one.path: one for one in _named(text, self._given, cwd, home=self._machine.home)}
        try:
            changed = self._changed([*named][:_MANY], seconds=outcome.seconds) if named else {}
            found = [self._file(named[path], size) for path, size in changed.items()]
        except MachineError:
            return ()
        return tuple(sorted(found, key=lambda one: not one.redirected))[:_FILES]

    def _changed(self, paths: list[str], *, seconds: float) -> Mapping[str, int]:
        since = str(int(seconds) + 2)
        argv = (*_PATIENCE, "bash", "-c", _CHANGED, "changed", since, *paths)
        fields = self._machine.run(argv).stdout.decode(errors="surrogateescape").split("\0")
        pairs = zip(fields[::2], fields[1::2], strict=False)
        return {path: int(size) for path, size in pairs if size.isdigit()}

    def _file(self, named: _Named, size: int) -> LeftFile:
        argv = (*_PATIENCE, "tail", "-c", str(KEPT), "--", named.path)
        data = self._mask.hide(self._machine.run(argv).stdout)
        tail = data[-_SHOWN:]
        kept = self._kept(data) if len(data) else None
        output = Output(b"", tail, max(size, len(tail)), kept)
        if output.size == len(tail):
            output = Output(tail, size=len(tail), spill=kept)
        return LeftFile(self._mask.text(named.path), output, redirected=named.redirected)

    def _kept(self, data: bytes) -> str | None:
        if self._spill is None:
            return None
        file = self._spill.file()
        with file:
            return file.name if self._spill.write(file, data) else None


def _named(text: str, given: Mapping[str, str], cwd: str, *, home: str) -> Iterator[_Named]:
    """Yield the files that a command's text can mean, by absolute paths."""
    targets: list[_Named] = []
    for found in _WORD.finditer(text):
        word = _filled(_plain(found), given)
        if word.startswith("~/"):
            word = f"{home}/{word[2:]}"
        if not _PATH.fullmatch(word):
            continue
        path = str(PurePosixPath(cwd, word))
        targets.append(_Named(path, redirected=bool(found["to"])))
    # A place that was written to stays one, however else it is named.
    yield from sorted(targets, key=lambda one: one.redirected)


def _plain(found: re.Match[str]) -> str:
    return next((one for one in (found["double"], found["single"], found["bare"]) if one), "")


def _filled(word: str, given: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda name: given.get(name[1] or name[2], name[0]), word)
