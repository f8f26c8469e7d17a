"""The pytest plugin: each command of a runbook and each checklist item is a pytest item.

A Markdown file that is named on pytest's command line is a runbook. Tests beside it judge what it
did through the fixtures `runbook`, `record`, `machine`, `prompt`, `faulty_github` and `judge`; the
marker `checklist(name, stand_in=...)` makes a test an item of the checklist.

This module is part of every pytest run of an environment that has freshrun: what a rehearsal needs
is imported where one is asked for.
"""

from pathlib import Path

import pytest

from freshrun.plugin import fixtures

_SUFFIXES = {".md", ".markdown"}


def rehearses(config: pytest.Config) -> bool:
    """Tell whether a pytest run rehearses a runbook, for checks that are nothing without one."""
    return bool(config.stash.get(fixtures.RUNS, {}))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a rehearsal."""
    group = parser.getgroup("freshrun", "rehearsal of runbooks")
    group.addoption("--freshrun-image", metavar="IMAGE", help="image, or path of a Dockerfile")
    group.addoption("--freshrun-user", metavar="NAME", help="the user who types the commands")
    group.addoption("--freshrun-github", metavar="RECORDING", help="a recorded run, or `live`")
    group.addoption("--freshrun-github-via", metavar="WORD", help="`socket` or `proxy`")
    group.addoption("--freshrun-github-fault", metavar="NAME", help="what goes wrong there")
    group.addoption("--freshrun-bd", metavar="KIND", help="`stand-in` or `live`")
    group.addoption("--freshrun-servers", metavar="WORD", help="`pass` or `fail`")
    group.addoption("--freshrun-json", metavar="PATH", help="where the record goes")
    group.addoption("--freshrun-html", metavar="PATH", help="write the record as a page")
    for flag, meaning in (
        ("checklist", "judge the checklist that the runbook's settings name, too"),
        ("worktree", "take what git would commit now, not what is committed"),
        ("allow-host", "let the machine reach the services of the engine's host"),
        ("install-engine", "install a container engine where there is none"),
        ("keep-engine", "leave the private container engine running"),
        ("update", "write the printed output into transcripts that promise another one"),
        ("keep-going", "run every section, also after a failure"),
        ("keep-durations", "add what commands with a band took to durations.json"),
    ):
        group.addoption(f"--freshrun-{flag}", action="store_true", help=meaning)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the fixtures, and the marker of checklist items."""
    config.pluginmanager.register(fixtures)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Prepare the rehearsal of the runbooks that the command line names, before anything else."""
    paths = [argument.partition("::")[0] for argument in config.args]
    all_of_them = config.option.freshrun_checklist
    named = [path for path in paths if Path(path).suffix.lower() in _SUFFIXES or all_of_them]
    if named:
        from freshrun.plugin.named import prepare  # noqa: PLC0415 - for a rehearsal alone

        prepare(config, list(dict.fromkeys(named)))
