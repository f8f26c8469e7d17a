"""A document's commands, typed one after the other into a real bash, up to the first failure."""

import subprocess
from pathlib import Path
from textwrap import dedent

from freshrun.diagnosis.cause import Diagnosis
from freshrun.diagnosis.deciding import diagnose
from freshrun.document.reading import parse
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.runbook import Command, Runbook

FILE = "runbook/x.md"
_NO_TERMINAL = (b"bash: cannot set terminal process group", b"bash: no job control")
# An interactive bash without a terminal says these two things first; a session keeps them away.


def diagnosed(source: str, *, cwd: Path) -> Diagnosis:
    """Return why the first failing command of a document fails in an empty folder."""
    document = parse(dedent(source), path=FILE)
    for command in document.commands:
        outcome = _typed(command, cwd=cwd)
        if outcome.exit_code:
            return diagnose(outcome, document)
    raise AssertionError(f"nothing fails in {source}")


def _typed(command: Command, *, cwd: Path) -> Outcome:
    done = subprocess.run(
        ["bash", "--norc", "-i", "-c", command.text],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": str(cwd)},
    )
    said = done.stderr.splitlines(keepends=True)
    stderr = b"".join(line for line in said if not line.startswith(_NO_TERMINAL))
    return outcome_of(command, stderr, done.stdout, exit_code=done.returncode)


def outcome_of(
    command: Command,
    stderr: bytes = b"",
    stdout: bytes = b"",
    *,
    exit_code: int | None = 1,
    ending: Ending = Ending.EXITED,
) -> Outcome:
    """Return a failed outcome of a command."""
    return Outcome(
        command,
        Status.FAILED,
        ending=ending,
        exit_code=exit_code,
        stdout=Output(stdout, size=len(stdout)),
        stderr=Output(stderr, size=len(stderr)),
    )


def printed_by(
    source: str,
    printed: str,
    *,
    exit_code: int | None = 1,
    ending: Ending = Ending.EXITED,
) -> Diagnosis:
    """Return why a document's last command failed that printed this on stderr."""
    document: Runbook = parse(dedent(source), path=FILE)
    command = document.commands[-1]
    failed = outcome_of(command, printed.encode(), exit_code=exit_code, ending=ending)
    return diagnose(failed, document)
