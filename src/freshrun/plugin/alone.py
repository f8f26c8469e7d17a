"""A rehearsal by a pytest that loads nothing of the document's folder but its checklist."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import as_file
from importlib.resources import files as package_files
from pathlib import Path
from typing import TextIO

import pytest

from freshrun.host import broken_code, interrupted, interruptible, interruption, root_of
from freshrun.live import show_on
from freshrun.model import FreshrunError, Record, Status, internal
from freshrun.plugin import fixtures
from freshrun.plugin.closing import CODES, Rehearsal, ReportFiles, close
from freshrun.plugin.items import RunbookFile
from freshrun.plugin.masked_reports import MaskedReports
from freshrun.plugin.preparing import prepared, report_files
from freshrun.plugin.rehearsing import Rehearsing
from freshrun.plugin.showing import Showing, own
from freshrun.rehearsal import NO_PROJECT, Audience, Choices, Project, Setup

_BROKEN = CODES[Status.BROKEN]
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_QUIET = ("-v", "--no-header", "--tb=no", "-rN")  # the closing report says it all, once


def recorded(path: str, choices: Choices, *, word: Record, project: Project = NO_PROJECT) -> Record:
    """Rehearse a runbook whose run was announced by `word`; return its record.

    Where it is refused that is in the record, and nothing is printed but what pytest prints.
    """
    files = report_files(path, choices)
    try:
        one = prepared(path, choices, files=files, word=word, project=project)
    except FreshrunError as error:
        return word.refused(str(error))
    except KeyboardInterrupt:
        return word.refused(interruption())
    rehearsed(one)
    return one.run.draft.record


def rehearse_alone(
    path: str,
    choices: Choices,
    *,
    files: ReportFiles,
    word: Record | None = None,
    project: Project = NO_PROJECT,
) -> int:
    """Rehearse a runbook and judge its checklist; return 0 passed, 1 failed, 2 broken.

    `word` is the record that announced the run, where that was done.
    """
    with interruptible():
        try:
            one = prepared(path, choices, files=files, word=word, project=project)
        except FreshrunError as error:
            _tell(str(error))
            return _BROKEN
        except KeyboardInterrupt:
            _tell(interruption())
            return broken_code()
        return shown(one)


def shown(
    one: Rehearsal,
    *,
    followed: Callable[[Audience], Audience] | None = None,
    after: Callable[[TextIO], None] | None = None,
) -> int:
    """Rehearse what was made ready, and show it as it goes on; return the exit code.

    `followed` makes of the show who hears of the run; `after` is called, with where it was shown,
    once the verdict was told and before the machine is removed.
    """
    run = one.run
    with (
        own(sys.stdout) as stream,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
    ):
        show = show_on(
            stream,
            run.runbook,
            hidden=run.draft.hidden,
            timeout=run.setup.timeout,
        )
        run.audience = followed(show) if followed else show
        with show:
            return rehearsed(one, Showing(show, stream, nowhere=nowhere, after=after))


def _selection(setup: Setup) -> tuple[str, ...]:
    """Return the options that pytest itself has."""
    return ("-k", setup.k) if setup.k else ()


def rehearsed(one: Rehearsal, showing: Showing | None = None) -> int:
    """Rehearse what was made ready, and judge its checklist; return the exit code.

    With `showing` the verdict is told there as soon as it stands: before the machine is removed.
    """
    session, code = Rehearsing([one], showing=showing), _BROKEN
    try:
        code = _ended_with(one, session, [showing] if showing else [])
    except KeyboardInterrupt:
        one.run.draft.break_off(interruption())
    except Exception as error:  # noqa: BLE001 - whatever it is, the record has to say so
        one.run.draft.break_off(str(internal(error)))
    closing = session.closings.get(one.run.id)
    agreed = closing is not None and CODES[closing.verdict] == code
    if agreed and not (interrupted() and code == 0):
        return broken_code() if code == _BROKEN else code
    if closing is None or closing.verdict is not Status.BROKEN:
        one.run.draft.break_off(
            interruption() if interrupted() else "its checks did not come to an end"
        )
        _tell(one.run.draft.fault)
        close(one)
    return broken_code()


def _ended_with(one: Rehearsal, session: Rehearsing, beside: Sequence[object]) -> int:
    setup = one.run.setup
    place = setup.checks if setup.checklist else None
    with (
        _own_environment(place),
        as_file(package_files("freshrun.plugin").joinpath("root")) as root,
    ):
        walls = ("-c", str(root / "pytest.ini"), f"--rootdir={root_of(one.run.runbook.path)}")
        code = pytest.main(
            [
                str(place or root),
                *walls,
                "-pno:cacheprovider",
                *_conftests(place, root=root),
                *_QUIET,
                *_selection(setup),
            ],
            plugins=[fixtures, Document(one), session, MaskedReports(session.hidden), *beside],
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
        name = run.draft.hidden(run.runbook.path)
        file = RunbookFile.from_parent(session, path=run.path, nodeid=name, run=run)
        items[:0] = session.genitems(file)


@contextmanager
def _own_environment(checklist: Path | None) -> Iterator[None]:
    """Keep the caller's wishes for his own pytest, and every plugin that is installed, out.

    Nothing of a checklist stays loaded: the next one may have files of the same names.
    """
    before, path, modules = dict(os.environ), [*sys.path], set(sys.modules)
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
        sys.path[:] = path
        if checklist:
            _forget(sys.modules.keys() - modules, checklist)


def _forget(modules: Iterable[str], folder: Path) -> None:
    for name in modules:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(folder):
            del sys.modules[name]


def _tell(text: str) -> None:
    """Say one line on stderr, where there still is one."""
    with suppress(OSError):
        sys.stderr.write(f"ERROR: {text}\n")
        sys.stderr.flush()
