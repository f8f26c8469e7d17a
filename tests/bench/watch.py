"""Runs one program under limits and prints, as JSON, what it took.

    watch.py SECONDS BYTES OUTPUT PROGRAM [ARGUMENT...]

It stands alone and imports little: what Linux counts as the peak of a child begins at the size of
its parent, so that no peak is below this program's own 11 MB. BYTES limits the address space of
each process. OUTPUT is the file for both output streams.
"""

import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE = 3.0
"""Seconds that a program has between being asked to end and being killed."""


def main(seconds: str, size: str, *, output: str, argv: list[str]) -> None:
    """Run `argv`; print `seconds`, `peak` and `code`.

    `peak` is in bytes, of the largest process; `code` is null where the program ran out of time
    and 127, as a shell has it, where it could not be started.
    """
    resource.setrlimit(resource.RLIMIT_AS, (int(size), int(size)))
    begin = time.perf_counter()
    try:
        pid = _start(argv, output)
    except OSError as error:
        Path(output).write_text(f"{argv[0]}: {error.strerror}", encoding="utf-8")
        _report(seconds=0.0, peak=0, code=127)
        return
    in_time = False
    try:
        in_time = _ends(pid, float(seconds))
        took = time.perf_counter() - begin
    finally:
        if not in_time:
            _end(pid)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status) if in_time else None
    _report(seconds=took, peak=usage.ru_maxrss * 1024, code=code)


def _report(*, seconds: float, peak: int, code: int | None) -> None:
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak, "code": code}))


def _start(argv: list[str], output: str) -> int:
    """Start a program in a session of its own, so that all that it starts can be ended."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawnp(argv[0], argv, os.environ, file_actions=streams, setsid=True)


def _ends(pid: int, seconds: float) -> bool:
    """Wait for a process, which is left to be reaped; tell whether it ended in time."""
    process = os.pidfd_open(pid)
    try:
        return bool(select.select([process], [], [], seconds)[0])
    finally:
        os.close(process)


def _end(pid: int) -> None:
    """End a process with its session: a program that cleans up gets the time for it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(pid, number)
        if number == signal.SIGTERM:
            _ends(pid, GRACE)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1], sys.argv[2], output=sys.argv[3], argv=sys.argv[4:])
