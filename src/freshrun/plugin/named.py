"""The runbooks that the command line of a pytest in one's own project names."""

from collections.abc import Sequence

import pytest

from freshrun.model import FreshrunError
from freshrun.plugin.closing import Rehearsal
from freshrun.plugin.preparing import prepared
from freshrun.plugin.rehearsing import Rehearsing
from freshrun.plugin.veil import Veil
from freshrun.plugin.workers import Reporter, is_worker
from freshrun.rehearsal import RECORD, Wanted


def prepare(config: pytest.Config, paths: Sequence[str]) -> None:
    """Read the runbooks before anything else: what is wrong with one is a single line."""
    wanted, worker = _wanted(config), is_worker(config)
    silent = worker or config.option.collectonly
    try:
        rehearsals = [prepared(p, wanted, among=len(paths), silent=silent) for p in paths]
    except FreshrunError as error:
        raise pytest.UsageError(str(error)) from error
    session = Rehearsing(rehearsals)
    manager = config.pluginmanager
    manager.register(session)
    manager.register(Veil(session.hidden))
    manager.register(Reporter(session.receive))
    if wanted.checklist:
        config.args += _checklists(rehearsals)


def _checklists(rehearsals: Sequence[Rehearsal]) -> list[str]:
    return [str(one.run.checklist) for one in rehearsals if one.run.checklist]


def _wanted(config: pytest.Config) -> Wanted:
    def word(name: str) -> str:
        return str(config.getoption(f"--freshrun-{name}") or "")

    def switch(name: str) -> bool:
        return bool(config.getoption(f"--freshrun-{name}"))

    return Wanted(
        image=word("image"),
        user=word("user"),
        github=word("github"),
        github_via=word("github-via"),
        github_fault=word("github-fault"),
        bd=word("bd"),
        servers=word("servers"),
        worktree=switch("worktree"),
        allow_host=switch("allow-host"),
        install_engine=switch("install-engine"),
        keep_engine=switch("keep-engine"),
        update=switch("update"),
        keep_going=switch("keep-going"),
        keep_durations=switch("keep-durations"),
        checklist=switch("checklist"),
        json=word("json") or RECORD,
        html=word("html"),
    )
