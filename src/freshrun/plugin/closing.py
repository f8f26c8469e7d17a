"""The end of a rehearsal: its record and pages written, and what is said of it."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from freshrun import report
from freshrun.checklist import durations
from freshrun.model import Record, Status, internal, to_json
from freshrun.rehearsal import Run, record_file

CODES = {Status.PASSED: 0, Status.FAILED: 1, Status.BROKEN: 2}
"""The exit codes of every front door."""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the record of a run goes, its page and its JUnit report; `None` where none is wanted.

    A `silent` run leaves nothing at all behind: another process does.
    """

    record: Path | None
    page: Path | None = None
    junit: Path | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One runbook of a session: its run, and where the record goes.

    Nobody wants to hear of one that was `dropped`, because another has begun in its place.
    """

    run: Run
    files: ReportFiles
    dropped: Callable[[], bool] = bool


@dataclass(frozen=True, slots=True)
class Closing:
    """The verdict on a run, and the texts that tell it to a person and to GitHub."""

    verdict: Status
    text: str
    annotations: str = ""


def close(one: Rehearsal, *, record: Record | None = None, colour: bool = False) -> Closing:
    """Write what there is to write of a run that has ended; whatever fails there is no pass.

    `record` is what another process knows of it. Of one that was dropped nothing is told.
    """
    run = one.run
    if one.files.silent or one.dropped():
        return Closing(run.draft.record.verdict, "")
    try:
        if run.setup.update:
            run.update()
        if run.setup.keep_durations:
            _keep_durations(record or run.draft.record, Path(run.runbook.path))
        return _closed(record or run.draft.record, one, colour=colour)
    except Exception as error:  # noqa: BLE001 - whatever it is, it makes the record broken
        run.draft.break_off(str(internal(error)))
        return _broken(run, one.files)


def _keep_durations(record: Record, document: Path) -> None:
    """Add the run to the durations that stand by its document; a broken one took no time."""
    path = document.parent / durations.NAME
    with record_file.writing(path):  # its neighbours may end at the same moment
        known = durations.Durations({})
        if path.exists():
            known = durations.read_durations(path.read_bytes(), path=str(path))
        if record.verdict is not Status.BROKEN:
            machine = durations.this_machine()
            new = known.with_run(record, document=document.name, machine=machine)
            record_file.write_whole(path, new.text())


def _closed(record: Record, one: Rehearsal, *, colour: bool) -> Closing:
    # All is made before anything is written: a report that can't be made leaves no verdict.
    files = one.files
    texts = _texts(record, files, hidden=one.run.draft.hidden)
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if files.record else None
    told = report.step_summary(record) if summary else ""
    annotations = report.annotations([record])
    report.terminal(record, colour=colour)
    for path, text in texts.items():
        record_file.write_whole(path, text)
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(told)
    written = str(record_file.end(files.record, record)) if files.record else ""
    setup = one.run.setup
    text = report.terminal(
        record,
        colour=colour,
        path=written,
        unsaid=() if setup.verbose else one.run.standing,
        kept_going=setup.keep_going,
    )
    return Closing(record.verdict, text, annotations)


def _texts(record: Record, files: ReportFiles, *, hidden: Callable[[str], str]) -> dict[Path, str]:
    """Return the texts of the reports that are wanted, by the place where each goes."""
    texts = {}
    if files.page:
        texts[files.page] = report.html(record, hidden=hidden)
    if files.junit:
        texts[files.junit] = report.junit_xml([record], hidden=hidden)
    return texts


def clear(files: ReportFiles) -> None:
    """Take away what an earlier run told: one that is killed leaves no green report behind."""
    for path in (files.page, files.junit):
        if path and path.is_file() and not files.silent:
            path.unlink(missing_ok=True)


def leave(files: ReportFiles, record: Record) -> None:
    """Write the record and the reports of a run that another host brought to its end."""
    if files.record:
        record_file.end(files.record, record)
    for path, text in _texts(record, files, hidden=str).items():
        record_file.write_whole(path, text)


def refuse(files: ReportFiles, word: Record, *, why: str) -> None:
    """Say in each place of an announced run why it did not come to its first command."""
    if files.record:
        record_file.refuse(files.record, word, why=why)
    with suppress(Exception):  # the refusal itself is what the caller has to hear of
        for path, text in _texts(word.refused(why), files, hidden=str).items():
            record_file.write_whole(path, text)


def _broken(run: Run, files: ReportFiles) -> Closing:
    """Close a run whose own reports fail: one line, and a record as far as one can be written."""
    try:
        record = run.draft.record
        to_json(record)
    except Exception:  # noqa: BLE001 - the outcomes are what can't be told; the fault still can
        record = Record(
            run.runbook.path, run.runbook.sha256, "", "", fault=run.draft.fault, run=run.id
        )
    line = f"BROKEN  {record.runbook}\n  the harness could not go on: {record.fault}"
    if files.record is None:
        return Closing(Status.BROKEN, line)
    try:
        written = record_file.end(files.record, record)
    except Exception as error:  # noqa: BLE001 - then there is only the line
        return Closing(
            Status.BROKEN, f"{line}\n  no record: {run.draft.hidden(str(internal(error)))}"
        )
    return Closing(Status.BROKEN, f"{line}\n\nThe whole record: {written}")
