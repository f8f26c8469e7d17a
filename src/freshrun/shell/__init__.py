"""Shell text, read from mvdan/sh's own syntax tree: statements, transcripts and variables."""

from freshrun.shell.events import (
    Assignment,
    Call,
    Event,
    Export,
    Mention,
    Need,
    Removal,
    Use,
    flat,
)
from freshrun.shell.flow import Allowance, Seen, Shell, Variable, typed
from freshrun.shell.foreign import read_in_file
from freshrun.shell.names import Names, names
from freshrun.shell.script import Statement, scripts, statements
from freshrun.shell.transcript import is_transcript, transcripts
from freshrun.shell.variables import events, is_ambient

__all__ = [
    "Allowance",
    "Assignment",
    "Call",
    "Event",
    "Export",
    "Mention",
    "Names",
    "Need",
    "Removal",
    "Seen",
    "Shell",
    "Statement",
    "Use",
    "Variable",
    "events",
    "flat",
    "is_ambient",
    "is_transcript",
    "names",
    "read_in_file",
    "scripts",
    "statements",
    "transcripts",
    "typed",
]
