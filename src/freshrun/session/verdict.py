"""The verdict on one command: how it came to its end, held against what the document promises."""

import re
from collections.abc import Iterator
from dataclasses import replace

from freshrun.document import meetings, mismatch, stood_for
from freshrun.model import Command, Ending, Outcome, Status
from freshrun.session.jobs import tellings, without_processes
from freshrun.session.key import Interrupt
from freshrun.session.protocol import Ended, Finished, Outputs
from freshrun.session.question import awaited_end, holds_screen
from freshrun.session.warnings import warnings_of

_TAKEN = (
    "the shell's private descriptors (197 to 199), or its `builtin`, were taken by a command, "
    "so nothing more can be typed into it"
)
_OTHER_OUTPUT = "the output is not the promised one"


def ended(command: Command, event: Finished | Ended, *, seconds: float) -> Outcome:
    """Return the outcome of a command that came to an end by itself, `seconds` after it began."""
    ready = command.options.ready
    if ready is not None:
        reason = f"it ended with exit status {event.exit_code} before it was ready ({ready})"
        return stopped(command, event, ending=Ending.EXITED, reason=reason, seconds=seconds)
    if isinstance(event, Ended) and event.lost:
        return taken(command, event.outputs)
    if isinstance(event, Ended):
        return _shell_ended(command, event, seconds=seconds)
    return _finished(command, event)


def interrupted(
    command: Command, event: Finished | Ended, *, key: Interrupt, seconds: float
) -> Outcome:
    """Return the outcome of a command that a reader ends with a key: it has whatever status."""
    options = replace(command.options, exit=event.exit_code)
    typed = replace(command, promised=key.promised, options=options)
    return replace(ended(typed, event, seconds=seconds), command=command)


def accepted(outcome: Outcome) -> Outcome:
    """Return the outcome with another output than the promised one taken for the new one."""
    if outcome.reason != _OTHER_OUTPUT:
        return outcome
    warning = "its output is not the promised one; the document is updated"
    return replace(outcome, status=Status.PASSED, reason="", warnings=(*outcome.warnings, warning))


def _finished(command: Command, event: Finished) -> Outcome:
    """Return the outcome of a command that ended in a shell that goes on."""
    if not command.parses:
        event = replace(event, outputs=_as_at_a_prompt(command, event.outputs))
    seconds = event.ended - event.started
    diff = _other_output(command, event)
    reason = (
        _unexpected(event.exit_code, command.options.exit)
        or _never_closed(command, event)
        or _outside(command.options.band, seconds)
        or (_OTHER_OUTPUT if diff else "")
    )
    return Outcome(
        command,
        Status.FAILED if reason else Status.PASSED,
        exit_code=event.exit_code,
        seconds=seconds,
        stdout=event.outputs.stdout,
        stderr=event.outputs.stderr,
        cwd=event.cwd,
        job=event.job,
        captures=() if reason else tuple(_captures(command, event)),
        pipe_status=event.pipe_status if command.stages else (),
        reason=reason,
        warnings=tuple(warnings_of(command, event)),
        diff=diff,
    )


def _shell_ended(command: Command, event: Ended, *, seconds: float) -> Outcome:
    """Return the outcome of a command that took its shell along."""
    reason = _unexpected(event.exit_code, command.options.exit)
    return Outcome(
        command,
        Status.FAILED if reason else Status.PASSED,
        Ending.SHELL_ENDED,
        exit_code=event.exit_code,
        seconds=seconds,
        stdout=event.outputs.stdout,
        stderr=event.outputs.stderr,
        reason=f"the shell ended with it: {reason}" if reason else "",
        warnings=("the shell ended with this command; the next one gets a new shell",),
    )


def stopped(
    command: Command, event: Finished | Ended, *, ending: Ending, reason: str, seconds: float
) -> Outcome:
    """Return the outcome of a command that had to be ended: it failed, with what it had printed."""
    cwd = event.cwd if isinstance(event, Finished) else None
    return Outcome(
        command,
        Status.FAILED,
        ending,
        seconds=seconds,
        stdout=event.outputs.stdout,
        stderr=event.outputs.stderr,
        cwd=cwd,
        reason=reason if cwd else f"{reason} and ended its shell",
    )


def serving(
    command: Command, outputs: Outputs, *, ports: tuple[int, ...], seconds: float
) -> Outcome:
    """Return the outcome of a command that is left running, with what it had printed by then."""
    where = "".join(f", listening on port {port}" for port in ports)
    return Outcome(
        command,
        Status.PASSED,
        Ending.SERVING,
        seconds=seconds,
        stdout=outputs.stdout,
        stderr=outputs.stderr,
        ports=ports,
        warnings=(f"it is left running{where}; the next command gets a new terminal",),
    )


def question(outputs: Outputs) -> str:
    """Return the last line of what a command has printed by now, where it can be a question."""
    width = 72
    if holds_screen(outputs.stdout):
        return ""
    for output in (outputs.stdout, outputs.stderr):
        line = output.text.rstrip().rpartition("\n")[2].rpartition("\r")[2]
        if line and line.isprintable() and len(line) <= width:
            return line
    return ""


def lost(command: Command, outputs: Outputs, *, reason: str) -> Outcome:
    """Return the outcome of a command whose machine or engine went away."""
    return Outcome(
        command,
        Status.BROKEN,
        Ending.LOST,
        stdout=outputs.stdout,
        stderr=outputs.stderr,
        reason=reason,
    )


def broken_off(command: Command, outputs: Outputs, *, seconds: float) -> Outcome:
    """Return the outcome of the command that ran when the run was interrupted."""
    outcome = lost(command, outputs, reason=f"the run was interrupted after {seconds:.1f} s of it")
    return replace(outcome, seconds=seconds)


def taken(command: Command, outputs: Outputs) -> Outcome:
    """Return the outcome of a command that took away what the driver talks through."""
    return lost(command, outputs, reason=_TAKEN)


_EVALUATED = re.compile(rb"^bash: eval: line \d+: ", re.MULTILINE)


def _as_at_a_prompt(command: Command, outputs: Outputs) -> Outputs:
    """Return the outputs with a syntax error told as bash tells it at a prompt.

    The driver evaluates the text, and bash names that and a line which is none of the document's.
    """
    if "eval" in command.text:
        return outputs
    stderr = outputs.stderr
    head = _EVALUATED.sub(b"bash: ", stderr.head)
    size = stderr.size - len(stderr.head) + len(head)
    return replace(outputs, stderr=replace(stderr, head=head, size=size))


def _never_closed(command: Command, event: Finished) -> str:
    """Return that a reader is left in a here-document, where only the end of the text closed it."""
    end = "" if command.parses else awaited_end(event.outputs.stderr.text)
    until = f"a reader is left at `> `, until a line is `{end}`"
    return f"its here-document is never closed: {until}" if end else ""


def _unexpected(exit_code: int, expected: int) -> str:
    return "" if exit_code == expected else f"exit status {exit_code}, expected {expected}"


def _outside(band: tuple[float, float] | None, seconds: float) -> str:
    if band is None or band[0] <= seconds <= band[1]:
        return ""
    side = "below" if seconds < band[0] else "above"
    return f"took {seconds:.2f} s, {side} the documented band of {band[0]:g} s to {band[1]:g} s"


def _other_output(command: Command, event: Finished) -> str:
    """Return how the output differs from what a transcript promises; its lines follow it."""
    if command.promised is None:
        return ""
    out, err = event.outputs.stdout.text, event.outputs.stderr.text
    diff = _mismatch(command, out, err, promised=command.promised)
    if not diff or "[" not in err:
        return diff
    bare = without_processes(command.promised)
    return diff if all(_mismatch(command, out, way, promised=bare) for way in tellings(err)) else ""


def _captures(command: Command, event: Finished) -> Iterator[str]:
    """Yield what each name in the promised output stood for."""
    if command.promised is not None:
        out, err = event.outputs.stdout.text, event.outputs.stderr.text
        ways = meetings(out, err, promised=command.promised)
        for name, value in stood_for(command.promised, ways).items():
            yield f"{name}={value}"


def _mismatch(command: Command, out: str, err: str, *, promised: str) -> str:
    ways = meetings(out, err, promised=promised)
    return mismatch(promised, ways, file=command.file, line=command.end_line + 1) or ""
