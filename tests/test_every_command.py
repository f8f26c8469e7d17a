"""No command of our runbook can go unnoticed: each has an effect that something needs."""

from pathlib import Path

import pytest

from freshrun.contract import emptied, representative
from freshrun.lint import environment
from freshrun.markdown import parse, read
from freshrun.runbook import Command, Runbook

PATH = "runbook/integration-triage-runbook.md"
BOOK = read(Path(__file__).resolve().parent.parent / PATH)

NEEDED = {
    "sudo DEBIAN_FRONTEND=noninteractive apt-get install": "there is no service to start",
    "sudo service postgresql start": "createuser finds no server",
    "sudo -u postgres createuser": "createdb finds no owner",
    "sudo -u postgres createdb": "smoke finds no database",
    "cd examples/drv": "drv-suite is not installed: it is another project's folder",
    "pip install --editable .": "there is no drv-suite",
    'echo "$RUN_URL"': "the item artifact download: no command prints the address of the run",
    "[[ $RUN_ID =~ ^[0-9]+$ ]]": "the item gh troubleshooting: gh is silent, and nothing fails",
    "mkdir -p triage": "the item gh troubleshooting: the log has no folder in a fresh one",
    "gh run view": "grep finds no file",
    "grep 'DRV-FAILURE' triage/failed.log": "the item ID locations: the workaround prints no ID",
    "cd ../..": "bd list writes into a folder that is not there",
    "test -d .beads": "bd list finds no beads",
    "bd list": "the next command finds no file",
    "python3 -c 'import json, sys": "the item defect template: a second search finds no bead",
    "cat > examples/drv/triage/defect.md": "bd create finds no file",
    "bd create": "the next command finds no file",
}
"""What shows only in a container that a command is gone, by the command's beginning."""


def without(command: Command) -> Runbook:
    """Return the runbook with the lines of one command deleted."""
    lines = BOOK.text.split("\n")
    kept = lines[: command.line - 1] + lines[command.end_line :]
    return parse("\n".join(kept), path=PATH)


@pytest.mark.parametrize("command", BOOK.commands, ids=lambda command: f"line {command.line}")
def test_a_command_that_is_deleted_is_missed(command: Command) -> None:
    """By a check, at once, or by what is named above; the first three by their number."""
    told = any(command.text.startswith(beginning) for beginning in NEEDED)
    left = without(command)
    assert len(left.commands) == len(BOOK.commands) - 1
    found = (*emptied(left), *environment(left), *representative(left))
    first = {one.section for one in left.commands[:3]} != {"Quick-start triage"}
    assert (bool(found) or first) != told


def test_every_reason_is_about_a_command_that_is_there() -> None:
    """A reason whose command is gone goes too."""
    for beginning in NEEDED:
        assert sum(command.text.startswith(beginning) for command in BOOK.commands) == 1, beginning
