"""What GitHub held when a run was recorded: values, no I/O. Times are `2026-01-31T23:59:59Z`."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file of the repository; `path` starts with `.github/workflows/`."""

    id: int
    name: str
    path: str
    created_at: str
    state: str = "active"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job; times and conclusion are `None` until there are any."""

    number: int
    name: str
    status: str
    conclusion: str | None
    started_at: str | None
    completed_at: str | None


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation of a job; `level` is `notice`, `warning` or `failure`."""

    path: str
    line: int
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run, its steps in order."""

    id: int
    name: str
    status: str
    conclusion: str | None
    started_at: str
    completed_at: str | None
    labels: tuple[str, ...]
    steps: tuple[Step, ...]
    annotations: tuple[Annotation, ...]

    @property
    def log_name(self) -> str:
        """Return the name as GitHub writes it into the paths of a log archive."""
        return re.sub("[/:]", "", self.name)[:90].strip()


@dataclass(frozen=True, slots=True)
class Artifact:
    """One uploaded artifact: its files by path inside the archive, none where it has expired."""

    id: int
    name: str
    created_at: str
    expires_at: str
    files: Mapping[str, bytes]

    @property
    def archive(self) -> bytes:
        """Return the zip that GitHub sends for it; the same bytes each time."""
        return zipped(self.files)


@dataclass(frozen=True, slots=True)
class Run:
    """One workflow run. `logs` holds its log archive's files by path.

    With `logs_expired` GitHub has deleted them, and says so.
    """

    id: int
    workflow_id: int
    number: int
    attempt: int
    event: str
    status: str
    conclusion: str | None
    title: str
    branch: str
    commit: str
    actor: str
    created_at: str
    started_at: str
    updated_at: str
    jobs: tuple[Job, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    logs: Mapping[str, bytes] = field(default_factory=lambda: _NOTHING)
    logs_expired: bool = False

    @property
    def log_archive(self) -> bytes:
        """Return the zip of all logs: one text a job, and one a step below its folder."""
        whole = {f"{n}_{job.log_name}.txt": self.job_log(job) for n, job in enumerate(self.jobs)}
        return zipped({**whole, **self.logs})

    def job_log(self, job: Job) -> bytes:
        """Return the whole log of one job: the recorded one, else its steps' one after another."""
        for path, text in self.logs.items():
            if re.fullmatch(rf"-?\d+_{re.escape(job.log_name)}\.txt", path):
                return text
        steps = {number: text for path, text in self.logs.items() if (number := _step(path, job))}
        return b"".join(steps[number] for number in sorted(steps))


@dataclass(frozen=True, slots=True)
class Recording:
    """All that one recording folder holds.

    `origin` is one sentence: where the recording comes from. `recorded_at` is the moment that its
    answers belong to. `repository` is `owner/name`; `viewer` the login that the token belongs to.
    `runs` are newest first. `files` is the folder itself: each file's bytes by its path.
    """

    folder: str
    origin: str
    recorded_at: str
    repository: str
    default_branch: str
    private: bool
    viewer: str
    workflows: tuple[Workflow, ...]
    runs: tuple[Run, ...]
    files: Mapping[str, bytes] = field(default_factory=lambda: _NOTHING, repr=False)

    def expired(self, artifact: Artifact) -> bool:
        """Tell whether an artifact's retention was over when the recording was made."""
        return artifact.expires_at <= self.recorded_at


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of these files; stored, so that the bytes depend on no compressor's version."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def _step(path: str, job: Job) -> int:
    """Return the number of the step of `job` whose log this is, 0 where it is another file."""
    match = re.fullmatch(rf"{re.escape(job.log_name)}/(\d+)_[^/]*\.txt", path)
    return int(match[1]) if match else 0
