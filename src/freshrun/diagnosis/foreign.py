"""Text that is not for this shell: another shell's, another language's, or what one printed."""

import re

from freshrun.diagnosis.case import Case, either, line_of, prose, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.debian import package_of

_START = r"(?:^|[\n;|&(])[^\S\n]*+"
"""Where a command begins: a newline is such a place itself, so no blank line is read twice."""
_VERBS = (
    "Get|Set|New|Remove|Invoke|Start|Stop|Copy|Move|Test|Out|Select|Where|Write|Import|Install"
    "|Expand|Add|Clear|Join|ForEach|Enable|Disable|Restart|Rename|Compress|Update"
)
_ZSH = "setopt|unsetopt|autoload|compinit|zstyle|bindkey|zmodload|compdef|zle"
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
    (
        "zsh",
        rf"{_START}(?P<seen>{_ZSH})(?=\s|$)",
    ),
    ("Python", r"^(?P<seen>import|from)\s+\w+"),
    ("Python", r"^print\((?P<seen>)"),
    ("JSON", r"^[\[{]\s*\"(?P<seen>[\w-]+)\"\s*:"),
    ("SQL", r"^(?P<seen>SELECT|INSERT INTO|UPDATE|DELETE FROM|DROP|ALTER|GRANT)\s"),
    ("SQL", r"^CREATE (?:TABLE|DATABASE|USER|INDEX|ROLE|EXTENSION)\s(?P<seen>)"),
    ("SQL", r"^(?P<seen>SHOW|USE|DESCRIBE|EXPLAIN|BEGIN|COMMIT|VACUUM|TRUNCATE|WITH)\s"),
    ("SQL", r"^select\s(?P<seen>)"),
    ("SQL", r"^(?P<seen>--)\s"),
    ("a comment of another language", r"^(?P<seen>//)(?=\s)"),
    ("a comment of another language", r"^/\*(?P<seen>)"),
    (
        "PromQL",
        r"^(?:topk|bottomk|sum|avg|count|i?rate|increase|histogram_\w+) ?\((?P<seen>)(?=[\w{(])",
    ),
    ("PromQL", r"^(?:sum|avg|count|max|min) (?:by|without) \((?P<seen>)"),
    ("JavaScript", r"^(?P<seen>const|var)\s+[\w{[]"),
    ("JavaScript", r"^(?:console\.\w+|require)\((?P<seen>)"),
    ("MongoDB's shell", r"^db\.\w+(?P<seen>)"),
    ("Go or Java", r"^(?P<seen>package|public|private|func)\s+\w"),
    ("Ruby", r"^(?P<seen>require|puts|gem)\s+['\"]"),
    ("Terraform", r"^(?P<seen>resource|provider|variable|module|data)\s+\"[^\"\n]*\""),
    ("an HTTP request", r"^(?P<seen>GET|POST|PUT|PATCH|DELETE|HEAD)\s+(?:/|https?:)"),
    (
        "Redis",
        r"^(?P<seen>GET|SET|DEL|KEYS|HGETALL|HSET|LPUSH|INFO|FLUSHALL|CONFIG|EXPIRE)(?=\s|$)",
    ),
    ("vim", r"^(?P<seen>:\w+!?)$"),
    ("R", r"^library\((?P<seen>)"),
    ("XML or HTML", r"^<(?:\?xml|!DOCTYPE|!--|html|div|project|configuration)(?P<seen>)"),
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
                hint = f"{quoted(found[0])} at {where} is {whose}, not bash{_fenced(case, whose)}"
                return Diagnosis(Cause.OTHER_SHELL, f"{hint} ({quoted(line)})")
    return None


def _naming(case: Case, seen: str) -> str:
    """Return the printed line that names it; where nothing can be named, any syntax error."""
    for line in case.lines:
        if (_UNREADABLE.search(line) and seen in {"", "&"}) or (seen and _is_named(seen, line)):
            return line
    return ""


def _is_named(seen: str, line: str) -> bool:
    if seen not in line or _MISSED.search(line) is None:
        return False
    return re.search(rf"(?<![\w/-]){re.escape(seen)}(?![\w-])", line) is not None


_MISSED = re.compile(r"not found|[Nn]o such file|invalid option|cannot access|Is a directory")
_UNREADABLE = either(_SYNTAX.pattern, r"^bash: /\S*: Is a directory$")


_OTHER_SHELLS = ("zsh", "fish", "ksh", "csh", "tcsh", "nu", "elvish")


def _language(case: Case) -> str:
    """Return the shell that the block's fence names, where it is another one than bash."""
    language = case.block.language.lower() if case.block else ""
    return language if language in _OTHER_SHELLS else ""


def _fenced(case: Case, whose: str) -> str:
    block = case.block
    if block is None or _language(case) != whose:
        return ""
    return f", as the fence at {case.command.file}:{block.line} says"


def other_fence(case: Case) -> Diagnosis | None:
    """Find a text that bash can't read in a block that is marked as another shell's."""
    line = next((line for line in case.lines if _SYNTAX.search(line)), "")
    if not line or case.block is None or not (language := _language(case)):
        return None
    where = f"{case.command.file}:{case.block.line}"
    hint = f"the fence at {where} says {language}, and bash can't read it ({quoted(line)})"
    return Diagnosis(Cause.OTHER_SHELL, hint)


# The prompt of another program.

_CLIENTS = (
    "redis-cli|psql|mysql|mariadb|sqlite3|mongosh|mongo|cqlsh|irb|pry|gdb|lldb|iex|ghci|jshell|sftp"
    "|telnet|vtysh|sqlplus|sqlcmd|beeline|duckdb|clickhouse-client|spark-shell|etcdctl|influx|hbase"
    "|valkey-cli|ipython|bpftrace|virsh|zkCli\\.sh|ksql|trino|presto"
)
_ALSO_WORDS = (
    "node|python3?|rails console|scala|erl|lua|julia|ftp|bc|R|php -a|deno|bun repl|hive|nft"
)
_CLIENT = either(
    rf"(?<![\w.-])(?P<client>{_CLIENTS})(?![\w-])",
    rf"`(?:[^`]{{0,100}} )?(?P<word>{_ALSO_WORDS})(?:[ ][^`]{{0,100}})?`",
)
_BARE_PROMPT = re.compile(r"^\s*>\s+$")
_ABOVE = 10
"""Lines above a block in which the program is looked for that its prompt belongs to."""


def other_prompt(case: Case) -> Diagnosis | None:
    """Find a line that is shown at `> `, below the name of a program whose prompt that is."""
    first = case.command.text.partition("\n")[0]
    error = _complaint(case)
    if not error or not _BARE_PROMPT.match(_shown_line(case).partition(first)[0]):
        return None
    client, where = _client(case)
    if not client:
        return None
    line = line_of(case.command)
    hint = f"{line} is shown at the prompt `>` of another program, `{client}`, which {where} names"
    return Diagnosis(Cause.OTHER_SHELL, f"{hint}: it is for that, not for bash ({quoted(error)})")


def _shown_line(case: Case) -> str:
    """Return the document's line of the command, with its prompt."""
    lines = case.runbook.text.split("\n")
    return lines[case.command.line - 1] if case.command.line <= len(lines) else ""


def _client(case: Case) -> tuple[str, str]:
    """Return the program that the prose above names, or an earlier command opens, and where."""
    start = case.block.line if case.block else case.command.line
    near = [each for each in prose(case.runbook) if start - _ABOVE <= each[0] < start]
    for number, line in reversed(near):
        if found := _CLIENT.search(line):
            return found["client"] or found["word"], f"{case.runbook.path}:{number}"
    for command in reversed(case.earlier):
        if found := re.search(rf"(?<![\w.-])(?:{_CLIENTS})(?![\w-])", command.text):
            return found[0], line_of(command)
    return "", ""


# Another system's programs.

_BSD_SED = re.compile(r"\bsed\s+(?:-[A-Zn]+\s+){0,5}-i\s+(?P<suffix>''|\"\"|\.\w+)(?=\s)")


def other_system(case: Case) -> Diagnosis | None:
    """Find the way in which BSD's and macOS's sed is told to write into the file."""
    found = _BSD_SED.search(case.command.text)
    line = next((line for line in case.lines if line.startswith("sed: ")), "")
    if found is None or not line:
        return None
    where = line_of(case.command, found.start())
    said = f"`sed -i {found['suffix']}` at {where} is for BSD's and macOS's sed"
    hint = f"{said}; GNU's takes no suffix as a word of its own: `sed -i` ({quoted(line)})"
    return Diagnosis(Cause.OTHER_MACHINE, hint)


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
