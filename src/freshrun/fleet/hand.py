"""The process on a worker that rehearses what it is handed, one errand after the other.

A worker of Dask has many threads and is no place for a rehearsal, which wants a working directory,
an environment and signals of its own. It starts this process, which has all loaded and an engine
open; each errand is done in a copy of it. When the worker is killed, this ends with its machine.
"""

import os
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from freshrun.fleet import shelf
from freshrun.fleet.errand import Answer, Errand, PinImage
from freshrun.fleet.outputs import long_outputs
from freshrun.fleet.processes import Ended, follow, rehearse_all
from freshrun.fleet.unit import Begun, Unit
from freshrun.host import interrupted, interruptible
from freshrun.machine import open_engine, pinned, reap
from freshrun.model import FreshrunError, Record, to_json
from freshrun.plugin.alone import recorded
from freshrun.rehearsal import project_of


def main() -> None:
    """Do what comes on the connection whose descriptor is named, until it is closed."""
    asked: Connection[Answer | str, Errand | PinImage] = Connection(int(sys.argv[1]))
    threading.Thread(target=follow, args=(os.getppid(),), daemon=True).start()
    with interruptible(), ExitStack() as open_, suppress(KeyboardInterrupt, EOFError, OSError):
        ready = _ready(open_)
        asked.send(ready)
        while not interrupted():
            asked.send(_done(asked.recv()))


def _ready(open_: ExitStack) -> str:
    """Open the engine, and remove what killed ones left; return why that can't be, or nothing."""
    try:
        shelf.sweep()
        reap(open_.enter_context(open_engine()))
    except FreshrunError as error:
        return str(error)
    return ""


def _done(asked: Errand | PinImage) -> Answer | str:
    if isinstance(asked, PinImage):
        try:
            with open_engine() as engine:
                return pinned(asked.image, engine=engine)
        except FreshrunError:
            return ""  # its rehearsal says why
    try:
        with shelf.checked_out(asked.repository) as checkout:
            return _rehearsed(asked, checkout / asked.folder)
    except FreshrunError as error:
        return Answer(to_json(asked.word.refused(str(error))))


def _rehearsed(errand: Errand, folder: Path) -> Answer:
    unit = Unit(errand.document, errand.document, errand.choices)
    ended: list[Ended] = []
    rehearse = partial(_in_its_place, errand.secrets.values, folder)
    rehearse_all([Begun(unit, errand.word)], rehearse, workers=1, tell=ended.append)
    return Answer(to_json(ended[0].record), long_outputs(folder))


def _in_its_place(secrets: Mapping[str, str], folder: Path, begun: Begun) -> Record:
    """Rehearse where the caller would, with the caller's secrets; this process ends with it."""
    os.chdir(folder)
    os.environ.update(secrets)
    unit = begun.unit
    return recorded(unit.document, unit.choices, word=begun.word, project=project_of(Path()))


if __name__ == "__main__":
    main()
