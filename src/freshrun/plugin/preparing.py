"""A runbook made ready: read, its run described, and word left that it has begun."""

from pathlib import Path

from freshrun.document import read, require_commands
from freshrun.host import interruption
from freshrun.model import FreshrunError, Record, internal
from freshrun.plugin.closing import Places, Rehearsal, begin
from freshrun.rehearsal import FOLDER, Run, Wanted, record_file


def prepared(
    path: str,
    wanted: Wanted,
    *,
    word: Record | None = None,
    among: int = 1,
    silent: bool = False,
) -> Rehearsal:
    """Return the rehearsal of a runbook, one `among` so many of a session.

    From the start a record stands in its place that is no pass, and one that says why where the
    runbook is refused: `FreshrunError` then. `word` is the record that announced the run, where
    that was done. A `silent` one writes nothing.
    """
    places = Places(
        wanted.record_path(path, among=among), wanted.page_path(path, among=among), silent=silent
    )
    if word is None and not silent:
        word = record_file.announce(places.record, path)
    try:
        run = _run(path, wanted, run_id=word.run if word else "")
        begin(run.record, places)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - it is raised on
        why = interruption() if isinstance(error, KeyboardInterrupt) else str(internal(error))
        if word is not None:
            record_file.refuse(places.record, word, why=why)
        raise (internal(error) if isinstance(error, Exception) else error) from None
    return Rehearsal(
        run,
        places,
        update=wanted.update,
        checklist=wanted.checklist,
        keep_durations=wanted.keep_durations,
    )


def _run(path: str, wanted: Wanted, *, run_id: str) -> Run:
    run = Run(
        require_commands(read(Path(path))),
        choices=wanted.choices,
        policy=wanted.policy,
        spill=Path(FOLDER, "output"),
        run_id=run_id,
    )
    name = run.runbook.settings.checklist
    if run.checklist is None or name is None:
        return run
    if not run.checklist.exists():
        raise FreshrunError(
            f"{path}: the checklist {name} does not exist; it would be {run.checklist}"
        )
    run.note(
        f"the checklist {name} of the repository was run on this host"
        if wanted.checklist
        else f"the checklist {name} was left out, as asked: nothing of it is judged"
    )
    return run
