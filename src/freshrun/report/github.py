"""A record for a GitHub workflow: annotations on the document."""

import re
from collections.abc import Iterator

from freshrun.model import ChecklistItem, Outcome, Record, Status
from freshrun.report import words

_PLACE = re.compile(r"^(?P<file>[^\s:]+\.(?:md|markdown|ya?ml)):(?P<line>\d+)")


def annotations(record: Record) -> str:
    """Return workflow commands: an error for each failure, a warning for each warning."""
    return "\n".join(_annotations(record))


def _annotations(record: Record) -> Iterator[str]:
    if record.why_broken:
        yield annotation("error", record.why_broken, title="The rehearsal is broken")
    for outcome in record.outcomes:
        yield from _of_command(outcome)
    for item in record.checklist:
        if item.status not in {Status.PASSED, Status.SKIPPED}:
            yield _of_item(item, runbook=record.runbook)
    for stand_in in record.provenance.stand_ins:
        yield annotation("notice", stand_in, title="Stand-in, not the real thing")


def _of_command(outcome: Outcome) -> Iterator[str]:
    command = outcome.command
    for text in outcome.warnings:
        yield annotation("warning", text, file=command.file, line=command.line)
    if outcome.status in words.BAD:
        first = command.text.partition("\n")[0]
        lines = [words.why(outcome), f"$ {first}", outcome.hint]
        yield annotation(
            "error",
            "\n".join(line for line in lines if line),
            file=command.file,
            line=command.line,
            endLine=command.end_line,
            title=outcome.cause or outcome.status.value,
        )


def _of_item(item: ChecklistItem, *, runbook: str) -> str:
    title = f"{item.name}: {item.status.value}"
    message = item.reason or title
    if place := _PLACE.match(message):
        return annotation("error", message, file=place["file"], line=place["line"], title=title)
    return annotation("error", message, file=runbook, title=title)


def annotation(level: str, message: str, **properties: str | int) -> str:
    """Return one workflow command, escaped as the runner's toolkit escapes it."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return words.plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
