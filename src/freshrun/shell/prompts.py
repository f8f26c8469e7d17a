"""The prompts of a transcript: which lines begin with one, and whose it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """Where what is typed begins in a line that begins with a prompt, and whether root types it."""

    end: int
    root: bool = False


def prompts(lines: Sequence[str]) -> Mapping[int, Prompt]:
    """Return the prompts among the lines of a transcript, by index.

    `$ ` is one, and each sign with a name in front of it: `(venv) $ `, `user@host:~$ `,
    `[user@host dir]# `, `bash-5.2$ `, `/app # `. Beside these, `# ` is root's where the line reads
    as a command. Only in a text without any of them each `# ` is root's, if no line after one reads
    as a comment; else each `% ` is one; else each `> `.
    """
    found = {n: sure for n, line in enumerate(lines) if (sure := _sure(line)) is not None}
    if found:
        found |= {n: Prompt(1, root=True) for n, line in enumerate(lines) if _is_roots(line)}
        return dict(sorted(found.items()))
    if any(map(_HASH.match, lines)):
        return {} if any(map(_PROSE.match, lines)) else _each(_HASH, lines, root=True)
    if any(map(_PERCENT.match, lines)):
        return _each(_PERCENT, lines)
    return _each(_ANGLE, lines) if any(map(_is_angle, lines)) else {}


def begins_with_prompt(line: str, *, angle: bool = False) -> bool:
    """Tell whether a line shows by itself that somebody is at a prompt; `> ` too where `angle`."""
    return _sure(line.lstrip()) is not None or (angle and _is_angle(line))


def indentation(lines: Sequence[str]) -> str:
    """Return the blanks that stand before the first prompt."""
    first = next((line for line in lines if begins_with_prompt(line)), "")
    return first[: len(first) - len(first.lstrip())]


_DOLLAR, _HASH, _PERCENT, _ANGLE = (
    re.compile(rf"{mark}(?=\s|$)") for mark in (r"\$", "#", "%", ">")
)
_NAMED = re.compile(
    r"(?=[(\[\w/~])"
    r"(?:\([\w.-]+\)\s*)?"  # an environment
    r"(?:\[[\w.-]+@[\w.-]+[:\s][^\s\]]+\]\s?"
    r"|[\w.-]+@[\w.-]+(?:[:\s]\s?[~/][^\s$#%>]*)?\s?"
    r"|(?:ba|z|k|da)?sh-\d[\d.]*"
    r"|[~/][\w./-]*\s(?=[$#]))?"
    r"(?P<sign>[$%#>])(?=\s|$)"
)
"""A prompt that says who, where, or in which environment."""


def _sure(line: str) -> Prompt | None:
    """Return the prompt of a line that nobody takes for anything else."""
    if _DOLLAR.match(line):
        return Prompt(1)
    found = _NAMED.match(line)
    return found and Prompt(found.end(), root=found["sign"] == "#")


def _each(sign: re.Pattern[str], lines: Sequence[str], *, root: bool = False) -> dict[int, Prompt]:
    return {n: Prompt(1, root=root) for n, line in enumerate(lines) if sign.match(line)}


_PROSE = re.compile(
    r"#\s+([A-Z]|\S+[,:;]\s|(a|an|and|for|from|if|in|it|note|on|or|see|the|then|this|to|use|using"
    r"|via|when|with|you)\s(?!.*;))"
)
"""A comment, which no root has typed at the prompt `# `."""
_WORDS_OF_PROSE = re.compile(
    r"\s(a|an|all|and|any|are|as|be|by|each|for|from|if|in|into|is|it|its|of|on|or|our|so|than|that"
    r"|the|then|there|these|this|to|up|we|when|with|you|your)(\s|$)|[,;:.!?](\s|$)"
)
_COMMANDS = (
    "apk|apt|apt-get|aptitude|cat|chmod|chown|cp|curl|dnf|docker|dpkg|echo|exit|export|grep|groupadd"
    "|gpasswd|iptables|journalctl|kubectl|ln|ls|mkdir|modprobe|mount|mv|nft|passwd|pip3?|podman"
    "|pwd|rm|rmdir|rpm|sed|service|su|sysctl|systemctl|tar|tee|test|touch|ufw|umount|update-\\S+"
    "|useradd|userdel|usermod|visudo|wget|whoami|yum|zypper"
)
_ROOTS = re.compile(rf"#\s(?:[\w./-]*/)?(?:{_COMMANDS}|\./\S+|/\S+)(?=\s|$)")


def _is_roots(line: str) -> bool:
    """Tell whether a line after `# `, where others stand after `$ `, is a command of root's.

    A comment is far more common there: only a program that administrators know, followed by words
    that are no sentence, is one.
    """
    known = _ROOTS.match(line)
    return known is not None and not _WORDS_OF_PROSE.search(line[known.end() :])


def _is_angle(line: str) -> bool:
    """Tell whether a line begins with the prompt `> `; before a path alone, that empties a file."""
    return bool(_ANGLE.match(line)) and not re.fullmatch(r">\s*\S*[./$]\S*", line)
