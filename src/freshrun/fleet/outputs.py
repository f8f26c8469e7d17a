"""Outputs too long for a record, of a run on another host: their files, and their names here."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from freshrun.host import take_in
from freshrun.model import Outcome, Output, Record
from freshrun.rehearsal import FOLDER

LARGEST = 64 * 2**20
"""Bytes of long outputs that come back with one record, at most."""

_PLACE = Path(FOLDER, "output")


def long_outputs(folder: Path) -> Mapping[str, bytes]:
    """Return the files that a run has left, by the names in their folder, as far as they may go."""
    found, room = {}, LARGEST
    for path in sorted((folder / _PLACE).glob("run-*/output-*")):
        if (size := path.stat().st_size) <= room:
            found[path.relative_to(folder / _PLACE).as_posix()] = path.read_bytes()
            room -= size
    return found


def settled(record: Record, files: Mapping[str, bytes]) -> Record:
    """Keep the files of a record on this host; return it with the names that they have here.

    Of an output whose file did not come, head and tail are all that there is.
    """
    take_in(_PLACE, files)
    outcomes, trials = (
        tuple(_outcome(one, files) for one in each) for each in (record.outcomes, record.trials)
    )
    return replace(record, outcomes=outcomes, trials=trials)


def _outcome(outcome: Outcome, files: Collection[str]) -> Outcome:
    return replace(
        outcome,
        stdout=_output(outcome.stdout, files),
        stderr=_output(outcome.stderr, files),
        files=tuple(replace(one, content=_output(one.content, files)) for one in outcome.files),
    )


def _output(output: Output, files: Collection[str]) -> Output:
    if output.spill is None:
        return output
    name = "/".join(PurePosixPath(output.spill).parts[-2:])
    return replace(output, spill=str((_PLACE / name).absolute()) if name in files else None)
