"""What one measurement gave, and how a program is measured."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LONG = 8.0
"""What takes longer than this, in seconds, is measured once."""

MEMORY = 4 * 2**30
"""Bytes of address space that each process of a measured program may have."""

_WATCH = Path(__file__).with_name("watch.py")
_LAST = 4096


@dataclass(frozen=True, slots=True)
class Figure:
    """What one piece of work took.

    `peak` is the memory of its largest process on this host, in bytes, where that is known.
    `exit_code` is its verdict, `None` where it gave up. `trouble` says in words why `seconds` is
    not the time of the whole work, and is empty where it is. `remark` is what else to know.
    """

    seconds: float
    peak: int | None = None
    exit_code: int | None = 0
    trouble: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a watched program took, and the last of what it printed; `exit_code` as in `Figure`."""

    seconds: float
    peak: int
    exit_code: int | None
    printed: str


def best(measure: Callable[[], Figure], *, repeats: int) -> Figure:
    """Return the fastest of some measurements; a long one or one with trouble is made once."""
    figures = [measure()]
    while len(figures) < repeats and not figures[0].trouble and figures[0].seconds < LONG:
        figures.append(measure())
    return next((f for f in figures if f.trouble), min(figures, key=lambda f: f.seconds))


def timed(work: Callable[[], object]) -> Figure:
    """Return what a piece of work took in this process."""
    begin = time.perf_counter()
    work()
    return Figure(time.perf_counter() - begin)


def watched(argv: Sequence[str], *, folder: Path, env: Mapping[str, str], patience: float) -> Run:
    """Run a program in `folder`, for `patience` seconds at most."""
    output = folder / "output"
    limits = (str(patience), str(MEMORY), str(output))
    # On Ctrl-C `run` would kill the watcher before it has ended what it watches.
    watcher = [sys.executable, "-IS", str(_WATCH), *limits, *argv]
    with subprocess.Popen(watcher, cwd=folder, env=env, stdout=subprocess.PIPE) as process:
        printed, _ = process.communicate()
    report = json.loads(printed)
    code = report["code"]
    return Run(
        seconds=float(report["seconds"]),
        peak=int(report["peak"]),
        exit_code=None if code is None else int(code),
        printed=_end_of(output),
    )


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _LAST, 0))
        return file.read().decode(errors="replace")
