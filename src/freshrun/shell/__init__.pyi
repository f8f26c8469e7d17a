from .dialects import SHELL, Dialect, leaves
from .event import Assignment, Call, Event, Export, Function, Mention, Need, Removal, Use, flat
from .fault import syntax_fault
from .flow import Allowance, Seen, Shell, Variable, typed
from .foreign import read_in_file
from .history import history_event
from .identifiers import names
from .opening import opened
from .posix import bash_alone
from .recall import history_lines, recalled
from .script import Statement, scripts
from .transcript import is_transcript, shows_a_prompt, transcripts
from .units import shown_at, shows, typed_into
from .variables import events, is_ambient

__all__ = [
    "SHELL",
    "Allowance",
    "Assignment",
    "Call",
    "Dialect",
    "Event",
    "Export",
    "Function",
    "Mention",
    "Need",
    "Removal",
    "Seen",
    "Shell",
    "Statement",
    "Use",
    "Variable",
    "bash_alone",
    "events",
    "flat",
    "history_event",
    "history_lines",
    "is_ambient",
    "is_transcript",
    "leaves",
    "names",
    "opened",
    "read_in_file",
    "recalled",
    "scripts",
    "shown_at",
    "shows",
    "shows_a_prompt",
    "syntax_fault",
    "transcripts",
    "typed",
    "typed_into",
]
