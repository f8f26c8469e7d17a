"""The programs with a prompt of their own: how each is spoken to, and what its prompts tell."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program is spoken to that reads what is typed at a prompt of its own.

    `prompt` is what its own prompts look like, from the line's start on; `more` those at which it
    waits for the rest of a statement. `leaves` is a whole line that leaves it. `languages` are the
    words behind a fence for blocks in its language.

    `hello` are the lines that make it tell of each statement, by its prompt: the last one makes
    the prompt. They hold the fields `«a»` and `«b»`, the halves of what nobody else prints, and
    `«n»`, the depth; empty where it can't be taught. `recall` does it again, and tells the last
    status, where the prompt was lost. `env` is what it is given to spare the lines that it would
    repeat. `failed` is how it begins a line that tells of an error.
    """

    name: str
    prompt: str
    leaves: str
    languages: frozenset[str] = frozenset()
    hello: tuple[str, ...] = ()
    recall: str = ""
    more: str = r"(?!)"
    env: str = ""
    failed: str = r"(?!)"
    answers: bool = True
    """Whether it can be told how a statement ended."""


def _typed(status: str, *, plus: str = "", place: str = "") -> str:
    """Return a prompt as its program is given it, in two parts: what is typed is not printed."""
    end = f"/{place}/«a»'{plus}'«b»" if place else ""
    return f"'[«a»'{plus}'«b»/«n»/{status}{end}]'"


_PLAIN = (
    '{ [ -z "${ZSH_VERSION-}" ] || { setopt promptsubst; unsetopt zle promptcr promptsp; }; '
    "(set +o emacs +o vi) && set +o emacs +o vi; } 2>/dev/null; "
)
"""A line that is edited is drawn again and again."""

_SHELL_PROMPTS = f" {_PLAIN}PS2={_typed('+')} PS1={_typed('$?', place='$$/$PWD')}"

SHELL = Dialect(
    name="shell",
    prompt=r"(?:.*[$#%>]) $",
    leaves=r"(?:exit|logout|\^D)",
    hello=(_SHELL_PROMPTS,),
    recall=(
        ' printf \'[%s%s/%s/%s/%s/%s/%s%s]\' «a» «b» «n»r "$?" "$$" "$PWD" «a» «b»;'
        f"{_SHELL_PROMPTS}"
    ),
    failed=r"-?\w*sh: .*![^\n]*: event not found",
)

_LAST_ERROR = "bool(s.__dict__.pop('last_type',0))"
_PS1 = f"type('P',(),{{'__str__':lambda p:({_typed('%d', plus='+')})%{_LAST_ERROR}}})()"

_PS2 = _typed("+", plus="+")

PYTHON = Dialect(
    name="python",
    prompt=r"(?:\([\w.-]+\) )?>>> ",
    more=r"\.\.\. ",
    leaves=r"(?:exit|quit)\(\)|\^D",
    languages=frozenset({"python", "python3", "py", "pycon", "python-repl", "pycon3"}),
    env="PYTHON_BASIC_REPL=1",
    hello=(
        f"(lambda s:(setattr(s,'ps2',{_PS2}),setattr(s,'ps1',{_PS1}))and None)(__import__('sys'))",
    ),
)

PSQL = Dialect(
    name="psql",
    prompt=r"[\w.@:\[\]-]*[=^!@][*!]?[#>] ",
    more=r"[\w.@:\[\]-]*[-*'\"$(^][*!]?[#>] ",
    leaves=r"\\q(?:uit)?;?|exit|quit|\^D",
    languages=frozenset({"sql", "psql", "postgresql", "postgres", "pgsql", "plpgsql"}),
    hello=(
        r"\pset pager off",
        rf"\set PROMPT2 {_typed('+', plus=' ')}",
        rf"\set PROMPT1 {_typed('%:ERROR:', plus=' ')}",
    ),
    failed=(
        r"(?:psql(?::[^\n]*?)?: )?(?:error|ERROR|FATAL|PANIC):|connection to server .*failed"
        r"|Previous connection kept|invalid command \\|\\[\w!?]+: |Did not find any relation named"
    ),
)

MYSQL = Dialect(
    name="mysql",
    prompt=r"(?:mysql|MariaDB(?: \[[^\]\n]*\])?)> ",
    more=r" *(?:->|'>|\">|`>|/\*>) $",
    leaves=r"(?:exit|quit|\\q);?|\^D",
    languages=frozenset({"sql", "mysql", "mariadb"}),
    hello=(r"prompt [«a»\«b»/«n»/0]",),
    failed=r"ERROR\b",
)

SQLITE = Dialect(
    name="sqlite3",
    prompt=r"sqlite> ",
    more=r" *\.\.\.> ",
    leaves=r"\.(?:quit|exit|q)(?: 0)?|\^D",
    languages=frozenset({"sql", "sqlite", "sqlite3"}),
    hello=(r'.prompt "\133«a»«b»/«n»/0]" "\133«a»«b»/«n»/+]"',),
    failed=r"(?:Parse error|Runtime error|Error|Usage)\b",
)

NODE = Dialect(
    name="node",
    prompt=r"> ",
    more=r"(?:\.\.\.+|\|) $",
    leaves=r"\.exit|process\.exit\(\d*\);?|\^D",
    languages=frozenset({"js", "javascript", "node"}),
    env="NODE_NO_READLINE=1",
    hello=(f"require('repl').repl.setPrompt({_typed('0', plus='+')})",),
    failed=r"(?:Uncaught\b|Thrown:|Invalid REPL keyword)",
)

REDIS = Dialect(
    name="redis-cli",
    prompt=r"(?:[\w.:/\[\]-]+|not connected)(?:\(TX\))?> $",
    leaves=r"(?i:quit|exit)|\^D",
    languages=frozenset({"redis", "redis-cli"}),
    env="TERM=dumb",
    failed=r"\(error\)|Could not connect|Invalid argument|Error:",
)

OTHER = Dialect(
    name="other",
    prompt=r"(?:.*[>$#:]) $",
    leaves=r"(?i:\\q|:q(?:uit)?|\.?(?:exit|quit)(?:\(\))?;?|q\(\)|bye|halt\.?|\^D)",
    answers=False,
)
"""A program at whose prompt nobody can tell how a statement ended."""


def leaves(dialect: Dialect, text: str) -> bool:
    """Tell whether a line leaves the program, with no word on how."""
    return re.fullmatch(dialect.leaves, text.strip()) is not None
