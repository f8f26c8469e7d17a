"""What the operating system of a machine calls itself."""

import shlex
from contextlib import suppress

from freshrun.machine.machine import Machine

_FILES = ("/usr/lib/os-release", "/etc/os-release")
"""Where it stands: the second one is a link to the first as a rule."""


def system_of(machine: Machine) -> str:
    """Return its own name for itself, such as `Ubuntu 24.04.3 LTS`; empty where it has none."""
    data = next(filter(None, map(machine.read, _FILES)), b"")
    for line in data.decode(errors="replace").splitlines():
        key, _, value = line.partition("=")
        if key == "PRETTY_NAME":
            with suppress(ValueError):
                return " ".join(shlex.split(value))
    return ""
