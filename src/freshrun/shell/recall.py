"""The lines that bash at a prompt remembers, and what it makes of one that names them: `sudo !!`.

The rules are those of bash 5.2 at a terminal, measured there: see the tests.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from freshrun.model import Command
from freshrun.shell.history import history_event, history_marks


def history_lines(typed: Sequence[Command]) -> tuple[str, ...]:
    """Return the lines of the history after some commands, each as it was carried out.

    Commands of one line are one entry. What `history -c` and `set +o history` do is heeded.
    """
    lines: list[str] = []
    silent = False
    for text in _lines(typed):
        if not silent:
            lines.append(_recalled(text, lines) or text)
        if _CLEARED.search(text):
            lines.clear()
        silent = _SILENCED.search(text) is not None or (silent and not _HEARD.search(text))
    return tuple(lines)


_CLEARED = re.compile(r"(?m)^\s*history\s+-\w*c")
_SILENCED = re.compile(r"(?m)^\s*set\s+\+o\s+history\b")
_HEARD = re.compile(r"(?m)^\s*set\s+-o\s+history\b")


def _lines(typed: Sequence[Command]) -> Iterator[str]:
    """Yield what stands on a line of its own; the text of a command may have its `;` or `&`."""
    for _, together in groupby(typed, lambda command: (command.file, command.line)):
        line, *others = (command.text for command in together)
        for text in others:
            line += f" {text}" if line.endswith((";", "&")) else f"; {text}"
        yield line


def recalled(command: Command, typed: Sequence[Command]) -> str | None:
    """Return what is carried out for a command that names earlier ones by a `!`.

    `None` where it names none, or where a reader's own history alone tells. What stands before it
    on its own line is not in the history yet.
    """
    if "!" not in command.text or history_event(command.text) is None:
        return None
    place = command.file, command.line
    above = [each for each in typed if (each.file, each.line) != place]
    return _recalled(command.text, history_lines(above))


def _recalled(text: str, earlier: Sequence[str]) -> str | None:
    if "\n" in text or history_event(text, earlier=earlier) is None:
        return None
    line, end = "", 0
    for at in history_marks(text):
        if at < end:
            continue
        found = _EVENT.match(text, at)
        meant = _meant(found, earlier) if found else None
        if found is None or meant is None:
            return None
        line, end = f"{line}{text[end:at]}{meant}", found.end()
    return line + text[end:]


_EVENT = re.compile(
    r"!(?:(?P<last>!)|-(?P<back>\d+)|\?(?P<within>[^?\n]+)\?|(?P<start>[\w./+=,@~]*[A-Za-z./_~]))?"
    r":?(?P<words>[$^*]|(?<=:)\d+)?(?![\w:%-])"
)
"""A number in the reader's own history, or a change of the line (`:s`), is none."""


def _meant(event: re.Match[str], earlier: Sequence[str]) -> str | None:
    """Return the line, or the words of it, that an event names."""
    if event["start"] is None and not (event["last"] or event["back"] or event["within"]):
        line = earlier[-1] if event["words"] else None
    else:
        line = _named(event, earlier)
    if line is None or "\n" in line:
        return None
    return _words(line, event["words"]) if event["words"] else line


def _named(event: re.Match[str], earlier: Sequence[str]) -> str | None:
    if event["back"]:
        back = int(event["back"])
        counted = earlier[-back:]
        # The reader's shell may keep a line once that is typed twice: HISTCONTROL says so.
        twice = any(one == other for one, other in pairwise(counted))
        return counted[0] if 0 < back <= len(earlier) and not twice else None
    start, within = event["start"] or "", event["within"] or ""
    lines = (line for line in reversed(earlier) if line.startswith(start) and within in line)
    return next(lines, None)


_WORD = re.compile(r"(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s<>&|();'\"\\`$]|\$(?!['\"({]))+")
_SIGN = re.compile(r"[<>&|();`]|\$[({'\"]")


def _words(line: str, which: str) -> str | None:
    """Return words of a line; where more than blanks part them, none can be told."""
    words = _WORD.findall(line)
    if _SIGN.search(_WORD.sub("", line)) or " ".join(words).split() != line.split():
        return None
    chosen = {"$": words[-1:], "^": words[1:2], "*": words[1:]}.get(which)
    if chosen is None:
        chosen = words[int(which) : int(which) + 1]
    return " ".join(chosen) if chosen or which == "*" else None
