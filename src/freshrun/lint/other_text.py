"""Text that is not for bash: of another shell, of another language, or of Windows.

A failure's diagnosis has what was printed to go by; here the text alone must leave no doubt.
"""

import re
from collections.abc import Iterator

from freshrun.diagnosis import unquoted
from freshrun.lint.flaw import Flaw
from freshrun.lint.not_shell import is_listing, is_settings
from freshrun.lint.subject import Subject
from freshrun.model import Command

_VERBS = (
    "Get|Set|New|Remove|Invoke|Start|Stop|Copy|Move|Test|Out|Select|Where|Write|Import|Install"
    "|Expand|Add|Clear|Join|ForEach|Enable|Disable|Restart|Rename|Compress|Update|Unblock"
)
_NOUNS = (
    "Item|ItemProperty|Content|ChildItem|Location|Path|ExecutionPolicy|WebRequest|RestMethod"
    "|Process|Service|Object|Module|Command|Host|Output|Expression|Archive|File|Variable|Alias"
    "|PSSession|EnvironmentVariable|WindowsOptionalFeature|WindowsCapability|Package|Date|Help"
)
_MODULES = "os|sys|re|json|numpy|pandas|torch|requests|logging|asyncio|pathlib|matplotlib\\.pyplot"

_DIALECTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("PowerShell", re.compile(r"(?i)\A\$env:\w+\s*=|\$env:(?:PATH|USERPROFILE|APPDATA|TEMP)\b")),
    ("PowerShell", re.compile(rf"(?:\A|[|;(]\s*+)(?:{_VERBS})-(?:{_NOUNS})(?![\w-])")),
    ("PowerShell", re.compile(r"\A\$\w+[ \t]+=[ \t]")),
    ("PowerShell", re.compile(r"\A(?:iwr|irm)[ \t][^\n|]*+\|[ \t]*iex\b")),
    ("PowerShell", re.compile(r"\A(?:\.\\)?[\w\\.-]+\.ps1(?=\s|\Z)")),
    ("cmd.exe", re.compile(r"\A(?:@echo off|@?rem |REM |cls\Z|if (?:not )?exist |setx )")),
    ("cmd.exe", re.compile(r"\Aset[ \t]+\"?[A-Za-z_]\w*=\S*\Z")),
    ("cmd.exe", re.compile(r"\A(?:dir|rmdir|rd|del|copy|xcopy|erase|attrib)[ \t]+/[a-zA-Z](?=\s)")),
    ("cmd.exe", re.compile(r"%(?:USERPROFILE|(?:LOCAL)?APPDATA|HOMEPATH|ProgramFiles|PATH)%")),
    ("cmd.exe", re.compile(r"[ \t]\^[ \t]*\n")),
    ("fish", re.compile(r"\Aset[ \t]+-(?:[gU]x?|x[gU]?)[ \t]+[A-Za-z_]\w*[ \t]+\S")),
    ("fish", re.compile(r"\Afish_add_path[ \t]|\|[ \t]*source[ \t]*\Z")),
    ("csh", re.compile(r"\Asetenv[ \t]+[A-Za-z_]\w*(?:[ \t]|\Z)")),
    (
        "zsh",
        re.compile(r"\A(?:setopt|unsetopt|autoload|compinit|zstyle|bindkey|zmodload)(?=\s|\Z)"),
    ),
    ("nushell", re.compile(r"\A\$env\.[A-Za-z_]\w*[ \t]*=")),
)
"""Whose text it is, and how it reads, quotes blanked."""

_LANGUAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Python", re.compile(rf"\A(?:import (?:{_MODULES})(?=\s|\Z)|from [\w.]+ import \w|print\()")),
    ("SQL", re.compile(r"\A(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\s[^\n]*;[ \t]*(?:\n|\Z)")),
    ("SQL", re.compile(r"\A(?:CREATE|DROP|ALTER) (?:TABLE|DATABASE|USER|ROLE|INDEX|SCHEMA)\s")),
    ("SQL", re.compile(r"\AGRANT [A-Z, ]+ ON\s")),
    ("JavaScript", re.compile(r"\A(?:const|let|var)[ \t]+[\w{][^\n=]*=[ \t]|\Aconsole\.log\(")),
    ("a comment of another language", re.compile(r"\A(?://(?=\s)|/\*)")),
    (
        "an HTTP request",
        re.compile(r"\A(?:GET|POST|PUT|PATCH|DELETE) /\S*(?: HTTP/[\d.]+)?[ \t]*(?:\n|\Z)"),
    ),
    (
        "a Dockerfile",
        re.compile(
            r"\A(?:FROM [\w./:-]+(?: AS \w+)?|WORKDIR /\S*|ENTRYPOINT \[|RUN \w)[^\n]*(?:\n|\Z)"
        ),
    ),
    ("XML or HTML", re.compile(r"\A<(?:\?xml|!DOCTYPE|!--|html|div|project|configuration)\b")),
    ("JSON", re.compile(r"\A\{\s*\"[\w-]+\"[ \t]*:")),
)
"""Which language it is, and how it reads; where a prompt of its own may be open, it is for that."""


def other_text(subject: Subject) -> Iterator[Flaw]:
    """Find the text of another shell or language in a block of shell."""
    is_open = False
    for block in subject.runbook.blocks:
        if block.commands and block.options.skip is None:
            for is_it, what in (
                (is_settings, "a file of settings"),
                (is_listing, "a tree of files"),
            ):
                if is_it(block):
                    message = f"this block shows {what}, no commands; mark it ini, toml or text"
                    yield subject.flaw("other-shell", block.line, message)
    for command in subject.commands:
        bare = unquoted(command.text)
        whose, found = _first(_DIALECTS, bare)
        if found is None and not is_open:
            whose, found = _first(_LANGUAGES, command.text)
        if found is not None:
            shown = command.text[found.start() : found.end()].strip().partition("\n")[0]
            message = f"`{shown}` is {whose}, not bash; mark the block as that, or skip it"
            at = command.text.find(shown, found.start())
            yield subject.flaw_in(command, "other-shell", message, span=(at, at + len(shown)))
        is_open = is_open or _opens(command)


def _first(
    rows: tuple[tuple[str, re.Pattern[str]], ...], text: str
) -> tuple[str, re.Match[str] | None]:
    for whose, pattern in rows:
        if found := pattern.search(text):
            return whose, found
    return "", None


_CLIENT = re.compile(
    r"(?:^|[\s;&|/])(?:psql|mysql|mariadb|sqlite3|python[\d.]*|ipython|node|mongosh?|irb|redis-cli"
    r"|cqlsh|telnet|nc|openssl)(?=\s|\Z)"
)


def _opens(command: Command) -> bool:
    """Tell whether what stands below may be typed into a program that this one opened."""
    return _CLIENT.search(command.text) is not None


_WINDOWS = re.compile(
    r"(?<![^\s=\"'])(?P<path>[A-Za-z]:\\[\w.()\\-]{1,200}"
    r"|(?:\.{1,2}|~)\\[A-Za-z_][\w.\\-]{0,200}"
    r"|[\w.-]{1,60}\\(?:Scripts|bin|Debug|Release)\\[\w.\\-]{1,100}"
    r"|[\w.-]{1,60}\\[\w\\-]{1,100}\.(?:exe|bat|cmd|ps1|sln|csproj|vcxproj))(?=[\s;&|\"']|\Z)"
)


def windows_paths(subject: Subject) -> Iterator[Flaw]:
    """Find paths with backslashes, which bash takes away."""
    for command in subject.commands:
        bare = unquoted(command.text) if "\\" in command.text else ""
        for found in _WINDOWS.finditer(bare):
            message = f"`{found['path']}` is a path of Windows; write it with `/`"
            yield subject.flaw_in(command, "windows-path", message, span=found.span("path"))
