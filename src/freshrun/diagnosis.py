"""Why a command failed: a fixed word and one sentence with its evidence. Pure, no I/O.

A cause is found by what the outcome itself says (a timeout, a promise not kept), or by a *sign*:
a line that a program is known to print. What `_TRIED` lists is asked in turn and the first answer
wins; among signs, the line nearest to the end wins, since the last command of a text decides its
exit status. Where none answers, the diagnosis says that it can't tell.
"""

import difflib
import re
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from freshrun.outcome import Ending, Outcome, Output
from freshrun.runbook import BlockKind, Command, Runbook


class Cause(Enum):
    """Why a command failed, as a fixed word."""

    TIMED_OUT = "timed out"
    UNEXPECTED_SUCCESS = "unexpected success"
    """It ended with 0, but the document promises another exit status."""
    OUTSIDE_BAND = "runtime outside band"
    OTHER_OUTPUT = "other output"
    """It ended as documented, but did not print what a transcript promises."""
    SYNTAX_ERROR = "syntax error"
    COMMAND_NOT_FOUND = "command not found"
    INTERPRETER_NOT_FOUND = "interpreter not found"
    """The file is there, but not the program that it names to run it."""
    UNSET_VARIABLE = "unset variable"
    NETWORK = "network"
    """A name that is not known, a refused connection, a certificate that is not trusted."""
    PERMISSION_DENIED = "permission denied"
    """Another user's file, root's task, a password or key that is not there."""
    PACKAGE_NOT_FOUND = "package not found"
    MODULE_NOT_FOUND = "module not found"
    UNKNOWN_OPTION = "unknown option"
    UNKNOWN_SUBCOMMAND = "unknown subcommand"
    NO_SUCH_FILE = "no such file"
    SHELL_ENDED = "shell ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause and, as `hint`, one sentence with its evidence."""

    cause: Cause
    hint: str


def diagnose(outcome: Outcome, runbook: Runbook) -> Diagnosis:
    """Return why the command of a failed outcome failed, `Cause.UNKNOWN` where it can't be told."""
    case = _Case(outcome, runbook, tuple(_printed(outcome)))
    for find in _TRIED:
        diagnosis = find(case)
        if diagnosis is not None:
            return diagnosis
    return _unknown(case)


@dataclass(frozen=True, slots=True)
class _Case:
    """A failed outcome in its document. `lines` is what it printed, the last line first."""

    outcome: Outcome
    runbook: Runbook
    lines: tuple[str, ...]

    @property
    def command(self) -> Command:
        return self.outcome.command

    @property
    def earlier(self) -> tuple[Command, ...]:
        return self.runbook.commands[: self._position]

    @property
    def later(self) -> tuple[Command, ...]:
        return self.runbook.commands[self._position + 1 :]

    @property
    def _position(self) -> int:
        commands = self.runbook.commands
        return commands.index(self.command) if self.command in commands else len(commands)

    @property
    def as_documented(self) -> bool:
        """Tell whether it ended by itself, with the exit status that the document promises."""
        exited = self.outcome.ending is Ending.EXITED
        return exited and self.outcome.exit_code == self.command.options.exit


# Programs say what stopped them at the end of their output or before a long text on their usage.
_FIRST, _LAST, _WIDTH = 20, 60, 2_000
_COLOUR = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")
_PLAIN_QUOTES = str.maketrans("\u2018\u2019", "''")


def _printed(outcome: Outcome) -> Iterator[str]:
    """Yield the lines that can tell a cause: stderr before stdout, each from its end."""
    for output in (outcome.stderr, outcome.stdout):
        lines = _lines(output)
        yield from reversed(lines[-_LAST:])
        yield from reversed(lines[:-_LAST][:_FIRST])


def _lines(output: Output) -> list[str]:
    """Return the lines that say something, as a terminal leaves them, with plain quotes."""
    text = _COLOUR.sub("", output.text).translate(_PLAIN_QUOTES)
    lines = (line.rstrip().rpartition("\r")[2].rstrip() for line in text.split("\n"))
    return [line[:_WIDTH] for line in lines if line]


# Outcomes that speak for themselves.


def _timed_out(case: _Case) -> Diagnosis | None:
    if case.outcome.ending is not Ending.TIMED_OUT:
        return None
    limit = case.command.options.timeout or case.runbook.settings.timeout
    hint = f"it had not ended after {limit:g} s; {_last_words(case)}"
    return Diagnosis(Cause.TIMED_OUT, hint)


def _unexpected_success(case: _Case) -> Diagnosis | None:
    promised, ended = case.command.options.exit, case.outcome.exit_code
    if promised == 0 or ended != 0:
        return None
    hint = f"the document promises exit status {promised}, but the command succeeds"
    return Diagnosis(Cause.UNEXPECTED_SUCCESS, hint)


def _outside_band(case: _Case) -> Diagnosis | None:
    band, seconds = case.command.options.band, case.outcome.seconds
    if band is None or not case.as_documented or band[0] <= seconds <= band[1]:
        return None
    hint = f"it took {seconds:.2f} s, and the document says {band[0]:g} s to {band[1]:g} s"
    return Diagnosis(Cause.OUTSIDE_BAND, hint)


def _other_output(case: _Case) -> Diagnosis | None:
    if not case.outcome.diff:
        return None
    hint = (
        "the diff shows the document's line and the printed one; "
        "`...` stands for any text, <name> for a value that differs on each run"
    )
    return Diagnosis(Cause.OTHER_OUTPUT, hint)


def _other_promise(case: _Case) -> Diagnosis | None:
    """Keep what a command printed on its way to the promised exit status from being blamed."""
    return _unknown(case) if case.as_documented else None


_CLOSERS = re.compile(r"(?<![\w/.-])(exit|exec|logout|kill)(?![\w/.-])")
_ERREXIT = r"\bset\s+(?:-[a-zA-Z]*e|-o\s+errexit)"


def _shell_ended(case: _Case) -> Diagnosis | None:
    if case.outcome.ending is not Ending.SHELL_ENDED:
        return None
    how = _status(case.outcome)
    errexit = _place([*case.earlier, case.command], _ERREXIT)
    if closer := _CLOSERS.search(case.command.text):
        hint = f"`{closer[1]}` closed the shell ({how}), so the next command finds a new one"
    elif errexit:
        hint = f"`set -e` ({errexit}) closed the shell when a command failed ({how})"
    else:
        hint = f"the shell ended with the command ({how}); {_last_words(case)}"
    return Diagnosis(Cause.SHELL_ENDED, hint)


def _required_variable(case: _Case) -> Diagnosis | None:
    """Find the variable that the command itself demands with a text of its own."""
    for name in re.findall(r"\$\{(\w+):?\?", case.command.text):
        for line in case.lines:
            if re.search(rf"(?:^|: ){name}: ", line):
                hint = f"`{name}` is not set{_setter(case, name)} ({_quoted(line)})"
                return Diagnosis(Cause.UNSET_VARIABLE, hint)
    return None


# What the document has to say about the word of a sign.

_MANAGER = (
    r"\b(?:apt-get|apt|aptitude|dnf|yum|apk|pacman|zypper|brew|snap|pip3?|pipx|uv|conda|npm|yarn"
    r"|pnpm|gem|bundle|cargo|go|choco)\s[^\n;|&]*?\b(?:install|add|get|i|S)\b"
)
_INSTALL = rf"(?:{_MANAGER}|\b(?:curl|wget)\b)[^\n;|&]*?"
_DEFINE = r"(?:^|[\n;&|{{(])\s*(?:alias\s+{word}=|function\s+{word}\b|{word}\s*\(\))"
_MAKE = (
    r"(?:>|\b(?:tee|touch|mkdir|cp|mv|ln|install|clone|curl|wget|tar|unzip|venv|init|mktemp)\b"
    r"|\s-o\b)[^\n;|&]*"
)


def _own_line(case: _Case, word: str) -> str:
    """Return the line of the command where the word stands, if it is not its first."""
    found = re.search(_token(word), case.command.text) if word else None
    if found is None or "\n" not in case.command.text[: found.start()]:
        return ""
    return f", at {_line(case.command, found.start())}"


def _provider(case: _Case, word: str) -> str:
    """Return what the document does to have a program or module of this name."""
    provides = f"{_INSTALL}{_token(word)}|{_DEFINE.format(word=re.escape(word))}"
    if place := _place(case.earlier, provides):
        return f", although {place} installs something of that name"
    if place := _place(case.later, provides):
        return f": {place} installs it, but only later"
    by_name = " by name" if _place(case.earlier, _INSTALL) else ""
    return f": no earlier step installs it{by_name}{_in_text(case, rf'`[^`]*{_token(word)}[^`]*`')}"


def _program(case: _Case, word: str) -> str:
    """Return what the document does to have a program, or which like it an earlier step uses."""
    names = {name: command for command in case.earlier for name in _programs(command)}
    close = difflib.get_close_matches(word, names.keys() - {word}, n=1, cutoff=0.8)
    guess = f"; did you mean `{close[0]}`, as in {_line(names[close[0]])}?" if close else ""
    return _provider(case, word) + guess


def _programs(command: Command) -> list[str]:
    """Return the words that stand where a shell expects a program."""
    return re.findall(r"(?:^|[\n;|&(])\s*(?:sudo\s+)?([\w.+-]+)(?=\s|$)", command.text)


def _setter(case: _Case, name: str) -> str:
    """Return where the document sets a variable."""
    if not name.isidentifier():
        return ""
    sets = rf"(?<![\w$]){name}=|\bfor\s+{name}\b|\b(?:read|mapfile|readarray)\s[^\n;|&]*\b{name}\b"
    if name in case.runbook.settings.secrets:
        return ": the document lists it as a secret, so export it before the rehearsal"
    if place := _place(case.earlier, sets):
        return f" here, although {place} sets it for itself"
    if place := _place(case.later, sets):
        return f": {place} sets it, but only later"
    return f": no earlier step sets it{_in_text(case, _token(name))}"


def _maker(case: _Case, path: str) -> str:
    """Return where the document makes a file, or shows it without making it."""
    name = path.rstrip("/").rpartition("/")[2]
    relative = case.outcome.cwd is not None and bool(path) and not path.startswith(("/", "~"))
    where = f" in {case.outcome.cwd}" if relative else ""
    if not re.search(r"\w", name):
        return where
    if place := _place(case.earlier, _MAKE + _token(name)):
        return f"{where}, although {place} makes something of that name"
    if place := _place(case.later, _MAKE + _token(name)):
        return f"{where}: {place} makes it, but only later"
    return f"{where}: no earlier step makes it by name{_in_text(case, _token(name))}"


def _package(case: _Case, _word: str) -> str:
    """Return whether apt's lists could be there at all."""
    is_apt = re.search(r"\bapt(?:-get)?\s", case.command.text)
    update = r"\bapt(?:-get)?\s[^\n;|&]*update"
    if is_apt and not _place((*case.earlier, case.command), update):
        return ", and no step before it runs `apt-get update`"
    return ""


def _network(case: _Case, _word: str) -> str:
    shut = case.runbook.settings.network == "none"
    return ": the document shuts the network (`network: none`)" if shut else ""


def _root(case: _Case, _word: str) -> str:
    """Return what the command lacks that could help: the executable bit, or sudo."""
    if case.outcome.exit_code == _NOT_EXECUTABLE:
        return ", or it is not executable"
    return "" if "sudo" in case.command.text else ", and the command does not use sudo"


def _place(commands: Iterable[Command], pattern: str) -> str:
    """Return `file:line` of the first command that holds the pattern, empty where none does."""
    search = re.compile(pattern)
    for command in commands:
        # A line that goes on is one line; spaces in place of its end keep every position.
        if match := search.search(command.text.replace("\\\n", "  ")):
            return _line(command, match.end() - 1)
    return ""


def _in_text(case: _Case, pattern: str) -> str:
    """Return where the document shows the pattern to the reader alone, empty where nowhere."""
    runbook, search = case.runbook, re.compile(pattern)
    for block in runbook.blocks:
        for number, line in enumerate(block.text.split("\n"), block.line + 1):
            if block.kind is BlockKind.OTHER and search.search(line):
                kind = f"`{block.language}` block" if block.language else "block without a language"
                return f"; {runbook.path}:{number} only shows it, in a {kind}"
    fenced = {n for block in runbook.blocks for n in range(block.line, block.end_line + 1)}
    for number, line in enumerate(runbook.text.split("\n"), 1):
        if number not in fenced and search.search(line):
            return f"; {runbook.path}:{number} only mentions it"
    return ""


def _token(word: str) -> str:
    """Return the pattern of the word as a whole."""
    return rf"(?<![\w.-]){re.escape(word)}(?![\w-])"


def _line(command: Command, position: int = 0) -> str:
    """Return `file:line` of a position in the command's text."""
    return f"{command.file}:{command.line + command.text.count(chr(10), 0, position)}"


# What is always true.

_NOT_EXECUTABLE, _NOT_FOUND, _SIGNALLED = 126, 127, 128
_QUOTE_WIDTH = 160


def _unknown(case: _Case) -> Diagnosis:
    seen = f"{_status(case.outcome)} as documented" if case.as_documented else _status(case.outcome)
    reason = f"; {case.outcome.reason}" if case.as_documented and case.outcome.reason else ""
    return Diagnosis(Cause.UNKNOWN, f"can't tell: {seen}{reason}; {_last_words(case)}")


def _status(outcome: Outcome) -> str:
    """Return the exit status, with what the shell means by it."""
    code = outcome.exit_code
    if code is None:
        return outcome.ending.value
    meanings = {
        _NOT_EXECUTABLE: ", a shell's own for a file that it may not execute",
        _NOT_FOUND: ", a shell's own for a command that is not found",
        **{_SIGNALLED + each: f", which says {each.name}" for each in signal.Signals},
    }
    return f"exit status {code}{meanings.get(code, '')}"


def _last_words(case: _Case) -> str:
    return f"it printed last: {_quoted(case.lines[0])}" if case.lines else "it printed nothing"


def _quoted(line: str) -> str:
    """Return the line in double quotes, cut where it is long."""
    text = line.strip()
    return f'"{text}"' if len(text) <= _QUOTE_WIDTH else f'"{text[:_QUOTE_WIDTH]}..."'


# Signs: lines that programs are known to print.


@dataclass(frozen=True, slots=True)
class _Signs:
    """The lines that show one cause.

    `lines` maps what is to be said to the patterns of the lines that say it; `{word}` there, and
    the argument of `context`, is the pattern's group of that name. `context` adds what the
    document has to say about the word.
    """

    cause: Cause
    lines: Mapping[str, tuple[str, ...]]
    context: Callable[[_Case, str], str] = lambda _case, _word: ""

    def read(self, case: _Case, line: str) -> Diagnosis | None:
        for saying, patterns in self.lines.items():
            for pattern in patterns:
                if match := re.search(pattern, line):
                    return self._diagnosis(case, match, saying=saying)
        return None

    def _diagnosis(self, case: _Case, match: re.Match[str], *, saying: str) -> Diagnosis:
        word = (match.groupdict().get("word") or "").strip()
        said = saying.format(word=word) + _own_line(case, word) + self.context(case, word)
        return Diagnosis(self.cause, f"{said} ({_quoted(match.string)})")


_OPEN, _SHUT = "['`\"]", "['\"]"
_QUOTED = rf"{_OPEN}(?P<word>[^'`\"]+){_SHUT}"
_BARE = r"(?P<word>[^:'`\"]+)"
_READING = "(?:can't read |(?:Could not )?open (?:file )?)?"
_OPTION = rf"{_OPEN}?(?P<word>-[^\s'`\"]+)"

_SYNTAX_ERROR = _Signs(
    Cause.SYNTAX_ERROR,
    {
        "the shell can't read the command": (
            r"^(?:-?(?:ba|da|z|k)?sh|eval): .*(?:[Ss]yntax error|parse error|unexpected EOF)",
        ),
    },
)
_COMMAND_NOT_FOUND = _Signs(
    Cause.COMMAND_NOT_FOUND,
    {
        "`{word}` is not found": (
            r"(?:^|: )(?P<word>[^:/]+): command not found$",
            r"^zsh: command not found: (?P<word>[^/]+)$",
            r"^\S+: (?:\d+|exec): (?P<word>[^:/]+): not found$",
            rf"\benv: {_OPEN}(?P<word>[^/']+){_SHUT}: No such file",
            rf"^\w+: failed to run command {_OPEN}(?P<word>[^/']+){_SHUT}: No such file",
            r"^\w+: cannot run (?P<word>[^:/]+): No such file",
            r"^(?:xargs|make(?:\[\d+\])?): (?P<word>[^:/]+): No such file",
        ),
    },
    context=_program,
)
_INTERPRETER_NOT_FOUND = _Signs(
    Cause.INTERPRETER_NOT_FOUND,
    {
        "`{word}` is there, but not the interpreter or loader that it names": (
            r"(?P<word>[^\s:]+): cannot execute: required file not found",
        ),
        "the interpreter `{word}` is not there": (r": (?P<word>[^\s:]+): bad interpreter",),
    },
)
_UNSET_VARIABLE = _Signs(
    Cause.UNSET_VARIABLE,
    {
        "`{word}` is not set": (
            r"(?:^|: )(?P<word>\$?\w+)(?:\[[^]]*\])?: unbound variable$",
            r"(?:^|: )(?P<word>\w+): parameter (?:null or )?not set$",
        ),
    },
    context=_setter,
)
_NETWORK = _Signs(
    Cause.NETWORK,
    {
        "the name `{word}` is not known": (
            r"Could not resolve host(?:name)?:? (?P<word>[^\s:;,]+)",
            rf"unable to resolve host address {_QUOTED}",
            rf"Temporary failure resolving {_QUOTED}",
            r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<word>\S+)",
        ),
        "a name on the network is not known": (
            r"^(?!sudo: unable to resolve host).*(?:Name or service not kn|failure in name resol)",
        ),
        "nothing answers at {word}": (
            r"ailed to connect to (?P<word>\S+ port \d+)",
            r"connect to (?:host )?(?P<word>\S+ port \d+): ",
            r"ECONNREFUSED (?P<word>\S+:\d+)",
            r"connection to server at \"(?P<word>[^\"]+)\".* refused",
            r"connection to server on socket \"(?P<word>[^\"]+)\" failed",
        ),
        "a connection is refused": (r"[Cc]onnection refused|ECONNREFUSED",),
        "the network can't be reached": (r"[Nn]etwork is unreachable|No route to host",),
        "a connection is lost": (r"[Cc]onnection (?:timed out|reset by peer)|ETIMEDOUT",),
        "the machine does not trust the server's certificate": (
            r"SSL certificate problem|certificate verif\w+ failed|SELF_SIGNED_CERT",
            r"unable to (?:get local issuer|verify the first) certificate",
        ),
    },
    context=_network,
)
_PERMISSION_DENIED = _Signs(
    Cause.PERMISSION_DENIED,
    {
        "the server knows no key of this machine": (r"Permission denied \(publickey",),
        "sudo asks for a password": (r"^sudo: .*(?:password|terminal) is required",),
        "it needs root": (
            r"are you root\?|superuser privilege|under the root user",
            r"(?:must be|need(?:s|ed)?|requires?)(?: run)?(?: as| to be)? root(?: privileges)?\.?$",
        ),
        "this user may not use `{word}`": (
            rf"Permission denied: {_QUOTED}",
            rf"EACCES: permission denied, \w+ {_QUOTED}",
            rf"{_QUOTED}: (?:Permission denied|Operation not permitted)",
            rf"(?:^|: )(?:cannot \w+ |open )?{_BARE}: [Pp]ermission denied",
        ),
        "this user may not do it": (r"[Pp]ermission denied|Operation not permitted",),
    },
    context=_root,
)
_PACKAGE_NOT_FOUND = _Signs(
    Cause.PACKAGE_NOT_FOUND,
    {
        "apt knows no package `{word}`": (
            r"^E: Unable to locate package (?P<word>\S+)",
            r"^E: Package '(?P<word>[^']+)' has no installation candidate",
        ),
        "apt has no such version of `{word}`": (
            r"^E: Version '[^']+' for '(?P<word>[^']+)' was not found",
        ),
        "pip finds no package `{word}`": (r"No matching distribution found for (?P<word>\S+)",),
        "npm finds no package `{word}`": (
            r"No matching version found for (?P<word>\S+?)\.?$",
            r"^npm (?:error|ERR!) 404 .*resource '(?P<word>.+?)(?:@[^@']*)?' could not be found",
            r"^npm (?:error|ERR!) 404\s+'(?P<word>.+?)(?:@[^@']*)?' is not in",
        ),
    },
    context=_package,
)
_MODULE_NOT_FOUND = _Signs(
    Cause.MODULE_NOT_FOUND,
    {
        "Python has no module `{word}`": (r"No module named '?(?P<word>[\w.]+)'?$",),
        "Node has no module `{word}`": (r"Cannot find module '(?P<word>[^'/.][^']*)'",),
    },
    context=_provider,
)
_UNKNOWN_OPTION = _Signs(
    Cause.UNKNOWN_OPTION,
    {
        "the program has no option `{word}`": (
            rf"(?:unknown|unrecognized|illegal|bad|no such) (?:option|flag)(?: was)?:? {_OPTION}",
            rf"[Nn]o such option:? {_OPTION}",
            rf"(?:unexpected argument|unknown predicate|provided but not defined:) {_OPTION}",
            r"unknown shorthand flag: .* in (?P<word>-\S+)",
            r"option (?P<word>-\S+?):? is (?:unknown|not understood|ambiguous)",
            r": (?P<word>-\S+): invalid option$",
            r"error: unknown option `(?P<word>[^']+)'",
        ),
        "the program has no option `-{word}`": (
            rf"(?:invalid|unknown|illegal) option -- {_OPEN}?(?P<word>[^\s'])",
        ),
        "the program does not take `{word}`": (r"unrecognized arguments?:? (?P<word>.+)$",),
    },
)
_UNKNOWN_SUBCOMMAND = _Signs(
    Cause.UNKNOWN_SUBCOMMAND,
    {
        "the program has no command `{word}`": (
            rf"^\w+: {_QUOTED} is not an? \w+ command",
            rf"(?:[Uu]nknown|[Nn]o such|unrecognized) (?:sub)?command:? {_QUOTED}",
            r"^\w+: unknown command: (?P<word>.+)$",
            r"^E: Invalid operation (?P<word>\S+)",
            rf"No idea what {_QUOTED} is",
        ),
        "the program does not take `{word}`": (rf"invalid choice: {_QUOTED} \(choose from",),
    },
)
_NO_SUCH_FILE = _Signs(
    Cause.NO_SUCH_FILE,
    {
        "`{word}` is not there": (
            rf"No such file or directory: {_QUOTED}",
            rf"ENOENT: no such file or directory, \w+ {_QUOTED}",
            rf"{_QUOTED}: (?:\[Errno 2\] )?[Nn]o such file",
            rf"(?:^|: ){_READING}{_BARE}: (?:Cannot open: )?[Nn]o such file",
            r"^\S+: \d+: (?P<word>[^:]*/[^:]*): not found$",
            r"no such file or directory: (?P<word>\S+)$",
            r"file or directory not found: (?P<word>.+)$",
            r"Cannot find module '(?P<word>[/.][^']*)'",
            rf"Can't open {_QUOTED}",
        ),
        "make knows no target `{word}`": (rf"No rule to make target {_QUOTED}",),
        "no makefile is there": (r"no makefile found",),
    },
    context=_maker,
)

# Where one line could be read in two ways, the first of these that knows it reads it.
_SIGNS = (
    _SYNTAX_ERROR,
    _COMMAND_NOT_FOUND,
    _INTERPRETER_NOT_FOUND,
    _UNSET_VARIABLE,
    _NETWORK,
    _PERMISSION_DENIED,
    _PACKAGE_NOT_FOUND,
    _MODULE_NOT_FOUND,
    _UNKNOWN_OPTION,
    _UNKNOWN_SUBCOMMAND,
    _NO_SUCH_FILE,
)


def _by_signs(case: _Case, known: Iterable[_Signs] = _SIGNS) -> Diagnosis | None:
    readings = (signs.read(case, line) for line in case.lines for signs in known)
    return next((reading for reading in readings if reading is not None), None)


def _unreachable_packages(case: _Case) -> Diagnosis | None:
    """Look through a package manager that finds no package because it can't reach its index."""
    found = _by_signs(case)
    if found is None or found.cause is not Cause.PACKAGE_NOT_FOUND:
        return None
    return _by_signs(case, (_NETWORK,))


_TRIED: tuple[Callable[[_Case], Diagnosis | None], ...] = (
    _timed_out,
    _unexpected_success,
    _outside_band,
    _other_output,
    _other_promise,
    _required_variable,
    _unreachable_packages,
    _by_signs,
    _shell_ended,
)
