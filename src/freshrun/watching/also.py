"""What else is wrong with a document, behind its first failure."""

from typing import TextIO

from freshrun import report
from freshrun.model import Status
from freshrun.rehearsal import Run

_HEADING = "also, if that were right"


def tell_also(run: Run, stream: TextIO) -> None:
    """Type what a failure of a run has left, in its machine, and tell what fails of it.

    The verdict has been told, and does not change.
    """
    tried = failed = 0
    for outcome in run.tried_on():
        tried += outcome.status in {Status.PASSED, Status.FAILED}
        if outcome.status is Status.FAILED:
            lines = "".join(f"  {line}\n" for line in report.cause_lines(outcome))
            stream.write(f"{lines}" if failed else f"\n{_HEADING}:\n{lines}")
            failed += 1
        stream.flush()
    if failed:
        stream.write(f"  {tried - failed} of {report.count(tried, 'command')} behind it pass\n")
    elif tried:
        stream.write(f"\n{_HEADING}: {report.count(tried, 'command')} behind it would pass\n")
    stream.flush()
