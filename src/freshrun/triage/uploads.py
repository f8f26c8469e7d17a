"""The artifacts of a run, as GitHub lists them, and which of them are wanted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freshrun.host import shown, unfit
from freshrun.model import FreshrunError, Runbook
from freshrun.triage.folders import documented_names

MOST_ZIPPED = 2**30
"""So many bytes may the zip of an artifact have."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One artifact as GitHub lists it; `size` is that of its zip, in bytes."""

    name: str
    size: int
    expired: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """The artifacts to download, all of them where there is no name, and what is to be said."""

    names: tuple[str, ...]
    notes: tuple[str, ...]


def wanted(runbook: Runbook, uploads: Sequence[Upload], *, run: str) -> Wanted:
    """Choose what the runbook documents; `FreshrunError` for a name that leads out of a folder."""
    for one in uploads:
        if reason := "leads out of its folder" if "/" in one.name else unfit(one.name):
            said = f'run {run} has an artifact called "{shown(one.name)}", which {reason}'
            raise FreshrunError(f"{said}; nothing was downloaded")
    known = documented_names(runbook, [one.name for one in uploads])
    mine = [one for one in uploads if one.name in known] or list(uploads)
    large = {one.name for one in mine if one.size > MOST_ZIPPED and not one.expired}
    notes = (*_unwanted(uploads, mine), *_twice(mine))
    there = [one.name for one in mine if not one.expired and one.name not in large]
    if large and not there:
        message = f"run {run}: {'; '.join(notes)}"
        raise FreshrunError(f"{message}; fetch what you need, and use --artifacts")
    if all(one.expired for one in uploads):
        return Wanted((), notes)  # gh says of which kind that is
    return Wanted(tuple(dict.fromkeys(there or [one.name for one in mine])), notes)


def _unwanted(uploads: Sequence[Upload], mine: Sequence[Upload]) -> Iterator[str]:
    for one in uploads:
        if one not in mine:
            yield f'{one.name} is no artifact that "CI artifacts" names; it was not downloaded'
        elif one.expired:
            yield f"{one.name} has expired: GitHub has deleted its files"
        elif one.size > MOST_ZIPPED:
            size = f"has {one.size:,} bytes; {MOST_ZIPPED:,} at most are downloaded"
            yield f"{one.name} {size}"


def _twice(mine: Sequence[Upload]) -> Iterator[str]:
    for name, times in Counter(one.name for one in mine if not one.expired).items():
        if times > 1:
            yield f"{times} artifacts are called {name}, as of several attempts; gh fetched one"
