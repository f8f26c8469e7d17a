"""Workarounds: how the IDs of a failure are read where one of their locations is lost."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist import (
    IDS,
    Sandbox,
    Where,
    artifact_outputs,
    checkout,
    contract_of,
    found,
    in_subshell,
    named,
    named_commands,
    retyped,
    streams,
    text_of,
    unmet,
)
from freshrun.model import Finding, Reading, Record, Runbook
from freshrun.triage.content import Document, documents_of
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.drills import BLOCK, DrillRun, first_runs, ids_of
from freshrun.triage.workaround_table import Of, Workaround


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a workaround printed of a run whose outputs had lost that place.

    `wanted` are the IDs that the whole outputs hold, by their name, `told` the diagnostics of its
    failures.
    """

    workaround: Workaround
    source: str
    printed: str
    wanted: Mapping[str, frozenset[str]]
    told: tuple[Document, ...] = ()


def extractions(
    runbook: Runbook,
    record: Record,
    *,
    runs: Reading[DrillRun],
    downloaded: Mapping[str, bytes],
    sandbox: Sandbox,
) -> Reading[Extraction]:
    """Type the workarounds on the first run of each drill, with the lost place taken out.

    A workaround of the CI run was typed in the rehearsal; `downloaded` are the files of that run's
    artifacts (see `downloaded_files`).
    """
    table = triage_contract_of(runbook).workarounds
    blocks = [row.block for row in table.rows]
    unrun = [finding for block in blocks for finding in unmet(runbook, record, block=block)]
    if table.findings or unrun or runs.findings:
        return Reading(table.line, findings=(*table.findings, *unrun, *runs.findings))
    here = [row for row in table.rows if row.of is Of.HERE]
    typed = [
        _typed(runbook, record, workaround=row, run=run, sandbox=sandbox)
        for run in first_runs(runs)
        for row in here
    ]
    outputs = artifact_outputs(runbook, downloaded)
    printed = [
        one
        for row in table.rows
        if row.of is Of.CI
        for one in _of_ci(runbook, row, _printed(record, row.block), outputs=outputs)
    ]
    return Reading(table.line, (*typed, *printed))


def extracted(runbook: Runbook, extractions: Reading[Extraction]) -> tuple[Finding, ...]:
    """Hold what the workarounds printed against the IDs of the run: all of them and no other.

    A line that begins with the name of a field, and blanks or a colon, goes on with the value that
    the field has in the diagnostics of a failure that the lines above name.
    """
    rows = extractions.rows
    return (*extractions.findings, *_differing(runbook, rows), *_mislabelled(runbook, rows))


def _differing(runbook: Runbook, extractions: tuple[Extraction, ...]) -> Iterator[Finding]:
    contract = contract_of(runbook).locations.rows
    for one in extractions:
        for name in IDS:
            scans = {row.scan for row in contract if row.id == name}
            printed = {match[0] for scan in scans for match in scan.finditer(one.printed)}
            if printed != one.wanted[name]:
                said = ", ".join(sorted(printed)) or "none"
                right = ", ".join(sorted(one.wanted[name])) or "none"
                message = f"{one.workaround.block} prints {said} as {name} of {one.source}"
                yield Finding(runbook.path, one.workaround.line, f"{message}; {right} is right")


_LABELLED = re.compile(r"\s*[-*]?\s*(?P<name>[A-Za-z][\w.]*)(?::\s*|\s{2,}|\t)(?P<value>\S.*)")


def _mislabelled(runbook: Runbook, extractions: tuple[Extraction, ...]) -> Iterator[Finding]:
    """Yield the first line of each workaround that gives a field a value of another one."""
    told: dict[int, Finding] = {}
    for one in extractions:
        about: Document | None = None
        for line in one.printed.splitlines():
            about = next((d for d in one.told if _names(line, d)), about)
            labelled = _LABELLED.fullmatch(line)
            if about is None or labelled is None or labelled["name"] not in about.fields:
                continue
            value = about.fields[labelled["name"]]
            if labelled["value"].strip() not in _ways(value):
                message = f"{one.workaround.block} prints {labelled['name']} as"
                message += f" {labelled['value'].strip()} of {one.source}; it is {_ways(value)[-1]}"
                told.setdefault(
                    one.workaround.line, Finding(runbook.path, one.workaround.line, message)
                )
    yield from told.values()


def _names(line: str, document: Document) -> bool:
    """Tell whether a line names the failure of a diagnostics file."""
    words = line.split()
    return document.scenario in words and document.invariant in words


def _ways(value: object) -> tuple[str, ...]:
    """Return how a value may be printed, the plainest last."""
    plain = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(value, ensure_ascii=False), json.dumps(value), plain


def _typed(
    runbook: Runbook, record: Record, *, workaround: Workaround, run: DrillRun, sandbox: Sandbox
) -> Extraction:
    """Type a workaround's commands in a folder that holds what the run left, but for the place."""
    root = f"{sandbox.machine.home}/drills/{run.drill.line}-{workaround.line}"
    sandbox.machine.write_tree(_without(runbook, run.files, lost=workaround.lost), folder=root)
    place = named(record, BLOCK)[-1].cwd or ""
    folder = root + place.removeprefix(checkout(runbook, home=sandbox.machine.home))
    commands = named_commands(runbook, workaround.block)
    text = "\n".join(command.text for command in commands)
    outcome = sandbox.shell.type(in_subshell(retyped(commands[0], text=text), folder=folder))
    printed = text_of(streams((outcome,))[Where.STDOUT.value])
    wanted = {name: ids_of(runbook, run.outputs, name=name) for name in IDS}
    told = tuple(document for _, document in documents_of(runbook, run))
    source = f"the drill of {run.drill.failure_class}"
    return Extraction(workaround, source, printed, wanted, told)


def _of_ci(
    runbook: Runbook, row: Workaround, printed: str, *, outputs: Mapping[str, Mapping[str, bytes]]
) -> Iterator[Extraction]:
    """Yield what was printed of the CI run; of each artifact's own job where that is told apart.

    gh begins the line of a log with the job's name and a tab. An artifact belongs to the job whose
    name shares the most words with it.
    """
    wanted = {name: frozenset(_united(runbook, outputs, name=name)) for name in IDS}
    yield Extraction(row, "the CI run", printed, wanted)
    jobs: dict[str, list[str]] = {}
    for line in printed.splitlines():
        job, tab, _ = line.partition("\t")
        if tab:
            jobs.setdefault(job, []).append(line)
    for artifact, files in outputs.items() if jobs else ():
        ids = {name: ids_of(runbook, files, name=name) for name in IDS}
        words = set(re.findall(r"\w+", artifact))
        best = max(jobs, key=lambda job: len(words & set(re.findall(r"\w+", job))))
        others = {word for name in outputs for word in re.findall(r"\w+", name)} - words
        lines = [] if others & set(re.findall(r"\w+", best)) else jobs[best]
        if any(ids.values()):
            yield Extraction(row, f"the job of {artifact}", "\n".join(lines), ids)


def _without(
    runbook: Runbook, files: Mapping[str, bytes], *, lost: tuple[Where, ...]
) -> dict[str, bytes]:
    rows = [row for row in contract_of(runbook).locations.rows if row.where in lost]
    gone = {one.output for row in rows if not row.where.is_stream for one in found(row, files)}
    return {name: content for name, content in files.items() if name not in gone}


def _united(
    runbook: Runbook, outputs: Mapping[str, Mapping[str, bytes]], *, name: str
) -> Iterator[str]:
    for artifact in outputs.values():
        yield from ids_of(runbook, artifact, name=name)


def _printed(record: Record, block: str) -> str:
    return text_of(streams(named(record, block))[Where.STDOUT.value])
