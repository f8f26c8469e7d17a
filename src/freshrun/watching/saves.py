"""The loop of an author: a save, what is wrong with the text at once, and a fresh rehearsal."""

import hashlib
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from freshrun.host import say
from freshrun.lint import chosen, lint_files
from freshrun.model import FreshrunError

_SOON, _LATEST = 50, 500
"""Milliseconds: saves that follow one another so fast are one, and none goes unseen for longer."""

_FAREWELL = 60.0
"""Seconds that a rehearsal may take to remove its machine."""


def rehearse_on_save(documents: Sequence[str], argv: Sequence[str]) -> None:
    """Lint documents and rehearse them by the program `argv`, now and at each save; never return.

    A save while it runs ends that run and begins a new one. Editors that put a new file in the
    place of the old one are followed, and a document that can't be read for a moment is waited for.
    `KeyboardInterrupt` ends it, with the rehearsal that runs.
    """
    folders = {Path(one).resolve().parent for one in documents}
    loop = _Loop(documents, argv)
    try:
        loop.look()
        for _changes in watch(
            *folders,
            watch_filter=None,
            debounce=4 * _SOON,
            step=_SOON,
            rust_timeout=_LATEST,
            yield_on_timeout=True,
            recursive=False,
        ):
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
        found = {one: _digest(one) for one in self._documents}
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
        if _linted(self._documents):
            self._run = subprocess.Popen(self._argv)


def _linted(documents: Sequence[str]) -> bool:
    """Tell what is wrong with the documents as they stand; return whether they can be read."""
    begin = time.monotonic()
    try:
        flaws = [flaw for one in lint_files(documents, rules=chosen()) for flaw in one.flaws]
    except FreshrunError as error:
        say(str(error))
        return False
    for flaw in flaws:
        say(str(flaw))
    say(f"{len(flaws)} findings in {time.monotonic() - begin:.2f} s; rehearsing")
    return True


def _digest(path: str) -> str:
    """Return what tells a document from another one, empty where it is not there."""
    with suppress(OSError):
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return ""
