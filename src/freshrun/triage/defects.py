"""The bead that the runbook's template files held against the failure that it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping

from freshrun.checklist import (
    IDS,
    SCENARIO,
    Where,
    address,
    contract_of,
    downloads,
    named,
    named_commands,
    streams,
    text_of,
    unmet,
)
from freshrun.model import Command, Finding, Record, Runbook, did_you_mean
from freshrun.triage.bead_fields import (
    SECTION,
    Bead,
    Deviation,
    deviations,
    unknown_names,
)
from freshrun.triage.blame import GIVEN, blamed, flags_used, headed
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.filed_bead import FiledBead, shown_bead

FILE_BLOCK = "file-defect"


READ_BLOCK = "read-defect"


_PLACEHOLDER = re.compile(
    r"<[A-Za-z][\w .-]*>"
    r"|\$\{?[A-Za-z_]\w*\}?"
    r"|\b(?:TODO|TBD|FIXME|XXX+|YOUR_\w+)\b"
    r"|\bexample\.(?:com|org|net)\b"
)


_FIELD = re.compile(r"^(?P<mark>\s*(?:[-*+] )?)[*_]*\w[\w ]*[*_]*:[*_]*[ \t]*(?P<value>.*)$")


def defect(runbook: Runbook, record: Record, *, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Hold the bead that `read-defect` shows against the tables and the downloaded `files`.

    Its title and labels name one failure that a downloaded diagnostics file is about, its assignee
    is the first owner of that failure's class, its body has the run, its URL, the artifact and that
    file's name, and no placeholder of the template is left in it. Each part that the table `Bead
    fields` names holds the values of that file, and it has no part that the table doesn't name.
    """
    tables = (
        contract_of(runbook).locations,
        contract_of(runbook).classes,
        triage_contract_of(runbook).owners,
        downloads(runbook),
    )
    stopped = [finding for table in tables for finding in table.findings]
    stopped += triage_contract_of(runbook).bead_fields.findings
    for block in (FILE_BLOCK, READ_BLOCK):
        stopped += () if stopped else unmet(runbook, record, block=block)
    if stopped:
        return tuple(stopped)
    shown = streams(named(record, READ_BLOCK))[Where.STDOUT.value]
    return tuple(bead_faults(runbook, shown, files=files))


def bead_faults(runbook: Runbook, shown: bytes, *, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield what is wrong with the bead that `bd show ID --json` printed (see `defect`).

    Each is at the line of the template that makes it so, where that can be told.
    """
    bead = shown_bead(shown)
    command = creating(runbook)
    if bead is None:
        message = f"the block {READ_BLOCK} does not print one bead; bd show ID --json does"
        yield Finding(command.file, command.line, message)
        return
    filed = FiledBead(runbook, bead, files)
    verdicts = (_ids, _labels, _failure, _kind, _owner, _priority, _run, _artifact, _placeholders)
    told = [one for verdict in verdicts for one in verdict(filed)]
    told += [one for one in _held(filed) if one.key not in {known.key for known in told}]
    template = named_commands(runbook, FILE_BLOCK)
    for one in told:
        line = blamed(runbook, template, one) or command.line
        yield Finding(command.file, line, one.message)
    for line, message in unknown_names(triage_contract_of(runbook).bead_fields, filed.values()):
        yield Finding(runbook.path, line, message)
    yield from _unnamed(runbook, template)


def _held(filed: FiledBead) -> Iterator[Deviation]:
    """Yield where the bead is not what the table `Bead fields` says for its failure."""
    yield from deviations(
        triage_contract_of(filed.runbook).bead_fields, filed.bead, values=filed.values()
    )


def _unnamed(runbook: Runbook, template: Iterable[Command]) -> Iterator[Finding]:
    """Yield what the template gives a bead and no row of `Bead fields` names."""
    fields, commands = triage_contract_of(runbook).bead_fields, tuple(template)
    known = {row.key for row in fields.rows}
    for key, line in dict((*headed(commands), *flags_used(commands))).items():
        if key not in known and key != "description":
            hint = did_you_mean(key, known)
            message = f'the bead is given {key}, which no row of "{SECTION}" names{hint}'
            yield Finding(runbook.path, line, message)


def creating(runbook: Runbook) -> Command:
    """Return the command of the template that files the bead."""
    commands = named_commands(runbook, FILE_BLOCK)
    return next((command for command in commands if "bd create" in command.text), commands[-1])


def _ids(filed: FiledBead) -> Iterator[Deviation]:
    for name in IDS:
        if len(ids := filed.ids(name)) != 1:
            seen = ", ".join(sorted(ids)) or "none"
            message = f'the title "{filed.bead.title}" names {seen} as {name}; exactly one is right'
            yield Deviation("title", message, lacking=(name,))


def _labels(filed: FiledBead) -> Iterator[Deviation]:
    for name in IDS:
        for value in filed.ids(name):
            label = f"{name.removesuffix('Id')}:{value}"
            if label not in filed.bead.labels:
                found = ", ".join(filed.bead.labels) or "none"
                template = f"{name.removesuffix('Id')}:{{}}"
                message = f"the label {label} is missing; found {found}"
                yield Deviation("labels", message, template, (name,))


def _failure(filed: FiledBead) -> Iterator[Deviation]:
    if not filed.about():
        message = f'no downloaded diagnostics file holds the IDs of the title "{filed.bead.title}"'
        yield Deviation("title", message, lacking=IDS)


def _kind(filed: FiledBead) -> Iterator[Deviation]:
    kind = filed.bead.texts.get("issue_type", "bug")
    if kind != "bug":
        yield Deviation("issue_type", f"the bead's type is {kind}; a defect is a bug")


def _owner(filed: FiledBead) -> Iterator[Deviation]:
    for scenario in filed.ids(SCENARIO):
        classes = filed.classes(scenario)
        rows = [
            row
            for row in triage_contract_of(filed.runbook).owners.rows
            if row.failure_class in classes
        ]
        if not rows:
            message = f'"Ownership and escalation" has no row for the class of {scenario}'
            yield Deviation("assignee", message)
        for row in rows:
            if row.owner != filed.bead.assignee:
                right = f'"{row.owner}", first owner of "{row.failure_class}" (line {row.line})'
                message = f'the assignee is "{filed.bead.assignee}"; {right}, is right'
                yield Deviation("assignee", message, lacking=("owner",))


def _priority(filed: FiledBead) -> Iterator[Deviation]:
    """Hold the priority against the leaf of the class, where the document has such leaves."""
    for scenario in filed.ids(SCENARIO):
        leaves = [
            one
            for one in triage_contract_of(filed.runbook).leaves.rows
            if one.failure_class in filed.classes(scenario)
        ]
        for leaf in leaves[:1]:
            if leaf.priority != f"P{filed.bead.priority}":
                right = f"{leaf.priority}, of leaf {leaf.leaf} (line {leaf.line})"
                message = f"the priority is P{filed.bead.priority}; {right}, is right"
                yield Deviation("priority", message, lacking=("priority",))


def _run(filed: FiledBead) -> Iterator[Deviation]:
    repository = address(filed.runbook)
    url = re.search(rf"{re.escape(repository)}\S*/actions/runs/(\d+)", filed.bead.body)
    if url is None:
        message = f"the body has no URL of the run; {repository}/actions/runs/RUN_ID is right"
        yield Deviation("runUrl:", message, lacking=("runUrl",))
        return
    run = re.compile(rf"\b{url[1]}\b")
    if not run.search(filed.bead.body.replace(url[0], "")):
        message = f"the body does not name the run {url[1]} of its URL by its ID"
        yield Deviation("runId:", message, lacking=("runId",))
    if not any(run.search(text_of(filed.files[name])) for name in filed.about()):
        message = (
            f"no diagnostics file of this failure is of the run {url[1]}, which the body links"
        )
        yield Deviation("runUrl:", message, lacking=("runUrl",))


def _artifact(filed: FiledBead) -> Iterator[Deviation]:
    places = [
        (download.artifact, name.removeprefix(f"{download.folder}/"))
        for download in downloads(filed.runbook).rows
        for name in filed.about()
        if name.startswith(f"{download.folder}/")
    ]
    if places and not any(set(place) <= _words(filed.bead.body) for place in places):
        wanted = " or ".join(f"{artifact}: {path}" for artifact, path in places)
        message = "the body does not name the artifact and its diagnostics file"
        yield Deviation("artifact:", f"{message}; {wanted} is right")


def _words(text: str) -> set[str]:
    return {word.strip(".,:;()`") for word in text.split()}


def _placeholders(filed: FiledBead) -> Iterator[Deviation]:
    said = "".join(text_of(filed.files[name]) for name in filed.about())
    for key, text in _given(filed.bead).items():
        for match in _PLACEHOLDER.finditer(text):
            if match[0] in said:  # a statement of SQL, say, that the failure is about
                continue
            yield Deviation("", f"the bead's {key} still has the placeholder {match[0]}")
        for line in _empty_fields(text):
            named = line.strip("-*+_ ").replace("*", "")
            message = f'the bead\'s {key} has nothing after "{line}"'
            yield Deviation(named, message, lacking=(named.rstrip(":"),))


def _given(bead: Bead) -> dict[str, str]:
    """Return the texts of a bead that a template gives it: `bd` itself adds who filed it."""
    texts = {key: text for key, text in bead.texts.items() if key in GIVEN}
    return {**texts, "labels": " ".join(bead.labels)}


def _empty_fields(text: str) -> Iterator[str]:
    """Yield the headings and the `name:` lines with nothing below or after them."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line, following in zip(lines, [*lines[1:], "# the end"], strict=False):
        if _ends_at(line, following):
            yield line.strip()


def _ends_at(line: str, following: str) -> bool:
    """Tell whether a line asks for something that the next one that is not blank doesn't give."""
    depth, next_depth = (len(one) - len(one.lstrip("#")) for one in (line, following))
    if depth > 1:  # one alone may be the comment of a shell
        return 0 < next_depth <= depth
    here, after = _FIELD.match(line), _FIELD.match(following)
    if here is None or here["value"]:
        return False
    return bool(next_depth) or (after is not None and after["mark"] == here["mark"])
