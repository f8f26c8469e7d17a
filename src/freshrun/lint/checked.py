"""What shellcheck calls an error, on all commands of a terminal together, at their lines."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict, cast

from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject
from freshrun.model import Command


class _Comment(TypedDict):
    """What shellcheck says of one place."""

    line: int
    column: int
    endLine: int
    endColumn: int
    level: str
    code: int
    message: str


_UNREADABLE = range(1000, 2000)
_ALL_THE_SAME = {1087}
"""What shellcheck can't read is bash's to say; but this it reads, and bash takes for other text."""
_OWN_RULES = {2242, 2283, 2290, 2317}
"""What a rule of lint's own finds, with what would be right."""


def _is_told_elsewhere(code: int) -> bool:
    return code in _OWN_RULES or (code in _UNREADABLE and code not in _ALL_THE_SAME)


def checked(subject: Subject) -> Iterator[Flaw]:
    """Find what shellcheck calls an error; nothing where it is not installed."""
    program = _shellcheck()
    if program is None:
        return
    for commands in _terminals(subject).values():
        told: set[int] = set()
        for each in _comments(program, _joined(commands, subject)):
            is_new = each["line"] not in told and not _is_told_elsewhere(each["code"])
            if each["level"] == "error" and is_new:
                told.add(each["line"])
                yield _flaw(each, subject)


def _terminals(subject: Subject) -> Mapping[str | None, list[Command]]:
    found: dict[str | None, list[Command]] = {}
    for command in subject.commands:
        if command.parses:
            found.setdefault(command.options.terminal, []).append(command)
    return found


def _joined(commands: list[Command], subject: Subject) -> str:
    """Return the commands as one text, each in its line and column of the document."""
    lines = [""] * (max(command.end_line for command in commands))
    for command in commands:
        for row, text in enumerate(command.text.split("\n")):
            number = command.line + row
            at = subject.line(number).find(text)
            before = lines[number - 1]
            joint = "; " if before.strip() and not before.rstrip().endswith((";", "&")) else ""
            gap = " " * max(0, at - len(before) - len(joint)) if row == 0 or not before else ""
            lines[number - 1] = f"{before}{joint}{gap}{text}"
    return "\n".join(lines) + "\n"


def _comments(program: str, text: str) -> list[_Comment]:
    run = subprocess.run(
        [program, "--norc", "--shell=bash", "--severity=error", "--format=json1", "-"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    try:
        told = json.loads(run.stdout)
    except ValueError:
        return []
    return cast("list[_Comment]", told["comments"])


def _flaw(each: _Comment, subject: Subject) -> Flaw:
    line = each["line"]
    width = each["endColumn"] - each["column"] if each["endLine"] == line else 0
    message = f"{each['message'].rstrip('.')} (shellcheck SC{each['code']})"
    return Flaw(subject.runbook.path, line, message, each["column"], "shellcheck", width=width)


def _shellcheck() -> str | None:
    """Return the program, the one beside the running Python first."""
    beside = Path(sys.executable).parent
    return shutil.which("shellcheck", path=beside) or shutil.which("shellcheck")
