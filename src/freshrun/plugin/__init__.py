"""The pytest plugin: each command of a runbook and each checklist item is a pytest item.

A Markdown file that is named on pytest's command line is a runbook. Tests beside it judge what it
did through the fixtures `runbook`, `record`, `machine`, `shell`, `faulty_github` and `judge`; the
marker `checklist(name, stand_in=...)` makes a test an item of the checklist.

This module is part of every pytest run of an environment that has freshrun: what a rehearsal needs
is imported where one is asked for.
"""

from pathlib import Path

import pytest

from freshrun.model import FreshrunError
from freshrun.plugin import fixtures
from freshrun.rehearsal import TABLE, Option, Project, project_of

DASHES = "--freshrun-"
"""What stands in front of an option's name on pytest's command line."""

_SUFFIXES = {".md", ".markdown"}


def rehearses(config: pytest.Config) -> bool:
    """Tell whether a pytest run rehearses a runbook, for checks that are nothing without one."""
    return bool(config.stash.get(fixtures.RUNS, {}))


def spelled(option: Option) -> str:
    """Return how pytest's command line writes an option of a rehearsal."""
    return option.pytest or f"{DASHES}{option.name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a rehearsal, but those that pytest itself has."""
    group = parser.getgroup("freshrun", "rehearsal of runbooks")
    for row in (row for row in TABLE if not row.pytest):
        if row.value:
            action = "append" if row.several else "store"
            group.addoption(spelled(row), action=action, metavar=row.value, help=row.help)
        else:
            group.addoption(spelled(row), action="store_true", help=row.help)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the fixtures, and the marker of checklist items."""
    config.pluginmanager.register(fixtures)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Prepare the rehearsal of the runbooks that the command line names, before anything else.

    Those that the project's settings name are part of each folder that holds them.
    """
    try:
        project = project_of(config.invocation_params.dir)
        named = [one for argument in config.args for one in _named(config, argument, project)]
    except FreshrunError as error:
        raise pytest.UsageError(str(error)) from error
    if named:
        from freshrun.plugin.named import prepare  # noqa: PLC0415 - for a rehearsal alone

        prepare(config, list(dict.fromkeys(named)), project=project)


def _named(config: pytest.Config, argument: str, project: Project) -> list[str]:
    """Return the runbooks that one argument of the command line names."""
    path = argument.partition("::")[0]
    folder = config.invocation_params.dir / path
    if project.documents and folder.is_dir():
        return [one for one in project.runbooks if _below(one, folder)]
    is_runbook = Path(path).suffix.lower() in _SUFFIXES or config.option.freshrun_checklist
    return [path] if is_runbook else []


def _below(runbook: str, folder: Path) -> bool:
    return Path(runbook).resolve().is_relative_to(folder.resolve())
