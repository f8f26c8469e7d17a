"""Text that is not for this shell: another shell's, another language's, or what one printed."""

import re

from freshrun.diagnosis.case import Case, either, line_of, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.debian import package_of

_START = r"(?:^|[\n;|&(])[^\S\n]*+"
"""Where a command begins: a newline is such a place itself, so no blank line is read twice."""
_VERBS = (
    "Get|Set|New|Remove|Invoke|Start|Stop|Copy|Move|Test|Out|Select|Where|Write|Import|Install"
    "|Expand|Add|Clear|Join|ForEach|Enable|Disable|Restart|Rename|Compress|Update"
)
_DIALECTS: tuple[tuple[str, str], ...] = (
    ("PowerShell", rf"{_START}(?P<seen>powershell|pwsh)(?:\.exe)?\s"),
    ("PowerShell", r"\$env(?P<seen>:\w+)\s*="),
    ("PowerShell", rf"{_START}(?P<seen>(?:{_VERBS})-[A-Z]\w+)"),
    ("PowerShell", rf"{_START}(?P<seen>iwr|irm|iex)\s"),
    ("PowerShell", rf"{_START}\$\w+\s+(?P<seen>=)\s"),
    ("PowerShell", r"^\s*(?P<seen>&)\s"),
    ("PowerShell", r"(?<![\w.\\-])(?P<seen>[\w.\\-]+\.ps1)\b"),
    ("cmd.exe or PowerShell", r"(?P<seen>(?:[A-Za-z]:|\.\.?|~|\b\w+)\\\w[\w\\.-]*)"),
    (
        "cmd.exe",
        rf"{_START}(?:dir|rmdir|rd|del|copy|move|xcopy|erase|attrib)\s+(?P<seen>/[a-zA-Z]\b)",
    ),
    (
        "cmd.exe",
        rf"{_START}(?P<seen>cls|del|copy|move|xcopy|notepad|ren|setx|start|winget|choco|scoop|py)(?=\s|$)",
    ),
    (
        "cmd.exe",
        r"(?P<seen>%(?:USERPROFILE|(?:LOCAL)?APPDATA|TEMP|HOMEPATH|ProgramFiles|CD|PATH)%)",
    ),
    ("cmd.exe", r"\^[ \t]*\n\s*(?P<seen>\S+)"),
    ("cmd.exe", r"^(?P<seen>@echo|rem|REM)\s"),
    ("cmd.exe", r"^if (?:not )?exist (?P<seen>)"),
    ("fish", rf"{_START}set\s+(?P<seen>-[gU])x?\s"),
    ("csh", rf"{_START}(?P<seen>setenv)\s"),
    ("Python", r"^(?P<seen>import|from)\s+\w+"),
    ("Python", r"^print\((?P<seen>)"),
    ("JSON", r"^[\[{]\s*\"(?P<seen>[\w-]+)\"\s*:"),
    ("SQL", r"^(?P<seen>SELECT|INSERT INTO|UPDATE|DELETE FROM|DROP|ALTER|GRANT)\s"),
    ("SQL", r"^CREATE (?:TABLE|DATABASE|USER|INDEX|ROLE|EXTENSION)\s(?P<seen>)"),
    ("a Dockerfile", r"^(?P<seen>FROM|RUN|COPY|WORKDIR|ENTRYPOINT|CMD|EXPOSE|ENV)\s"),
)
"""Whose text it is, and what of it the failure names, backslashes left out as the shell does."""

_SHELL_SAYS = re.compile(
    r"^(?:-?(?:ba|da|z)?sh): (?:line \d+: )?(?P<what>.*?): "
    r"(?:command not found|No such file or directory|invalid option|no job control)$"
)
_SYNTAX = re.compile(r"^(?:-?(?:ba|da|z)?sh): .*(?:syntax error|unexpected EOF)")


def other_shell(case: Case) -> Diagnosis | None:
    """Find the text of another shell, or of no shell, where the failure names it."""
    for whose, pattern in _DIALECTS:
        for found in re.finditer(pattern, case.command.text):
            line = _naming(case, found["seen"].replace("\\", ""))
            if line:
                where = line_of(case.command, found.start("seen"))
                hint = f"{quoted(found[0])} at {where} is {whose}, not bash ({quoted(line)})"
                return Diagnosis(Cause.OTHER_SHELL, hint)
    return None


def _naming(case: Case, seen: str) -> str:
    """Return the printed line that names it; where nothing can be named, any syntax error."""
    for line in case.lines:
        if (_SYNTAX.search(line) and seen in {"", "&"}) or (seen and _is_named(seen, line)):
            return line
    return ""


def _is_named(seen: str, line: str) -> bool:
    if seen not in line or _MISSED.search(line) is None:
        return False
    return re.search(rf"(?<![\w/-]){re.escape(seen)}(?![\w-])", line) is not None


_MISSED = re.compile(r"not found|[Nn]o such file|invalid option|cannot access")


# Shown outputs.

_PROMPT = re.compile(
    r"^\s*(?P<prompt>\$|>>?>?|%|PS [A-Z]:\S*>|\([\w.-]+\) ?[$#]|[\w.-]+@[\w.-]+:\S*[$#]"
    r"|\w+[=-][>#]|(?:mysql|sqlite|irb|scala|ftp|MariaDB \[\S+\]|[\d.]+:\d+)>)\s"
)
_PRINTED = either(
    r"^[A-Z][a-z]+,?\s+\S",
    r"^[A-Z][a-z]+[.!:]",
    r"^[A-Z]{2,}(?:\s+[A-Z]{2,})+",
    r"^OK$",
    r"^v?\d+(?:\.\d+)+\b",
    r"^\d\S*\s",
    r"^total \d",
    r"^[d-](?:[r-][w-][xsS-]){3}",
    r"^[^\x00-\x7f]",
    r"^\[[\w .:-]+\]\s",
    r"^[=-]+>",
    r"^\+[-=+]+$",
    r"^\|.*\|$",
    r"^(?:-{3}|={3}|\.{3})",
    r"^HTTP/\d",
    r"^https?://\S+$",
    r"^\"?[\w-]+\"?:\s",
    r"^[a-z][\w.]* = \S",
    r"^\{\s*\"",
    r"^(?:ok|added|found|removed|changed|up to date)\s",
)
"""How lines begin that programs print and no command does."""


def shown_output(case: Case) -> Diagnosis | None:
    """Find a prompt that was left in, or a line that reads like output and is no command."""
    first, _, _ = case.command.text.partition("\n")
    where = line_of(case.command)
    if not (error := _complaint(case)):
        return None
    if found := _PROMPT.search(first):
        said = f"the prompt `{found['prompt']}` was left in at {where}"
    elif _PRINTED.search(first) and _is_about(error, first):
        said = f"{quoted(first)} at {where} reads like an output, not a command{_after(case)}"
    else:
        return None
    return Diagnosis(Cause.SHOWN_OUTPUT, f"{said} ({quoted(error)})")


def _complaint(case: Case) -> str:
    """Return the line in which the shell itself says what it can't run or read."""
    for pattern in (_SHELL_SAYS, _SYNTAX):
        for line in case.lines:
            if pattern.search(line):
                return line
    return ""


def _is_about(error: str, first: str) -> bool:
    """Tell whether the shell complains about the line's first word, or about its syntax."""
    said = _SHELL_SAYS.search(error)
    word = re.sub("[\"']", "", first.split(maxsplit=1)[0])
    if said is None:
        return True
    # Bytes that are not ASCII are named in bash's own quotes, an arrow without what it redirects.
    is_word = said["what"] == word or said["what"].startswith("$'\\") or set(said["what"]) == {"="}
    return is_word and package_of(word) is None


def _after(case: Case) -> str:
    """Return the command of the same block that may have printed the line."""
    inside = case.block.commands if case.block else ()
    before = [command for command in inside if command.number < case.command.number]
    return f", as of {line_of(before[-1])}" if before else ""
