"""Which files of a folder belong to which artifact, as `gh run download` leaves them.

One artifact is unpacked in place, several get a folder each. A matrix and a second attempt upload
under names of their own, such as `results (3.11, debian)` and `results-attempt-2`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from freshrun.checklist import contract_of, downloads, matching
from freshrun.model import Runbook

_DEPTH = 3
"""So many folders may stand above an artifact's files: run, attempt, artifact."""

_OPEN = re.compile(r"\$\{\{.*?\}\}|\{.*?\}|<.*?>|\*+|…|\.\.\.")
"""What stands in a documented name for the values of a matrix."""

_MORE = r"(?:(?![A-Za-z0-9]).*)?"
"""What a matrix or an attempt adds to a documented name."""

_BEFORE = r"(?:(?:re)?(?:run|attempt|try)[-_. ]?)?(?:\d+[-_. ]+)?"


@dataclass(frozen=True, slots=True)
class Arranged:
    """The files of each artifact by path in the artifact, with their path in the folder.

    An artifact is called as in the runbook, or by its folder where several are one there or the
    runbook has none: `called` has the runbook's name then. `left` says of each folder that was not
    looked at why not.
    """

    places: Mapping[str, Mapping[str, str]]
    called: Mapping[str, str]
    left: tuple[str, ...] = ()


def arranged(
    runbook: Runbook, names: Iterable[str], *, folder: str, empty: Iterable[str] = ()
) -> Arranged:
    """Return which of the files in a folder belong to which artifact.

    `names` are the files below it, `empty` its empty folders; files that the runbook does not
    document are left out.
    """
    desk = _Desk(runbook, _documented(runbook), _short_names(runbook))
    every = tuple(names)
    order = {artifact: place for place, artifact in enumerate(desk.documented)}
    apart = dict(sorted(_apart(desk, every), key=lambda each: (order[each[1][0]], each[0])))
    places: dict[str, Mapping[str, str]] = {}
    called: dict[str, str] = {}
    for place, (artifact, kept) in apart.items():
        key = artifact if "/" not in place and desk.is_plain(place) else place
        key = place if key in places else key
        places[key], called[key] = kept, artifact
    rest = [name for name in every if not any(name.startswith(f"{place}/") for place in apart)]
    whole = _kept([path for paths in desk.documented.values() for path in paths], rest, below="")
    if whole:
        key = _named(runbook, folder, known=desk.documented)
        key = folder if key in places else key
        places[key] = whole
    used = {outside for kept in places.values() for outside in kept.values()}
    return Arranged(places, called, tuple(_left(desk, every, empty, used=used, whole=bool(whole))))


def documented_names(runbook: Runbook, names: Iterable[str]) -> frozenset[str]:
    """Return those of the artifacts' names that the runbook documents, legs and attempts too."""
    desk = _Desk(runbook, _documented(runbook), _short_names(runbook))
    return frozenset(name for name in names if desk.artifact(name))


@dataclass(frozen=True, slots=True)
class _Desk:
    runbook: Runbook
    documented: Mapping[str, list[str]]
    short: Mapping[str, str]

    def is_plain(self, name: str) -> bool:
        """Tell whether a folder is called as the runbook calls an artifact or its download."""
        return name in self.documented or name in self.short.values()

    def artifact(self, name: str) -> str:
        """Return the documented artifact that a folder is by its name, empty if it is none."""
        for artifact, short in self.short.items():
            if name in {artifact, short}:
                return artifact
        fitting = [
            artifact
            for artifact, short in self.short.items()
            for word in (artifact, short)
            if re.fullmatch(f"{_BEFORE}{_pattern(word)}{_MORE}", name, re.IGNORECASE)
        ]
        return max(fitting, key=len, default="")


def _pattern(word: str) -> str:
    """Return what fits a documented name; one that ends with a dash goes on."""
    more = ".+" if word.endswith(("-", "_", ".")) else ""
    return ".+".join(map(re.escape, _OPEN.split(word))) + more


def _documented(runbook: Runbook) -> Mapping[str, list[str]]:
    documented: dict[str, list[str]] = {}
    for row in contract_of(runbook).artifacts.rows:
        documented.setdefault(row.artifact, []).append(row.path)
    return documented


def _short_names(runbook: Runbook) -> Mapping[str, str]:
    """Return the last part of the folder that the runbook downloads an artifact into."""
    short = {one.artifact: PurePosixPath(one.folder).name for one in downloads(runbook).rows}
    return {name: short.get(name) or name for name in _documented(runbook)}


def _apart(desk: _Desk, names: Iterable[str]) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    """Yield each folder that is an artifact, with its name in the runbook and its files."""
    known: dict[str, str] = {}
    inside: dict[str, list[str]] = {}
    for name in names:
        parts = name.split("/")[:-1][:_DEPTH]
        for depth, part in enumerate(parts, start=1):
            if part not in known:
                known[part] = desk.artifact(part)
            if known[part]:
                inside.setdefault("/".join(parts[:depth]), []).append(name)
                break
    for place, files in inside.items():
        artifact = known[PurePosixPath(place).name]
        if kept := _kept(desk.documented[artifact], files, below=f"{place}/"):
            yield place, (artifact, kept)


def _kept(paths: Iterable[str], names: Iterable[str], *, below: str) -> dict[str, str]:
    """Return the documented files by path in the artifact, with their path in the folder."""
    inner = {name.removeprefix(below): name for name in names if name.startswith(below)}
    return {inside: inner[inside] for path in paths for inside in matching(path, inner)}


def _named(runbook: Runbook, folder: str, *, known: Iterable[str]) -> str:
    """Return the artifact that a folder of files is, by its own name or that of its download."""
    place = PurePosixPath(folder)
    if place.name in known:
        return place.name
    for download in downloads(runbook).rows:
        parts = PurePosixPath(download.folder).parts
        if place.parts[-len(parts) :] == parts:
            return download.artifact
    return folder


def _left(
    desk: _Desk, names: Iterable[str], empty: Iterable[str], *, used: set[str], whole: bool
) -> Iterator[str]:
    """Say of each folder why nothing of it was looked at."""
    looked_at = {name.split("/")[0] for name in used}
    tops = {name.split("/")[0]: False for name in names if "/" in name}
    tops |= {name.split("/")[0]: True for name in empty if name.split("/")[0] not in tops}
    for top, is_empty in sorted(tops.items()):
        artifact = desk.artifact(top)
        if top in looked_at or (whole and not artifact):
            continue
        if is_empty:
            yield f"{top} is empty"
        elif artifact:
            yield f'{top} holds no file that "CI artifacts" names for {artifact}'
        else:
            yield f'{top} is no artifact that "CI artifacts" names; it was not looked at'
