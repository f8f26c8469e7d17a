"""Records for a GitHub workflow: annotations on their documents.

GitHub looks for a file from the repository's root, wherever the run began, and shows the first ten
of each kind that a step gives: what decides comes first, and what is left out is counted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest

from freshrun.model import ChecklistItem, Outcome, Record, Status
from freshrun.report import words

_PLACE = re.compile(r"^(?P<file>[^\s:]+\.(?:md|markdown|ya?ml)):(?P<line>\d+)")

_SHOWN = 10
"""How many errors of a step GitHub shows, how many warnings, and how many notices."""


def annotations(records: Iterable[Record]) -> str:
    """Return workflow commands: errors for what failed, then what is to be known.

    The cause of each record comes before what else went wrong in any. The paths are from the
    repository's root.
    """
    kinds = {"error": _Kind(), "warning": _Kind(), "notice": _Kind()}
    for record in records:
        kinds["error"].add(_errors(record))
        kinds["warning"].add(_warnings(record))
        kinds["notice"].add(_notices(record))
    return "\n".join(line for level, kind in kinds.items() for line in kind.shown(level))


@dataclass(slots=True)
class _Kind:
    """What GitHub shows of one kind of annotations, by its rank in its record, and how many."""

    first: list[tuple[int, int, str]] = field(default_factory=list)
    count: int = 0

    def add(self, lines: Iterable[str]) -> None:
        """Take those of one more record, in the order of their weight."""
        for rank, line in enumerate(lines):
            self.first.append((rank, self.count, line))
            self.count += 1
        self.first = nsmallest(_SHOWN, self.first)

    def shown(self, level: str) -> Iterator[str]:
        """Yield them; the last one says how many there are more."""
        lines = [line for *_, line in self.first]
        yield from lines if self.count <= _SHOWN else lines[: _SHOWN - 1]
        if left := max(self.count - _SHOWN, 0):
            yield annotation(level, f"and {left + 1} more: see the record", title="More")


def _errors(record: Record) -> Iterator[str]:
    if record.why_broken:
        yield annotation("error", record.why_broken, title="The rehearsal is broken")
    for outcome in words.failures(record):
        yield _failure(outcome, record)
    for wanted in (words.BAD, {Status.NOT_REACHED}):
        for item in (item for item in record.checklist if item.status in wanted):
            yield _of_item(item, record)


def _warnings(record: Record) -> Iterator[str]:
    for outcome in record.outcomes:
        for text in outcome.warnings:
            file = _from_root(outcome.command.file, record)
            yield annotation("warning", text, file=file, line=outcome.command.line)
    for each in record.untyped:
        if each.counts:
            file = _from_root(record.runbook, record)
            yield annotation("warning", each.why, file=file, line=each.line, title="Not typed")


def _notices(record: Record) -> Iterator[str]:
    for stand_in in record.provenance.stand_ins:
        yield annotation("notice", stand_in, title="Stand-in, not the real thing")


def _failure(outcome: Outcome, record: Record) -> str:
    command = outcome.command
    first = command.text.partition("\n")[0]
    lines = [words.why(outcome), f"$ {first}", outcome.hint]
    return annotation(
        "error",
        "\n".join(line for line in lines if line),
        file=_from_root(command.file, record),
        line=command.line,
        endLine=command.end_line,
        title=outcome.cause or outcome.status.value,
    )


def _of_item(item: ChecklistItem, record: Record) -> str:
    title = f"{item.name}: {item.status.value}"
    message = item.reason or title
    if place := _PLACE.match(message):
        file = _from_root(place["file"], record)
        return annotation("error", message, file=file, line=place["line"], title=title)
    return annotation("error", message, file=_from_root(record.runbook, record), title=title)


def _from_root(file: str, record: Record) -> str:
    """Return a path as GitHub knows it: the run may have begun in a folder of the repository."""
    path = record.provenance.path
    if not path or file == record.runbook:
        return path or file
    began_in = path.removesuffix(record.runbook) if path.endswith(record.runbook) else ""
    return file if file.startswith("/") else f"{began_in}{file}"


def annotation(level: str, message: str, **properties: str | int) -> str:
    """Return one workflow command, escaped as the runner's toolkit escapes it."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return words.plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
