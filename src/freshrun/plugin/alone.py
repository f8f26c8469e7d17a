"""A rehearsal by a pytest that loads nothing of the document's folder but its checklist."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from freshrun.host import interrupted, interruptible, interruption, root_of
from freshrun.model import FreshrunError, Record, Status, internal
from freshrun.plugin import fixtures
from freshrun.plugin.closing import CODES, Rehearsal, close
from freshrun.plugin.items import RunbookFile
from freshrun.plugin.preparing import prepared
from freshrun.plugin.rehearsing import Rehearsing
from freshrun.plugin.veil import Veil
from freshrun.rehearsal import Wanted

_BROKEN = CODES[Status.BROKEN]
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_QUIET = ("-v", "--no-header", "--tb=no", "-rN")  # the closing report says it all, once


def rehearse_alone(
    path: str, wanted: Wanted, *, word: Record | None = None, select: str = "", junit: str = ""
) -> int:
    """Rehearse a runbook and judge its checklist; return 0 passed, 1 failed, 2 broken.

    `word` is the record that announced the run, where that was done. `select` is an expression as
    of pytest's `-k`, `junit` where a JUnit report goes.
    """
    with interruptible():
        try:
            one = prepared(path, wanted, word=word)
        except FreshrunError as error:
            _tell(str(error))
            return _BROKEN
        except KeyboardInterrupt:
            _tell(interruption())
            return _BROKEN
        options = (*(("-k", select) if select else ()), *_junit(junit))
        return _rehearsed(one, *options, checklist=wanted.checklist)


def _junit(path: str) -> tuple[str, ...]:
    return (f"--junit-xml={path}",) if path else ()


def _rehearsed(one: Rehearsal, *options: str, checklist: bool) -> int:
    session, code = Rehearsing([one]), _BROKEN
    try:
        code = _ended_with(one, session, *options, checklist=checklist)
    except KeyboardInterrupt:
        one.run.break_off(interruption())
    except Exception as error:  # noqa: BLE001 - whatever it is, the record has to say so
        one.run.break_off(str(internal(error)))
    closing = session.closings.get(one.run.id)
    agreed = closing is not None and CODES[closing.verdict] == code
    if agreed and not (interrupted() and code == 0):
        return code
    if closing is None or closing.verdict is not Status.BROKEN:
        one.run.break_off(interruption() if interrupted() else "its checks did not come to an end")
        _tell(one.run.fault)
        close(one)
    return _BROKEN


def _ended_with(one: Rehearsal, session: Rehearsing, *options: str, checklist: bool) -> int:
    place = one.run.checklist if checklist else None
    with _own_environment(), as_file(files("freshrun.plugin").joinpath("root")) as root:
        walls = ("-c", str(root / "pytest.ini"), f"--rootdir={root_of(one.run.runbook.path)}")
        code = pytest.main(
            [
                str(place or root),
                *walls,
                "-pno:cacheprovider",
                *_conftests(place, root=root),
                *_QUIET,
                *options,
            ],
            plugins=[fixtures, Document(one), session, Veil(session.hidden)],
        )
    return int(code) if code in CODES.values() else _BROKEN


def _conftests(checklist: Path | None, *, root: Path) -> tuple[str, ...]:
    """Return the options with which pytest reads the checklist's own conftest and no other."""
    if checklist is not None and not checklist.is_dir():
        return ("--noconftest",)
    return (f"--confcutdir={checklist or root}",)


class Document:
    """Puts the items of a runbook in front of those of its checklist.

    pytest is never told of the document's own path: it would read what stands beside it.
    """

    def __init__(self, one: Rehearsal) -> None:
        """Take the rehearsal whose commands become items."""
        self._run = one.run

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Put them there before anything selects among them."""
        run = self._run
        name = run.hidden(run.runbook.path)
        file = RunbookFile.from_parent(session, path=run.path, nodeid=name, run=run)
        items[:0] = session.genitems(file)


@contextmanager
def _own_environment() -> Iterator[None]:
    """Keep the caller's wishes for his own pytest, and every plugin that is installed, out."""
    before = dict(os.environ)
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in (*_FOREIGN, "PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


def _tell(text: str) -> None:
    """Say one line on stderr, where there still is one."""
    with suppress(OSError):
        sys.stderr.write(f"ERROR: {text}\n")
        sys.stderr.flush()
