"""A failed run, triaged: the classes that failed, and what is not known of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from freshrun.checklist import contract_of
from freshrun.model import DocumentError, Finding, FreshrunError, Runbook
from freshrun.triage.ci_run import SUCCESS, CiRun, Survey, missing, surveyed
from freshrun.triage.commands import log_command
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.contradictions import contradictions
from freshrun.triage.failed_class import Book, Desk, FailedClass
from freshrun.triage.reruns import attempts
from freshrun.triage.routes import walk


@dataclass(frozen=True, slots=True)
class Triage:
    """A run by class, the most urgent first; no case means that nothing did fail, or nobody knows.

    `attempts` are sentences on how several attempts ended, `notes` on what is not known. `damage`
    are files that can't be read as they stand, `unnamed` red verdicts without an ID, and `findings`
    where run and runbook contradict each other. `ran` tells whether any verdict was read, `log` is
    the command that shows the run's log.
    """

    run: CiRun
    cases: tuple[FailedClass, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    damage: tuple[Finding, ...] = ()
    unnamed: tuple[Finding, ...] = ()
    attempts: tuple[str, ...] = ()
    ran: bool = False
    log: str = ""


class UnreadableError(FreshrunError):
    """Nothing that a run left could be read, so that nothing is known of it."""


def triaged(runbook: Runbook, run: CiRun, *, files: Mapping[str, bytes] | None = None) -> Triage:
    """Follow the runbook's decision tree from a run's artifacts.

    `files` may hold the repository's ownership file, which knows how teams are reached that own
    nothing. Raises `DocumentError` where the runbook has no contract or tree that can be read, and
    `UnreadableError` where there are verdicts, and not one can be read.
    """
    for table in (contract_of(runbook).locations, triage_contract_of(runbook).tree):
        for finding in table.findings:
            raise DocumentError(str(finding))
    surveys = surveyed(runbook, run)
    told = _unrouted(runbook, run, surveys)
    named = tuple(hit for survey in surveys for hit in survey.hits)
    if not named and _nothing_failed(run, surveys):
        return told
    if not named and not told.unnamed and told.damage:
        return _unknown(told)
    return _routed(Desk(runbook, run, named, Book(runbook, files or {})), surveys, told)


def _routed(desk: Desk, surveys: Sequence[Survey], told: Triage) -> Triage:
    """Put the cases of the failures into what is told of the run."""
    routes = walk(desk.runbook, [hit.failure for hit in desk.hits])
    for finding in routes.findings:
        raise DocumentError(str(finding))
    urgent = sorted(routes.rows, key=lambda route: route.advice.priority)
    damaged = {survey.artifact for survey in surveys if survey.damage}
    findings = tuple(contradictions(desk, urgent, damaged=damaged))
    return replace(told, cases=tuple(map(desk.case, urgent)), findings=findings)


def _unrouted(runbook: Runbook, run: CiRun, surveys: Sequence[Survey]) -> Triage:
    """Return what is to be told of a run without looking at its failures' classes."""
    return Triage(
        run,
        notes=tuple(_notes(runbook, run, surveys)),
        damage=tuple(one for survey in surveys for one in survey.damage),
        unnamed=tuple(one for survey in surveys for one in survey.unnamed),
        attempts=tuple(attempts(run, surveys)),
        ran=any(survey.verdicts for survey in surveys),
        log=log_command(runbook, run.id),
    )


def _unknown(told: Triage) -> Triage:
    """Return what is told of a run that names no failure, where one may stand in a damaged file."""
    if told.ran:
        return told
    first, *more = told.damage
    others = f", nor can {len(more)} more" if more else ""
    look = f"; its log: {told.log}" if told.log else ""
    raise UnreadableError(f"{first}{others}; nothing else tells how this run ended{look}")


def _nothing_failed(run: CiRun, surveys: Sequence[Survey]) -> bool:
    """Tell whether a run that names no failure is known to be green: by GitHub, else by verdicts.

    A run that failed without naming anything is not, nor one without any verdict.
    """
    if run.conclusion:
        return run.conclusion == SUCCESS
    return bool(surveys) and all(survey.is_green for survey in surveys)


def _notes(runbook: Runbook, run: CiRun, surveys: Sequence[Survey]) -> Iterator[str]:
    yield from run.notes
    if run.url and not run.conclusion:
        yield "the run has not ended: more may fail"
    if run.conclusion == SUCCESS and not run.artifacts:
        yield "the run left no artifacts that could be looked at; GitHub calls it a success"
    for artifact in missing(runbook, run):
        yield f"{artifact} is not there: nothing is known of what it would hold"
    named = any(survey.hits for survey in surveys)
    for survey in surveys:
        yield from survey.lone
        if (run.conclusion == SUCCESS or named) and _is_silent(survey):
            yield f"{survey.artifact} names no failure, and its verdicts are red or missing"


def _is_silent(survey: Survey) -> bool:
    return not (survey.hits or survey.is_green or survey.damage or survey.unnamed)
