"""The runbooks that the command line of a pytest in one's own project names."""

from collections.abc import Sequence

import pytest

from freshrun.model import FreshrunError
from freshrun.plugin import DASHES, spelled
from freshrun.plugin.closing import Rehearsal
from freshrun.plugin.masked_reports import MaskedReports
from freshrun.plugin.preparing import prepared, report_files
from freshrun.plugin.rehearsing import Rehearsing
from freshrun.plugin.workers import Reporter, is_worker
from freshrun.rehearsal import TABLE, Choices, Option, Project, chosen


def prepare(config: pytest.Config, paths: Sequence[str], *, project: Project) -> None:
    """Read the runbooks before anything else: what is wrong with one is a single line."""
    choices = project.placed(choices_of(config))
    silent = is_worker(config) or config.option.collectonly
    try:
        rehearsals = [
            prepared(
                path,
                choices,
                files=report_files(path, choices, among=paths, silent=silent),
                dashes=DASHES,
                project=project,
            )
            for path in paths
        ]
    except FreshrunError as error:
        raise pytest.UsageError(str(error)) from error
    session = Rehearsing(rehearsals)
    manager = config.pluginmanager
    manager.register(session)
    manager.register(MaskedReports(session.hidden))
    manager.register(Reporter(session.receive))
    if choices.checklist:
        config.args += _checklists(rehearsals)


def _checklists(rehearsals: Sequence[Rehearsal]) -> list[str]:
    return [str(one.run.checklist) for one in rehearsals if one.run.checklist]


_Said = str | bool | list[str] | None


def _one(row: Option, said: _Said) -> str | bool | None:
    """Return what was said to an option; a session of pytest rehearses each document once."""
    if not isinstance(said, list):
        return said
    if len(said) > 1:
        raise pytest.UsageError(
            f"{spelled(row)} is given {len(said)} times, and pytest takes one: "
            f"`freshrun FILE --{row.name} {said[0]} --{row.name} {said[1]}` takes several"
        )
    return said[0]


def choices_of(config: pytest.Config) -> Choices:
    """Return what the options say; those of pytest's own are pytest's."""
    ours = [row for row in TABLE if not row.pytest]
    given = {row.field: _one(row, config.getoption(spelled(row))) for row in ours}
    return chosen(**{name: value for name, value in given.items() if value is not None})
