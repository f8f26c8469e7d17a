"""What a recording holds, in the JSON that GitHub's REST API gives for it.

Fields and formats follow GitHub's OpenAPI description (the tests hold each reply against it).
A recording holds facts; addresses, sizes and digests are worked out from them here.
"""

import base64
import calendar
import hashlib
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

from .recording import Annotation, Artifact, Job, Recording, Run, Step, Workflow

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"
Object: TypeAlias = Mapping[str, Json]

API = "https://api.github.com"
SITE = "https://github.com"
STORE = "https://results.actions.example"
"""Where archives and logs lie: another host than the API, as at GitHub; no token goes there."""

_ROOT = {
    "current_user_url": "/user",
    "current_user_authorizations_html_url": "/settings/connections/applications{/client_id}",
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_url": "/orgs/{org}",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_url": "/repos/{owner}/{repo}",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "starred_url": "/user/starred{/owner}{/repo}",
    "starred_gists_url": "/gists/starred",
    "user_url": "/users/{user}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
}

_USER = {
    "url": "",
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}

_REPOSITORY = {
    "url": "",
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def root() -> Object:
    """Return the API's root, which `gh auth status` asks for."""
    return {name: f"{API}{path}" for name, path in _ROOT.items()}


def rate_limit(recording: Recording) -> Object:
    """Return the rate limits of a token that has all of its requests left."""
    reset = seconds(recording.recorded_at) + 3600
    core: Object = {"limit": 5000, "used": 0, "remaining": 5000, "reset": reset}
    search: Object = {"limit": 30, "used": 0, "remaining": 30, "reset": reset}
    return {"resources": {"core": core, "graphql": core, "search": search}, "rate": core}


def workflow(recording: Recording, item: Workflow) -> Object:
    """Return one workflow."""
    site = f"{SITE}/{recording.repository}"
    return {
        "id": item.id,
        "node_id": _node("Workflow", item.id),
        "name": item.name,
        "path": item.path,
        "state": item.state,
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "url": f"{_repository_url(recording)}/actions/workflows/{item.id}",
        "html_url": f"{site}/blob/{recording.default_branch}/{item.path}",
        "badge_url": f"{site}/workflows/{quote(item.name)}/badge.svg",
    }


def run(recording: Recording, item: Run, *, attempt: bool = False) -> Object:
    """Return one run; with `attempt`, with the addresses that belong to that attempt alone."""
    url = f"{_repository_url(recording)}/actions/runs/{item.id}"
    part = f"{url}/attempts/{item.attempt}" if attempt else url
    return {**_run_facts(recording, item), **_run_addresses(recording, item, url, part=part)}


def _run_facts(recording: Recording, item: Run) -> Object:
    flow = next(flow for flow in recording.workflows if flow.id == item.workflow_id)
    place = _repository(recording)
    return {
        "id": item.id,
        "name": flow.name,
        "node_id": _node("WorkflowRun", item.id),
        "head_branch": item.branch,
        "head_sha": item.commit,
        "path": flow.path,
        "display_title": item.title,
        "run_number": item.number,
        "run_attempt": item.attempt,
        "event": item.event,
        "status": item.status,
        "conclusion": item.conclusion,
        "workflow_id": item.workflow_id,
        "check_suite_id": item.id,
        "check_suite_node_id": _node("CheckSuite", item.id),
        "pull_requests": [],
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "run_started_at": item.started_at,
        "actor": _user(item.actor),
        "triggering_actor": _user(item.actor),
        "referenced_workflows": [],
        "head_commit": None,
        "repository": place,
        "head_repository": place,
    }


def _run_addresses(recording: Recording, item: Run, url: str, *, part: str) -> Object:
    repository = _repository_url(recording)
    return {
        "url": url,
        "html_url": f"{SITE}/{recording.repository}/actions/runs/{item.id}",
        "jobs_url": f"{part}/jobs",
        "logs_url": f"{part}/logs",
        "check_suite_url": f"{repository}/check-suites/{item.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{repository}/actions/workflows/{item.workflow_id}",
    }


def job(recording: Recording, owner: Run, item: Job) -> Object:
    """Return one job of the run `owner`."""
    repository = _repository_url(recording)
    flow = next(flow for flow in recording.workflows if flow.id == owner.workflow_id)
    return {
        "id": item.id,
        "run_id": owner.id,
        "workflow_name": flow.name,
        "head_branch": owner.branch,
        "run_url": f"{repository}/actions/runs/{owner.id}",
        "run_attempt": owner.attempt,
        "node_id": _node("CheckRun", item.id),
        "head_sha": owner.commit,
        "url": f"{repository}/actions/jobs/{item.id}",
        "html_url": f"{SITE}/{recording.repository}/actions/runs/{owner.id}/job/{item.id}",
        "status": item.status,
        "conclusion": item.conclusion,
        "created_at": owner.created_at,
        "started_at": item.started_at,
        "completed_at": item.completed_at,
        "name": item.name,
        "steps": [_step(step) for step in item.steps],
        "check_run_url": f"{repository}/check-runs/{item.id}",
        "labels": item.labels,
        "runner_id": None,
        "runner_name": None,
        "runner_group_id": None,
        "runner_group_name": None,
    }


def _step(item: Step) -> Object:
    return {
        "name": item.name,
        "status": item.status,
        "conclusion": item.conclusion,
        "number": item.number,
        "started_at": item.started_at,
        "completed_at": item.completed_at,
    }


def annotation(recording: Recording, owner: Run, item: Annotation) -> Object:
    """Return one annotation of a job of the run `owner`."""
    return {
        "path": item.path,
        "blob_href": f"{SITE}/{recording.repository}/blob/{owner.commit}/{item.path}",
        "start_line": item.line,
        "start_column": None,
        "end_line": item.line,
        "end_column": None,
        "annotation_level": item.level,
        "title": "",
        "message": item.message,
        "raw_details": "",
    }


def artifact(recording: Recording, owner: Run, item: Artifact) -> Object:
    """Return one artifact of the run `owner`; size and digest are those of its archive."""
    url = f"{_repository_url(recording)}/actions/artifacts/{item.id}"
    archive, repository_id = item.archive, _number(recording.repository)
    return {
        "id": item.id,
        "node_id": _node("Artifact", item.id),
        "name": item.name,
        "size_in_bytes": len(archive),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": recording.expired(item),
        "digest": f"sha256:{hashlib.sha256(archive).hexdigest()}",
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "expires_at": item.expires_at,
        "workflow_run": {
            "id": owner.id,
            "repository_id": repository_id,
            "head_repository_id": repository_id,
            "head_branch": owner.branch,
            "head_sha": owner.commit,
        },
    }


def seconds(moment: str) -> int:
    """Return a time as seconds since 1970."""
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))


def _repository(recording: Recording) -> Object:
    owner, name = recording.repository.split("/")
    url = _repository_url(recording)
    return {
        "id": _number(recording.repository),
        "node_id": _node("Repository", _number(recording.repository)),
        "name": name,
        "full_name": recording.repository,
        "private": recording.private,
        "owner": _user(owner),
        "html_url": f"{SITE}/{recording.repository}",
        "description": None,
        "fork": False,
        **{key: f"{url}{path}" for key, path in _REPOSITORY.items()},
    }


def _user(login: str) -> Object:
    url = f"{API}/users/{login}"
    return {
        "login": login,
        "id": _number(login),
        "node_id": _node("User", _number(login)),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{_number(login)}?v=4",
        "gravatar_id": "",
        "html_url": f"{SITE}/{login}",
        "type": "User",
        "site_admin": False,
        **{key: f"{url}{path}" for key, path in _USER.items()},
    }


def _repository_url(recording: Recording) -> str:
    return f"{API}/repos/{recording.repository}"


def _number(name: str) -> int:
    """Return an id for what GitHub numbers and a recording only names; the same each time."""
    return zlib.crc32(name.encode())


def _node(kind: str, number: int) -> str:
    return base64.b64encode(f"{kind}{number}".encode()).decode()
