"""Code in other languages: the variables that it reads from its environment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_KEY = r"""["'](?P<{0}>[A-Za-z_]\w*)["']"""
_PYTHON = (
    r"environb?\[" + _KEY.format("needed") + r"\](?!\s*=[^=])",
    r"(?:environb?\s*\.\s*(?:get|pop)|getenvb?)\(\s*" + _KEY.format("asked"),
    _KEY.format("tested") + r"\s+(?:not\s+)?in\s+(?:os\.)?environ\b",
)
_PERL = (r"\$ENV\{\s*[\"']?(?P<asked>[A-Za-z_]\w*)[\"']?\s*\}",)
_RUBY = (
    r"\bENV\[" + _KEY.format("asked") + r"\]",
    r"\bENV\.fetch\(?\s*" + _KEY.format("needed"),
)
_NODE = (
    r"process\.env\.(?P<asked>[A-Za-z_]\w*)",
    r"process\.env\[" + _KEY.format("needed") + r"\]",
)
_PHP = (
    r"getenv\(\s*" + _KEY.format("asked"),
    r"\$_(?:ENV|SERVER)\[" + _KEY.format("needed") + r"\]",
)
_AWK = (r'\bENVIRON\[\s*"(?P<asked>[A-Za-z_]\w*)"\s*\]',)
_JQ = (
    r"(?:\$ENV|(?<![\w.$])env)\s*\.\s*\"?(?P<asked>[A-Za-z_]\w*)",
    r"(?:\$ENV|(?<![\w.$])env)\s*\[\s*\"(?P<tested>[A-Za-z_]\w*)\"",
)
_GO = (r"os\.(?:Getenv|LookupEnv)\(\s*\"(?P<asked>[A-Za-z_]\w*)\"",)
_RUST = (r"env::var(?:_os)?\(\s*\"(?P<asked>[A-Za-z_]\w*)\"",)
_C = (r"getenv\(\s*\"(?P<asked>[A-Za-z_]\w*)\"",)

_LANGUAGES: Sequence[tuple[str, str, Sequence[str]]] = (
    (r"python[\d.]*", r"py", _PYTHON),
    (r"perl", r"pl|pm", _PERL),
    (r"ruby", r"rb", _RUBY),
    (r"node|deno|bun", r"[cm]?[jt]s", _NODE),
    (r"php", r"php", _PHP),
    (r"[gmn]?awk", r"awk", _AWK),
    (r"jq|gojq|yq|gh", r"jq", _JQ),
    (r"go", r"go", _GO),
    (r"cargo", r"rs", _RUST),
    (r"cc", r"c|cc|cpp|h", _C),
)
"""Name of the program, ending of its files, and how its code reads a variable."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A variable that a text of code reads in `line`; `needed` where it fails without."""

    name: str
    line: int
    needed: bool


def read_in_command(program: str, texts: Sequence[str]) -> tuple[Reading, ...]:
    """Return what the code in a command's words, and in its here-document, reads."""
    for name, _, patterns in _LANGUAGES:
        if re.fullmatch(name, program):
            return tuple(_read("\n".join(texts), patterns))
    return ()


def read_in_file(path: str, text: str) -> tuple[Reading, ...]:
    """Return what a source file reads, by the ending of its name."""
    ending = path.rpartition(".")[2]
    for _, endings, patterns in _LANGUAGES:
        if re.fullmatch(endings, ending):
            return tuple(_read(text, patterns))
    return ()


def _read(text: str, patterns: Sequence[str]) -> Iterator[Reading]:
    for pattern in patterns:
        for found in re.finditer(pattern, text):
            name = next(value for value in found.groupdict().values() if value)
            needed = found.groupdict().get("needed") is not None
            yield Reading(name, text.count("\n", 0, found.start()) + 1, needed)
