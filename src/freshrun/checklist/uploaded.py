"""The artifacts that a workflow uploads held against what the runbook says of them."""

import posixpath
from collections.abc import Iterable, Iterator

from freshrun.checklist.artifact_table import ArtifactPath
from freshrun.checklist.contract import contract_of
from freshrun.checklist.paths import matching
from freshrun.checklist.prerequisites_table import Prerequisite
from freshrun.github import Upload
from freshrun.model import Finding, Reading, Runbook, did_you_mean


def documented_uploads(
    runbook: Runbook, row: Prerequisite, *, path: str, uploaded: Iterable[Upload]
) -> Iterator[Finding]:
    """Hold the uploads of the workflow at `path` against its `row` and against `CI artifacts`.

    Row, workflow and table name the same artifacts, and the table the path of each documented
    output in them.
    """
    table = contract_of(runbook).artifacts
    by_name = {upload.artifact: upload for upload in uploaded}
    for name in row.gives:
        if name not in by_name:
            message = f'{path} uploads no "{name}"{did_you_mean(name, by_name)}'
            yield Finding(runbook.path, row.line, message)
    for name, upload in by_name.items():
        if name in row.gives:
            outputs = (one for one in _outputs(runbook) if _taken(one, upload))
            held = {_inside(output, upload) for output in outputs}
            yield from _paths(runbook, table, f"{path}:{upload.line}", held=held, name=name)
        else:
            hint = did_you_mean(name, row.gives)
            message = f'uploads "{name}", which {runbook.path}:{row.line} does not name{hint}'
            yield Finding(path, upload.line, message)
    yield from (*table.findings, *_unknown(runbook, table, near=row.gives))


def _unknown(
    runbook: Runbook, table: Reading[ArtifactPath], *, near: Iterable[str]
) -> Iterator[Finding]:
    """Yield the rows about artifacts that no workflow gives."""
    known = {name for row in contract_of(runbook).prerequisites.rows for name in row.gives}
    for row in table.rows:
        if row.artifact not in known:
            hint = did_you_mean(row.artifact, near)
            message = f'no workflow under "Prerequisites" gives "{row.artifact}"{hint}'
            yield Finding(runbook.path, row.line, message)


def _outputs(runbook: Runbook) -> set[str]:
    """Return the paths of everything that a run leaves, also a run that fails."""
    places = {row.path for row in contract_of(runbook).locations.rows if not row.where.is_stream}
    return places | {
        output for row in contract_of(runbook).entrypoints.rows for output in row.outputs
    }


def _paths(
    runbook: Runbook, table: Reading[ArtifactPath], uploaded: str, *, held: set[str], name: str
) -> Iterator[Finding]:
    """Hold the documented paths of one artifact against the outputs that its upload holds."""
    rows = {row.path: row for row in table.rows if row.artifact == name}
    for path in sorted(held - rows.keys()):
        message = f"{name} holds {path} by {uploaded}, which no row names"
        yield Finding(runbook.path, table.line, message)
    for path in sorted(rows.keys() - held):
        message = f"no output that {uploaded} uploads is {path} in {name}{did_you_mean(path, held)}"
        yield Finding(runbook.path, rows[path].line, message)


def _taken(output: str, upload: Upload) -> bool:
    paths = [path for path in upload.paths if not path.startswith("!")]
    left_out = [path[1:] for path in upload.paths if path.startswith("!")]
    return any(matching(path, [output]) for path in paths) and not any(
        matching(path, [output]) for path in left_out
    )


def _inside(output: str, upload: Upload) -> str:
    """Return an output's path inside the artifact."""
    folder = posixpath.dirname(output) if output == upload.folder else upload.folder
    return output.removeprefix(f"{folder}/")
