"""The checks of a rehearsal: what each came to, and whether they are those that are promised."""

from collections.abc import Sequence

import pytest

from freshrun import checklist
from freshrun.model import ChecklistItem, FreshrunError, NotReachedError, Status
from freshrun.plugin.fixtures import JUDGED, RUNS, run_of
from freshrun.plugin.found import beside, reason
from freshrun.rehearsal import Run

_VERDICT = pytest.StashKey[ChecklistItem]()
"""What a check came to."""


_SOURCE = pytest.StashKey[str]()
"""The file of a check, as it was when it was collected: its author may go on writing."""


def keep_sources(items: Sequence[pytest.Item]) -> None:
    """Keep what the files of the checks say now."""
    for item in items:
        if item.get_closest_marker("checklist"):
            item.stash[_SOURCE] = item.path.read_text("utf-8")


def judge(item: pytest.Item, call: pytest.CallInfo[None]) -> ChecklistItem | None:
    """Put the verdict on a checklist item into its run's record and return it, if there is one."""
    marker = _marker(item, call)
    if not marker or not (call.when == "call" or call.excinfo):
        return None
    item.stash[_VERDICT] = verdict = _judged(item, marker=marker, call=call)
    run_of(item).draft.judge(verdict)
    return verdict


def hold_checklist(run: Run, items: Sequence[pytest.Item]) -> None:
    """Put into the record where the document's own table and the checks part."""
    if all(section.title != checklist.ITEMS for section in run.runbook.sections):
        return  # nothing is promised: what reads the tables of a runbook takes its time to load
    findings = checklist.checklist_kept(run.runbook, [_check(item) for item in items])
    if findings:
        lines = "\n".join(map(str, findings))
        run.draft.overrule(ChecklistItem(checklist.ITEMS.lower(), Status.FAILED, lines))


def _marker(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.Mark | None:
    """Return the marker of a checklist item; what has none and fails is one by its own name."""
    marker = item.get_closest_marker("checklist")
    ours = any(run.holds(item.path) for run in item.config.stash[RUNS].values())
    if marker or not ours or call.excinfo is None:
        return marker
    if isinstance(call.excinfo.value, pytest.skip.Exception):
        return None
    return pytest.mark.checklist(item.name).mark


def _judged(
    item: pytest.Item, *, marker: pytest.Mark, call: pytest.CallInfo[None]
) -> ChecklistItem:
    name = str(marker.args[0])
    if call.excinfo is None:
        return ChecklistItem(name, Status.PASSED, _stand_in(item, marker))
    error = call.excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return ChecklistItem(name, Status.SKIPPED, str(error))
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return ChecklistItem(name, Status.FAILED, str(error))
    if isinstance(error, NotReachedError) or (isinstance(error, FreshrunError) and _broke(item)):
        return ChecklistItem(name, Status.NOT_REACHED, str(error))
    lines = (reason(error), *beside(item))
    return ChecklistItem(name, Status.BROKEN, "\n".join(lines))


def _broke(item: pytest.Item) -> bool:
    return bool(run_of(item).draft.fault)


def _stand_in(item: pytest.Item, marker: pytest.Mark) -> str:
    wanted = marker.kwargs.get("stand_in", ())
    programs = (wanted,) if isinstance(wanted, str) else wanted
    run = run_of(item)
    record, starts = run.draft.record, tuple(f"{name}: " for name in programs)
    standing = [each for each in record.provenance.stand_ins if each.startswith(starts)]
    runs = checklist.rehearsed_runs(record) if "gh" in programs else ()
    github = any(each.startswith("gh: ") for each in standing)
    shown = (f"{'' if github else 'gh: GitHub itself, '}{each}" for each in runs)
    real = (each for each in run.real if each.startswith(starts))
    return "; ".join((*standing, *real, *shown))


def _check(item: pytest.Item) -> "checklist.Check":
    name = str(next(iter(item.iter_markers("checklist"))).args[0])
    verdict = item.stash.get(_VERDICT, None)
    status = verdict.status if verdict else None
    return checklist.Check(
        item=name,
        path=str(item.path),
        function=getattr(item, "originalname", item.name),
        source=item.stash[_SOURCE],
        judged=item.stash.get(JUDGED, 0) if status is Status.PASSED else None,
        skipped=verdict.reason if verdict and status is Status.SKIPPED else "",
    )
