"""The workflow as it runs: what starts it, what it may do, and what its steps are given."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from freshrun.checklist.ci_setup import made_ready
from freshrun.checklist.ci_steps import names_program, suite_steps
from freshrun.checklist.ci_workflow import ALSO_RED, LIKE_NONE, CiWorkflow, line_of
from freshrun.checklist.contract import contract_of
from freshrun.checklist.definition import program_folders
from freshrun.checklist.paths import matching
from freshrun.checklist.prerequisites_table import Kind
from freshrun.checklist.retention import retention
from freshrun.checklist.sources import linked
from freshrun.checklist.trial import Sandbox
from freshrun.github import Trigger, read_workflow
from freshrun.model import Finding, Record, Runbook, did_you_mean

_BY_ITSELF = {"push", "pull_request", "schedule", "merge_group", "workflow_run"}


def workflow_runs(
    runbook: Runbook, *, files: Mapping[str, bytes], sandbox: Sandbox, record: Record | None = None
) -> tuple[Finding, ...]:
    """Hold the workflows under `Prerequisites` to what the runbook says of their runs.

    Each starts by itself on a change of the program. The job of each artifact types the documented
    entrypoint, with the variables that it needs, and ends as that does: the step is typed in the
    machine, with a stand-in for the program. With a `record` it has to stand where the runbook
    typed it. A red run uploads too, and the artifact is kept for as long as the runbook says, and
    as GitHub allows. What a job does before its suite is what the runbook types before it.
    """
    found: list[Finding] = []
    for row in contract_of(runbook).prerequisites.rows:
        path = linked(runbook, row.source, files=files) if row.kind is Kind.WORKFLOW else ""
        if path in files:
            read = read_workflow(files[path], path=path)
            found += read.findings
            if read.value is not None:
                ci = CiWorkflow(runbook, row, read.value, files, sandbox, record)
                found += [f for verdict in _VERDICTS for f in verdict(ci)]
    return tuple(dict.fromkeys(found))


def _starts(ci: CiWorkflow) -> Iterator[Finding]:
    own = [one for one in ci.workflow.triggers if one.event in _BY_ITSELF]
    if not own:
        line = ci.workflow.triggers[0].line if ci.workflow.triggers else 1
        yield ci.there(line, "nothing starts it but a person; push or pull_request is right")
    for trigger in own if any(one.paths for one in own) else ():
        for folder in program_folders(ci.runbook, files=ci.files):
            missed = [name for name in matching(folder, ci.files) if not _starts_on(trigger, name)]
            if missed:
                message = f"a change of {missed[0]} does not start it; its paths leave that out"
                yield ci.there(trigger.line, f"{trigger.event}: {message}")


def _starts_on(trigger: Trigger, name: str) -> bool:
    """Tell whether a change of a file starts the workflow."""
    return _let_through(trigger.paths, name)


def _let_through(filters: Sequence[str], name: str) -> bool:
    """Tell whether filters let a name through; the last one that fits decides."""
    through = all(one.startswith("!") for one in filters)
    for one in filters:
        if matching(one.removeprefix("!"), [name]):
            through = not one.startswith("!")
    return through


_EACH_CHANGE = ("opened", "synchronize")


def _types(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for a pull request whose changes start nothing."""
    for trigger in (one for one in ci.workflow.triggers if one.event == "pull_request"):
        missed = [name for name in _EACH_CHANGE if name not in trigger.types]
        if trigger.types and missed:
            message = f"pull_request: its types leave out {' and '.join(missed)}, so that a change"
            yield ci.there(trigger.line, f"{message} of a pull request does not start it")


def _conditions(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for what does not run when it has to, and for failures that count nothing."""
    for job, upload in ci.uploading:
        if job.condition not in LIKE_NONE:
            message = f"the job {job.name} runs only if {job.condition}; no condition is right"
            yield ci.there(job.line, message)
        if job.fails_fast:
            message = (
                "fail-fast is not false, so that one red suite cancels the others of the matrix"
            )
            yield ci.there(job.line, message)
        if job.tolerated:
            yield ci.there(job.line, f"the job {job.name} is green whatever its steps give")
        if upload.condition not in ALSO_RED:
            found = upload.condition or "the steps before it passed"
            message = f"{upload.uploads} is uploaded only if {found}, so that a red run keeps none"
            yield ci.there(line_of(upload, "if"), f"{message}; always() is right")
        if upload.tolerated:
            yield ci.there(
                line_of(upload, "continue-on-error"), "an upload that fails counts nothing"
            )
        if upload.given.get("if-no-files-found") == "ignore":
            message = f"{upload.uploads} may hold nothing without a word; error is right"
            yield ci.there(line_of(upload, "if-no-files-found"), message)


def _rights(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for a token that can't check out; one whose rights nothing sets can."""
    for job, _ in ci.uploading:
        if job.permissions is None:
            continue
        contents = job.permissions.get("contents", job.permissions.get("*", "none"))
        for step in job.steps:
            if step.uses.startswith("actions/checkout@") and contents not in {"read", "write"}:
                message = f"the job {job.name} checks out, and its token may not: contents is"
                yield ci.there(step.line, f"{message} {contents}; contents: read is right")


_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_MADE_READY = 120
"""In seconds: a job takes at least so long to check out and to install what the suite needs."""


def _patience(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for a job that is ended before its suite, by the documented band, has to be."""
    bands = {row.entry.name: row.band for row in contract_of(ci.runbook).terms.rows}
    for job, upload in ci.uploading:
        entry = ci.entry(upload.uploads)
        _, high = bands.get(entry.name, (0.0, 0.0)) if entry else (0.0, 0.0)
        if job.minutes.isdecimal() and int(job.minutes) * 60 < high + _MADE_READY:
            message = f"the job {job.name} is ended after {job.minutes} min, and its suite alone"
            yield ci.there(job.line, f"{message} may take {high:g} s")
        program = shlex.split(entry.command)[0] if entry else ""
        for step in (one for one in job.steps if program and names_program(program, one.run)):
            if _NUMBER.fullmatch(step.minutes) and float(step.minutes) * 60 < high:
                message = f'the step "{step.name}" is ended after {step.minutes} min, and it may'
                yield ci.there(line_of(step, "timeout-minutes"), f"{message} take {high:g} s")


_PUSHED = re.compile(r"\bpush(?:es)? to `?([\w][\w/.-]*\w)`?")


def _branches(ci: CiWorkflow) -> Iterator[Finding]:
    """Hold the branches whose changes start it against the one that the plan names."""
    told = _PUSHED.findall(ci.plan.document.text) if ci.plan else []
    for trigger in (one for one in ci.workflow.triggers if one.event in _TO_A_BRANCH):
        for name in dict.fromkeys(told):
            if not _let_through(trigger.branches, name):
                message = f"a {_TO_A_BRANCH[trigger.event]} {name} does not start it, as the plan"
                branches = ", ".join(trigger.branches)
                yield ci.there(trigger.line, f"{message} says; its branches are {branches}")


_TO_A_BRANCH = {"push": "push to", "pull_request": "pull request for"}


def _waiting(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for a job that waits for one which may be skipped: then it is skipped itself."""
    jobs = {job.key: job for job in ci.workflow.jobs}
    for job, _ in ci.uploading:
        before = list(job.needs)
        for key in before:
            awaited = jobs.get(key)
            before += [one for one in awaited.needs if one not in before] if awaited else ()
            if awaited is None:
                yield ci.there(job.line, f'the job {job.name} needs "{key}", which is no job')
            elif awaited.condition not in LIKE_NONE:
                message = f"the job {job.name} waits for {key}, which runs only if"
                yield ci.there(awaited.line, f"{message} {awaited.condition}")


_OWN_COMMIT = re.compile(
    r"\$\{\{\s*(github\.(sha|ref|event\.pull_request\.head\.(sha|ref)))\s*\}\}"
)


def _commit(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for a suite of another commit than the one that the run is about, or says it is."""
    rows = ci.plan.required.rows if ci.plan else ()
    names = {row.source for row in rows if row.path == "commit"}
    for job, _ in ci.uploading:
        for step in job.steps:
            given = step.given if step.uses.startswith("actions/checkout@") else {}
            for key in ("ref", "repository"):
                if given.get(key) and not _OWN_COMMIT.fullmatch(given[key]):
                    message = f"the job {job.name} checks out {given[key]}, and not the commit that"
                    yield ci.there(line_of(step, key), f"{message} its run is about")
            for name in sorted(names & step.env.keys()):
                if not _OWN_COMMIT.fullmatch(step.env[name]):
                    message = f"{name} is {step.env[name]}, which is not the commit of the run"
                    yield ci.there(step.line, f"{message}; ${{{{ github.sha }}}} is right")


def _choices(ci: CiWorkflow) -> Iterator[Finding]:
    """Hold the faults that a person may switch on against those of the plan."""
    known = [row.fault for row in ci.plan.faults.rows] if ci.plan else []
    for trigger in ci.workflow.triggers:
        for name, words in trigger.choices.items():
            if not set(words) & set(known):
                continue
            for fault in (one for one in known if one not in words):
                message = f'the input "{name}" does not offer {fault}, a fault of the plan'
                yield ci.there(trigger.line, f"{message}{did_you_mean(fault, words)}")


def _variables(ci: CiWorkflow) -> Iterator[Finding]:
    """Hold what the workflow sets for the suite against the tables about variables."""
    table = _set_by(ci.runbook)
    for job, upload in ci.uploading:
        entry = ci.entry(upload.uploads)
        program = shlex.split(entry.command)[0] if entry else ""
        for step in (one for one in job.steps if program and names_program(program, one.run)):
            wanted = {name: line for name, (line, by) in table.items() if "workflow" in by}
            required = {n: row.line for row in ci.contract.variables.rows for n in row.required}
            for name, line in {**required, **wanted}.items():
                if name not in step.env:
                    message = f'the step "{step.name}" does not set {name}, as {ci.runbook.path}'
                    yield ci.there(step.line, f"{message}:{line} says")
            unknown = {
                name for name in step.env if name.startswith(_prefixes(table))
            } - table.keys()
            for name in sorted(unknown):
                message = f'{name} has no row in "Environment contract" of {ci.runbook.path}'
                yield ci.there(step.line, message)


def _set_by(runbook: Runbook) -> dict[str, tuple[int, str]]:
    return {row.name: (row.line, row.set_by) for row in contract_of(runbook).noted.rows}


def _drills(ci: CiWorkflow) -> Iterator[Finding]:
    """Look for a fault that is switched on whoever starts the workflow."""
    rows = ci.plan.faults.rows if ci.plan else ()
    known = {(row.variable, row.fault) for row in rows}
    for job, _ in ci.uploading:
        for step in job.steps:
            for name, value in step.env.items():
                if (name, value) in known:
                    message = f'the step "{step.name}" sets {name} to {value}, so that each run is'
                    yield ci.there(step.line, f"{message} a drill; set it for those alone")


def _prefixes(names: Iterable[str]) -> tuple[str, ...]:
    """Return how the program's own variables begin, such as `DRV_`."""
    return tuple({f"{name.partition('_')[0]}_" for name in names})


_VERDICTS = (
    _starts, _types, _branches, _waiting, _conditions, _patience, _rights, _commit, made_ready,
    suite_steps, _variables, _drills, _choices, retention,
)  # fmt: skip
