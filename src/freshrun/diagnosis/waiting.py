"""What a command that was stopped for waiting at a terminal, or that drew a screen, wanted."""

from freshrun.diagnosis.case import Case
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.model import Ending
from freshrun.session import took_screen


def waiting(case: Case) -> Diagnosis | None:
    """Tell what a command waited for that was stopped for it."""
    if case.outcome.ending is not Ending.WAITING:
        return None
    return Diagnosis(Cause.WAITS_FOR_INPUT, _wanted(case))


def drew_a_screen(case: Case) -> Diagnosis | None:
    """Find a program that took the whole screen, and failed as nobody was there."""
    if not took_screen(case.outcome.stdout):
        return None
    hint = "it is a full-screen program and found nobody at a terminal: do it by a plain command"
    return Diagnosis(Cause.WAITS_FOR_INPUT, hint)


def _wanted(case: Case) -> str:
    if took_screen(case.outcome.stdout):
        return (
            "a full-screen program, such as an editor, waits for keys: "
            "write the file by a plain command, or end it with `tty` and `stdin=`"
        )
    if case.command.options.stdin is None:
        return "the document gives no answer: `stdin=` types one, or an option of the command does"
    return "it asks for more lines than `stdin=` has"
