"""Recording folder -> `Recording`: every fact read strictly, nothing guessed."""

from collections.abc import Collection
from pathlib import Path

from .consistency import check
from .fields import Fields, Malformed, known
from .recording import Annotation, Artifact, Job, Recording, Run, Step, Workflow
from .tree import Tree, tree

_RECORDING = (
    "format",
    "origin",
    "recorded_at",
    "repository",
    "default_branch",
    "private",
    "viewer",
)
_WORKFLOW = ("id", "name", "path", "created_at", "state")
_ARTIFACT = ("id", "name", "created_at", "expires_at")
_ANNOTATION = ("path", "line", "level", "message")
_STATE = ("name", "status", "conclusion", "started_at", "completed_at")
_STEP = (*_STATE, "number")
_JOB = (*_STATE, "id", "labels", "steps", "annotations")
_RUN = (
    *("id", "workflow_id", "number", "attempt", "event", "status", "conclusion", "title"),
    *("branch", "commit", "actor", "created_at", "started_at", "updated_at"),
    "logs_expired",
)

_LEVELS = ("notice", "warning", "failure")
_STATUSES = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
_CONCLUSIONS = (
    *("success", "failure", "neutral", "cancelled", "skipped", "timed_out"),
    "action_required",
)
_RUN_CONCLUSIONS = (*_CONCLUSIONS, "startup_failure", "stale")
_STATES = ("active", "deleted", "disabled_fork", "disabled_inactivity", "disabled_manually")
_PATH = r"\.github/workflows/[^/]+\.ya?ml|dynamic/.+"


def read(folder: Path) -> Recording:
    """Return what a recording folder holds; `Malformed` names the file and what would be right."""
    files = tree(folder)
    facts = files.facts("recording.json", allowed=_RECORDING)
    if facts.number("format") != 1:
        raise Malformed(f'{facts.where}: "format" is {facts.number("format")}, expected 1')
    recording = Recording(
        folder=str(folder),
        origin=facts.text("origin"),
        recorded_at=facts.time("recorded_at"),
        repository=facts.match("repository", pattern=r"[\w.-]+/[\w.-]+", example="owner/name"),
        default_branch=facts.text("default_branch"),
        private=facts.flag("private"),
        viewer=facts.text("viewer"),
        workflows=tuple(map(_workflow, files.entries("workflows.json", allowed=_WORKFLOW))),
        runs=_runs(files.below("runs")),
        files=files.files,
    )
    check(recording)
    return recording


def _workflow(facts: Fields) -> Workflow:
    return Workflow(
        id=facts.number("id"),
        name=facts.text("name"),
        path=facts.match("path", pattern=_PATH, example=".github/workflows/NAME.yml"),
        created_at=facts.time("created_at"),
        state=facts.choice_or_none("state", among=_STATES) or "active",
    )


def _runs(files: Tree) -> tuple[Run, ...]:
    """Return the runs, newest first, as GitHub lists them."""
    runs = [_run(files.below(name), name) for name in files.folders()]
    return tuple(sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True))


def _run(files: Tree, folder: str) -> Run:
    facts = files.facts("run.json", allowed=_RUN)
    if str(facts.number("id")) != folder:
        raise Malformed(f'{facts.where}: "id" is {facts.number("id")}, expected its folder\'s name')
    status, conclusion = _state(facts, among=_RUN_CONCLUSIONS)
    return Run(
        id=facts.number("id"),
        workflow_id=facts.number("workflow_id"),
        number=facts.number("number"),
        attempt=facts.number("attempt"),
        event=facts.text("event"),
        status=status,
        conclusion=conclusion,
        title=facts.text("title"),
        branch=facts.text("branch"),
        commit=facts.match("commit", pattern="[0-9a-f]{40}", example="40 hexadecimal digits"),
        actor=facts.text("actor"),
        created_at=facts.time("created_at"),
        started_at=facts.time("started_at"),
        updated_at=facts.time("updated_at"),
        jobs=tuple(map(_job, files.entries("jobs.json", allowed=_JOB))),
        artifacts=_artifacts(files),
        logs=files.below("logs").files,
        logs_expired=facts.flag_or_false("logs_expired"),
    )


def _state(facts: Fields, *, among: Collection[str] = _CONCLUSIONS) -> tuple[str, str | None]:
    """Return status and conclusion; there is a conclusion exactly when it is completed."""
    status = facts.choice("status", among=_STATUSES)
    conclusion = facts.choice_or_none("conclusion", among=among)
    if (status == "completed") != (conclusion is not None):
        raise Malformed(
            f'{facts.where}: "status" is {status} and "conclusion" {conclusion or "null"}; '
            "a conclusion stands exactly with completed"
        )
    return status, conclusion


def _job(facts: Fields) -> Job:
    status, conclusion = _state(facts)
    return Job(
        id=facts.number("id"),
        name=facts.text("name"),
        status=status,
        conclusion=conclusion,
        started_at=facts.time("started_at"),
        completed_at=facts.time_or_none("completed_at"),
        labels=facts.texts("labels"),
        steps=tuple(map(_step, facts.objects("steps", allowed=_STEP))),
        annotations=tuple(map(_annotation, facts.objects("annotations", allowed=_ANNOTATION))),
    )


def _step(facts: Fields) -> Step:
    status, conclusion = _state(facts)
    return Step(
        number=facts.number("number"),
        name=facts.text("name"),
        status=status,
        conclusion=conclusion,
        started_at=facts.time_or_none("started_at"),
        completed_at=facts.time_or_none("completed_at"),
    )


def _annotation(facts: Fields) -> Annotation:
    return Annotation(
        path=facts.text("path"),
        line=facts.number("line"),
        level=facts.choice("level", among=_LEVELS),
        message=facts.text("message"),
    )


def _artifacts(files: Tree) -> tuple[Artifact, ...]:
    """Return the artifacts; each entry of artifacts.json has a folder, and each folder an entry."""
    folders = files.below("artifacts")
    artifacts = tuple(
        _artifact(facts, folders) for facts in files.entries("artifacts.json", allowed=_ARTIFACT)
    )
    names = [artifact.name for artifact in artifacts]
    for folder in folders.folders():
        known(f"{files.where}/artifacts.json", "artifact folder", folder, among=names)
    return artifacts


def _artifact(facts: Fields, folders: Tree) -> Artifact:
    name = facts.text("name")
    return Artifact(
        id=facts.number("id"),
        name=name,
        created_at=facts.time("created_at"),
        expires_at=facts.time("expires_at"),
        files=folders.below(name).files,
    )
