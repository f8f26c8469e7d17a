"""What a document leaves in its commands for nobody: placeholders, numbers of one run, secrets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from freshrun.runbook import Command


@dataclass(frozen=True, slots=True)
class LeftIn:
    """Text that is right for nobody, the command's line that has it, and what would be right."""

    line: int
    message: str


def left_in(command: Command) -> Iterator[LeftIn]:
    """Yield what stands in a command and is right for no reader."""
    typed = _without_here_documents(command.text)
    unquoted = _blank(typed, r"'[^']*'|\"[^\"]*\"|(?<!\S)#[^\n]*")
    for text, pattern, message in (
        (unquoted, _BRACKETS, "`{}` is left to be replaced; the shell takes < and > for files"),
        (unquoted, _OPTIONAL, "`{}` is left to be replaced; write what is really typed"),
        (typed, _WORDS, "`{}` is left to be replaced; use a variable that an earlier command sets"),
        (typed, _RUNS, "`{}` is one run, which will be gone; find the run with gh run list"),
        (typed, _TOKENS, "`{:.8}...` is a secret's value; take it from a variable, and revoke it"),
    ):
        for found in pattern.finditer(text):
            line = command.line + text.count("\n", 0, found.start())
            yield LeftIn(line, message.format(found["what"]))


_BRACKETS = re.compile(
    r"(?<![<\w$&\d])(?P<what><[A-Za-z][\w./:|-]*(?: [\w-]+)*>)(?=[\s/.:@,;)-]|$)", re.MULTILINE
)
_OPTIONAL = re.compile(
    r"(?<=\s)(?P<what>\[(?:options?|flags?|args?|arguments?)[^\]\n]*\]|\.\.\.)(?=\s|$)",
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
_HERE_DOCUMENT = r"<<-?[ \t]*(['\"\\]?)(?P<end>\w+)['\"]?(?P<rest>[^\n]*)\n.*?^\t*(?P=end)$"


def _without_here_documents(text: str) -> str:
    """Blank the bodies: what stands there may be another language's template."""
    found = re.finditer(_HERE_DOCUMENT, text, re.DOTALL | re.MULTILINE)
    for each in found:
        text = text[: each.start()] + _blanked(each) + text[each.end() :]
    return text


def _blank(text: str, pattern: str) -> str:
    return re.sub(pattern, _blanked, text)


def _blanked(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
