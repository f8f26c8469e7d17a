"""A record for a GitHub workflow: annotations on the document.

GitHub looks for a file from the repository's root, wherever the run began, and shows the first ten
of each kind that a step gives: what decides comes first, and what is left out is counted.
"""

import re
from collections.abc import Iterator

from freshrun.model import ChecklistItem, Outcome, Record, Status
from freshrun.report import words

_PLACE = re.compile(r"^(?P<file>[^\s:]+\.(?:md|markdown|ya?ml)):(?P<line>\d+)")

_SHOWN = 10
"""How many errors of a step GitHub shows, how many warnings, and how many notices."""


def annotations(record: Record) -> str:
    """Return workflow commands: errors for what failed, the cause first, then what is to be known.

    The paths in them are from the repository's root.
    """
    kinds = (_errors(record), _warnings(record), _notices(record))
    return "\n".join(line for kind in kinds for line in _first(list(kind)))


def _first(lines: list[str]) -> Iterator[str]:
    """Yield what GitHub shows of one kind; the last one says how many there are more."""
    left = len(lines) - _SHOWN
    yield from lines if left <= 0 else lines[: _SHOWN - 1]
    if left > 0:
        level = lines[0][2:].partition(" ")[0]
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
