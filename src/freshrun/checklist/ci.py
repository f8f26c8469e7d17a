"""The workflow as it runs: what starts it, what its steps do, what is kept, and for how long."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist.artifacts import downloads, rehearsed_runs
from freshrun.checklist.contract import Contract, contract_of
from freshrun.checklist.definition import program_folders
from freshrun.checklist.entrypoints import Entrypoint
from freshrun.checklist.evidence import named
from freshrun.checklist.paths import checkout, matching
from freshrun.checklist.plan import faults, program_plan, required_fields
from freshrun.checklist.prerequisites_table import Kind, Prerequisite
from freshrun.checklist.sources import linked
from freshrun.checklist.trial import Bench, aside, instead
from freshrun.github import Job, Step, Trigger, Workflow, read_workflow
from freshrun.model import Finding, Record, Runbook

_BY_ITSELF = {"push", "pull_request", "schedule", "merge_group", "workflow_run"}
_ALSO_RED = {"always()", "!cancelled()", "success() || failure()", "failure() || success()"}
_LIKE_NONE = {"", "success()", "true", *_ALSO_RED}
_PUBLIC, _PRIVATE = 90, 400
"""So many days GitHub keeps an artifact at most: of a public repository, and of a private one."""

_SHELLS = {
    "": "bash -e",
    "bash": "bash --noprofile --norc -e -o pipefail",
    "sh": "sh -e",
}
"""How GitHub calls the shell of a step, by its `shell:`."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A step as it ran with a stand-in for the entrypoint's program.

    `calls` are the words that the stand-in was called with, `red` and `green` the exit status of
    the step where the program ended with 1 and with 0, `folder` is where the last call stood.
    """

    calls: tuple[tuple[str, ...], ...]
    red: int | None
    green: int | None
    folder: str


def workflow_runs(
    runbook: Runbook, *, files: Mapping[str, bytes], bench: Bench, record: Record | None = None
) -> tuple[Finding, ...]:
    """Hold the workflows under `Prerequisites` to what the runbook says of their runs.

    Each starts by itself on a change of the program. The job of each artifact types the documented
    entrypoint, with the variables that it needs, and ends as that does: the step is typed in the
    machine, with a stand-in for the program. With a `record` it has to stand where the runbook
    typed it. A red run uploads too, and the artifact is kept for as long as the runbook says, and
    as GitHub allows.
    """
    found: list[Finding] = []
    for row in contract_of(runbook).prerequisites.rows:
        path = linked(runbook, row.source, files=files) if row.kind is Kind.WORKFLOW else ""
        if path in files:
            read = read_workflow(files[path], path=path)
            found += read.findings
            if read.value is not None:
                case = _Case(runbook, row, read.value, files, bench, record)
                found += [f for verdict in _VERDICTS for f in verdict(case)]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Case:
    runbook: Runbook
    row: Prerequisite
    workflow: Workflow
    files: Mapping[str, bytes]
    bench: Bench
    record: Record | None

    @property
    def contract(self) -> Contract:
        return contract_of(self.runbook)

    @property
    def plan(self) -> Runbook | None:
        """Return the program plan's document; `None` where there is none that can be read."""
        plan = program_plan(self.runbook, files=self.files).value
        return plan.document if plan else None

    def there(self, line: int, message: str) -> Finding:
        return Finding(self.workflow.path, line, message)

    def here(self, line: int, message: str) -> Finding:
        return Finding(self.runbook.path, line, message)

    @property
    def uploading(self) -> Iterator[tuple[Job, Step]]:
        """Yield the jobs that upload an artifact which the row gives, each with that step."""
        for job in self.workflow.jobs:
            for step in job.steps:
                if step.uploads in self.row.gives:
                    yield job, step

    def entry(self, artifact: str) -> Entrypoint | None:
        """Return the entrypoint whose outputs an artifact holds: the one that it is named after."""
        words = re.split(r"\W", artifact)
        rows = self.contract.entrypoints.rows
        return next((row for row in rows if row.name in words), None)


def _starts(case: _Case) -> Iterator[Finding]:
    own = [one for one in case.workflow.triggers if one.event in _BY_ITSELF]
    if not own:
        line = case.workflow.triggers[0].line if case.workflow.triggers else 1
        yield case.there(line, "nothing starts it but a person; push or pull_request is right")
    for trigger in own if any(one.paths for one in own) else ():
        for folder in program_folders(case.runbook, files=case.files):
            missed = [
                name for name in matching(folder, case.files) if not _starts_on(trigger, name)
            ]
            if missed:
                message = f"a change of {missed[0]} does not start it; its paths leave that out"
                yield case.there(trigger.line, f"{trigger.event}: {message}")


def _starts_on(trigger: Trigger, name: str) -> bool:
    """Tell whether a change of a file starts the workflow; the last path that fits decides."""
    starts = not trigger.paths or all(path.startswith("!") for path in trigger.paths)
    for path in trigger.paths:
        if matching(path.removeprefix("!"), [name]):
            starts = not path.startswith("!")
    return starts


def _conditions(case: _Case) -> Iterator[Finding]:
    """Look for what does not run when it has to, and for failures that count nothing."""
    for job, upload in case.uploading:
        if job.condition not in _LIKE_NONE:
            message = f"the job {job.name} runs only if {job.condition}; no condition is right"
            yield case.there(job.line, message)
        if job.fails_fast:
            message = (
                "fail-fast is not false, so that one red suite cancels the others of the matrix"
            )
            yield case.there(job.line, message)
        if job.tolerated:
            yield case.there(job.line, f"the job {job.name} is green whatever its steps give")
        if upload.condition not in _ALSO_RED:
            found = upload.condition or "the steps before it passed"
            message = f"{upload.uploads} is uploaded only if {found}, so that a red run keeps none"
            yield case.there(_at(upload, "if"), f"{message}; always() is right")
        if upload.tolerated:
            yield case.there(
                _at(upload, "continue-on-error"), "an upload that fails counts nothing"
            )
        if upload.given.get("if-no-files-found") == "ignore":
            message = f"{upload.uploads} may hold nothing without a word; error is right"
            yield case.there(_at(upload, "if-no-files-found"), message)


def _rights(case: _Case) -> Iterator[Finding]:
    """Look for a token that can't check out; one whose rights nothing sets can."""
    for job, _ in case.uploading:
        if job.permissions is None:
            continue
        contents = job.permissions.get("contents", job.permissions.get("*", "none"))
        for step in job.steps:
            if step.uses.startswith("actions/checkout@") and contents not in {"read", "write"}:
                message = f"the job {job.name} checks out, and its token may not: contents is"
                yield case.there(step.line, f"{message} {contents}; contents: read is right")


_MADE_READY = 120
"""In seconds: a job takes at least so long to check out and to install what the suite needs."""


def _patience(case: _Case) -> Iterator[Finding]:
    """Look for a job that is ended before its suite, by the documented band, has to be."""
    bands = {row.entry.name: row.band for row in contract_of(case.runbook).terms.rows}
    for job, upload in case.uploading:
        entry = case.entry(upload.uploads)
        _, high = bands.get(entry.name, (0.0, 0.0)) if entry else (0.0, 0.0)
        if job.minutes.isdecimal() and int(job.minutes) * 60 < high + _MADE_READY:
            message = f"the job {job.name} is ended after {job.minutes} min, and its suite alone"
            yield case.there(job.line, f"{message} may take {high:g} s")


_PUSHED = re.compile(r"\bpush(?:es)? to `?([\w][\w/.-]*\w)`?")


def _branches(case: _Case) -> Iterator[Finding]:
    """Hold the branches whose pushes start it against the one that the plan names."""
    told = _PUSHED.findall(case.plan.text) if case.plan else []
    for trigger in (one for one in case.workflow.triggers if one.event == "push"):
        for name in dict.fromkeys(told) if trigger.branches else ():
            if not any(matching(branch, [name]) for branch in trigger.branches):
                message = f"a push to {name} does not start it, as the plan says; its branches are"
                yield case.there(trigger.line, f"{message} {', '.join(trigger.branches)}")


def _suites(case: _Case) -> Iterator[Finding]:
    """Type the step of each job that should run an entrypoint."""
    for job, upload in case.uploading:
        entry = case.entry(upload.uploads)
        if entry is None:
            message = f"{upload.uploads} is named after no entrypoint of the runbook"
            yield case.there(_at(upload, "name"), message)
            continue
        program = shlex.split(entry.command)[0]
        steps = [one for one in job.steps if _names(program, one.run)]
        told = [
            (step, tuple(_step_faults(case, step, entry=entry, upload=upload))) for step in steps
        ]
        if not steps:
            message = f"no step of the job {job.name} runs `{entry.command}`"
            yield case.there(job.line, f"{message}, whose outputs {upload.uploads} should hold")
        elif all(faults for _, faults in told):
            step, faults = told[0]
            yield from (case.there(step.lines.get("run", step.line), fault) for fault in faults)


def _names(program: str, script: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(program)}(?![\w-])", script) is not None


def _step_faults(case: _Case, step: Step, *, entry: Entrypoint, upload: Step) -> Iterator[str]:
    what = f'the step "{step.name}"'
    if step.tolerated:
        yield f"{what} may fail and its job is green; drop continue-on-error"
    if step.condition not in _LIKE_NONE:
        yield f"{what} runs only if {step.condition}; no condition is right"
    if step.line > upload.line:
        yield f"{what} runs after its outputs were uploaded (line {upload.line})"
    if step.shell not in _SHELLS:
        yield f'{what} is run by "{step.shell}"; bash is right'
        return
    program, *words = shlex.split(entry.command)
    ran = _rehearsed(case, step, program=program)
    if tuple(words) not in ran.calls:
        called = " or ".join(f"`{shlex.join((program, *call))}`" for call in ran.calls)
        yield f"{what} never runs `{entry.command}`; it runs {called or f'no {program} at all'}"
    elif not ran.red:
        yield f"{what} ends with 0 where `{entry.command}` ends with 1, so a red suite is green"
    elif (place := _typed_in(case, entry)) and ran.folder != place:
        root = f"{checkout(case.runbook, home=case.bench.machine.home)}/"
        here, right = (one.removeprefix(root) for one in (ran.folder, place))
        yield f"{what} runs `{entry.command}` in {here}; the runbook does in {right}"
    elif ran.green:
        yield f"{what} ends with {ran.green} where `{entry.command}` ends with 0"


def _typed_in(case: _Case, entry: Entrypoint) -> str:
    """Return the folder in which the runbook typed an entrypoint, empty where that is not known."""
    ran = named(case.record, entry.name) if case.record else ()
    return next((one.cwd for one in ran if one.command.text == entry.command), "") or ""


_STUB = """#!/bin/sh
pwd > "$CI_CALLS.folder"
printf '%s\\n' "$#" "$@" >> "$CI_CALLS"
exit "$CI_STATUS"
"""


def _rehearsed(case: _Case, step: Step, *, program: str) -> Rehearsed:
    """Type a step as GitHub does, once with a program that fails and once with one that doesn't."""
    machine, like = case.bench.machine, case.runbook.commands[-1]
    home = f"{machine.home}/workflow/{step.line}"
    text = re.sub(r"\$\{\{.*?\}\}", "expression", step.run)
    machine.write_tree({f"bin/{program}": _STUB.encode(), "step": text.encode()}, folder=home)
    folder = f"{checkout(case.runbook, home=machine.home)}/{step.folder}".rstrip("/")
    codes: list[int | None] = []
    for status in (1, 0):
        env = {name: re.sub(r"\$\{\{.*?\}\}", "expression", v) for name, v in step.env.items()}
        env |= {"CI_STATUS": str(status), "CI_CALLS": f"{home}/calls"}
        typed = f"rm -f {shlex.quote(home)}/calls && chmod +x {shlex.quote(home)}/bin/* &&"
        typed += f" PATH={shlex.quote(home)}/bin:$PATH"
        typed += " " + f"{_SHELLS[step.shell]} {shlex.quote(home)}/step"
        outcome = case.bench.prompt.type(aside(instead(like, text=typed), folder=folder, env=env))
        codes.append(outcome.exit_code)
    stood = (machine.read(f"{home}/calls.folder") or b"").decode(errors="replace").strip()
    calls = tuple(_calls(machine.read(f"{home}/calls") or b""))
    return Rehearsed(calls, red=codes[0], green=codes[1], folder=stood)


def _calls(journal: bytes) -> Iterator[tuple[str, ...]]:
    lines = journal.decode(errors="replace").splitlines()
    while lines:
        count, *lines = lines
        yield tuple(lines[: int(count)])
        lines = lines[int(count) :]


def _variables(case: _Case) -> Iterator[Finding]:
    """Hold what the workflow sets for the suite against the tables about variables."""
    table = _set_by(case.runbook)
    for job, upload in case.uploading:
        entry = case.entry(upload.uploads)
        program = shlex.split(entry.command)[0] if entry else ""
        for step in (one for one in job.steps if program and _names(program, one.run)):
            wanted = {name: line for name, (line, by) in table.items() if "workflow" in by}
            required = {n: row.line for row in case.contract.variables.rows for n in row.required}
            for name, line in {**required, **wanted}.items():
                if name not in step.env:
                    message = f'the step "{step.name}" does not set {name}, as {case.runbook.path}'
                    yield case.there(step.line, f"{message}:{line} says")
            unknown = {
                name for name in step.env if name.startswith(_prefixes(table))
            } - table.keys()
            for name in sorted(unknown):
                message = f'{name} has no row in "Environment contract" of {case.runbook.path}'
                yield case.there(step.line, message)


def _set_by(runbook: Runbook) -> dict[str, tuple[int, str]]:
    return {row.name: (row.line, row.set_by) for row in contract_of(runbook).noted.rows}


def _drills(case: _Case) -> Iterator[Finding]:
    """Look for a fault that is switched on whoever starts the workflow."""
    rows = faults(case.plan).rows if case.plan else ()
    known = {(row.variable, row.fault) for row in rows}
    for job, _ in case.uploading:
        for step in job.steps:
            for name, value in step.env.items():
                if (name, value) in known:
                    message = f'the step "{step.name}" sets {name} to {value}, so that each run is'
                    yield case.there(step.line, f"{message} a drill; set it for those alone")


def _prefixes(names: Iterable[str]) -> tuple[str, ...]:
    """Return how the program's own variables begin, such as `DRV_`."""
    return tuple({f"{name.partition('_')[0]}_" for name in names})


# --- whose an artifact is ---


def own_artifacts(
    runbook: Runbook,
    record: Record,
    *,
    files: Mapping[str, bytes],
    artifacts: Mapping[str, Mapping[str, bytes]],
) -> tuple[Finding, ...]:
    """Hold the downloaded `artifacts` to be those of the run that the document named last.

    Every JSON file of them that has the field which the plan takes from a variable that the
    workflow sets to `github.run_id` holds that run's number.
    """
    numbers = [address.rpartition("/")[2] for address in rehearsed_runs(record)]
    found_plan = program_plan(runbook, files=files)
    if not numbers or found_plan.findings:
        return found_plan.findings
    plan = found_plan.known.document
    rows = [one for one in required_fields(plan).rows if one.source in _run_ids(runbook, files)]
    if not rows:
        message = "no required field is the workflow's github.run_id, so nobody can tell whose an"
        line = required_fields(plan).line
        return (Finding(plan.path, line, f"{message} artifact is"),)
    return tuple(
        Finding(fetched.command.file, fetched.command.line, message)
        for fetched in downloads(runbook).rows
        for name, content in artifacts.get(fetched.artifact, {}).items()
        for row in rows
        for message in _strange(f"{name} of {fetched.artifact}", content, row.path, numbers[-1])
    )


def _strange(name: str, content: bytes, field: str, number: str) -> Iterator[str]:
    try:
        document: object = json.loads(content) if name.partition(" ")[0].endswith(".json") else None
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict) and str(document.get(field, number)) != number:
        yield f"{name} is of another run: {field} is {document[field]}; {number} is right"


def _run_ids(runbook: Runbook, files: Mapping[str, bytes]) -> set[str]:
    """Return the variables that a workflow sets to the number of its run."""
    rows = [row for row in contract_of(runbook).prerequisites.rows if row.kind is Kind.WORKFLOW]
    paths = [linked(runbook, row.source, files=files) for row in rows]
    read = (read_workflow(files[path], path=path).value for path in paths if path in files)
    return {
        name
        for workflow in read
        if workflow is not None
        for job in workflow.jobs
        for step in job.steps
        for name, value in step.env.items()
        if re.fullmatch(r"\$\{\{\s*github\.run_id\s*\}\}", value)
    }


# --- how long an artifact is kept ---

_DAYS = re.compile(r"\b(\d+)[ -]days?\b")
_KEPT = re.compile(r"artifact|\bke(?:pt|eps?)\b|retention|expire", re.IGNORECASE)


def _retention(case: _Case) -> Iterator[Finding]:
    kept: dict[int, int] = {}
    for _, upload in case.uploading:
        days, line = upload.given.get("retention-days", ""), _at(upload, "retention-days")
        if not days.isdecimal():
            message = f'retention-days is "{days}"' if days else "there is no retention-days"
            yield case.there(line, f"{message}, so nobody can tell how long the artifact is kept")
            continue
        kept.setdefault(int(days), line)
    private = re.search(r"\d+ days[^.\n]*\bprivate\b", case.runbook.text)
    highest = _PRIVATE if private else _PUBLIC
    for number, line in kept.items():
        if not 1 <= number <= highest:
            most = f"GitHub keeps an artifact for {_PUBLIC} days at most in a public repository"
            message = f"retention-days is {number}; {most}, {_PRIVATE} in a private one"
            yield case.there(line, message)
    if kept:
        yield from _told_days(case, kept)


def _told_days(case: _Case, kept: Mapping[int, int]) -> Iterator[Finding]:
    told = list(_days(case.runbook))
    where = ", ".join(f"{n} at {case.workflow.path}:{line}" for n, line in kept.items())
    for line, days in told:
        if days not in kept:
            yield case.here(
                line, f"artifacts are kept for {days} days here; retention-days is {where}"
            )
    if not told:
        line = case.row.line
        yield case.here(line, f"nothing says how long its artifacts are kept; it is {where}")


def _days(runbook: Runbook) -> Iterator[tuple[int, int]]:
    """Yield line and number of each time in days that is about what is kept."""
    lines = runbook.text.splitlines()
    for number, line in enumerate(lines, start=1):
        around = " ".join(lines[max(0, number - 2) : number + 1])
        for found in _DAYS.finditer(line):
            if _KEPT.search(around):
                yield number, int(found[1])


# --- what a token may do ---

_NEEDS = (
    (
        "classic token",
        re.compile(r"\bclassic token", re.IGNORECASE),
        re.compile(r"`repo`"),
        "`repo`",
    ),
    (
        "fine-grained token",
        re.compile(r"\bfine-grained", re.IGNORECASE),
        re.compile(r"Actions: (?:read|write)\b"),
        '"Actions: read"',
    ),
    (
        "GITHUB_TOKEN",
        re.compile(r"\bGITHUB_TOKEN\b"),
        re.compile(r"actions: (?:read|write)\b"),
        "`permissions: actions: read`",
    ),
)
"""What GitHub's reference asks of a token that lists runs and downloads artifacts and logs."""


def token_permissions(runbook: Runbook) -> tuple[Finding, ...]:
    """Hold what the runbook says of tokens against what GitHub asks for runs, artifacts and logs.

    The sentence about each kind of token names its permission, and so does what to do about the
    text `Resource not accessible`.
    """
    sentences = tuple(_sentences(runbook))
    found: list[Finding] = []
    for name, about, need, right in _NEEDS:
        said = [(line, text) for line, text in sentences if about.search(text)]
        wrong = [line for line, text in said if not need.search(text)]
        if said and len(wrong) == len(said):
            message = f"a {name} that downloads artifacts needs {right}, which is not said here"
            found.append(Finding(runbook.path, wrong[0], message))
    rows = contract_of(runbook).refusals.rows
    found += [
        Finding(runbook.path, row.line, 'this permission is not enough; "Actions: read" is right')
        for row in rows
        if "not accessible" in row.says and not re.search(r"actions: ", row.remedy.lower())
    ]
    if not any(about.search(text) for _, about, _, _ in _NEEDS for _, text in sentences):
        message = (
            "nothing says what a token may do that downloads artifacts; Actions: read is right"
        )
        found.append(Finding(runbook.path, 1, message))
    return tuple(found)


def _sentences(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield the sentences of the text, without code and tables, each with its first line."""
    inside = {n for s in runbook.sections for b in s.blocks for n in range(b.line, b.end_line + 1)}
    sentence, first = "", 0
    for number, line in enumerate(runbook.text.splitlines(), start=1):
        words = "" if number in inside or line.lstrip().startswith(("|", "#")) else line.strip()
        for part in re.split(r"(?<=[.;:!?])\s+(?=[A-Z*])", words) if words else ("",):
            if not part or part.startswith("* "):
                if sentence:
                    yield first, sentence
                sentence = ""
            first = first if sentence else number
            sentence = f"{sentence} {part}".strip()
            if sentence.endswith((".", "!", "?")):
                yield first, sentence
                sentence = ""


def _at(step: Step, key: str) -> int:
    return step.lines.get(key, step.line)


_VERDICTS = (
    _starts, _branches, _conditions, _patience, _rights, _suites, _variables, _drills, _retention,
)  # fmt: skip
