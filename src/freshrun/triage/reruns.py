"""Attempts of one run held against each other: what failed and then passed is flaky, not fixed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freshrun.triage.ci_run import SUCCESS, CiRun, Survey

_ATTEMPT = re.compile(r"[-_./ (]*attempt[-_ #]*(\d+)\)?[-_./]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Try:
    number: int
    survey: Survey


def attempts(run: CiRun, surveys: Sequence[Survey]) -> Iterator[str]:
    """Say of each artifact with several attempts, and of the run, how they ended.

    A rerun is of the same commit, so that nothing was mended between two attempts.
    """
    tries: dict[str, list[_Try]] = {}
    for survey in surveys:
        number = _ATTEMPT.search(survey.artifact)
        base = _ATTEMPT.sub("", survey.artifact)
        tries.setdefault(base, []).append(_Try(int(number[1]) if number else 1, survey))
    for several in tries.values():
        if len({one.number for one in several}) > 1:
            yield from _held(sorted(several, key=lambda one: one.number))
    if run.conclusion == SUCCESS and any(survey.hits or survey.unnamed for survey in surveys):
        which = f"attempt {run.attempt} of the run" if run.attempt > 1 else "the run"
        yield f"{which} passed, on the same commit: what failed before is flaky, not fixed"


def _held(several: Sequence[_Try]) -> Iterator[str]:
    last = several[-1]
    red = [one for one in several[:-1] if one.survey.hits or one.survey.unnamed]
    green = [one for one in several[:-1] if one.survey.is_green]
    if last.survey.is_green and red:
        yield f"{_name(last)} passed, on the same commit: what failed in {_list(red)} is flaky"
    elif last.survey.hits and green:
        yield f"{_name(last)} failed, on the same commit as {_list(green)}, which passed: flaky"
    elif last.survey.hits and red:
        same = {hit.failure for hit in last.survey.hits} & {
            hit.failure for one in red for hit in one.survey.hits
        }
        yield f"{_name(last)} failed as {_list(red)} did{'' if same else ', in other ways'}"


def _name(one: _Try) -> str:
    return f"attempt {one.number} ({one.survey.artifact})"


def _list(several: Sequence[_Try]) -> str:
    return ", ".join(map(_name, several))
