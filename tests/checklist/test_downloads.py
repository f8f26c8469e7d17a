"""What the documented downloads bring, and of which run."""

from collections.abc import Mapping
from dataclasses import replace

from test_contract import PATH, but, passed, rehearsed, runbook, whole

from freshrun.checklist.artifacts import downloaded, rehearsed_runs
from freshrun.model.record import Record

RUN_URL = "https://github.com/acme/widgets/actions/runs/174"


def fetched(*, said: str = RUN_URL, files: Mapping[str, bytes] | None = None) -> list[str]:
    """Return what is wrong with the downloads where the block before them printed this."""
    book = runbook()
    shown = but("download-artifacts", stdout=whole(said.encode()))
    record = replace(
        rehearsed(book), outcomes=tuple(shown(one) for one in rehearsed(book).outcomes)
    )
    held = {"triage/smoke/junit.xml": b""} if files is None else files
    return [one.message for one in downloaded(book, record, files=held)]


def test_a_download_brings_files_of_a_run_that_is_named() -> None:
    """The address of the run stands in what its section printed."""
    assert fetched() == []
    assert fetched(files={}) == ["widgets-smoke: the download left no file"]
    (message,) = fetched(said="174")
    assert (
        message == 'no command of "CI artifacts" prints the address of the run, .../actions/runs/N'
    )


def test_the_runs_of_a_rehearsal_are_those_whose_address_was_printed() -> None:
    """Each once, in order, from any host of GitHub's."""
    book = runbook()
    said = f"{RUN_URL} {RUN_URL} https://ghe.acme.org/acme/widgets/actions/runs/9/attempts/2"
    outcomes = (replace(passed(book.commands[0]), stdout=whole(said.encode())),)
    record = Record(runbook=PATH, sha256="", started="", ended="", outcomes=outcomes)
    assert rehearsed_runs(record) == (
        RUN_URL, "https://ghe.acme.org/acme/widgets/actions/runs/9"
    )  # fmt: skip
