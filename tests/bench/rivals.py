"""The rivals, installed once into a cache folder of the user's, each in a place of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contestants import Contestant, bats, byexample, cram, mdoctest

Maker = Callable[[str, str], Contestant]

PINNED: tuple[tuple[str, str, Maker], ...] = (
    ("cram", "0.7", cram),
    ("prysk", "0.20.0", cram),
    ("byexample", "11.0.0", byexample),
    ("mdoctest", "0.9.0", mdoctest),
)
"""Package on PyPI, version, and what makes a contestant of its program."""

BATS = "1.13.0"
"""The version of bats on npm."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A rival that can't be measured here, and why."""

    name: str
    reason: str


def rivals() -> Iterator[Contestant | Missing]:
    """Yield each rival, installed; one that can't be is yielded too, with the reason."""
    for package, version, contestant in PINNED:
        name = f"{package} {version}"
        folder = cache() / f"{package}-{version}"
        program = folder / "bin" / package
        steps = ([sys.executable, "-m", "venv", str(folder)], _pip(folder, f"{package}=={version}"))
        reason = _installed(program, *steps)
        yield Missing(name, reason) if reason else contestant(name, str(program))
    yield _bats()


def cache() -> Path:
    """Return the folder that keeps the rivals between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "freshrun", "bench")


def _pip(folder: Path, requirement: str) -> list[str]:
    return [str(folder / "bin" / "pip"), "install", "--quiet", requirement]


def _bats() -> Contestant | Missing:
    """Return bats from npm, or Debian's own where there is no npm or it has none."""
    folder = cache() / f"bats-{BATS}"
    program = folder / "node_modules" / "bats" / "bin" / "bats"
    npm = ["npm", "install", "--silent", "--prefix", str(folder), f"bats@{BATS}"]
    reason = _installed(program, npm)
    if not reason:
        return bats(f"bats {BATS}", str(program))
    folder = cache() / "bats-debian"
    program = folder / "usr" / "bin" / "bats"
    unpack = f"cd '{folder}' && apt-get download bats && dpkg-deb --extract bats_*.deb ."
    other = _installed(program, ["mkdir", "-p", str(folder)], ["sh", "-c", unpack])
    if not other:
        return bats("bats (Debian's)", str(program))
    return Missing("bats", f"{reason}; {other}")


def _installed(program: Path, *steps: list[str]) -> str:
    """Take the steps where `program` is not there yet; return why it still is not, or nothing."""
    if program.exists():
        return ""
    for argv in steps:
        if shutil.which(argv[0]) is None:
            return f"there is no {argv[0]}"
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or [f"{argv[0]} failed"]
            return said[-1]
    return "" if program.exists() else f"{steps[-1][0]} left no {program.name}"
