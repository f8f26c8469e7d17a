"""A failing run of a suite on this machine, recorded as the run on GitHub that it stands for."""

import math
import re
import subprocess
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from freshrun.github.recorder.folder import dump, store
from freshrun.github.recorder.plan import Plan, plan
from freshrun.github.replay import RecordingError
from freshrun.github.server.recording import Recording
from freshrun.host import enclosing
from freshrun.model import did_you_mean

_NOTES = """\
**This is not from GitHub.** The files of the artifacts and the lines of the logs between
`##[endgroup]` and `##[error]` are what the suite wrote on a local machine, whose host name, kernel
and folders were replaced. Every line of a log carries the time when the suite ended.

Made up, so that GitHub's answers are whole: the ids, the green runs, the times of all steps but the
suite's, and the frame of the logs. Workflows, jobs, steps and artifacts are called as the workflow
files call them. Steps other than the suite's have no log."""

_SECOND = timedelta(seconds=1)
_SCHEDULED = timedelta(seconds=5)
_YESTERDAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Output:
    """What one job of the suite left: the folder that the workflow uploads, and what it printed.

    `artifact` is the name under which the workflow uploads `folder`. `log` holds the suite's
    output; `exit_code` is how it ended.
    """

    artifact: str
    folder: Path
    log: Path
    exit_code: int = 1


def outputs(
    folders: Sequence[str], *, logs: Sequence[str], passed: Sequence[str] = ()
) -> tuple[Output, ...]:
    """Return the outputs that a command line names, each folder and log as `ARTIFACT=PATH`.

    `passed` are the artifacts whose job ended with 0. `RecordingError` for a word without a path,
    for an artifact without a log, and for a log or a pass of an unknown one.
    """
    places, said = _named(folders), _named(logs)
    for artifact in (*said, *passed):
        if artifact not in places:
            hint = did_you_mean(artifact, places) or f"; known are {', '.join(places) or 'none'}"
            raise RecordingError(f'no output folder of "{artifact}"{hint}')
    for artifact in places:
        if artifact not in said:
            raise RecordingError(f'no log of "{artifact}"; add --log {artifact}=FILE')
    return tuple(
        Output(artifact, place, said[artifact], exit_code=0 if artifact in passed else 1)
        for artifact, place in places.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRun:
    """The run that the outputs stand for; `commit` is the workflow's checkout's unless given."""

    run_id: int
    repository: str
    workflow: Path
    outputs: Sequence[Output]
    commit: str = ""
    branch: str = "main"


def record_local(run: LocalRun, *, to: Path) -> Recording:
    """Record a local run into the new folder `to`, and return what it holds.

    Files and logs are the suite's own; names of this machine are replaced. Times are those of the
    files. Ids, the other steps' times and two green runs beside the red one are made up.

    Raises `RecordingError` where an output is not one that the workflow uploads, where no job has
    failed, and where anything looks like a credential.
    """
    if not any(output.exit_code for output in run.outputs):
        raise RecordingError(f"run {run.run_id}: no output of it failed; record a failing run")
    workflow = _known(run.workflow)
    planned = [plan(workflow, artifact=output.artifact) for output in run.outputs]
    jobs = [_Job(run, n, *pair) for n, pair in enumerate(zip(run.outputs, planned, strict=True))]
    clock = _Clock.around(jobs)
    files = {**_whole(run, planned[0], clock), **_runs(run, planned[0], clock)}
    below = f"runs/{run.run_id}"
    files[f"{below}/jobs.json"] = dump([job.facts() for job in jobs])
    files[f"{below}/artifacts.json"] = dump([job.artifact() for job in jobs])
    for job in jobs:
        files |= {f"{below}/{path}": content for path, content in job.files()}
    return store(files, to=to, notes=_NOTES)


@dataclass(frozen=True, slots=True)
class _Job:
    """One job: the output that it left, and what its workflow planned for it."""

    run: LocalRun
    number: int
    output: Output
    plan: Plan

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return when the suite ran: from the first file that it wrote to the last."""
        times = [path.stat().st_mtime for path in self._left()]
        first, last = math.floor(min(times)), math.ceil(max(times))
        return datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(max(last, first + 1), UTC)

    @property
    def begin(self) -> datetime:
        """Return when the job began: each step before the suite's took a second."""
        return self.span[0] - self.plan.suite * _SECOND

    @property
    def end(self) -> datetime:
        """Return when the job ended."""
        return self._steps()[-1][1]

    @property
    def _conclusion(self) -> str:
        return "failure" if self.output.exit_code else "success"

    def facts(self) -> Mapping[str, object]:
        """Return the job's entry in `jobs.json`."""
        return {
            "id": self.run.run_id * 100 + self.number,
            "name": self.plan.job,
            **_state(self._conclusion, self.begin, self.end),
            "labels": [self.plan.label],
            "steps": [self._step(number, *span) for number, span in enumerate(self._steps(), 1)],
            "annotations": [_annotation(self.output.exit_code)] if self.output.exit_code else [],
        }

    def artifact(self) -> Mapping[str, object]:
        """Return the entry of the job's artifact in `artifacts.json`."""
        uploaded = self._steps()[self.plan.upload][1]
        return {
            "id": self.run.run_id * 100 + 50 + self.number,
            "name": self.output.artifact,
            "created_at": _iso(uploaded),
            "expires_at": _iso(uploaded + timedelta(days=self.plan.retention)),
        }

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the artifact's files and the log of the suite's step, by path below the run."""
        folder = self.output.folder
        for path in sorted(path for path in folder.rglob("*") if _plain(path)):
            name = f"artifacts/{self.output.artifact}/{path.relative_to(folder).as_posix()}"
            yield name, _nameless(path.read_bytes(), self.run)
        job = re.sub("[/:]", "", self.plan.job)[:90].strip()
        step = re.sub(r'[/:"<>|*?\\]', "", self.plan.steps[self.plan.suite])
        yield f"logs/{job}/{self.plan.suite + 1}_{step}.txt", self._log()

    def _left(self) -> Sequence[Path]:
        left = [path for path in self.output.folder.rglob("*") if _plain(path)]
        if not left:
            raise RecordingError(f"{self.output.folder}: no file in it; expected a suite's outputs")
        if not self.output.log.is_file():
            raise RecordingError(
                f"{self.output.log}: no such file; expected what the suite printed"
            )
        return [*left, self.output.log]

    def _steps(self) -> Sequence[tuple[datetime, datetime]]:
        """Return when each step began and ended; all but the suite's took a second."""
        begin, end = self.span
        before = [
            (self.begin + n * _SECOND, self.begin + (n + 1) * _SECOND)
            for n in range(self.plan.suite)
        ]
        after = range(len(self.plan.steps) - self.plan.suite - 1)
        return [
            *before,
            (begin, end),
            *((end + n * _SECOND, end + (n + 1) * _SECOND) for n in after),
        ]

    def _step(self, number: int, begin: datetime, end: datetime) -> Mapping[str, object]:
        own = number == self.plan.suite + 1
        state = _state(self._conclusion if own else "success", begin, end)
        return {"number": number, "name": self.plan.steps[number - 1], **state}

    def _log(self) -> bytes:
        """Return the step's log as GitHub frames it; every line carries the time of the end."""
        begin, end = (moment.strftime("%Y-%m-%dT%H:%M:%S.0000000Z ") for moment in self.span)
        text = _nameless(self.output.log.read_bytes(), self.run).decode(errors="replace")
        said = [f"{end}{line}" for line in text.splitlines()]
        code = self.output.exit_code
        error = [f"{end}##[error]Process completed with exit code {code}."] if code else []
        frame = [f"{begin}##[group]Run {self.plan.command}", f"{begin}##[endgroup]"]
        return "".join(f"{line}\n" for line in (*frame, *said, *error)).encode()


@dataclass(frozen=True, slots=True)
class _Clock:
    """When the run was asked for, and when it had ended."""

    created: datetime
    updated: datetime

    @classmethod
    def around(cls, jobs: Sequence[_Job]) -> "_Clock":
        return cls(
            min(job.begin for job in jobs) - _SCHEDULED, max(job.end for job in jobs) + _SECOND
        )


def _whole(run: LocalRun, of: Plan, clock: _Clock) -> Mapping[str, bytes]:
    """Return what stands for the whole recording."""
    listed = [
        {
            "id": _number(path.name),
            "name": name,
            "path": f".github/workflows/{path.name}",
            "created_at": _iso(clock.created - _YESTERDAY),
        }
        for path, name in of.workflows
    ]
    recording = {
        "format": 1,
        "origin": f"a local run of {run.workflow.name}'s suite; not a run on GitHub",
        "recorded_at": _iso(clock.updated + _SECOND),
        "repository": run.repository,
        "default_branch": run.branch,
        "private": False,
        "viewer": "newcomer",
    }
    return {"recording.json": dump(recording), "workflows.json": dump(listed)}


def _runs(run: LocalRun, of: Plan, clock: _Clock) -> Mapping[str, bytes]:
    """Return the facts of the red run, and of two green ones: a query must not take those."""
    commit = run.commit or _head(run.workflow)
    base: Mapping[str, object] = {
        "workflow_id": _number(run.workflow.name),
        "attempt": 1,
        "status": "completed",
        "title": of.workflow,
        "branch": run.branch,
        "commit": commit,
        "actor": "maintainer",
    }
    times = {
        run.run_id - 1: (clock.created - _HOUR, clock.updated - _HOUR),
        run.run_id: (clock.created, clock.updated),
        run.run_id + 1: (clock.created + _SECOND, clock.updated),
    }
    return {
        f"runs/{key}/run.json": dump(
            {"id": key, "number": number, **base, **_ended(span, red=key == run.run_id)}
        )
        for number, (key, span) in enumerate(times.items(), start=1)
    }


def _ended(span: tuple[datetime, datetime], *, red: bool) -> Mapping[str, str]:
    """Return how a run was started, how it ended, and when."""
    created, updated = map(_iso, span)
    return {
        "event": "workflow_dispatch" if red else "push",
        "conclusion": "failure" if red else "success",
        "created_at": created,
        "started_at": created,
        "updated_at": updated,
    }


def _named(words: Sequence[str]) -> Mapping[str, Path]:
    pairs = [word.partition("=") for word in words]
    for artifact, _, path in pairs:
        if not artifact or not path:
            raise RecordingError(f'"{artifact}": expected ARTIFACT=PATH')
    return {artifact: Path(path).expanduser() for artifact, _, path in pairs}


def _known(workflow: Path) -> Path:
    if not workflow.is_file():
        raise RecordingError(f"{workflow}: no such file; expected a workflow that runs the suite")
    return workflow.resolve()


def _state(conclusion: str, begin: datetime, end: datetime) -> Mapping[str, object]:
    times = {"started_at": _iso(begin), "completed_at": _iso(end)}
    return {"status": "completed", "conclusion": conclusion, **times}


def _annotation(code: int) -> Mapping[str, object]:
    message = f"Process completed with exit code {code}."
    return {"path": ".github", "line": 1, "level": "failure", "message": message}


def _nameless(content: bytes, run: LocalRun) -> bytes:
    """Return a text without this machine's names: host, kernel, and where the checkout lies."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    root = enclosing(run.workflow.resolve().parent)
    places = [str(root)] if root else []
    for place in (*places, str(Path.home())):
        text = text.replace(f"{place}/", "/home/newcomer/") if len(place) > 1 else text
    text = re.sub(r'\bhostname="[^"]*"', 'hostname="fresh-machine"', text)
    return re.sub(
        r"\bLinux-\d[\w.+~]*(?:-[\w.+~]+?)*-(x86_64|aarch64)\b", r"Linux-\1", text
    ).encode()


def _head(workflow: Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(workflow.resolve().parent), "rev-parse", "HEAD"],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RecordingError(f"{workflow}: it is in no git checkout; name the commit that was run")
    return done.stdout.strip()


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) + 1


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(path: Path) -> bool:
    """Tell whether a path is a file; a link, which may lead anywhere, is refused."""
    if path.is_symlink():
        raise RecordingError(f"{path}: found a link, which is not followed; a plain file is right")
    return path.is_file()
