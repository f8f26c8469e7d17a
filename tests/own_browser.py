"""The browser of this machine: found, or installed where tests may do that."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL = ("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium")


def browser_program() -> str:
    """Return the program of Chromium or Chrome.

    Where there is none, root on Debian gets the distribution's own, as with the container engine: a
    page that nobody opened is not tested.
    """
    # Several workers may ask at once, and apt has but one lock.
    with Path(tempfile.gettempdir(), "freshrun-tests-browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _found() and os.geteuid() == 0 and shutil.which("apt-get"):
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(("apt-get", "update", "-q"), check=True, env=quiet, timeout=300)
            subprocess.run(_INSTALL, check=True, env=quiet, timeout=600)
    program = _found()
    assert program, f"no browser is here, one of {', '.join(NAMES)}: apt-get install chromium"
    return program


def _found() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)
