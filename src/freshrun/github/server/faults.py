"""What can go wrong between gh and GitHub, each of it to be switched on by its name."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlsplit

from .recording import Job, Recording, Run
from .resources import API, STORE
from .wire import Reply, Request, error

_SLOW_DOWN = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


def _as_recorded(recording: Recording) -> Recording:
    return recording


def _as_answered(_: Request, reply: Reply) -> Reply:
    return reply


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong; `meaning` is one sentence.

    `recorded` changes what GitHub holds; `answered` changes a reply on its way out. With
    `repeated` nothing is wrong with GitHub: the fault shows when a command is typed twice.
    """

    name: str
    meaning: str
    recorded: Callable[[Recording], Recording] = _as_recorded
    answered: Callable[[Request, Reply], Reply] = _as_answered
    repeated: bool = False


NO_FAULT = Fault("none", "GitHub answers as it was recorded.")


def _from_api(fault: Reply, *, below: str = "/") -> Callable[[Request, Reply], Reply]:
    """Return a change that answers every request to the API below a path with this fault."""

    def answered(request: Request, reply: Reply) -> Reply:
        api = request.host == urlsplit(API).netloc
        return fault if api and request.path.startswith(below) and reply.expected else reply

    return answered


def _to_archive(change: Callable[[Reply], Reply]) -> Callable[[Request, Reply], Reply]:
    """Return a change that applies to the artifacts' archives alone."""

    def answered(request: Request, reply: Reply) -> Reply:
        stored = request.host == urlsplit(STORE).netloc
        return change(reply) if stored and request.path.startswith("/artifacts/") else reply

    return answered


def _gone(request: Request, reply: Reply) -> Reply:
    """Refuse an archive whose retention ended between the listing and the download."""
    is_archive = reply.status == HTTPStatus.FOUND and request.path.endswith("/zip")
    return error(410, "Artifact has expired") if is_archive else reply


def _cut_off(reply: Reply) -> Reply:
    return replace(reply, cut=True)


def _not_a_zip(reply: Reply) -> Reply:
    return replace(reply, body=b"<html><body>Service Unavailable</body></html>\n")


def _damaged(reply: Reply) -> Reply:
    """Change one byte of the first file that has any, so that its checksum is wrong."""
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        entry = next(entry for entry in archive.infolist() if entry.file_size)
    header = 30
    position = entry.header_offset + header + len(entry.filename.encode())
    changed = bytes([reply.body[position] ^ 1])
    return replace(reply, body=reply.body[:position] + changed + reply.body[position + 1 :])


def _expired(recording: Recording) -> Recording:
    """Let every artifact be listed as expired."""
    return replace(recording, runs=tuple(map(_aged, recording.runs)))


def _aged(run: Run) -> Run:
    artifacts = (replace(item, expires_at=item.created_at) for item in run.artifacts)
    return replace(run, artifacts=tuple(artifacts))


def _in_progress(recording: Recording) -> Recording:
    """Let every failed run be still going: nothing uploaded, no conclusion."""
    runs = (_going(run) if run.conclusion == "failure" else run for run in recording.runs)
    return replace(recording, runs=tuple(runs))


def _going(run: Run) -> Run:
    jobs = tuple(map(_started, run.jobs))
    return replace(run, status="in_progress", conclusion=None, jobs=jobs, artifacts=())


def _started(job: Job) -> Job:
    begun = replace(job, status="in_progress", conclusion=None, completed_at=None)
    return replace(begun, steps=(), annotations=())


def _no_failed_run(recording: Recording) -> Recording:
    passed = tuple(run for run in recording.runs if run.conclusion != "failure")
    return replace(recording, runs=passed)


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "bad-credentials",
            "401: the token is wrong, expired or revoked.",
            answered=_from_api(error(401, "Bad credentials")),
        ),
        Fault(
            "forbidden",
            "403: the token lacks the permission to read Actions.",
            answered=_from_api(
                error(403, "Resource not accessible by personal access token"), below="/repos/"
            ),
        ),
        Fault("rate-limit", "403: too many requests.", answered=_from_api(error(403, _SLOW_DOWN))),
        Fault(
            "not-found",
            "404: no such repository, or a private one that the token may not see.",
            answered=_from_api(error(404, "Not Found"), below="/repos/"),
        ),
        Fault("artifacts-expired", "Every artifact is listed as expired.", recorded=_expired),
        Fault("artifact-gone", "410: the archive is past its retention.", answered=_gone),
        Fault(
            "artifact-cut-off",
            "The connection ends in the middle of an archive.",
            answered=_to_archive(_cut_off),
        ),
        Fault(
            "artifact-not-a-zip",
            "The host of the archives answers with a page.",
            answered=_to_archive(_not_a_zip),
        ),
        Fault(
            "artifact-bad-crc",
            "An archive holds a file that was damaged on its way.",
            answered=_to_archive(_damaged),
        ),
        Fault(
            "same-directory-twice",
            "The directory holds an earlier download: type the download a second time.",
            repeated=True,
        ),
        Fault("run-in-progress", "The failed run is still going.", recorded=_in_progress),
        Fault("no-failed-run", "No run has failed.", recorded=_no_failed_run),
    )
}
