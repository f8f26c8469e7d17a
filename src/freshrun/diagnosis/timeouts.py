"""What a command that was ended at its timeout was doing: asking, serving, waiting or working.

All that tells is the text and what was printed last, for an outcome does not say when.
"""

import re
from collections import Counter

from freshrun.diagnosis.case import Case, either, last_words, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.known import ALWAYS, KNOWN
from freshrun.diagnosis.signs import of_line
from freshrun.model import Ending
from freshrun.session import unanswered
from freshrun.shell import names

INTERACTIVE = {
    **dict.fromkeys(("vi", "vim", "nvim", "nano", "emacs", "ed", "pico", "visudo"), "an editor"),
    **dict.fromkeys(("less", "more", "most", "man"), "a pager"),
    **dict.fromkeys(("top", "htop", "tmux", "screen", "mc", "dialog", "whiptail"), "full-screen"),
}
"""Programs that wait for a person at the keys, and what each is."""
_FOLLOWS = either(
    r"\b(?:tail|journalctl)\s[^\n;|&]{0,200}-\w*[fF]\b",
    r"\blogs\s[^\n;|&]{0,200}(?:-f|--follow)\b",
    r"\bsleep\s+inf\w*",
    r"(?:^|[\n;|&(][^\S\n]*+)(?:watch|yes)\b",
    r"(?<![\w.-])[\w.-]+ watch(?=\s|$)",
    r"\bping\s(?![^\n;|&]{0,200}-c)",
    r"--watch\b|\bport-forward\b",
)
_SERVES = either(
    r"\b[Ll]istening (?:on|at|for)\b",
    r"\bServing \w+ on\b",
    r"\b[Rr]unning (?:on|at) \S{0,100}(?:https?:|\d)",
    r"\b(?:Ctrl|CTRL|Control)[-+ ]C\b",
    r"\b[Ss]erver (?:is )?(?:started|ready|up|running)",
    r"ready to accept connections|Local:\s+https?://|[Aa]pplication startup complete",
)
_LOOPS = re.compile(r"\A(?>.*?\b(?:while|until)\b).*\bsleep\b", re.DOTALL)
_WAITS = either(
    r"\b[Ww]aiting (?:for|on|to|until)\b|\bBlocking waiting\b",
    r"\b[Rr]etry(?:ing)?\b|[Cc]ould not get lock",
    r"\b(?:[Tt]rying|[Cc]onnecting) (?:again|to)\b|not (?:yet )?(?:ready|available)",
)
_WORKS = either(
    r"(?<!\d)(?:[1-9]?\d)(?:\.\d+)?\s?%",
    r"[\[(]\s*\d+\s*/\s*\d+\s*[\])]|\bStep \d+/\d+",
    r"^Get:\d+ |^\s*(?:Compiling|Downloading|Building|Unpacking|Installing|Collecting)\b",
    r"^\s*(?:Fetching|Extracting|Receiving objects|Resolving deltas|Preparing|Setting up)\b",
)
_REPEATED = 3


def timed_out(case: Case) -> Diagnosis | None:
    """Tell what a command did that had to be stopped; `TIMED_OUT` where nothing tells."""
    if case.outcome.ending is Ending.FLOODED:
        size = case.outcome.stdout.size + case.outcome.stderr.size
        return Diagnosis(Cause.NEVER_ENDS, f"it printed {size:,} bytes and did not end")
    if case.outcome.ending is not Ending.TIMED_OUT:
        return None
    limit = case.command.options.timeout or case.runbook.settings.timeout
    if (each_turn := _failing(case, limit)) is not None:
        return each_turn
    cause, said = _doing(case)
    hint = f"it had not ended after {limit:g} s, {said}; {last_words(case)}"
    return Diagnosis(cause, hint)


_LASTING = {
    *(Cause.COMMAND_NOT_FOUND, Cause.INTERPRETER_NOT_FOUND, Cause.MODULE_NOT_FOUND),
    *(Cause.UNKNOWN_OPTION, Cause.UNKNOWN_SUBCOMMAND, Cause.SYNTAX_ERROR, Cause.UNSET_VARIABLE),
    Cause.OTHER_MACHINE,
}
"""What no further turn of a loop changes."""


def _failing(case: Case, limit: float) -> Diagnosis | None:
    """Find what each turn of a loop fails for in the same way, and will for ever."""
    for line, times in Counter(case.lines).items():
        found = of_line(case, line, (*ALWAYS, *KNOWN)) if times > 1 else None
        if found is not None and found.cause in _LASTING:
            hint = f"{found.hint}; each turn printed it until the time of {limit:g} s was up"
            return Diagnosis(found.cause, hint)
    return None


def _doing(case: Case) -> tuple[Cause, str]:
    found = _crowded(case) or _asks(case) or _never_ends(case) or _waits(case) or _works(case)
    return found or (Cause.TIMED_OUT, "and nothing tells whether it worked or hung")


def _crowded(case: Case) -> tuple[Cause, str] | None:
    if any("fork: " in line and "Resource temporarily" in line for line in case.lines):
        return Cause.TOO_MANY_PROCESSES, "as it filled the machine with processes"
    return None


def _asks(case: Case) -> tuple[Cause, str] | None:
    called = next((name for name in names(case.command.text).commands if name in INTERACTIVE), "")
    if called:
        return Cause.WAITS_FOR_INPUT, f"as `{called}` is {INTERACTIVE[called]} and waits for keys"
    if asked := unanswered(case.outcome.stdout, case.outcome.stderr):
        return Cause.WAITS_FOR_INPUT, f"as it waits for an answer to {quoted(asked)}"
    if any(line.startswith("Vim: Warning: ") for line in case.lines):
        return Cause.WAITS_FOR_INPUT, "as it opened an editor, which waits for keys"
    return None


def _never_ends(case: Case) -> tuple[Cause, str] | None:
    if found := _FOLLOWS.search(case.command.text):
        return Cause.NEVER_ENDS, f"as `{found[0].strip()}` never does"
    serving = next((line for line in case.lines if _SERVES.search(line)), "")
    if serving:
        return Cause.NEVER_ENDS, f"as it is a server ({quoted(serving)}), so give it `background`"
    return None


def _waits(case: Case) -> tuple[Cause, str] | None:
    last = case.lines[:_REPEATED]
    alike = len(last) == _REPEATED and len({re.sub(r"\d+", "0", line) for line in last}) == 1
    if alike and not _WORKS.search(last[0]):
        return Cause.HANGING, "as it repeats one line"
    if last and _WAITS.search(last[0]):
        return Cause.HANGING, "as it waits for what does not come"
    if _LOOPS.search(case.command.text):
        return Cause.HANGING, "as the loop's condition does not come true"
    return None


def _works(case: Case) -> tuple[Cause, str] | None:
    if case.lines and _WORKS.search(case.lines[0]):
        return Cause.STILL_WORKING, "but its last line shows work in progress"
    return None
