"""The line that a running command printed last, on whichever stream that was."""

from freshrun.model import Output
from freshrun.session.protocol import Outputs
from freshrun.text import shown

_END = 2_000
"""Bytes at the end of a stream in which the last line is looked for."""


class Latest:
    """Follows one command's streams: the one that grew since the last look has the line."""

    def __init__(self) -> None:
        """Nothing was printed yet."""
        self._sizes = (0, 0)
        self._line = ""

    def line(self, outputs: Outputs) -> str:
        """Return the last line that is not blank of what was printed by now."""
        sizes = (outputs.stdout.size, outputs.stderr.size)
        grown = (outputs.stdout, outputs.stderr)[sizes[1] != self._sizes[1]]
        if sizes != self._sizes:
            self._sizes, self._line = sizes, _last(grown) or self._line
        return self._line


def _last(output: Output) -> str:
    text = (output.tail or output.head)[-_END:].decode(errors="replace")
    lines = [line.strip() for line in shown(text).splitlines()]
    return next((line for line in reversed(lines) if line), "")
