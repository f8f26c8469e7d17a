"""New outputs in an old document: only the lines that changed, and nothing else of the file."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from freshrun.document.promise import renewed
from freshrun.model import DocumentError, Outcome

_LINE_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


def update(path: Path, outcomes: Iterable[Outcome]) -> int:
    """Rewrite the promised outputs that differ from what was printed; return how many those were.

    Line endings, indentation and every other byte stay. `DocumentError` where the file is no
    longer the one that was rehearsed.
    """
    changed = [outcome for outcome in outcomes if outcome.diff]
    lines = _LINE_END.split(path.read_bytes().decode())
    for outcome in reversed(changed):
        _rewrite(lines, outcome, path=path)
    if changed:
        path.write_bytes("".join(lines).encode())
    return len(changed)


def _rewrite(lines: list[str], outcome: Outcome, *, path: Path) -> None:
    promised = outcome.command.promised or ""
    first = outcome.command.end_line
    old = promised.split("\n")
    there = lines[first : first + len(old)]
    if [line.rstrip("\r\n") for line in there] != [_margin(there, old) + text for text in old]:
        raise DocumentError(f"{path}:{first + 1}: the file has changed since it was rehearsed")
    ending = there[0][len(there[0].rstrip("\r\n")) :]
    new = renewed(promised, outcome.stdout.text + outcome.stderr.text)
    lines[first : first + len(old)] = [f"{_margin(there, old)}{text}{ending}" for text in new]


def _margin(there: Sequence[str], promised: Sequence[str]) -> str:
    """Return what stands before each promised line: the indentation of a list, marks of a quote."""
    line = there[0].rstrip("\r\n") if there else ""
    return line[: len(line) - len(promised[0])] if line.endswith(promised[0]) else ""
