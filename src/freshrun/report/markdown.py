"""Text of others in Markdown that shows it as it is."""

import re

from freshrun.report import words


class Markdown(str):
    """Text that is Markdown already: of ours, or escaped."""

    __slots__ = ()


def text(value: str) -> Markdown:
    """Return the text as Markdown that shows it as it is, in one line that fits into a table."""
    line = re.sub(r"\s+", " ", words.plain(value))
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~&$@!])", r"\\\1", line)
    return Markdown(re.sub(r"^(\d*)([-+.)])", r"\1\\\2", escaped))  # else it may begin a list


def prose(value: str) -> Markdown:
    """Return a sentence of ours, whose words between backticks are code."""
    parts = re.split("`([^`]+)`", words.plain(value))
    return Markdown(
        "".join(code(part) if odd % 2 else text(part) for odd, part in enumerate(parts))
    )


def strong(value: str) -> Markdown:
    """Return the text in bold, also where nothing of it can be seen."""
    return Markdown(f"**{text(value).strip() or '(nothing that can be seen)'}**")


def code(value: str) -> Markdown:
    """Return a code span; its fence is longer than any in the text."""
    line = words.plain(value).replace("\n", " ") or " "
    ticks = "`" * (_longest_run(line) + 1)
    return Markdown(f"{ticks}{line}{ticks}" if ticks == "`" else f"{ticks} {line} {ticks}")


def fenced(value: str) -> Markdown:
    """Return the text as a block, its lines as they are."""
    fence = "`" * max(3, _longest_run(value) + 1)
    return Markdown(f"{fence}text\n{value}\n{fence}")


def _longest_run(value: str) -> int:
    return max((len(run) for run in re.findall("`+", value)), default=0)
