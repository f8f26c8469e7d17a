"""A runbook made ready: read, its run described, and word left that it has begun."""

from collections.abc import Collection
from pathlib import Path

from freshrun.document import read, require_commands
from freshrun.host import interruption
from freshrun.model import FreshrunError, Record, Runbook, internal
from freshrun.plugin.closing import Rehearsal, ReportFiles, clear, refuse
from freshrun.rehearsal import (
    FOLDER,
    NO_PROJECT,
    RECORD,
    Choices,
    Project,
    Run,
    Setup,
    Standby,
    decided,
    own_place,
    record_file,
)


def prepared(  # noqa: PLR0913 - every part has a name at the call
    path: str,
    choices: Choices,
    *,
    files: ReportFiles,
    word: Record | None = None,
    dashes: str = "--",
    project: Project = NO_PROJECT,
    standby: Standby | None = None,
) -> Rehearsal:
    """Return the rehearsal of a runbook, whose record goes to these files.

    From the start a record stands there that is no pass, and one that says why where the runbook is
    refused: `FreshrunError` then. `word` is the record that announced the run, where that was done.
    `dashes` is what the caller writes in front of an option's name, and `project` what the project
    says in which he stands. With a `standby` the run goes on from there.
    """
    where = None if files.silent else files.record
    if word is None and where:
        word = record_file.announce(where, path)
    try:
        clear(files)
        runbook = require_commands(read(Path(path), unmarked=choices.unmarked))
        setup = decided(runbook, choices, dashes=dashes, project=project)
        run = _run(runbook, setup, run_id=word.run if word else "", standby=standby)
        if word and where and run.draft.hidden(path) != path:
            record_file.restate(where, word, runbook=run.draft.hidden(path))
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - it is raised on
        why = interruption() if isinstance(error, KeyboardInterrupt) else str(internal(error))
        if word and not files.silent:
            refuse(files, word, why=why)
        raise (internal(error) if isinstance(error, Exception) else error) from None
    return Rehearsal(run, files)


def report_files(
    path: str, choices: Choices, *, among: Collection[str] = (), silent: bool = False
) -> ReportFiles:
    """Return where the record and the reports of a runbook go that is one `among` others."""

    def wanted(place: str) -> Path | None:
        return own_place(place, path, among=among) if place else None

    return ReportFiles(
        wanted(choices.json or RECORD),
        page=wanted(choices.html),
        junit=wanted(choices.junit),
        silent=silent,
    )


def _run(runbook: Runbook, setup: Setup, *, run_id: str, standby: Standby | None) -> Run:
    run = Run(runbook, setup, spill=Path(FOLDER, "output"), run_id=run_id, standby=standby)
    name = runbook.settings.checklist
    if setup.checks is None or name is None:
        return run
    if not setup.checks.exists():
        raise FreshrunError(
            f"{runbook.path}: the checklist {name} does not exist; it would be {setup.checks}"
        )
    run.draft.note(
        f"the checklist {name} of the repository was run on this host"
        if setup.checklist
        else f"the checklist {name} was left out, as asked: nothing of it is judged"
    )
    return run
