"""The text that a document has once its findings of one answer are mended."""

import difflib
import re
from collections.abc import Iterable

from freshrun.lint.flaw import Edit, Flaw

_LINES = re.compile(r"(?P<text>[^\r\n]*+)(?P<end>\r\n?|\n|\Z)")


def fixed(text: str, flaws: Iterable[Flaw]) -> str:
    """Return the document's text with every edit made; of two that overlap the first one."""
    pieces = [(found["text"], found["end"]) for found in _LINES.finditer(text)]
    for edit in _apart(edit for flaw in flaws for edit in flaw.edits):
        line, end = pieces[edit.line - 1]
        pieces[edit.line - 1] = (line[: edit.start] + edit.text + line[edit.end :], end)
    return "".join(line + end for line, end in pieces)


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits from the last place to the first, without those that meet another."""
    kept: list[Edit] = []
    for edit in sorted(set(edits), key=lambda each: (each.line, each.start)):
        if not kept or (edit.line, edit.start) >= (kept[-1].line, kept[-1].end):
            kept.append(edit)
    return kept[::-1]


def difference(before: str, after: str, *, name: str) -> str:
    """Return what a mended text changes, as `diff -u` shows it; nothing where it is the same."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        fromfile=name,
        tofile=name,
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
