"""Follow-up beads: the ready-made command that files what a check came upon, and its trial."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator

from freshrun.checklist.trial import Sandbox, in_subshell, retyped
from freshrun.model import Command, Finding, Status

_LONGEST = 200
"""So many bytes of a title are kept; `bd` takes 500 and calls them characters."""

_PROGRAM = re.compile(r"[A-Za-z][\w-]*-[0-9a-z]{3,8}(?:\.\d+){0,3}")
_PRINTED = re.compile(r"\bbd create .*", re.DOTALL)


def follow_up(title: str, *, program: str) -> str:
    """Return the `bd create` command for a finding, labelled with the program's own bead.

    It is a label and no link: a fresh database has no bead of that ID, and versions of `bd` refuse
    such a link, panic, or lose it.
    """
    labels = ["follow-up", *([f"program:{program}"] if _PROGRAM.fullmatch(program) else [])]
    words = ["bd", "create", _title(title), "--type", "task", "--priority", "P2"]
    return shlex.join([*words, "--labels", ",".join(labels)])


def printed_command(message: str) -> str:
    """Return the `bd create` command that a message ends with, empty where it has none."""
    found = _PRINTED.search(message)
    return found[0] if found else ""


def filed_as_printed(
    commands: Iterable[tuple[int, str]], *, like: Command, sandbox: Sandbox
) -> tuple[Finding, ...]:
    """Paste each command, with the line that it is about, into a fresh database of its own.

    It has to end with exit status 0, and exactly one bead to be there afterwards, with its title.
    """
    return tuple(
        Finding(like.file, line, f"to be pasted is `{command}`; {fault}")
        for number, (line, command) in enumerate(commands, 1)
        for fault in _faults(command, number=number, line=line, like=like, sandbox=sandbox)
    )


def _faults(
    command: str, *, number: int, line: int, like: Command, sandbox: Sandbox
) -> Iterator[str]:
    folder = f"{sandbox.machine.home}/follow-ups/{number}"
    fresh = f"rm -rf -- {shlex.quote(folder)} && mkdir -p -- {shlex.quote(folder)}"
    sandbox.shell.type(in_subshell(retyped(like, text=fresh), folder="/"))
    steps = (
        ("a fresh database can't be made", "bd init --prefix TRY --quiet < /dev/null"),
        ("pasted into a fresh database it fails", command),
        ("the fresh database can't be read", "bd list --json"),
    )
    for what, text in steps:
        typed = in_subshell(
            retyped(like, text=text, line=line), folder=folder, env={"BEADS_NO_DAEMON": "1"}
        )
        outcome = sandbox.shell.type(typed)
        if outcome.status is not Status.PASSED:
            said = outcome.stderr.text.strip().splitlines()[-1:]
            yield f"{what}: {outcome.reason}" + "".join(f'; it said "{one}"' for one in said)
            return
    title = _words(command)[2:3]
    if (found := _titles(outcome.stdout.text)) != title:
        yield f"the fresh database then holds {', '.join(found) or 'no bead'}"


def _titles(listed: str) -> list[str]:
    try:
        beads: object = json.loads(listed)
    except ValueError:
        return []
    beads = beads if isinstance(beads, list) else []
    return [str(bead.get("title")) for bead in beads if isinstance(bead, dict)]


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _title(text: str) -> str:
    """Return a text as the title of a bead: one line, printable, no flag, and not too long."""
    shown = "".join(one if one.isprintable() else " " for one in text)
    line = " ".join(shown.split()).lstrip("-")
    return line.encode()[:_LONGEST].decode(errors="ignore").strip() or "Follow-up"
