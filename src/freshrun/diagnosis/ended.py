"""Outcomes that speak for themselves: a promise not kept, a shell that ended, a killed process."""

import re

from freshrun.diagnosis.case import SIGNALLED, Case, last_words, line_with, quoted, status, unknown
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.document import setter
from freshrun.diagnosis.noise import noise
from freshrun.document import meetings, printed_lines, promised_lines
from freshrun.model import Ending
from freshrun.session import unanswered
from freshrun.shell import names

_KILLED = SIGNALLED + 9


def unexpected_success(case: Case) -> Diagnosis | None:
    """Find a success where the document promises a failure."""
    promised, ended = case.command.options.exit, case.outcome.exit_code
    if promised == 0 or ended != 0:
        return None
    hint = f"the document promises exit status {promised}, but the command succeeds"
    return Diagnosis(Cause.UNEXPECTED_SUCCESS, hint)


def outside_band(case: Case) -> Diagnosis | None:
    """Find an end as promised that came too early or too late."""
    band, seconds = case.command.options.band, case.outcome.seconds
    if band is None or not case.as_documented or band[0] <= seconds <= band[1]:
        return None
    hint = f"it took {seconds:.2f} s, and the document says {band[0]:g} s to {band[1]:g} s"
    return Diagnosis(Cause.OUTSIDE_BAND, hint)


def other_output(case: Case) -> Diagnosis | None:
    """Find an end as promised with another output, and the wildcards for what is only noise."""
    if not case.outcome.diff or not case.as_documented:
        return None
    hint = (
        _columns(case)
        or _of_a_job(case)
        or _noise(case)
        or (
            "the diff shows the document's line and the printed one; "
            "`...` stands for any text, <name> for a value that differs on each run"
        )
    )
    return Diagnosis(Cause.OTHER_OUTPUT, hint)


def _columns(case: Case) -> str:
    """Return that the document shows in columns what `ls` prints one a line, off a terminal."""
    promised, printed = (case.command.promised or ""), case.outcome.stdout.text
    in_columns = len(promised_lines(promised)) < len(printed_lines(printed))
    lists = {"ls", "dir", "column"} & set(names(case.command.text).commands)
    if case.command.options.tty or not (lists and in_columns):
        return ""
    if sorted(promised.split()) != sorted(printed.split()):
        return ""
    return (
        f"`{min(lists)}` prints columns at a terminal only: give the block `tty`, or show one name "
        "a line"
    )


_BACKGROUND = re.compile(r"(?<!&)&\s*\Z")


def _of_a_job(case: Case) -> str:
    """Return that lines may be those of an earlier command that runs on in the background."""
    jobs = [each for each in case.earlier if _BACKGROUND.search(each.text)]
    promised = promised_lines(case.command.promised or "")
    printed = iter(printed_lines(case.outcome.stdout.text + case.outcome.stderr.text))
    if not jobs or not all(line in printed for line in promised):
        return ""
    job = jobs[-1]
    return (
        f"all that is promised is there, and more: what the job of {job.file}:{job.line} "
        f"(`{job.text.splitlines()[0]}`) prints in the background comes among it, unless it goes "
        "to a file"
    )


def _noise(case: Case) -> str:
    """Return what the output differs in, if any of it is only noise."""
    found = noise(
        case.command.promised or "",
        meetings(case.outcome.stdout.text, case.outcome.stderr.text),
        command=case.command.text,
        earlier=[command.text for command in case.earlier],
    )
    return found.hint(line=case.command.end_line + 1) if found else ""


def other_promise(case: Case) -> Diagnosis | None:
    """Keep what a command printed on its way to the promised exit status from being blamed."""
    return unknown(case) if case.as_documented else None


def killed(case: Case) -> Diagnosis | None:
    """Find a process that got KILL although nothing in the text sends a signal."""
    sends = re.search(r"\bkill\b|pkill|killall|\btimeout\b|\bexit\s+137\b", case.command.text)
    if case.outcome.exit_code != _KILLED or sends:
        return None
    limit = case.runbook.settings.memory
    hint = f"exit status 137 says SIGKILL, which is how a machine ends what exceeds its {limit}"
    return Diagnosis(Cause.OUT_OF_MEMORY, f"{hint} of memory; {last_words(case)}")


_CLOSERS = re.compile(r"(?<![\w/.-])(exit|exec|logout|kill)(?![\w/.-])")
_ERREXIT = r"\bset\s+(?:-[a-zA-Z]*e|-o\s+errexit)"


def shell_ended(case: Case) -> Diagnosis | None:
    """Find what closed the shell."""
    if case.outcome.ending is not Ending.SHELL_ENDED:
        return None
    how = status(case.outcome)
    errexit = line_with([*case.earlier, case.command], _ERREXIT)
    if closer := _CLOSERS.search(case.command.text):
        hint = f"`{closer[1]}` closed the shell ({how}), so the next command finds a new one"
    elif errexit:
        hint = f"`set -e` ({errexit}) closed the shell when a command failed ({how})"
    else:
        hint = f"the shell ended with the command ({how}); {last_words(case)}"
    return Diagnosis(Cause.SHELL_ENDED, hint)


_DEMANDED = re.compile(r"\$\{(\w+):?\?")


def required_variable(case: Case) -> Diagnosis | None:
    """Find the variable that the command itself demands with a text of its own."""
    for name in dict.fromkeys(_DEMANDED.findall(case.command.text)):
        for line in case.lines:
            if f"{name}: " in line and re.search(rf"(?:^|: ){name}: ", line):
                remark = setter(case, name)
                hint = f"`{name}` is not set{remark.text} ({quoted(line)})"
                return Diagnosis(remark.cause or Cause.UNSET_VARIABLE, hint)
    return None


def asked(case: Case) -> Diagnosis | None:
    """Find a prompt without an answer at the end of an output, or a `read` that got none."""
    if prompt := unanswered(case.outcome.stdout, case.outcome.stderr):
        hint = f"it asks {quoted(prompt)}, and stdin is empty: `stdin=` answers"
        return Diagnosis(Cause.WAITS_FOR_INPUT, hint)
    reads = names(case.command.text).commands[-1:] == ("read",) and case.outcome.exit_code == 1
    if reads and not case.lines:
        hint = "`read` finds end-of-file, as stdin is empty: `stdin=` answers"
        return Diagnosis(Cause.WAITS_FOR_INPUT, hint)
    return None
