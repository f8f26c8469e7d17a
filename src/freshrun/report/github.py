"""A record for a GitHub workflow: annotations on the document, and the step's summary."""

import re
from collections.abc import Iterable, Iterator

from freshrun.model import ChecklistItem, Outcome, Record, Status
from freshrun.report import words

_SHOWN = 50
"""Failures told at length in a summary, which GitHub drops when it is over a megabyte."""

_PLACE = re.compile(r"^(?P<file>[^\s:]+\.(?:md|markdown|ya?ml)):(?P<line>\d+)")


def annotations(record: Record) -> str:
    """Return workflow commands: an error for each failure, a warning for each warning."""
    return "\n".join(_annotations(record))


def step_summary(record: Record) -> str:
    """Return Markdown for the file that `$GITHUB_STEP_SUMMARY` names."""
    failures = words.failures(record)
    left = len(failures) - _SHOWN
    parts = [
        *_heading(record),
        _checklist(record.checklist),
        _list("Stand-ins, not the real thing", record.place.stand_ins),
        *(_failure(outcome) for outcome in failures[:_SHOWN]),
        f"And {words.count(left, 'failure')} more: see the record." if left > 0 else "",
        _list("Warnings", words.warnings(record)[:_SHOWN]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _annotations(record: Record) -> Iterator[str]:
    if record.why_broken:
        yield _annotation("error", record.why_broken, title="The rehearsal is broken")
    for outcome in record.outcomes:
        yield from _of_command(outcome)
    for item in record.checklist:
        if item.status not in {Status.PASSED, Status.SKIPPED}:
            yield _of_item(item, runbook=record.runbook)
    for stand_in in record.place.stand_ins:
        yield _annotation("notice", stand_in, title="Stand-in, not the real thing")


def _of_command(outcome: Outcome) -> Iterator[str]:
    command = outcome.command
    for text in outcome.warnings:
        yield _annotation("warning", text, file=command.file, line=command.line)
    if outcome.status in words.BAD:
        first = command.text.partition("\n")[0]
        lines = [words.why(outcome), f"$ {first}", outcome.hint]
        yield _annotation(
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
        return _annotation("error", message, file=place["file"], line=place["line"], title=title)
    return _annotation("error", message, file=runbook, title=title)


def _annotation(level: str, message: str, **properties: str | int) -> str:
    """Return one workflow command, escaped as the runner's toolkit escapes it."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return words.plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _heading(record: Record) -> list[str]:
    verdict = f"{words.MARK[record.verdict]} {record.verdict.value}"
    return [
        f"## {verdict}: {_code(record.runbook)}",
        "; ".join(words.tallies(record)),
        _text(words.surroundings(record)),
        _strong(record.why_broken),
    ]


def _checklist(items: Iterable[ChecklistItem]) -> str:
    rows = [
        f"| {_text(item.name)} | {words.MARK[item.status]} {item.status.value} "
        f"| {_text(item.reason)} |"
        for item in items
    ]
    head = ["| Checklist item | Status | Reason |", "| --- | --- | --- |"]
    return "\n".join([*head, *rows]) if rows else ""


def _list(title: str, texts: Iterable[str]) -> str:
    lines = [f"* {_prose(text)}" for text in texts]
    return "\n".join([f"### {title}", "", *lines]) if lines else ""


def _failure(outcome: Outcome) -> str:
    printed = [*words.last_lines(outcome.stderr), *words.last_lines(outcome.stdout)]
    evidence = [words.plain(outcome.diff)] if outcome.diff else printed
    parts = [
        f"### {_code(words.where(outcome))} {outcome.status.value}: {_text(words.why(outcome))}",
        _fenced("\n".join([words.plain(outcome.command.text), *evidence])),
        f"{_strong(outcome.cause)}: {_prose(outcome.hint)}" if outcome.cause else "",
        *(f"Warning: {_prose(text)}" for text in outcome.warnings),
    ]
    return "\n\n".join(part for part in parts if part)


def _prose(text: str) -> str:
    """Return a sentence of ours, whose words between backticks are code."""
    parts = re.split("`([^`]+)`", words.plain(text))
    return "".join(_code(part) if odd % 2 else _text(part) for odd, part in enumerate(parts))


def _text(text: str) -> str:
    """Return the text as Markdown that shows it as it is, in one line that fits into a table."""
    line = re.sub(r"\s+", " ", words.plain(text))
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~&$@!])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+.)])", r"\1\\\2", escaped)  # else it may begin a list


def _strong(text: str) -> str:
    """Return the text as Markdown in bold, also where nothing of it can be seen."""
    return f"**{_text(text).strip() or '(nothing that can be seen)'}**" if text else ""


def _code(text: str) -> str:
    """Return a code span; its fence is longer than any in the text."""
    line = words.plain(text).replace("\n", " ") or " "
    ticks = "`" * (_longest_run(line) + 1)
    return f"{ticks}{line}{ticks}" if ticks == "`" else f"{ticks} {line} {ticks}"


def _fenced(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
