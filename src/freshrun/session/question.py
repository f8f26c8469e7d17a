"""What a program asks of a person: a question at the end of its output, or the whole screen."""

import re

from freshrun.model import Output
from freshrun.text import shown

QUESTION = re.compile(
    "|".join(
        rf"(?:{asks})[ .:?]*$"
        for asks in (
            r"[\[(][Yy](?:es)?/[Nn]o?[^\])]{0,80}[\])]",
            r"[Pp]ass(?:word|phrase)[^:\n]{0,200}:",
        )
    )
    + r"|\b[Pp]ress (?:any key|enter)[^\n]*$"
    r"|^(?>[^\n]*?\b(?:[Ee]nter|[Nn]ame|[Ss]elect|[Cc]hoose|[Oo]verwrite|[Cc]ontinue)\b)"
    r"(?>[^\n]*[:?)>])[ .]*$"
    r"|\?[ .:]*$|^\? [^\n]*$"
)
"""How an output ends that waits for an answer: there is no newline after it."""

_TAKEN, _LEFT = b"\x1b[?1049h", b"\x1b[?1049l"
"""How a program takes the whole screen of a terminal (xterm's alternate screen), and leaves it."""


_LONGEST = 500
"""Characters of a line in which a question stands at its end."""


def unanswered(*outputs: Output) -> str:
    """Return the question at the very end of an output, without a newline after it."""
    for output in outputs:
        last = _last_line(output)[-_LONGEST:]
        if QUESTION.search(last):
            return last
    return ""


def took_screen(output: Output) -> bool:
    """Tell whether a program drew on the whole screen."""
    return _TAKEN in output.head or _TAKEN in output.tail


def holds_screen(output: Output) -> bool:
    """Tell whether a program that drew on the whole screen has not left it."""
    drawn = output.tail or output.head
    return drawn.rfind(_TAKEN) > drawn.rfind(_LEFT)


def _last_line(output: Output) -> str:
    end = output.tail or output.head
    return shown(end.rpartition(b"\n")[2].decode(errors="backslashreplace"))


_UNCLOSED = re.compile(r"here-document at line \d+ delimited by end-of-file \(wanted [`'](.+)'\)")


def awaited_end(printed: str) -> str:
    """Return the line that bash waits for at `> ` to close a here-document, empty where none is.

    Bash tells it of one that only the end of the text closed.
    """
    found = _UNCLOSED.search(printed)
    return found[1] if found else ""
