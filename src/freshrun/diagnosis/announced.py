"""What the text around a command says about its end, and what it showed of another run."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from freshrun.diagnosis.case import NOT_EXECUTABLE, NOT_FOUND, Case, either, prose, quoted, token
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.document import mismatch
from freshrun.model import Block, BlockKind, Ending

_STATUS = re.compile(
    r"\b(?:exit(?:s|ed|ing)?|(?:ends?|returns?|terminates?)(?= .{0,100}(?:exit|status)))(?: with)?"
    r"(?: an?| the)?(?: exit)?(?: status| code| value)?(?: of| is|:)? `?(?P<status>\d{1,3})\b"
)
_FAILS = either(
    r"(?i)\b(?:will|should|must|is (?:expected|meant|supposed) to) fail\b",
    r"\b(?:intentionally|deliberately) fails?\b",
    r"\b(?:command|it|this|that|which|build|tests?|run|step)(?: \w+)? fails\b",
    r"\b(?:error|failure)(?: \w+)? is (?:expected|intended|normal|deliberate)\b",
    r"\bexpected (?:error|failure)\b",
    r"\bexpect(?:s|ed)? (?:an? |the |it |this )?(?:error|failure|to fail)\b",
    r"\b(?:exits?|returns?|ends?)(?: with)?(?: an?)? non-?zero\b",
    r"#\s*(?:this )?fails\b",
)
_UNSURE = re.compile(
    r"(?i)\b(?:if|when|whenever|unless|in case|otherwise|might|may|could|sometimes|until|not|never"
    r"|troubleshoot\w*|cannot)\b|n't\b"
)
_NEAR = 6
"""Lines of prose before and after a block that are taken to speak of it."""


def documented_failure(case: Case) -> Diagnosis | None:
    """Find a failure that the text or a transcript announces, where the block has no `exit=`."""
    code = case.outcome.exit_code
    if not code or case.command.options.exit or case.outcome.ending is Ending.TIMED_OUT:
        return None
    remedy = f"say `exit={code}` in the block's info string"
    for where, sentence in _sentences(case):
        if _announces(sentence, code):
            hint = f"{where} says {quoted(sentence)}, so it is meant to fail: {remedy}"
            return Diagnosis(Cause.DOCUMENTED_FAILURE, hint)
    if _as_promised(case):
        hint = f"it printed what the document shows below it, so it is meant to fail: {remedy}"
        return Diagnosis(Cause.DOCUMENTED_FAILURE, hint)
    return None


def _announces(sentence: str, code: int) -> bool:
    """Tell whether it says this status, or, of a program that could run, that it fails."""
    if _UNSURE.search(sentence):
        return False
    found = _STATUS.search(sentence)
    if found is not None:
        return int(found["status"]) == code
    return code not in {NOT_EXECUTABLE, NOT_FOUND} and _FAILS.search(sentence) is not None


def _sentences(case: Case) -> Iterator[tuple[str, str]]:
    """Yield the sentences of comments in the command and of the prose around its block."""
    comments = re.findall(r"(?:^|\s)(#\s.*)", case.command.text)
    yield from ((f"{case.command.file}:{case.command.line}", each) for each in comments)
    if case.block is None:
        return
    around = _around(case.block, dict(prose(case.runbook)))
    for number, line in around:
        for sentence in re.split(r"(?<=[.!?:;])\s+", line.strip()):
            yield f"{case.runbook.path}:{number}", sentence


def _around(block: Block, lines: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Yield the prose before and after a block, up to a heading or to another block."""
    first, last = block.line, block.end_line
    for numbers in (range(first - 1, first - _NEAR - 1, -1), range(last + 1, last + _NEAR + 1)):
        for number in numbers:
            if number not in lines or lines[number].lstrip().startswith("#"):
                break
            yield number, lines[number]


_ELIDED = re.compile(r"\.\.\.|\u2026|<[A-Za-z_][\w-]*>|\[(?:\.\.\.|snip|cut|\u2026)\]")
_SAID = re.compile(r"\w")


def _as_promised(case: Case) -> bool:
    """Tell whether it printed what is shown; where only wildcards are, nothing is."""
    out, err = case.outcome.stdout.text, case.outcome.stderr.text
    promised = case.command.promised
    if not promised or not _SAID.search(_ELIDED.sub("", promised)):
        return False
    if case.outcome.exit_code == NOT_FOUND:
        return False
    met = mismatch(promised, (out + err, err + out), file=case.command.file, line=1)
    return met is None


# Values of another run.

_VALUES = re.compile(
    r"(?<![\w./-])(?P<value>[0-9a-f]{7,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{1,3}(?:\.\d{1,3}){3}|\d{4}-\d\d-\d\d[T_ -]?[\d:]*|\d{3,}"
    r"|[\w-]+-[0-9a-f]{6,10}-[a-z0-9]{5})(?![\w-])"
)
"""Hashes, ids, addresses, times, process ids, and the names of pods."""

_OWN = re.compile(
    r"\bkill\b[^\n;|&]{0,200}?\s(?P<pid>\d{2,})\b|/tmp/(?:tmp\.)?(?P<tmp>tmp\w{6,}|\w{10})\b"
    r"|\b(?P<container>(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{12})\b"
)
"""Values that are made anew on every run, wherever they come from."""

_MISSED = re.compile(
    r"[Nn]o such|not found|unknown|bad (?:object|revision)|did not match|does not exist|invalid"
    r"|ambiguous argument|not a child|[Cc]ould(?:n't| not)|timed out|unreachable"
)


def hard_coded(case: Case) -> Diagnosis | None:
    """Find a value of the text that the failure misses and that another run had printed.

    What the earlier commands printed this time is not looked at: that the value is shown as output
    before, or is of a kind that no two runs share, is the evidence.
    """
    own = list(_own(case.command.text))
    values = dict.fromkeys([each["value"] for each in _VALUES.finditer(case.command.text)] + own)
    for line in case.lines:
        for value in _named(values, line) if _MISSED.search(line) else ():
            if where := _shown_before(case, value):
                said = f"`{value}` is what {where} shows of another run"
            elif value in own:
                said = f"`{value}` is of a kind that differs on each run"
            else:
                continue
            return Diagnosis(Cause.HARD_CODED_VALUE, f"{said} ({quoted(line)})")
    return None


def _own(text: str) -> Iterator[str]:
    """Yield the values of a command that are made anew on every run."""
    yield from (value for each in _OWN.finditer(text) for value in each.groups() if value)


_MANY = 10
"""Values in one line that are looked for in the document."""


def _named(values: Iterable[str], line: str) -> Iterator[str]:
    """Yield the values of the command that the line names."""
    return islice((value for value in values if value in line), _MANY)


def _shown_before(case: Case, value: str) -> str:
    """Return where the value stands in an output that the document shows before the command."""
    for command in case.earlier:
        if _holds(command.text, value):
            return ""
        if _holds(command.promised or "", value):
            return f"the output below {command.file}:{command.line}"
    for block in case.runbook.blocks:
        shows = block.kind is BlockKind.OTHER and block.line < case.command.line
        if shows and _holds(block.text, value):
            line = block.line + 1 + block.text[: block.text.index(value)].count("\n")
            return f"{case.runbook.path}:{line}"
    return ""


def _holds(text: str, value: str) -> bool:
    return value in text and re.search(token(value), text) is not None
