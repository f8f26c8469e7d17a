"""A session on several workers of pytest-xdist: a runbook stays on one, and is told by one."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from freshrun.model import Record, from_json, to_json
from freshrun.plugin.closing import Rehearsal
from freshrun.plugin.fixtures import RUNS

_OUTPUT = "freshrun"


class Node(Protocol):
    """A worker that has ended, as xdist tells of it."""

    workeroutput: Mapping[str, Mapping[str, str]]


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process runs items for another one, which reports them."""
    return hasattr(config, "workerinput")


class Reporter:
    """The process that reports: it hands the items out, and is sent the records."""

    def __init__(self, receive: Callable[[str, Record], None]) -> None:
        """Take what is given the records, each with its runbook's path."""
        self._receive = receive

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: object) -> object:
        """Return the scheduler that gives a runbook and its checklist to one worker, whole."""
        from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where xdist is used

        def scope(nodeid: str) -> str:
            path = Path(os.path.abspath(config.rootpath / nodeid.partition("::")[0]))  # noqa: PTH100 - links are kept
            whole = (own for own, run in config.stash[RUNS].items() if run.holds(path))
            return str(next(whole, nodeid))

        scheduler = LoadScopeScheduling(config, log)
        # What the subclasses of xdist's own override; the groups of `loadgroup` are node ids
        # written anew, which pytest 9 no longer has.
        scheduler._split_scope = scope  # noqa: SLF001 - same
        return scheduler

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Node) -> None:
        """Take the records that a worker sends when it ends."""
        sent = getattr(node, "workeroutput", {}).get(_OUTPUT, {})
        for path, text in sent.items():
            self._receive(path, from_json(text, source="a worker's record"))


def hand_over(rehearsals: Sequence[Rehearsal], session: pytest.Session) -> None:
    """Send the records of what was rehearsed here to the process that reports."""
    output: dict[str, object] = getattr(session.config, "workeroutput", {})
    output[_OUTPUT] = {one.run.runbook.path: to_json(one.run.draft.record) for one in rehearsals}
