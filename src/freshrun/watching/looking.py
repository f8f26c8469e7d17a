"""Saves, as they are seen: however an editor writes a file, and what is wrong with it at once."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from freshrun.host import say
from freshrun.lint import chosen, lint_files
from freshrun.model import FreshrunError

_SOON, _LATEST = 50, 250
"""Milliseconds: saves that follow one another so fast are one, and none goes unseen for longer."""


def looks(documents: Sequence[str]) -> Iterator[None]:
    """Yield at once, when something changes beside the documents, and a few times a second.

    Editors that put a new file in the place of the old one are followed: folders are watched.
    """
    yield
    for _changes in watch(
        *{Path(one).resolve().parent for one in documents},
        watch_filter=None,
        debounce=4 * _SOON,
        step=_SOON,
        rust_timeout=_LATEST,
        yield_on_timeout=True,
        recursive=False,
    ):
        yield


def linted(documents: Sequence[str]) -> bool:
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


def digest(path: str) -> str:
    """Return what tells a document from another one, empty where it is not there."""
    with suppress(OSError):
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return ""
