"""What a document leaves in its commands for nobody: placeholders, numbers of one run, secrets."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject


def left_in(subject: Subject) -> Iterator[Flaw]:
    """Find what stands in a command and is right for no reader."""
    for command in subject.commands:
        last = 0
        for rule, message, found in sorted(_left_in(command.text), key=_start):
            if found.start("what") >= last:
                last = found.end("what")
                told = message.format(found["what"])
                yield subject.flaw_in(command, rule, told, span=found.span("what"))


def _start(each: tuple[str, str, re.Match[str]]) -> int:
    return each[2].start("what")


def _left_in(text: str) -> Iterator[tuple[str, str, re.Match[str]]]:
    """Yield the rule, the message, and what was found."""
    typed = _without_here_documents(text)
    unquoted = _blank(typed, r"'[^']*'|\"[^\"]*\"|(?<!\S)#[^\n]*")
    for rule, shown, pattern, message in (
        ("placeholder", unquoted, _BRACKETS, f"{_LEFT}; the shell takes < and > for files"),
        ("placeholder", unquoted, _OPTIONAL, f"{_LEFT}; write what is really typed"),
        ("placeholder", typed, _WORDS, f"{_LEFT}; use a variable that an earlier command sets"),
        (
            "one-run",
            typed,
            _RUNS,
            "`{}` is one run, which will be gone; find the run with gh run list",
        ),
        ("secret-value", typed, _TOKENS, _REVEALED),
    ):
        for found in pattern.finditer(shown):
            if not (_MARKS.fullmatch(found["what"]) and _SEARCHES.match(text)):
                yield rule, message, found


_MARKS = re.compile(r"(?:CHANGE|REPLACE)_?ME")
_SEARCHES = re.compile(r"\A(?:sudo\s+)?(?:git\s+)?(?:grep|e?grep|rg|ag|sed|perl|awk|find)\s")
"""What looks for such a mark, or replaces it, is right to name it."""


_LEFT = "`{}` is left to be replaced"
_REVEALED = "`{:.8}...` is a secret's value; take it from a variable, and revoke it"
_BRACKETS = re.compile(
    r"(?<![<\w$&\d])(?P<what><(?!(?:anonymous|none|unknown|nil|null|module|stdin|pending|eof)>)"
    r"[A-Za-z][\w./:|-]*(?: [\w-]+)*>)(?=[\s/.:@,;)-]|$)",
    re.MULTILINE,
)
_OPTIONAL = re.compile(
    r"(?:(?<=\s)|\A)(?P<what>\[(?:(?:options?|flags?|args?|arguments?)[^\]\n]{0,80}|sudo)\]"
    r"|\.\.\.)(?=\s|$)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?P<what>\bYOUR[_-]?[A-Z][A-Z0-9_-]*|\byour-[a-z][\w-]*|<(?:your|my|insert)\b[^<>\n]*>"
    r"|\b(?:CHANGE|REPLACE)_?ME\b|\b(?:INSERT|PUT)_\w+_HERE\b|/path/to/[\w./-]+"
    r"|(?<![\w.])v?[xX]\.[yY]\.[zZ]\b)"
)
_RUNS = re.compile(
    r"(?P<what>\bgh run (?:view|download|watch|rerun|cancel) \d{5,}|/actions/runs/\d{5,}"
    r"|\bRUN_ID=[\"']?\d{5,})"
)
_TOKENS = re.compile(
    r"\b(?P<what>gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20}|AKIA[A-Z0-9]{16}"
    r"|xox[abp]-[\w-]{20,}|sk-[A-Za-z0-9]{32,})\b"
)
_HERE_DOCUMENT = re.compile(r"<<-?[ \t]*+['\"\\]?(?P<end>\w++)")


def _without_here_documents(text: str) -> str:
    """Blank the bodies: what stands there may be another language's template."""
    lines = text.split("\n")
    places: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        places.setdefault(line.lstrip("\t"), []).append(index)
    index = 0
    while index < len(lines):
        start, end = _here_document(lines[index], places, after=index)
        if end:
            lines[index] = lines[index][:start] + " " * (len(lines[index]) - start)
            lines[index + 1 : end + 1] = [" " * len(line) for line in lines[index + 1 : end + 1]]
        index = max(end, index) + 1
    return "\n".join(lines)


def _here_document(line: str, places: Mapping[str, list[int]], *, after: int) -> tuple[int, int]:
    """Return where a here-document begins in a line, and the index of its last line, 0 for none.

    `places` are the indexes of the lines, by their text.
    """
    for found in _HERE_DOCUMENT.finditer(line):
        ends = places.get(found["end"], [])
        if (at := bisect_right(ends, after)) < len(ends):
            return found.start(), ends[at]
    return 0, 0


def _blank(text: str, pattern: str) -> str:
    return re.sub(pattern, _blanked, text)


def _blanked(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
