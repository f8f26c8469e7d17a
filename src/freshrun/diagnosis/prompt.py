"""What bash at a reader's prompt refuses, or waits for, whatever another shell makes of it."""

from freshrun.diagnosis.case import Case, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.model import Ending
from freshrun.session import awaited_end
from freshrun.shell import history_event


def history_expansion(case: Case) -> Diagnosis | None:
    """Tell of a `!` that bash takes for an event of its history: the line was never typed."""
    if case.outcome.ending is not Ending.NOT_RUN:
        return None
    event = history_event(case.command.text)
    if event is None:
        return None
    where = f"{case.command.file}:{case.command.line + event.line - 1}"
    hint = (
        f"{where}: bash at a prompt takes `{event.text}` for a command of its history;"
        " write it in single quotes, or with a backslash outside of quotes"
    )
    return Diagnosis(Cause.HISTORY, hint)


def read_on(case: Case) -> Diagnosis | None:
    """Tell of an `exec` that gives the shell a file to read its next lines from: never typed."""
    if case.outcome.ending is not Ending.NOT_RUN or not case.command.text.lstrip().startswith(
        "exec"
    ):
        return None
    hint = (
        "at a prompt the shell itself then reads that file, and ends with it; what is to read it"
        " takes it by a `< FILE` of its own"
    )
    return Diagnosis(Cause.SHELL_ENDED, hint)


def unclosed(case: Case) -> Diagnosis | None:
    """Tell of a here-document that no line closes, and of the line that was meant to."""
    end = next(filter(None, map(awaited_end, case.lines)), "")
    if not end or case.command.parses:
        return None
    lines = enumerate(case.command.text.split("\n"), case.command.line)
    meant = next(((n, line) for n, line in lines if line.strip().startswith(end)), None)
    right = f"a line that is `{end}` and nothing else closes it"
    if meant is None:
        return Diagnosis(Cause.SYNTAX_ERROR, f"the here-document is never closed: {right}")
    where = f"{case.command.file}:{meant[0]}"
    return Diagnosis(
        Cause.SYNTAX_ERROR,
        f"the here-document is never closed: {right}; {where} has {quoted(meant[1])}",
    )
