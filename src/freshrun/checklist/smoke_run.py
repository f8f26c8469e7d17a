"""The documented entrypoints held against the commands that were run."""

from collections.abc import Iterator, Mapping

from freshrun.checklist.contract import contract_of
from freshrun.checklist.entrypoints import Entrypoint
from freshrun.checklist.evidence import named_commands, unmet
from freshrun.checklist.paths import matching
from freshrun.model import Finding, Parsed, Record, Runbook, did_you_mean


def entrypoint(runbook: Runbook, name: str) -> Parsed[Entrypoint]:
    """Return the row of `Entrypoints` with this name; a finding where there is none."""
    table = contract_of(runbook).entrypoints
    row = next((row for row in table.rows if row.name == name), None)
    if row or table.findings:
        return Parsed(row, table.findings, table.line)
    hint = did_you_mean(name, [row.name for row in table.rows])
    missing = Finding(runbook.path, table.line, f'no entrypoint "{name}" in the table{hint}')
    return Parsed(None, (missing,), table.line)


def smoke(
    runbook: Runbook, record: Record, *, files: Mapping[str, bytes], name: str = "smoke"
) -> tuple[Finding, ...]:
    """Hold an entrypoint's row against the block of the same name, its outcome and `files`.

    The documented command is one of the block's, every command of the block passed, and each
    documented output is among `files` (by path below the checkout; see `output_files`).
    """
    entry = entrypoint(runbook, name)
    stopped = (*entry.findings, *unmet(runbook, record, block=name))
    return stopped or tuple(_kept(runbook, entry.known, files=files))


def _kept(runbook: Runbook, row: Entrypoint, *, files: Mapping[str, bytes]) -> Iterator[Finding]:
    typed = [command.text for command in named_commands(runbook, row.name)]
    if row.command not in typed:
        hint = did_you_mean(row.command, typed) or f"; its block types `{typed[0]}`"
        message = f"{row.name}: the command `{row.command}` is not the one that is run{hint}"
        yield Finding(runbook.path, row.line, message)
    for output in row.outputs:
        if not matching(output, files):
            message = f"{row.name}: the run left no {output}{did_you_mean(output, files)}"
            yield Finding(runbook.path, row.line, message)
