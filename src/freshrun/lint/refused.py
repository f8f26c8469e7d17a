"""What bash refuses to read: no shell, a here-document without an end, a `!` of its history."""

import re
from collections.abc import Iterator

from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject
from freshrun.model import Command
from freshrun.shell import history_event, syntax_fault

_HERE_DOCUMENT = re.compile(r"unclosed here-document `(?P<end>[^`]*)`")


def refused(subject: Subject) -> Iterator[Flaw]:
    """Find the text that bash can't read, or waits to be ended."""
    for command in subject.commands:
        if not command.parses and (fault := syntax_fault(command.text)):
            line = command.text.split("\n")[fault.line - 1]
            start = sum(len(each) + 1 for each in command.text.split("\n")[: fault.line - 1])
            at = start + min(fault.column - 1, len(line))
            if found := _HERE_DOCUMENT.search(fault.why):
                yield _unclosed(subject, command, found["end"], at=at)
            else:
                message = f"bash can't read this: {fault.why}"
                yield subject.flaw_in(command, "syntax", message, span=(at, at))


def _unclosed(subject: Subject, command: Command, end: str, *, at: int) -> Flaw:
    rows = enumerate(command.text.split("\n"))
    meant = next((row for row, line in rows if row and line.strip().startswith(end)), None)
    said = f"no line closes this here-document: a line that is `{end}` and nothing else does"
    if meant is None:
        return subject.flaw_in(command, "unclosed-heredoc", said, span=(at, at))
    return subject.flaw_in(
        command, "unclosed-heredoc", f"{said}; line {command.line + meant} has more", span=(at, at)
    )


def history(subject: Subject) -> Iterator[Flaw]:
    """Find a `!` that bash at a prompt looks for in its history, and does not find there."""
    earlier: list[str] = []
    for command in subject.commands:
        event = history_event(command.text, earlier=earlier)
        earlier.append(command.text)
        # An output that was left in begins so; who means the history begins with what is there.
        is_first = event is not None and command.text.startswith(event.text)
        if event is not None and not event.found and not is_first:
            lines = command.text.split("\n")
            start = sum(len(line) + 1 for line in lines[: event.line - 1])
            at = max(command.text.find(event.text, start), start)
            message = (
                f"bash at a prompt takes `{event.text}` for a command of its history;"
                " write it in single quotes, or with a backslash outside of quotes"
            )
            span = (at, at + len(event.text))
            yield subject.flaw_in(command, "history-expansion", message, span=span)
