"""No command of our runbook can go unnoticed: each has an effect that something needs."""
# ruff: noqa: E501 - a reason, and a text that is replaced, are read best on one line

from pathlib import Path

import pytest

from freshrun.checklist.evidence import emptied, unmet
from freshrun.checklist.sources import repository_files
from freshrun.checklist.validation import checklist_kept
from freshrun.document.reading import parse, read
from freshrun.host.git import repository
from freshrun.lint.environment_contract import environment
from freshrun.model.record import Record
from freshrun.model.runbook import Command, Runbook
from freshrun.triage.failing_output import representative
from freshrun.triage.owners import ownership_agrees

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
    "test -d .beads": "bd list finds no beads; without its test alone bd init refuses the second time",
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


def test_a_block_that_a_check_reads_is_missed() -> None:
    """Its commands, its promised output and its name go together: the whole of `read-artifacts`."""
    start = BOOK.text.index("```console name=read-artifacts")
    end = BOOK.text.index("```console name=read-fault")
    left = parse(BOOK.text[:start] + BOOK.text[end:], path=PATH)
    record = Record(PATH, sha256="", started="", ended="")
    (told,) = unmet(left, record, block="read-artifacts")
    assert "no block of commands is marked name=read-artifacts" in told.message


def test_a_checklist_that_is_no_longer_named_is_missed() -> None:
    """Nothing would judge the items of the table."""
    left = parse(BOOK.text.replace("  checklist: checks/\n", ""), path=PATH)
    (told,) = checklist_kept(left, [])
    assert 'the front matter names no "checklist:", so nothing judges the 19 items' in told.message


def test_a_first_owner_of_algorithm_and_harness_alike_is_told() -> None:
    """Also where file, table, leaves and CODEOWNERS agree on it."""
    files = dict(repository_files(repository(BOOK.path, worktree=True)))
    one, other = "core-algorithm", "test-infrastructure"
    book = BOOK.text.replace(f"| freshrun/{one} |", f"| freshrun/{other} |")
    book = book.replace(f"`#drv-{one}`", f"`#drv-{other}`").replace("555-0102", "555-0105")
    file = files["runbook/ownership.yaml"].replace(
        f"first_owner: freshrun/{one}".encode(), f"first_owner: freshrun/{other}".encode()
    )
    file = file.replace(f"#drv-{one}".encode(), f"#drv-{other}".encode()).replace(
        b"555-0102", b"555-0105"
    )
    rules = files[".github/CODEOWNERS"].replace(
        f"@freshrun/{one}".encode(), f"@freshrun/{other}".encode()
    )
    changed = {**files, "runbook/ownership.yaml": file, ".github/CODEOWNERS": rules}
    (told,) = ownership_agrees(parse(book, path=BOOK.path), files=changed)
    assert "core-algorithm and harness have the same first owner" in told.message
