"""A recording's folder, written whole or not at all: scrubbed, checked, and read back."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from freshrun.github.recorder.scrub import scrubbed
from freshrun.github.replay import RecordingError, read_recording
from freshrun.github.server.recording import Recording
from freshrun.host import clash, shown, unfit

_HEADER = (
    "| Run | Workflow | Event | Attempt | Conclusion | Jobs | Artifacts |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)


def dump(document: object) -> bytes:
    """Return a JSON document as people read it."""
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()


def store(files: Mapping[str, bytes], *, to: Path, notes: str = "") -> Recording:
    """Write the files of a recording into the new folder `to`, with a README, and read it.

    `notes` are what the README says beside the facts. Nothing is left there where `RecordingError`
    is raised: for a credential, for facts that contradict each other, and where the folder can't be
    made.
    """
    refuse_taken(to)
    _refuse_names(files, to=to)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        return _stored(files, to=to, notes=notes)
    except OSError as problem:
        raise RecordingError(f"{problem.filename or to}: {problem.strerror}") from None


def _refuse_names(files: Mapping[str, bytes], *, to: Path) -> None:
    """Raise `RecordingError` for a path that is none below `to`, whoever gave it."""
    for path in files:
        if reason := unfit(path):
            raise RecordingError(f'{to}: "{shown(path)}" {reason}')
    if two := clash(files):
        names = " and ".join(f'"{shown(name)}"' for name in two)
        raise RecordingError(f"{to}: no folder can hold both {names}")


def refuse_taken(to: Path) -> None:
    """Raise `RecordingError` where there is something already: a recording goes over nothing."""
    if to.exists():
        raise RecordingError(f"{to}: it is there already; name another folder, or remove it")


def _stored(files: Mapping[str, bytes], *, to: Path, notes: str) -> Recording:
    clean = {path: scrubbed(content) for path, content in files.items()}
    changed = sorted(path for path, content in clean.items() if content != files[path])
    with tempfile.TemporaryDirectory(prefix=".recording-", dir=to.parent) as scratch:
        draft = Path(scratch, to.name)
        for path, content in clean.items():
            _put(draft / path, content)
        readme = _readme(_read(draft, shown=to), title=to.name, changed=changed, notes=notes)
        _put(draft / "README.md", readme.encode())
        _read(draft, shown=to)
        draft.rename(to)
    return read_recording(to)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _read(draft: Path, *, shown: Path) -> Recording:
    """Read the draft; what is wrong with it is told of the folder that it was to become."""
    try:
        return read_recording(draft)
    except RecordingError as problem:
        raise RecordingError(str(problem).replace(str(draft), os.fspath(shown))) from None


def _readme(recording: Recording, *, title: str, changed: list[str], notes: str) -> str:
    """Return what a person has to know of the recording."""
    names = {workflow.id: workflow.name for workflow in recording.workflows}
    rows = [
        f"| {run.id} | {names[run.workflow_id]} | {run.event} | {run.attempt} "
        f"| {run.conclusion or run.status} | {len(run.jobs)} | {len(run.artifacts)} |"
        for run in recording.runs
    ]
    scrubbed_in = "replaced in" if changed else "there were none."
    parts = (
        f"# {title}",
        f"Recorded: {recording.origin}.",
        "\n".join((*_HEADER, *rows)),
        notes,
        f"E-mail addresses, passwords in addresses, and signed addresses: {scrubbed_in}",
        "\n".join(f"* `{path}`" for path in changed),
    )
    return "\n\n".join(filter(None, parts)) + "\n"
