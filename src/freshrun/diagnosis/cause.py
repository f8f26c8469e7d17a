"""The fixed words for why a command failed."""

from dataclasses import dataclass
from enum import Enum


class Cause(Enum):
    """Why a command failed, as a fixed word."""

    TIMED_OUT = "timed out"
    """It was ended at its timeout, and nothing tells whether it still worked."""
    STILL_WORKING = "still working"
    """It was ended at its timeout in the middle of its work."""
    HANGING = "hanging"
    """It was ended at its timeout while it waited for what did not come."""
    NEVER_ENDS = "never ends"
    """It serves, follows or repeats, so that no timeout is long enough."""
    WAITS_FOR_INPUT = "waits for input"
    """A prompt, a confirmation, a passphrase, an editor or a pager."""
    UNEXPECTED_SUCCESS = "unexpected success"
    """It ended with 0, but the document promises another exit status."""
    OUTSIDE_BAND = "runtime outside band"
    OTHER_OUTPUT = "other output"
    """It ended as documented, but did not print what a transcript promises."""
    DOCUMENTED_FAILURE = "documented failure"
    """The text says that it fails, but no `exit=` does."""
    PLACEHOLDER = "placeholder"
    """A word that the reader has to replace was typed as it stands."""
    ALTERNATIVES = "alternatives"
    """One way of several was already taken, or this one is for another system."""
    OTHER_SHELL = "another shell's text"
    """PowerShell, cmd.exe, fish, or no shell at all."""
    SHOWN_OUTPUT = "shown output"
    """A prompt or an output line was typed."""
    HARD_CODED_VALUE = "hard-coded value"
    """An id, a hash or a number that differs on each run."""
    MISSING_STEP = "missing step"
    """A skipped step, another document or a block that is not run should have come first."""
    ONLY_SHOWN = "file only shown"
    """The document shows a file to the reader, but no command makes it."""
    HISTORY = "history expansion"
    """A `!` that an interactive bash takes for an earlier command."""
    WRONG_CHARACTER = "wrong character"
    """A typographic or invisible character, a blank after a backslash, an HTML entity."""

    SYNTAX_ERROR = "syntax error"
    COMMAND_NOT_FOUND = "command not found"
    INTERPRETER_NOT_FOUND = "interpreter not found"
    """The file is there, but not the program that it names to run it."""
    UNSET_VARIABLE = "unset variable"
    NETWORK = "network"
    """A name that is not known, a refused connection, a certificate that is not trusted."""
    SERVICE_NOT_RUNNING = "service not running"
    """A daemon or a service manager that the machine does not run."""
    PORT_TAKEN = "port taken"
    PERMISSION_DENIED = "permission denied"
    """Another user's file, root's task, a password or key that is not there."""
    OTHER_USER = "another user"
    """It needs a user that does not exist, or refuses the one that runs it."""
    REFUSED_BY_POLICY = "refused by policy"
    """The system could do it, but is told not to."""
    ALREADY_THERE = "already there"
    """What it would make is there, from a step before or from the machine itself."""

    LOCKED = "locked"
    """Another process holds it, or one that is gone has left its lock."""

    RATE_LIMIT = "rate limit"
    """A server answers no more for now: it has had too many requests."""

    OTHER_MACHINE = "for another machine"
    """It is for another processor, or written for the programs of another system."""

    INVALID_INPUT = "invalid input"
    """A program read what it was given, and can't make sense of it: a file, a query, a format."""

    RUNTIME_VERSION = "runtime version"
    """The language or tool is too old or too new."""
    GONE = "gone or renamed"
    """An address that answers with nothing, or a name that a program says was replaced."""
    PACKAGE_NOT_FOUND = "package not found"
    MODULE_NOT_FOUND = "module not found"
    UNKNOWN_OPTION = "unknown option"
    UNKNOWN_SUBCOMMAND = "unknown subcommand"
    NO_SUCH_FILE = "no such file"
    OUT_OF_MEMORY = "out of memory"
    DISK_FULL = "disk full"
    TOO_MANY_PROCESSES = "too many processes"
    """Also open files: what a process may have of either."""
    SHELL_ENDED = "shell ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause and, as `hint`, one sentence with its evidence."""

    cause: Cause
    hint: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What the document adds to a sign; `cause` where that shows a more specific one."""

    text: str = ""
    cause: Cause | None = None
