"""Where in a template a part of its bead comes from: the line to mend."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile

from freshrun.model import Command, Runbook
from freshrun.triage.bead_fields import LABELS, Deviation

_FLAGS = {
    "title": r"--title\b|\bbd (?:create|new)\b",
    "issue_type": r"--type\b|-t\b",
    "priority": r"--priority\b|-p\b",
    LABELS: r"--labels\b|-l\b",
    "assignee": r"--assignee\b|-a\b",
    "external_ref": r"--external-ref\b",
    "acceptance_criteria": r"--acceptance\b",
    "design": r"--design\b",
    "notes": r"--notes\b",
    "description": r"--body-file\b|--description\b|-d\b",
}
"""The flags of `bd create`, by the key of the bead's JSON that they fill."""

GIVEN = frozenset(_FLAGS)
"""The keys of a bead's JSON that a template can fill."""

_NAMED = re.compile(r"[-*+] [*_]*(\w[\w ]*)[*_]*:")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")


def blamed(runbook: Runbook, commands: Iterable[Command], deviation: Deviation) -> int | None:
    """Return the line that makes a part of the bead wrong, `None` where it can't be told.

    `commands` are the template's own. A line that uses the variable of each value that is missing
    is right: then the variable's assignment is wrong.
    """
    lines = tuple(_lines(tuple(commands), deviation.key))
    if not lines:
        return None
    wanted = re.sub(r"\{(\w+)\}", lambda name: f"${variable_of(name[1])}", deviation.template)
    line, text = max(lines, key=lambda one: _likeness(one[1], wanted))
    used = set(_VARIABLE.findall(text))
    for name in deviation.lacking:
        variable = variable_of(name)
        if variable in used and (set_at := _assigned(runbook, variable)):
            return set_at
    return line


def variable_of(name: str) -> str:
    """Return the shell variable of a field of the diagnostics: TENANT_IDS of `tenantIds`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def flags_used(commands: Iterable[Command]) -> Iterator[tuple[str, int]]:
    """Yield the keys of the bead's JSON that `bd create` is given, each with its line."""
    for command in commands:
        for line, text in _numbered(command) if "bd create" in command.text else ():
            shown = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
            for key, flag in _FLAGS.items():
                if key != "title" and re.search(rf"(?<!\S)(?:{flag})", shown):
                    yield key, line


def headed(commands: Iterable[Command]) -> Iterator[tuple[str, int]]:
    """Yield the `- name:` lines that a template writes, each with its line, and its headings.

    A heading with nothing but such lines under it says nothing itself.
    """
    for command in commands:
        lines = list(_numbered(command)) if "<<" in command.text else []
        for position, (line, text) in enumerate(lines):
            if named := _NAMED.match(text):
                yield f"{named[1]}:", line
            elif text.startswith("##") and _says_more(lines[position + 1 :]):
                yield text.strip().rstrip(":"), line


def _says_more(lines: Iterable[tuple[int, str]]) -> bool:
    below = takewhile(lambda text: not text.startswith("#"), (text for _, text in lines))
    return any(text.strip() and not _NAMED.match(text) for text in below)


def _lines(commands: tuple[Command, ...], key: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of the template that make a part of the bead."""
    if key.startswith("#"):
        yield from _below(commands, key)
    elif key.endswith(":"):
        pattern = rf"^\s*(?:[-*+] )?[*_]*{re.escape(key)}"
        yield from _matching(commands, pattern)
    elif key in _FLAGS:
        creating = [command for command in commands if "bd create" in command.text]
        yield from _matching(creating, rf"(?:^|\s)(?:{_FLAGS[key]})")


def _likeness(text: str, wanted: str) -> float:
    """Return how near a line is to what it should be; all are as near where that is not known."""
    if not wanted:
        return 0.0
    return (wanted in text) + SequenceMatcher(None, text, wanted).ratio()


def _below(commands: tuple[Command, ...], heading: str) -> Iterator[tuple[int, str]]:
    """Yield the lines below a heading but for `- name:` ones, or else the heading's own."""
    for command in commands:
        lines = tuple(_numbered(command))
        start = next((n for n, (_, text) in enumerate(lines) if text.strip() == heading), None)
        if start is not None:
            below = takewhile(lambda one: not one[1].startswith("#"), lines[start + 1 :])
            said = [one for one in below if one[1].strip() and not _NAMED.match(one[1])]
            yield from said or [lines[start]]


def _matching(commands: Iterable[Command], pattern: str) -> Iterator[tuple[int, str]]:
    for command in commands:
        yield from (one for one in _numbered(command) if re.search(pattern, one[1]))


def _assigned(runbook: Runbook, variable: str) -> int | None:
    """Return the last line of the document that sets a variable."""
    pattern = rf"(?:^|[\s;(]){variable}="
    lines = [line for line, _ in _matching(runbook.commands, pattern)]
    return lines[-1] if lines else None


def _numbered(command: Command) -> Iterator[tuple[int, str]]:
    yield from enumerate(command.text.splitlines(), command.line)
