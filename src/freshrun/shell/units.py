"""What is typed at the prompt of another program, cut into its statements."""

import codeop
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from freshrun.shell import dialects
from freshrun.shell.dialects import Dialect
from freshrun.shell.script import Statement


@dataclass(frozen=True, slots=True)
class Typed:
    """The statements at a program's prompt, how many lines they took, and whether they leave it."""

    statements: tuple[Statement, ...]
    lines: int
    left: bool


def typed_into(dialect: Dialect, lines: Sequence[str]) -> Typed:
    """Cut lines that are typed as they stand, as far as the one that leaves the program."""
    is_complete = _COMPLETE.get(dialect.name, _always)
    found: list[Statement] = []
    begun: list[str] = []
    for number, line in enumerate(lines, 1):
        if not begun and _says_nothing(line, dialect):
            continue
        begun.append(line)
        text = "\n".join(begun)
        if is_complete(text) or number == len(lines):
            found.append(_statement(text, dialect, end=number))
            begun = []
            if dialects.leaves(dialect, text):
                return Typed(tuple(found), number, left=True)
    if begun:
        found.append(_statement("\n".join(begun).rstrip(), dialect, end=len(lines)))
    return Typed(tuple(found), len(lines), left=False)


def shown_at(dialect: Dialect, lines: Sequence[str]) -> Typed:
    """Read what a transcript shows behind the program's prompts, with the output below each."""
    prompt, more = re.compile(dialect.prompt.rstrip(" $")), re.compile(dialect.more.rstrip(" $"))
    begins = [n for n, line in enumerate(lines) if prompt.match(line)]
    found: list[Statement] = []
    for number, begin in enumerate(begins):
        end = begins[number + 1] if number + 1 < len(begins) else len(lines)
        goes_on = list(takewhile(more.match, lines[begin + 1 : end]))
        typed = [_behind(prompt, lines[begin]), *(_behind(more, line) for line in goes_on)]
        text = "\n".join(typed).rstrip() if dialect is not dialects.PYTHON else _entered(typed)
        if not text.strip():
            continue
        below = "\n".join(lines[begin + 1 + len(goes_on) : end]).rstrip()
        statement = _statement(text, dialect, end=begin + 1 + len(goes_on))
        found.append(replace(statement, line=begin + 1, promised=below or None))
        if dialects.leaves(dialect, text):
            return Typed((*found[:-1], replace(found[-1], promised=None)), end, left=True)
    return Typed(tuple(found), len(lines), left=False)


def shows(dialect: Dialect, lines: Sequence[str]) -> bool:
    """Tell whether a line begins with the program's prompt."""
    return any(map(re.compile(dialect.prompt.rstrip("$")).match, lines))


def _behind(prompt: re.Pattern[str], line: str) -> str:
    found = prompt.match(line)
    return line[found.end() :].removeprefix(" ") if found else line


def _entered(typed: list[str]) -> str:
    """Return the lines behind Python's prompts; an empty one closes a compound statement."""
    return "\n".join(typed).rstrip() + ("\n" if len(typed) > 1 else "")


def _statement(text: str, dialect: Dialect, *, end: int) -> Statement:
    begin = end - text.count("\n")
    if dialect is dialects.PYTHON and _python(text) is False and _python(f"{text}\n"):
        text += "\n"  # Enter is pressed once more
    return Statement(text, begin, end, within=dialect.name)


def _says_nothing(line: str, dialect: Dialect) -> bool:
    comment = {"psql": "--", "mysql": "--", "sqlite3": "--", "python": "#", "node": "//"}
    mark = comment.get(dialect.name, "#")
    return not line.strip() or line.lstrip().startswith(mark)


def _always(_: str) -> bool:
    return True


def _python(text: str) -> bool:
    """Tell whether Python at its prompt takes the text for whole: it runs it, or refuses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return codeop.compile_command(text, symbol="single") is not None
        except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
            return True


_QUOTED = re.compile(
    r"'(?>(?:[^'\\]|\\.|'')*)'|\"[^\"]*+\"|\$(\w*)\$.*?\$\1\$|--[^\n]*+|/\*.*?\*/", re.DOTALL
)
_OPEN = re.compile(r"['\"]|\$\w*\$|/\*")


def _sql(text: str) -> bool:
    """Tell whether a statement ends here; a command of the program itself is one line."""
    if re.match(r"\s*(?:\\|\.[a-z])", text):
        return True
    if re.match(r"(?i)\s*(?:exit|quit|use\s+\w+|source\s+\S+|help|status);?\s*\Z", text):
        return True
    bare = _QUOTED.sub("", text)
    return not _OPEN.search(bare) and bool(re.search(r"(?:;|\\[gG]\w*)\s*\Z", bare))


_LITERAL = re.compile(
    r"'(?>(?:[^'\\\n]|\\.)*)'|\"(?>(?:[^\"\\\n]|\\.)*)\"|`(?>(?:[^`\\]|\\.)*)`|//[^\n]*+"
)


def _node(text: str) -> bool:
    bare = _LITERAL.sub("", text)
    opens, closes = (sum(map(bare.count, signs)) for signs in ("([{", ")]}"))
    return opens <= closes and "`" not in bare


_COMPLETE: Mapping[str, Callable[[str], bool]] = {
    "python": _python,
    "psql": _sql,
    "mysql": _sql,
    "sqlite3": _sql,
    "node": _node,
}
"""How each program tells that a statement is whole; any other takes it line by line."""
