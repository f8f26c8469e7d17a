"""What a check has found so far: heard to the end of its phase, then told together."""

from collections.abc import Generator, Iterable
from pathlib import Path

import pytest

from freshrun.model import FreshrunError, NotReachedError

_FOUND = pytest.StashKey[dict[str, None]]()
"""The findings' own lines, in the order in which they were found, each once."""

_BESIDE = pytest.StashKey[tuple[str, ...]]()
"""The lines that were found before the harness broke."""

_PASSED_ON = (pytest.exit.Exception, FreshrunError)
"""What stays what it is, whatever was found before: the session's end, and a broken harness."""


def keep(item: pytest.Item, lines: Iterable[str]) -> None:
    """Keep lines of findings, to be told at the end of the phase that the item is in."""
    item.stash.setdefault(_FOUND, {}).update(dict.fromkeys(lines))


def beside(item: pytest.Item) -> tuple[str, ...]:
    """Return what was found before the harness broke."""
    return item.stash.get(_BESIDE, ())


def heard_out(item: pytest.Item) -> Generator[None, object, object]:
    """Fail the phase of an item with all that was found in it; what it ended with stands last.

    Nothing excuses a finding: neither a skip nor an error that came of it.
    """
    last: tuple[str, ...] = ()
    result: object = None
    try:
        result = yield
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
        lines = _taken(item)
        if isinstance(error, _PASSED_ON) and not isinstance(error, NotReachedError):
            item.stash[_BESIDE] = lines
            raise
        if not lines:
            raise
        last = (*lines, reason(error))
    if lines := (*_taken(item), *last):
        pytest.fail("\n".join(lines), pytrace=False)
    return result


def _taken(item: pytest.Item) -> tuple[str, ...]:
    none: dict[str, None] = {}
    found = item.stash.get(_FOUND, none)
    item.stash[_FOUND] = {}
    return tuple(found)


def reason(error: BaseException) -> str:
    """Return why a check ended: its own words, or the place of an error that nobody foresaw."""
    words = (AssertionError, pytest.fail.Exception, pytest.skip.Exception, NotReachedError)
    if isinstance(error, words):
        return str(error)
    where = pytest.ExceptionInfo.from_exception(error).traceback[-1]
    return f"{Path(where.path).name}:{where.lineno + 1}: {type(error).__name__}: {error}"
