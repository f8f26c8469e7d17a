"""sudo that asks for a password where nobody can give it, or where it was told to ask."""

import re
from collections.abc import Iterator

from freshrun.diagnosis import unquoted
from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject

_BEHIND = re.compile(r"(?P<sudo>\bsudo)[ \t](?![^\n;|&]{0,200}-n\b)[^\n;|&<>]{1,200}&(?![&>])")
_FORGETS = re.compile(
    r"(?P<sudo>\bsudo)[ \t]+(?:-k|-K|--reset-timestamp|--remove-timestamp)(?=\s|\Z)"
)
_ASKS = (
    (_BEHIND, "sudo in the background can ask nobody for a password; run `sudo -v` first"),
    (_FORGETS, "sudo forgets the password here, and asks again; leave that out"),
)


def asking(subject: Subject) -> Iterator[Flaw]:
    """Find calls of sudo that ask although others of the document could go on."""
    for command in subject.commands:
        bare = unquoted(command.text) if "sudo" in command.text else ""
        for pattern, message in _ASKS:
            if (found := pattern.search(bare)) and "sudo -v" not in subject.runbook.text:
                yield subject.flaw_in(command, "sudo-asks", message, span=found.span("sudo"))
