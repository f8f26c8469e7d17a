"""What lies in the folder that a run's artifacts were downloaded to."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from freshrun.host import foreign_folder
from freshrun.model import FreshrunError, Runbook
from freshrun.triage.ci_run import CiRun
from freshrun.triage.folders import arranged
from freshrun.triage.ownership_file import FILE


def kept(runbook: Runbook, folder: Path) -> CiRun:
    """Take a run's artifacts from a folder: one artifact, or a folder for each.

    `FreshrunError` where there is no such folder, or it holds other files than artifacts do.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise FreshrunError(f"{folder} {what}; the folder that gh run download made is right")
    run = taken(runbook, folder, name=str(folder))
    if not run.artifacts and not _is_bare(folder):
        left = f" ({'; '.join(run.notes[:3])})" if run.notes else ""
        raise FreshrunError(
            f'{folder} holds no file that "CI artifacts" of {runbook.path} names{left}; '
            "the folder that gh run download made is right"
        )
    return run


def _is_bare(folder: Path) -> bool:
    """Tell whether a folder is that of a run that left nothing: only empty folders, if any."""
    found = foreign_folder.listing(folder)
    return not (found.files or found.passed_over)


def ownership(runbook: Runbook) -> Mapping[str, bytes]:
    """Return the repository's ownership file for `triaged`; nothing where there is none.

    `FreshrunError` where it is there and can't be read.
    """
    places = (parent / FILE for parent in Path(runbook.path).resolve().parents)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        return {}
    try:
        return {FILE: found.read_bytes()}
    except OSError as error:
        raise FreshrunError(f"{found} can't be read: {error.strerror}") from None


def taken(runbook: Runbook, folder: Path, *, name: str) -> CiRun:
    """Read the documented files of a folder, and say what else is there."""
    found = foreign_folder.listing(folder)
    places = arranged(
        runbook, found.files, folder=PurePosixPath(name).as_posix(), empty=found.empty
    )
    artifacts: dict[str, Mapping[str, bytes]] = {}
    unread: list[tuple[str, str]] = []
    for artifact, files in places.places.items():
        read = {
            inside: foreign_folder.content(folder / outside) for inside, outside in files.items()
        }
        artifacts[artifact] = {inside: data for inside, (data, why) in read.items() if not why}
        unread += [(f"{artifact}/{inside}", why) for inside, (_, why) in read.items() if why]
    told = (*unread, *found.passed_over)
    notes = [*places.left, *(f"{path} {why}" for path, why in told)]
    if found.cut:
        where, most = name or "the download", foreign_folder.MOST_FILES
        notes.append(f"{where} holds more than {most:,} files; the rest was not looked at")
    return CiRun(artifacts, called=places.called, notes=tuple(notes))
