"""The loop of an author with several documents: at each save all of them are rehearsed afresh."""

import signal
import subprocess
from collections.abc import Mapping, Sequence

from freshrun.host import say
from freshrun.watching.looking import digest, linted, looks

_FAREWELL = 60.0
"""Seconds that a rehearsal may take to remove its machine."""


def rehearse_on_save(documents: Sequence[str], argv: Sequence[str]) -> None:
    """Lint documents and rehearse them by the program `argv`, now and at each save; never return.

    A save while it runs ends that run and begins a new one. Editors that put a new file in the
    place of the old one are followed, and a document that can't be read for a moment is waited for.
    `KeyboardInterrupt` ends it, with the rehearsal that runs.
    """
    loop = _Loop(documents, argv)
    try:
        for _ in looks(documents):
            loop.look()
    finally:
        loop.stop()


class _Loop:
    """What was seen of the documents, and the rehearsal that was begun of it."""

    def __init__(self, documents: Sequence[str], argv: Sequence[str]) -> None:
        self._documents = documents
        self._argv = argv
        self._seen: Mapping[str, str] = {}
        self._run: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Begin anew where a document is another one now; tell once that a run has ended."""
        found = {one: digest(one) for one in self._documents}
        if not all(found.values()):  # an editor is about to put it there
            return
        if found != self._seen:
            self._begin(found)
        elif self._run is not None and self._run.poll() is not None:
            self._run = None
            say(f"waiting for the next save of {', '.join(self._documents)}; Ctrl-C ends it")

    def stop(self) -> None:
        """End the rehearsal that runs; it removes its machine."""
        run, self._run = self._run, None
        if run is None or run.poll() is not None:
            return
        run.send_signal(signal.SIGTERM)
        try:
            run.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            run.kill()  # the next run removes what it leaves

    def _begin(self, found: Mapping[str, str]) -> None:
        if self._run is not None and self._run.poll() is None:
            say("saved while a rehearsal ran: it is ended, and a fresh one begins")
        self.stop()
        self._seen = found
        if linted(self._documents):
            self._run = subprocess.Popen(self._argv)
