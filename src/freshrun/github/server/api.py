"""GitHub's API, as far as `gh run`, `gh workflow` and `gh auth status` use it.

What is not in `ROUTES` is refused and marked as unexpected: this stand-in never guesses.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import resources
from .lists import PAGES, RUN_FILTERS, page, wanted
from .recording import Artifact, Job, Recording, Run, Workflow
from .resources import API, STORE, Json
from .wire import Reply, Request, error, json_reply


@dataclass(frozen=True, slots=True)
class Call:
    """One request that has found its route: `names` are the variable parts of its path."""

    recording: Recording
    request: Request
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path that this stand-in answers.

    `path` is written as in GitHub's OpenAPI description; `parameters` are the query parameters
    that are honoured.
    """

    path: str
    answer: Callable[[Call], Reply]
    parameters: tuple[str, ...] = ()
    method: str = "GET"
    site: str = API

    def match(self, request: Request) -> Mapping[str, str] | None:
        """Return the variable parts of the path; `None` where the request is for another route."""
        if (request.method, request.host) != (self.method, urlsplit(self.site).netloc):
            return None
        if not set(request.query) <= set(self.parameters):
            return None
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        found = re.fullmatch(pattern, request.path)
        return found.groupdict() if found else None


class _MissingError(Exception):
    """The recording has no such thing: GitHub answers 404."""


def answer(recording: Recording, request: Request) -> Reply:
    """Return GitHub's reply to one request."""
    if request.host == urlsplit(API).netloc and not request.authorized:
        return error(401, "Bad credentials")
    for route in ROUTES:
        names = route.match(request)
        if names is not None:
            return _answer(route, Call(recording, request, names))
    return error(404, "Not Found", expected=False)


def _answer(route: Route, call: Call) -> Reply:
    named = f"{call.names.get('owner')}/{call.names.get('repo')}"
    if "owner" in call.names and named.lower() != call.recording.repository.lower():
        return error(404, "Not Found")
    try:
        return route.answer(call)
    except _MissingError:
        return error(404, "Not Found")


def _root(_: Call) -> Reply:
    return json_reply(resources.root())


def _rate_limit(call: Call) -> Reply:
    return json_reply(resources.rate_limit(call.recording))


def _graphql(call: Call) -> Reply:
    """Answer the two queries that gh sends, told by their names."""
    answers: Mapping[str, Json] = {
        "UserCurrent": {"viewer": {"login": call.recording.viewer}},
        "PullRequestForRun": {"repository": {"pullRequests": {"nodes": []}}},
    }
    name = _query_name(call.request.body)
    if name not in answers:
        return error(404, "Not Found", expected=False)
    return json_reply({"data": answers[name]})


def _query_name(body: bytes) -> str:
    """Return the name of a GraphQL query, empty where the body holds none."""
    try:
        document: object = json.loads(body)
    except ValueError:
        return ""
    query = document.get("query") if isinstance(document, dict) else None
    found = re.match(r"\s*query\s+(\w+)", str(query))
    return found[1] if found else ""


def _workflows(call: Call) -> Reply:
    found = [resources.workflow(call.recording, item) for item in call.recording.workflows]
    return page(call.request, found, key="workflows")


def _workflow(call: Call) -> Reply:
    return json_reply(resources.workflow(call.recording, _find_workflow(call)))


def _workflow_runs(call: Call) -> Reply:
    workflow = _find_workflow(call)
    return _page_of_runs(call, [r for r in call.recording.runs if r.workflow_id == workflow.id])


def _runs(call: Call) -> Reply:
    return _page_of_runs(call, call.recording.runs)


def _page_of_runs(call: Call, runs: Iterable[Run]) -> Reply:
    query = call.request.query
    found = [resources.run(call.recording, run) for run in runs if wanted(run, query)]
    return page(call.request, found, key="workflow_runs")


def _run(call: Call) -> Reply:
    attempt = "attempt_number" in call.names
    return json_reply(resources.run(call.recording, _find_run(call), attempt=attempt))


def _jobs(call: Call) -> Reply:
    run = _find_run(call)
    found = [resources.job(call.recording, run, job) for job in run.jobs]
    return page(call.request, found, key="jobs")


def _job(call: Call) -> Reply:
    run, job = _find_job(call, "job_id")
    return json_reply(resources.job(call.recording, run, job))


def _annotations(call: Call) -> Reply:
    run, job = _find_job(call, "check_run_id")
    found = [resources.annotation(call.recording, run, item) for item in job.annotations]
    return page(call.request, found)


def _run_artifacts(call: Call) -> Reply:
    return _page_of_artifacts(call, [_find_run(call)])


def _artifacts(call: Call) -> Reply:
    return _page_of_artifacts(call, call.recording.runs)


def _page_of_artifacts(call: Call, runs: Iterable[Run]) -> Reply:
    """Return artifacts, those uploaded last first unless the request wants it otherwise."""
    query = call.request.query
    uploads = [
        (upload.created_at, upload.id, run, upload) for run in runs for upload in run.artifacts
    ]
    uploads.sort(key=lambda entry: entry[:2], reverse=query.get("direction") != "asc")
    found = [
        resources.artifact(call.recording, run, upload)
        for *_, run, upload in uploads
        if query.get("name") in {None, upload.name}
    ]
    return page(call.request, found, key="artifacts")


def _artifact(call: Call) -> Reply:
    run, artifact = _find_artifact(call)
    return json_reply(resources.artifact(call.recording, run, artifact))


def _artifact_archive(call: Call) -> Reply:
    _, artifact = _find_artifact(call)
    if call.recording.expired(artifact):
        return error(410, "Artifact has expired")
    return _redirect(f"/artifacts/{artifact.id}.zip")


def _run_logs(call: Call) -> Reply:
    run = _find_run(call)
    if run.logs_expired:
        return _EXPIRED_LOG
    if run.status != "completed" or not run.logs:
        raise _MissingError
    return _redirect(f"/logs/{run.id}.zip")


def _job_logs(call: Call) -> Reply:
    run, job = _find_job(call, "job_id")
    if run.logs_expired:
        return _EXPIRED_LOG
    if run.status != "completed" or not run.job_log(job):
        raise _MissingError
    return _redirect(f"/logs/jobs/{job.id}.txt")


def _redirect(path: str) -> Reply:
    return Reply(302, headers={"Location": f"{STORE}{path}"})


def _stored_artifact(call: Call) -> Reply:
    _, artifact = _find_artifact(call)
    return Reply(200, artifact.archive, {"Content-Type": "application/zip"})


def _stored_run_logs(call: Call) -> Reply:
    return Reply(200, _find_run(call).log_archive, {"Content-Type": "application/zip"})


def _stored_job_logs(call: Call) -> Reply:
    run, job = _find_job(call, "job_id")
    return Reply(200, run.job_log(job), {"Content-Type": "text/plain; charset=utf-8"})


def _find_workflow(call: Call) -> Workflow:
    """Return the workflow that a path names by its id or by its file's name."""
    name = call.names["workflow_id"]
    for workflow in call.recording.workflows:
        if name in {str(workflow.id), workflow.path.rpartition("/")[2]}:
            return workflow
    raise _MissingError


def _find_run(call: Call) -> Run:
    attempt = call.names.get("attempt_number")
    for run in call.recording.runs:
        if str(run.id) == call.names["run_id"] and attempt in {None, str(run.attempt)}:
            return run
    raise _MissingError


def _find_job(call: Call, name: str) -> tuple[Run, Job]:
    """Return the job whose id stands under this name in the path, and its run."""
    for run in call.recording.runs:
        for job in run.jobs:
            if str(job.id) == call.names[name]:
                return run, job
    raise _MissingError


def _find_artifact(call: Call) -> tuple[Run, Artifact]:
    for run in call.recording.runs:
        for artifact in run.artifacts:
            if str(artifact.id) == call.names["artifact_id"]:
                return run, artifact
    raise _MissingError


_EXPIRED_LOG = error(410, "Server Error")
"""What GitHub says of a log that it has deleted, word for word."""

_ACTIONS = "/repos/{owner}/{repo}/actions"
_RUN = f"{_ACTIONS}/runs/{{run_id}}"
_ATTEMPT = f"{_RUN}/attempts/{{attempt_number}}"

ROUTES = (
    Route("/", _root),
    Route("/rate_limit", _rate_limit),
    Route("/graphql", _graphql, method="POST"),
    Route(f"{_ACTIONS}/workflows", _workflows, PAGES),
    Route(f"{_ACTIONS}/workflows/{{workflow_id}}", _workflow),
    Route(f"{_ACTIONS}/workflows/{{workflow_id}}/runs", _workflow_runs, (*PAGES, *RUN_FILTERS)),
    Route(f"{_ACTIONS}/runs", _runs, (*PAGES, *RUN_FILTERS)),
    Route(_RUN, _run, ("exclude_pull_requests",)),
    Route(_ATTEMPT, _run, ("exclude_pull_requests",)),
    Route(f"{_RUN}/jobs", _jobs, (*PAGES, "filter")),
    Route(f"{_ATTEMPT}/jobs", _jobs, PAGES),
    Route(f"{_RUN}/artifacts", _run_artifacts, (*PAGES, "name", "direction")),
    Route(f"{_RUN}/logs", _run_logs),
    Route(f"{_ATTEMPT}/logs", _run_logs),
    Route(f"{_ACTIONS}/jobs/{{job_id}}", _job),
    Route(f"{_ACTIONS}/jobs/{{job_id}}/logs", _job_logs),
    Route(f"{_ACTIONS}/artifacts", _artifacts, (*PAGES, "name")),
    Route(f"{_ACTIONS}/artifacts/{{artifact_id}}", _artifact),
    Route(f"{_ACTIONS}/artifacts/{{artifact_id}}/zip", _artifact_archive),
    Route("/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", _annotations, PAGES),
    Route("/artifacts/{artifact_id}.zip", _stored_artifact, site=STORE),
    Route("/logs/{run_id}.zip", _stored_run_logs, site=STORE),
    Route("/logs/jobs/{job_id}.txt", _stored_job_logs, site=STORE),
)
