"""Runs that GitHub has, recorded through the real `gh api`."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from freshrun.github.recorder.folder import dump, refuse_taken, store
from freshrun.github.recorder.hub import Hub, RefusedError, Reply
from freshrun.github.recorder.unzipped import LARGEST, unzipped
from freshrun.github.replay import RecordingError
from freshrun.github.server.recording import Recording
from freshrun.host import shown, unfit

_FACTS = {
    "id": "id",
    "workflow_id": "workflow_id",
    "number": "run_number",
    "attempt": "run_attempt",
    "event": "event",
    "status": "status",
    "conclusion": "conclusion",
    "title": "display_title",
    "branch": "head_branch",
    "commit": "head_sha",
}
"""The name of a fact in a recording, and in GitHub's reply."""

_STILL = ("status", "conclusion", "run_attempt", "updated_at")
"""What changes when a run goes on."""

_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_ACTIONS = "repos/{owner}/{repo}/actions"


def record_run(
    runs: Sequence[int], *, to: Path, repository: str = "", origin: str = ""
) -> Recording:
    """Record these runs of one repository into the new folder `to`, and return what it holds.

    `repository` is `[HOST/]OWNER/REPO`; that of the working directory unless given. `origin` is
    what the recording says of itself; where and when it was recorded unless given. gh and its token
    are those of this process. Of a run with several attempts the last one is recorded.

    Raises `RecordingError` where gh refuses, where a run goes on meanwhile, where anything looks
    like a credential, and where the recording could not be true: two artifacts of one name.
    """
    refuse_taken(to)
    try:
        files = _files(Hub(repository), runs, origin=origin)
    except (ValueError, TypeError, OverflowError, RecursionError) as problem:
        said = f"{type(problem).__name__}: {problem}"
        raise RecordingError(f"GitHub's answers can't be recorded: {said}") from None
    _refuse_own_token(files, to=to)
    return store(files, to=to)


def _files(hub: Hub, runs: Sequence[int], *, origin: str) -> Mapping[str, bytes]:
    found = [hub.reply(f"{_ACTIONS}/runs/{run}") for run in runs]
    for run, reply in zip(runs, found, strict=True):
        if reply.at().get("id") != run:
            raise RecordingError(f"run {run}: GitHub's answer is about another one")
    files: dict[str, bytes] = {}
    for reply in found:
        files |= _run(hub, reply)
    files |= _repository(hub, found[0], origin=origin)
    for before in found:
        _refuse_change(hub, before)
    return files


def moment(value: object) -> str | None:
    """Return a time as a recording has it, in UTC to the second; `None` for no time."""
    if not isinstance(value, str):
        return None
    return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _repository(hub: Hub, reply: Reply, *, origin: str) -> Mapping[str, bytes]:
    """Return what stands for the whole recording: where it comes from, and the workflows."""
    listed = [_workflow(item) for item in hub.pages(f"{_ACTIONS}/workflows", key="workflows")]
    repository = reply.at("repository")
    name = str(repository.get("full_name"))
    when = parsedate_to_datetime(reply.date).astimezone(UTC)
    run = reply.at().get("id")
    usual = f"run {run} of {name}, recorded from GitHub on {when:%Y-%m-%d}"
    recording = {
        "format": 1,
        "origin": origin or usual,
        "recorded_at": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "repository": name,
        "default_branch": _default_branch([facts.branch for facts in listed], name),
        "private": repository.get("private"),
        "viewer": hub.viewer(),
    }
    workflows = sorted((facts.facts for facts in listed), key=lambda facts: str(facts["path"]))
    return {"recording.json": dump(recording), "workflows.json": dump(workflows)}


@dataclass(frozen=True, slots=True)
class _Listed:
    """One workflow as a recording has it, and the branch that its address names."""

    facts: Mapping[str, object]
    branch: str


def _workflow(item: Mapping[str, object]) -> _Listed:
    path, address = str(item.get("path")), str(item.get("html_url"))
    branch = re.search(f"/blob/(.+)/{re.escape(path)}$", address)
    facts = {key: item.get(key) for key in ("id", "name", "path")}
    facts["created_at"] = moment(item.get("created_at"))
    if item.get("state") != "active":
        facts["state"] = item.get("state")
    return _Listed(facts, branch[1] if branch else "")


def _default_branch(branches: Sequence[str], repository: str) -> str:
    for branch in branches:
        if branch:
            return branch
    raise RecordingError(f"{repository}: no workflow's address names the default branch")


def _run(hub: Hub, reply: Reply) -> Mapping[str, bytes]:
    """Return the files of one run: its facts, jobs, artifacts and logs."""
    answer = reply.at()
    below = PurePosixPath("runs", str(answer.get("id")))
    logs, expired = _logs(hub, answer)
    jobs = [_job(hub, job) for job in _listed(hub, answer, "jobs")]
    uploads = sorted(_listed(hub, answer, "artifacts"), key=_upload_order)
    listed = {
        "jobs.json": jobs,
        "artifacts.json": [_artifact(item) for item in uploads],
    }
    files = {"run.json": dump(_facts(answer, logs_expired=expired)), **logs}
    files |= {name: dump(entries) for name, entries in listed.items() if entries}
    for upload in uploads:
        files |= _archive(hub, upload, at=reply.date)
        _refuse_size(files, run=str(answer.get("id")))
    return {str(below / path): content for path, content in files.items()}


def _refuse_size(files: Mapping[str, bytes], *, run: str) -> None:
    """Raise `RecordingError` where the artifacts of a run are too much for one recording."""
    if sum(map(len, files.values())) > LARGEST:
        raise RecordingError(f"run {run}: its artifacts have more than {LARGEST:,} bytes")


def _listed(hub: Hub, run: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    return tuple(hub.pages(f"{_ACTIONS}/runs/{run.get('id')}/{key}", key=key))


def _facts(answer: Mapping[str, object], *, logs_expired: bool) -> Mapping[str, object]:
    actor = answer.get("actor")
    times = {
        "created_at": moment(answer.get("created_at")),
        "started_at": moment(answer.get("run_started_at")),
        "updated_at": moment(answer.get("updated_at")),
    }
    return {
        **{name: answer.get(key) for name, key in _FACTS.items()},
        "actor": actor.get("login") if isinstance(actor, dict) else None,
        **times,
        **({"logs_expired": True} if logs_expired else {}),
    }


def _job(hub: Hub, job: Mapping[str, object]) -> Mapping[str, object]:
    steps = job.get("steps")
    return {
        "id": job.get("id"),
        **_state(job),
        "labels": job.get("labels"),
        "steps": [
            {"number": step.get("number"), **_state(step)}
            for step in (steps if isinstance(steps, list) else [])
        ],
        "annotations": [_annotation(item) for item in _annotations(hub, job)],
    }


def _annotations(hub: Hub, job: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield what a job's run was annotated with; one that was skipped said nothing."""
    if job.get("conclusion") != "skipped":
        yield from hub.pages(f"repos/{{owner}}/{{repo}}/check-runs/{job.get('id')}/annotations")


def _state(item: Mapping[str, object]) -> Mapping[str, object]:
    """Return the facts that a job and a step have in common."""
    return {
        **{key: item.get(key) for key in ("name", "status", "conclusion")},
        "started_at": moment(item.get("started_at")),
        "completed_at": moment(item.get("completed_at")),
    }


def _annotation(item: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "path": item.get("path"),
        "line": item.get("start_line"),
        "level": item.get("annotation_level"),
        "message": item.get("message"),
    }


def _upload_order(item: Mapping[str, object]) -> tuple[str, int]:
    return str(item.get("created_at")), int(str(item.get("id")))


def _artifact(item: Mapping[str, object]) -> Mapping[str, object]:
    times = {key: moment(item.get(key)) for key in ("created_at", "expires_at")}
    return {"id": item.get("id"), "name": item.get("name"), **times}


def _archive(hub: Hub, item: Mapping[str, object], *, at: str) -> Mapping[str, bytes]:
    """Return an artifact's files below its folder; none where it has expired."""
    name, end = str(item.get("name")), str(moment(item.get("expires_at")))
    if reason := "holds a /" if "/" in name else unfit(name):
        raise RecordingError(f'artifact "{shown(name)}": its name {reason}')
    now = parsedate_to_datetime(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if bool(item.get("expired")) != (end <= now):
        raise RecordingError(
            f"artifact {name}: GitHub lists it as {'' if item.get('expired') else 'not '}expired, "
            f"and expires_at is {end}; a recording can't hold both: record it some minutes later"
        )
    if item.get("expired"):
        return {}
    held = unzipped(hub.content(f"{_ACTIONS}/artifacts/{item.get('id')}/zip"), where=name)
    if not held:
        raise RecordingError(f"artifact {name}: it is empty; a recording can't hold it")
    return {f"artifacts/{name}/{path}": content for path, content in held.items()}


def _logs(hub: Hub, run: Mapping[str, object]) -> tuple[Mapping[str, bytes], bool]:
    """Return the log archive's files, and whether GitHub says that it has deleted them."""
    if run.get("status") != "completed":
        return {}, False
    try:
        archive = hub.content(f"{_ACTIONS}/runs/{run.get('id')}/logs")
    except RefusedError as refusal:
        if refusal.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return {}, refusal.status == HTTPStatus.GONE
        raise
    held = unzipped(archive, where=f"the logs of run {run.get('id')}")
    return {f"logs/{path}": held[path] for path in held if not _is_told_by_steps(path, held)}, False


def _is_told_by_steps(path: str, logs: Mapping[str, bytes]) -> bool:
    """Tell whether a whole job's log is nothing but those of its steps, one after another."""
    job = re.fullmatch(r"-?\d+_([^/]+)\.txt", path)
    return job is not None and logs[path] == b"".join(_steps(job[1], logs))


def _steps(job: str, logs: Mapping[str, bytes]) -> Iterator[bytes]:
    steps = {path: re.fullmatch(rf"{re.escape(job)}/(\d+)_[^/]*\.txt", path) for path in logs}
    numbered = sorted((int(match[1]), path) for path, match in steps.items() if match)
    return (logs[path] for _, path in numbered)


def _refuse_own_token(files: Mapping[str, bytes], *, to: Path) -> None:
    """Raise `RecordingError` for the caller's own token, whatever it looks like."""
    tokens = {os.environ.get(name, "").encode() for name in _TOKENS} - {b""}
    for path, content in files.items():
        if any(token in content for token in tokens):
            raise RecordingError(f"{to}/{path}: found your own token; revoke it at GitHub")


def _refuse_change(hub: Hub, before: Reply) -> None:
    run = before.at()
    after = hub.reply(f"{_ACTIONS}/runs/{run.get('id')}").at()
    if any(run.get(key) != after.get(key) for key in _STILL):
        raise RecordingError(
            f"run {run.get('id')} went on while it was recorded; wait until it has ended"
        )
