"""What no single file of a recording can tell: that its parts agree with each other."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import PurePosixPath

from .fields import Malformed, known
from .recording import Job, Recording, Run


def check(recording: Recording) -> None:
    """Raise `Malformed` where two parts of a recording contradict each other."""
    folder = recording.folder
    workflows = [str(workflow.id) for workflow in recording.workflows]
    _unique(f"{folder}/workflows.json", "workflow id", workflows)
    jobs = [str(job.id) for run in recording.runs for job in run.jobs]
    _unique(f"{folder}/runs/*/jobs.json", "job id", jobs)
    artifacts = [str(artifact.id) for run in recording.runs for artifact in run.artifacts]
    _unique(f"{folder}/runs/*/artifacts.json", "artifact id", artifacts)
    for run in recording.runs:
        where = f"{folder}/runs/{run.id}"
        known(f"{where}/run.json", '"workflow_id"', str(run.workflow_id), among=workflows)
        _in_order(where, updated_at=run.updated_at, recorded_at=recording.recorded_at)
        _check_run(recording, run, where)


def _check_run(recording: Recording, run: Run, where: str) -> None:
    _in_order(
        f"{where}/run.json",
        created_at=run.created_at,
        started_at=run.started_at,
        updated_at=run.updated_at,
    )
    _check_conclusion(run, where)
    for job in run.jobs:
        _check_job(job, run, f"{where}/jobs.json: {job.name}")
    _check_artifacts(run, f"{where}/artifacts.json", recording)
    _check_logs(run, f"{where}/logs")


def _check_conclusion(run: Run, where: str) -> None:
    """Raise `Malformed` for a failure without a job that failed.

    The other way round is real: with `continue-on-error`, a job fails and the run passes.
    """
    ended = {job.conclusion for job in run.jobs}
    if run.jobs and run.conclusion == "failure" and ended <= {"success", "skipped", "neutral"}:
        raise Malformed(f'{where}/run.json: "conclusion" is failure, but no job of it failed')


def _check_job(job: Job, run: Run, where: str) -> None:
    """Raise `Malformed` for times out of order.

    A rerun keeps the jobs that passed before it started. GitHub starts skipped jobs and steps
    after it has ended them.
    """
    begin = run.created_at if run.attempt > 1 else run.started_at
    end = job.completed_at or run.updated_at
    _in_order(where, run_started_at=begin, started_at=job.started_at)
    _in_order(where, completed_at=end, run_updated_at=run.updated_at)
    if job.conclusion == "skipped":
        return
    _in_order(where, started_at=job.started_at, completed_at=end)
    _unique(where, "step number", [str(step.number) for step in job.steps])
    for step in (step for step in job.steps if step.conclusion != "skipped"):
        _in_order(
            f"{where}: step {step.number}",
            job_started_at=job.started_at,
            started_at=step.started_at or job.started_at,
            completed_at=step.completed_at or end,
            job_completed_at=end,
        )


def _check_artifacts(run: Run, where: str, recording: Recording) -> None:
    _unique(where, "artifact name", [artifact.name for artifact in run.artifacts])
    begin = run.created_at if run.attempt > 1 else run.started_at
    for artifact in run.artifacts:
        if not artifact.files and not recording.expired(artifact):
            raise Malformed(
                f"{where}: {artifact.name}: no file in artifacts/{artifact.name}/; expected its "
                "files, unless it has expired"
            )
        _in_order(
            f"{where}: {artifact.name}",
            run_started_at=begin,
            created_at=artifact.created_at,
            expires_at=artifact.expires_at,
        )
        _in_order(where, created_at=artifact.created_at, run_updated_at=run.updated_at)


def _check_logs(run: Run, where: str) -> None:
    """Raise `Malformed` where a log belongs to no job, or the log of a step to no step."""
    steps = {job.log_name: [str(step.number) for step in job.steps] for job in run.jobs}
    for path in map(PurePosixPath, run.logs):
        number, _, name = path.stem.partition("_")
        job = path.parts[0] if len(path.parts) > 1 else name
        known(f"{where}/{path}", "job", job, among=steps)
        if len(path.parts) > 1 and path.name != "system.txt":
            known(f"{where}/{path}", "step number", number, among=steps[job])


def _in_order(where: str, **times: str) -> None:
    """Raise `Malformed` unless the times come in the order given."""
    for (earlier, first), (later, second) in pairwise(times.items()):
        if first > second:
            raise Malformed(f'{where}: "{later}" ({second}) is before "{earlier}" ({first})')


def _unique(where: str, noun: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise Malformed(f"{where}: the {noun} {name} stands there {count} times, expected once")
