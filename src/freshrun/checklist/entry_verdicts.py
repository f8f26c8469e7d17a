"""The table `Entrypoints` held against what its commands did when they were tried out."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from freshrun.checklist.bands import Band, kept_durations, told_otherwise, too_wide
from freshrun.checklist.contract import contract_of
from freshrun.checklist.definition import undefined
from freshrun.checklist.durations import Durations
from freshrun.checklist.entrypoint_runs import EntryRun
from freshrun.checklist.evidence import named_commands
from freshrun.checklist.mentions import other_statuses
from freshrun.checklist.outputs import output_paths
from freshrun.checklist.paths import matching
from freshrun.checklist.readers import text_of
from freshrun.checklist.smoke_run import smoke
from freshrun.model import Finding, Parsed, Reading, Record, Runbook, Status


def entrypoints_kept(
    runbook: Runbook,
    record: Record,
    *,
    files: Mapping[str, bytes],
    sources: Mapping[str, bytes],
    runs: Reading[EntryRun],
) -> tuple[Finding, ...]:
    """Hold the table `Entrypoints` against its blocks, the sources and what was tried out.

    `files` are the outputs that the rehearsal left (see `output_files`), `sources` the repository
    (see `repository_files`).
    """
    if runs.findings:
        return runs.findings
    blocks = [
        finding
        for run in runs.rows
        for finding in smoke(runbook, record, files=files, name=run.terms.entry.name)
    ]
    verdicts = (_band, _required, _declared, _green, _shadowed, _outputs, _astray, _secrets)
    tried = (
        Finding(runbook.path, run.terms.line, f"{run.terms.entry.name}: {message}")
        for run in runs.rows
        for verdict in verdicts
        for message in verdict(runbook, run)
    )
    kept = kept_durations(runbook, files=sources)
    bands = (*kept.findings, *_wide(runbook, record, runs, kept=kept), *told_otherwise(runbook))
    told = (f for run in runs.rows for f in _statuses(runbook, run))
    return (*blocks, *_undefined(runbook, runs, sources=sources), *tried, *told, *bands)


def _band(runbook: Runbook, run: EntryRun) -> Iterator[str]:
    terms = run.terms
    low, high = terms.band
    documented = named_commands(runbook, terms.entry.name)[-1].options.band
    if documented != terms.band:
        said = f"{documented[0]:g} s to {documented[1]:g} s" if documented else "none"
        yield f"the band is {low:g} s to {high:g} s here, and {said} at its block"
    if not low <= run.green.seconds <= high:
        yield f"took {run.green.seconds:.2f} s, outside the band of {low:g} s to {high:g} s"


def _wide(
    runbook: Runbook, record: Record, runs: Reading[EntryRun], *, kept: Parsed[Durations]
) -> Iterator[Finding]:
    """Hold each band against the runs that are kept of its command.

    Where they are too few: against the rehearsal's own run, and the one aside.
    """
    document = PurePosixPath(runbook.path).name
    for run in runs.rows:
        entry, (low, high) = run.terms.entry, run.terms.band
        own = (o.seconds for o in record.outcomes if o.command.text == entry.command)
        took = [*own, *([run.green.seconds] if run.green.status is Status.PASSED else [])]
        usual = kept.value.usual(document, block=entry.name) if kept.value else None
        for message in too_wide(Band(entry.name, run.terms.line, low, high, took, usual)):
            yield Finding(runbook.path, run.terms.line, f"{entry.name}: {message}")


def _undefined(
    runbook: Runbook, runs: Reading[EntryRun], *, sources: Mapping[str, bytes]
) -> Iterator[Finding]:
    for terms in (run.terms for run in runs.rows):
        program = shlex.split(terms.entry.command)[0]
        fault = undefined(runbook, terms.defined_in, program=program, sources=sources)
        if fault:
            message = f'{terms.entry.name}: "Defined in" {fault}'
            yield Finding(runbook.path, terms.line, message)


def _required(_: Runbook, run: EntryRun) -> Iterator[str]:
    terms = run.terms
    for name, outcome in run.refused.items():
        said = outcome.stdout.text + outcome.stderr.text
        if outcome.status is not Status.PASSED:
            yield f"without {name}: {outcome.reason}{_last_words(said)}"
        elif not any(text in said and name in text for text in terms.says):
            right = " or ".join(f'"{text}"' for text in terms.says)
            yield f"without {name} it does not say {right}, with that name{_last_words(said)}"
    for name in sorted(set(terms.required) & set(terms.optional)):
        yield f"{name} is said to be required and optional"
    if not run.untouched and all(o.status is Status.PASSED for o in run.refused.values()):
        yield "without a required variable it leaves outputs all the same"


def _declared(runbook: Runbook, run: EntryRun) -> Iterator[str]:
    """Say where `Environment contract` asks for what the row calls optional, and the reverse."""
    for row in contract_of(runbook).noted.rows:
        there = f'in "Environment contract" (line {row.line})'
        if row.required.startswith("yes") and row.name in run.terms.optional:
            yield f"{row.name} is optional here, and required {there}"
        if row.required.startswith("no") and row.name in run.terms.required:
            yield f"{row.name} is required here, and is not {there}"


def _statuses(runbook: Runbook, run: EntryRun) -> Iterator[Finding]:
    return other_statuses(runbook, block=run.terms.entry.name, green=0, red=1)


def _green(_: Runbook, run: EntryRun) -> Iterator[str]:
    if run.green.status is not Status.PASSED:
        said = "".join(map(text_of, run.streams.values()))
        required = ", ".join(run.terms.required) or "no variable"
        yield f"with {required} alone: {run.green.reason}{_last_words(said)}"


def _shadowed(_: Runbook, run: EntryRun) -> Iterator[str]:
    """Say where PATH leads to a program of the same name before the others."""
    program = shlex.split(run.terms.entry.command)[0]
    for hidden in run.programs[1:2]:
        yield f"{program} is {run.programs[0]}, which hides {hidden}; PATH leads to both"


def _outputs(_: Runbook, run: EntryRun) -> Iterator[str]:
    if run.green.status is not Status.PASSED:
        return
    outputs, red = run.terms.entry.outputs, run.terms.red
    for output in outputs:
        if not matching(output, run.files):
            yield f"its own green run leaves no {output}"
    documented = {name for output in (*outputs, *red) for name in matching(output, run.files)}
    for name in sorted(run.files.keys() - documented):
        yield f"its own green run leaves {name}, which the row does not name"
    for output in red:
        for name in matching(output, run.files):
            yield f"its own green run leaves {name}, which only a failure should"


def _astray(runbook: Runbook, run: EntryRun) -> Iterator[str]:
    """Say what the green run left outside of the folders that `_outputs` looks at."""
    folders = [path for path in run.files if not matching(path, output_paths(runbook))]
    for stray in run.strays:
        if stray.fault and not any(stray.path.endswith(f"/{path}") for path in folders):
            yield f"its own green run {stray.fault}"


def _secrets(runbook: Runbook, run: EntryRun) -> Iterator[str]:
    for name, output in dict.fromkeys(run.leaks):
        yield f"the secret {name} stands in {output}"
    noted = contract_of(runbook).noted.rows
    secret = {row.name for row in noted if row.secret.startswith("yes")}
    taken = {*run.terms.required, *run.terms.optional}
    for name in sorted(taken & secret - set(run.terms.secrets)):
        yield f'{name} is a secret in "Environment contract"; name it under "Secrets" too'
    for name in sorted(set(run.terms.secrets) - secret):
        yield f'{name} is no secret in "Environment contract"'


def _last_words(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return f'; it said "{lines[-1].strip()}"' if lines else ""
