"""What a document's prose mentions: IDs, leaves, owners, channels and exit statuses in sentences.

Tables are held against each other elsewhere; a name in a sentence is held here against the names
that are known.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from freshrun.checklist.contract import contract_of
from freshrun.model import Finding, Runbook, did_you_mean

_STATUS = re.compile(r"\b(?P<word>[Gg]reen|[Rr]ed)\b[^.;]*?\bexit status (?P<status>\d+)")


def prose(document: Runbook) -> Iterator[tuple[int, str]]:
    """Yield the lines that stand in no block of commands, tables among them, with their numbers."""
    inside = {
        line
        for section in document.sections
        for block in section.blocks
        for line in range(block.line, block.end_line + 1)
    }
    for number, line in enumerate(document.text.split("\n"), start=1):
        if number not in inside:
            yield number, line


def unknown_ids(
    runbook: Runbook, *, documents: Iterable[Runbook], known: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Yield the IDs in `documents` that nobody knows; `known` are those of each kind of ID."""
    scans = {(row.id, row.scan) for row in contract_of(runbook).locations.rows if row.id in known}
    for document in documents:
        for number, line in enumerate(document.text.split("\n"), start=1):
            for name, scan in sorted(scans, key=lambda one: one[0]):
                for value in dict.fromkeys(found[0] for found in scan.finditer(line)):
                    if value not in known[name]:
                        hint = did_you_mean(value, known[name])
                        message = f"{value} is no {name} that the suite can report{hint}"
                        yield Finding(document.path, number, message)


def unknown_leaves(runbook: Runbook, *, known: Collection[str]) -> Iterator[Finding]:
    """Yield the sentences that send a reader to a leaf which the tree does not have."""
    for number, line in prose(runbook):
        for leaf in re.findall(r"\b[Ll]eaf (\d+)\b", line):
            if leaf not in known:
                yield Finding(runbook.path, number, f"there is no leaf {leaf}")


def unknown_teams(runbook: Runbook, *, known: Collection[str]) -> Iterator[Finding]:
    """Yield the teams of the owners' organizations that the text names and nobody knows."""
    organizations = {re.escape(team.partition("/")[0]) for team in known if "/" in team}
    if not organizations:
        return
    team = re.compile(rf"(?<![\w/.@:-])@?((?:{'|'.join(sorted(organizations))})/[\w-]+)(?![\w/-])")
    own = "/".join((runbook.settings.repository or "").removesuffix(".git").split("/")[-2:])
    for number, line in prose(runbook):
        for name in team.findall(line):
            if name not in {*known, own}:
                message = f"{name} is no team of the ownership file{did_you_mean(name, known)}"
                yield Finding(runbook.path, number, message)


def unknown_channels(runbook: Runbook, *, known: Collection[str]) -> Iterator[Finding]:
    """Yield the channels, as `#name` in backticks, in which no owner is reached."""
    for number, line in prose(runbook):
        for name in re.findall(r"`(#[a-z][\w-]*)`", line):
            if name not in known:
                message = f"nobody is reached in {name}{did_you_mean(name, known)}"
                yield Finding(runbook.path, number, message)


def other_statuses(runbook: Runbook, *, block: str, green: int, red: int) -> Iterator[Finding]:
    """Yield the sentences about a named block that give a green or red run another exit status."""
    sections = [s for s in runbook.sections if any(b.options.name == block for b in s.blocks)]
    starts = [section.line for section in runbook.sections]
    for first in (section.line for section in sections):
        end = min((start for start in starts if start > first), default=len(runbook.text))
        for number, line in ((n, text) for n, text in prose(runbook) if first <= n < end):
            for told in _STATUS.finditer(line):
                right = green if told["word"].lower() == "green" else red
                if int(told["status"]) != right:
                    message = f"{block}: exit status {told['status']} of a {told['word'].lower()}"
                    yield Finding(runbook.path, number, f"{message} run; {right} is right")
