from .event import Assignment, Call, Event, Export, Mention, Need, Removal, Use, flat
from .fault import syntax_fault
from .flow import Allowance, Seen, Shell, Variable, typed
from .foreign import read_in_file
from .history import history_event
from .identifiers import names
from .posix import bash_alone
from .script import Statement, scripts
from .transcript import is_transcript, shows_a_prompt, transcripts
from .variables import events, is_ambient

__all__ = [
    "Allowance",
    "Assignment",
    "Call",
    "Event",
    "Export",
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
    "is_ambient",
    "is_transcript",
    "names",
    "read_in_file",
    "scripts",
    "shows_a_prompt",
    "syntax_fault",
    "transcripts",
    "typed",
]
