"""The key that a transcript shows: `^C`, pressed once the lines above it are there."""

import re
from dataclasses import dataclass

from freshrun.document import mismatch
from freshrun.session.protocol import Outputs

_KEY = re.compile(r"(?m)^\^C(?:\n|\Z)?")
_WORK = 1.0
"""Seconds that a command has to begin, where the transcript shows nothing above the key."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """A reader's Ctrl-C: what is shown above it, and all that is shown, without it."""

    above: str
    promised: str

    def is_due(self, outputs: Outputs, *, seconds: float) -> bool:
        """Tell whether a command that has run for so long has come as far as is shown above."""
        if not self.above.strip():
            return seconds >= _WORK
        printed = (outputs.stdout.text + outputs.stderr.text, outputs.stdout.text)
        return mismatch(f"{self.above.rstrip()}\n...", printed, file="", line=1) is None


def interrupt(promised: str | None) -> Interrupt | None:
    """Return the first `^C` that stands at the beginning of a promised line, `None` for none."""
    found = _KEY.search(promised or "")
    if promised is None or found is None:
        return None
    above, below = promised[: found.start()], promised[found.end() :]
    return Interrupt(above, above + below)
