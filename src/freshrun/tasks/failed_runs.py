"""The tasks about runs on GitHub that failed: triage, what it rests on, and recordings."""

from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from freshrun.tasks.documents import HELP, RUNBOOK, named
from freshrun.tasks.saying import BROKEN, one_line_errors, say, tell


@task(help={"runbook": RUNBOOK})
def prerequisites(context: Context, *, runbook: str = "") -> None:
    """Confirm what a runbook rests on, on this machine; say what to file for what is missing."""
    from freshrun.checklist import present_gate  # noqa: PLC0415 - keeps --list fast
    from freshrun.document import read  # noqa: PLC0415 - same

    with one_line_errors():
        gate = present_gate(read(named(context, runbook)))
    for line in gate.lines:
        say(line)
    raise Exit(code=gate.exit_code)


@task(
    positional=["run_id"],
    iterable=["beside", "local", "log", "green"],
    help={
        "run-id": "the number of the run",
        "R": "OWNER/REPO; where gh would look, unless given",
        "to": "the folder; runbook/recordings/RUN_ID unless given",
        "beside": "a neighbouring run that `gh run list` has to show, too",
        "local": "ARTIFACT=FOLDER with a local run's outputs, instead of a run on GitHub",
        "log": "ARTIFACT=FILE with what the job of a local run printed",
        "green": "an artifact whose local job passed",
        "workflow": "the workflow file whose run a local one stands for",
        "commit": "the commit of a local run",
    },
)
def record_run(  # noqa: PLR0913 - one parameter for each option of the command line
    _context: Context,
    run_id: str,
    *,
    R: str = "",  # noqa: N803 - gh's own name for it
    to: str = "",
    beside: list[str] | None = None,
    local: list[str] | None = None,
    log: list[str] | None = None,
    green: list[str] | None = None,
    workflow: str = "",
    commit: str = "",
) -> None:
    """Record a workflow run for `github:`, from GitHub or from a local failing run."""
    from freshrun.github import LocalRun, outputs, record_local  # noqa: PLC0415 - keeps --list fast
    from freshrun.github import record_run as record  # noqa: PLC0415 - same

    numbers = [run_id, *(beside or ())]
    for number in numbers:
        if not number.isdecimal():
            raise Exit(f'"{number}" is no run; write its number, as in its address', BROKEN)
    folder = Path(to or f"runbook/recordings/{run_id}")
    with one_line_errors():
        if local:
            made = outputs(local, logs=log or (), passed=green or ())
            run = LocalRun(
                run_id=int(run_id),
                repository=R,
                workflow=Path(workflow),
                outputs=made,
                commit=commit,
            )
            recording = record_local(run, to=folder)
        else:
            recording = record([int(number) for number in numbers], to=folder, repository=R)
        say(f"{folder}: {recording.origin}")


@task(
    help={
        "run": "a run's number or URL; the newest failed run of the workflow unless given",
        "artifacts": "a folder with a run's artifacts, in place of a download",
        "runbook": RUNBOOK,
        "github": HELP["github"],
    }
)
def triage(
    context: Context, *, run: str = "", artifacts: str = "", runbook: str = "", github: str = ""
) -> None:
    """Say whose a failed run is and what to keep, and print the commands that file its bead."""
    from freshrun.document import read  # noqa: PLC0415 - same
    from freshrun.report import triage_text  # noqa: PLC0415 - same
    from freshrun.triage import (  # noqa: PLC0415 - keeps --list fast
        fetched,
        kept,
        ownership,
        triaged,
    )

    if artifacts and (run or github):
        raise Exit("--artifacts is a run of its own; leave --run and --github out", BROKEN)
    recording = None if github in {"", "live"} else Path(github)
    with one_line_errors():
        document = read(named(context, runbook))
        found = (
            kept(document, Path(artifacts))
            if artifacts
            else fetched(document, run, recording=recording, tell=tell)
        )
        told = triaged(document, found, files=ownership(document))
    say(triage_text(told))
    raise Exit(code=int(bool(told.findings or told.damage or told.unnamed)))
