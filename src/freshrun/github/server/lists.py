"""Which entries of a list a request gets: GitHub's filters of runs, and its pages."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from .recording import Run
from .resources import API, Json
from .wire import Reply, Request, json_reply

PAGES = ("per_page", "page")
RUN_FILTERS = (
    *("status", "branch", "event", "actor", "created", "head_sha", "check_suite_id"),
    "exclude_pull_requests",
)


def page(request: Request, found: Sequence[Json], *, key: str | None = None) -> Reply:
    """Return the page that was asked for, with a `Link` header to the others.

    The list stands under `key`, beside the number of all entries; without one it is the whole body.
    """
    size = min(_asked(request, "per_page", usual=30), 100)
    number = _asked(request, "page", usual=1)
    shown = found[(number - 1) * size : number * size]
    links = _links(request, number, last=max(1, -(-len(found) // size)))
    body: Json = {"total_count": len(found), key: shown} if key else shown
    return json_reply(body, headers={"Link": links} if links else {})


def wanted(run: Run, query: Mapping[str, str]) -> bool:
    """Tell whether a run passes every filter; `status` names a status or a conclusion."""
    held = {
        "status": (run.status, run.conclusion),
        "branch": (run.branch,),
        "event": (run.event,),
        "actor": (run.actor,),
        "head_sha": (run.commit,),
        "check_suite_id": (str(run.id),),
    }
    filters = {key: query[key] for key in held if query.get(key)}
    if not all(value in held[key] for key, value in filters.items()):
        return False
    return _within(run.created_at, query.get("created", ""))


def _within(moment: str, span: str) -> bool:
    """Tell whether a time lies in a span of GitHub's search syntax: `>=D`, `A..B`, `*..B`, `D`."""
    sign = re.match("[<>]=?|", span)[0]  # type: ignore[index]  # the empty branch always matches
    first, dots, last = span.removeprefix(sign).partition("..")
    last = last if dots else first
    after = first in {"", "*"} or moment[: len(first)] >= first
    before = last in {"", "*"} or moment[: len(last)] <= last
    return {">=": after, "<=": before, ">": not before, "<": not after}.get(sign, after and before)


def _asked(request: Request, name: str, *, usual: int) -> int:
    value = request.query.get(name, "")
    return int(value) if value.isdecimal() and int(value) > 0 else usual


def _links(request: Request, number: int, *, last: int) -> str:
    """Return the `Link` header to the pages before and after this one, empty where it is all."""
    back = {"prev": number - 1, "first": 1} if number > 1 else {}
    onward = {"next": number + 1, "last": last} if number < last else {}
    return ", ".join(
        f'<{API}{request.path}?{urlencode({**request.query, "page": target})}>; rel="{relation}"'
        for relation, target in {**back, **onward}.items()
    )
