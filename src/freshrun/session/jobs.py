"""What an interactive bash says of its jobs among what a command printed."""

import re
from collections.abc import Iterator

_STARTED = re.compile(r"(?m)^\[(\d+)\] \d+$")
"""A job is put into the background: its number and its process, which differs on each run."""

_STATE = re.compile(
    r"(?m)^\[\d+\][-+ ]? +(?P<state>\S[^\n]*?) {2,}(?:\(core dumped\) )?(?P<text>\S[^\n]*)$"
)
_FAILED = re.compile(
    r"Exit (\d+)|Killed|Segmentation fault|Aborted|Bus error|Illegal instruction"
    r"|Floating point exception"
)
_ENDED = re.compile(r"Done|Terminated|Hangup|Interrupt|Stopped|Running")


def deaths(stderr: str) -> Iterator[str]:
    """Yield one sentence for each job that the shell says has failed."""
    for line in _STATE.finditer(stderr):
        failed = _FAILED.fullmatch(line["state"])
        if failed:
            how = f"exit status {failed[1]}" if failed[1] else f"a signal ({failed[0]})"
            yield f"a job in the background, `{line['text']}`, has ended with {how}"


def without_processes(text: str) -> str:
    """Return a text in which each job that is started has no process of its own."""
    return _STARTED.sub(r"[\1] <process>", text)


def tellings(stderr: str) -> tuple[str, ...]:
    """Return what a command printed itself, with all of what the shell says of jobs or less.

    A transcript often leaves out that a job was started, and when its end was told.
    """
    started = without_processes(stderr)
    ways = (started, _without_states(started))
    return tuple(dict.fromkeys((*ways, *(re.sub(_NO_PROCESS, "", way) for way in ways))))


_NO_PROCESS = re.compile(r"(?m)^\[\d+\] <process>\n")


def _without_states(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not _is_state(line))


def _is_state(line: str) -> bool:
    found = _STATE.match(line)
    return found is not None and bool(
        _FAILED.fullmatch(found["state"]) or _ENDED.fullmatch(found["state"])
    )
