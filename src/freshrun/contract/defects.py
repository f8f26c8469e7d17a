"""The bead that the runbook's template files held against the failure that it is about."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from freshrun.contract.artifacts import downloads
from freshrun.contract.evidence import named, named_commands, unmet
from freshrun.contract.outputs import streams
from freshrun.contract.paths import address
from freshrun.contract.readers import text_of
from freshrun.contract.tables import (
    IDS,
    INVARIANT,
    SCENARIO,
    Where,
    failure_contract,
    ownership,
    taxonomy,
)
from freshrun.contract.tree import advice
from freshrun.finding import Finding
from freshrun.record import Record
from freshrun.runbook import Command, Runbook

FILE_BLOCK = "file-defect"
READ_BLOCK = "read-defect"

_PLACEHOLDER = re.compile(
    r"<[A-Za-z][\w .-]*>"
    r"|\$\{?[A-Za-z_]\w*\}?"
    r"|\b(?:TODO|TBD|FIXME|XXX+|YOUR_\w+)\b"
    r"|\bexample\.(?:com|org|net)\b"
)
_FIELD = re.compile(r"^(?P<mark>\s*(?:[-*+] )?)[*_]*\w[\w ]*[*_]*:[*_]*[ \t]*(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class Bead:
    """A bead as `bd show ID --json` prints it; `texts` is every string in it, by its JSON key.

    `priority` is 0 where none is shown: some programs leave a zero out.
    """

    title: str = ""
    body: str = ""
    assignee: str = ""
    labels: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0


def defect(runbook: Runbook, record: Record, *, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Hold the bead that `read-defect` shows against the tables and the downloaded `files`.

    Its title and labels name one failure that a downloaded diagnostics file is about, its assignee
    is the first owner of that failure's class, its body has the run, its URL, the artifact and that
    file's name, and no placeholder of the template is left in it.
    """
    tables = (failure_contract(runbook), taxonomy(runbook), ownership(runbook), downloads(runbook))
    stopped = [finding for table in tables for finding in table.findings]
    for block in (FILE_BLOCK, READ_BLOCK):
        stopped += () if stopped else unmet(runbook, record, block=block)
    if stopped:
        return tuple(stopped)
    shown = streams(named(record, READ_BLOCK))[Where.STDOUT.value]
    command = creating(runbook)
    messages = bead_faults(runbook, shown, files=files)
    return tuple(Finding(command.file, command.line, message) for message in messages)


def bead_faults(runbook: Runbook, shown: bytes, *, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what is wrong with the bead that `bd show ID --json` printed (see `defect`)."""
    bead = shown_bead(shown)
    if bead is None:
        yield f"the block {READ_BLOCK} does not print one bead; bd show ID --json does"
        return
    case = _Case(runbook, bead, files)
    for verdict in (_ids, _labels, _failure, _owner, _priority, _run, _artifact, _placeholders):
        yield from verdict(case)


def creating(runbook: Runbook) -> Command:
    """Return the command of the template that files the bead."""
    commands = named_commands(runbook, FILE_BLOCK)
    return next((command for command in commands if "bd create" in command.text), commands[-1])


def shown_bead(stdout: bytes) -> Bead | None:
    """Return the one bead that `bd show ID --json` printed; `None` where it is not exactly one."""
    try:
        shown: object = json.loads(stdout)
    except ValueError:
        return None
    first = shown[0] if isinstance(shown, list) and len(shown) == 1 else shown
    if not isinstance(first, dict):
        return None
    texts = {str(key): value for key, value in first.items() if isinstance(value, str)}
    labels, priority = first.get("labels"), first.get("priority")
    return Bead(
        title=texts.get("title", ""),
        body=texts.get("description", ""),
        assignee=texts.get("assignee", ""),
        labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
        texts=texts,
        priority=priority if isinstance(priority, int) else 0,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    runbook: Runbook
    bead: Bead
    files: Mapping[str, bytes]

    def ids(self, name: str) -> set[str]:
        """Return the IDs of this name in the bead's title."""
        rows = (row for row in failure_contract(self.runbook).rows if row.id == name)
        return {match[0] for row in rows for match in row.scan.finditer(self.bead.title)}

    def classes(self, scenario: str) -> set[str]:
        """Return the failure classes that the scenario's prefix stands for."""
        return {one.name for one in taxonomy(self.runbook).rows if one.covers(scenario)}

    def about(self) -> tuple[str, ...]:
        """Return the downloaded JSON files that hold all the IDs of the bead's title."""
        title = self.ids(SCENARIO) | self.ids(INVARIANT)
        rows = [r for r in failure_contract(self.runbook).rows if r.where is Where.JSON]
        return tuple(
            name
            for name, content in self.files.items()
            if name.endswith(".json")
            and title <= {s.value for row in rows for s in row.selector(content).sightings}
        )


def _ids(case: _Case) -> Iterator[str]:
    for name in IDS:
        if len(ids := case.ids(name)) != 1:
            seen = ", ".join(sorted(ids)) or "none"
            yield f'the title "{case.bead.title}" names {seen} as {name}; exactly one is right'


def _labels(case: _Case) -> Iterator[str]:
    for name in IDS:
        for value in case.ids(name):
            label = f"{name.removesuffix('Id')}:{value}"
            if label not in case.bead.labels:
                yield f"the label {label} is missing; found {', '.join(case.bead.labels) or 'none'}"


def _failure(case: _Case) -> Iterator[str]:
    if not case.about():
        yield f'no downloaded diagnostics file holds the IDs of the title "{case.bead.title}"'


def _owner(case: _Case) -> Iterator[str]:
    for scenario in case.ids(SCENARIO):
        classes = case.classes(scenario)
        rows = [row for row in ownership(case.runbook).rows if row.failure_class in classes]
        if not rows:
            yield f'"Ownership and escalation" has no row for the class of {scenario}'
        for row in rows:
            if row.owner != case.bead.assignee:
                right = f'"{row.owner}", first owner of "{row.failure_class}" (line {row.line})'
                yield f'the assignee is "{case.bead.assignee}"; {right}, is right'


def _priority(case: _Case) -> Iterator[str]:
    """Hold the priority against the leaf of the class, where the document has such leaves."""
    for scenario in case.ids(SCENARIO):
        leaves = [
            one for one in advice(case.runbook).rows if one.failure_class in case.classes(scenario)
        ]
        for leaf in leaves[:1]:
            if leaf.priority != f"P{case.bead.priority}":
                right = f"{leaf.priority}, of leaf {leaf.leaf} (line {leaf.line})"
                yield f"the priority is P{case.bead.priority}; {right}, is right"


def _run(case: _Case) -> Iterator[str]:
    repository = address(case.runbook)
    url = re.search(rf"{re.escape(repository)}\S*/actions/runs/(\d+)", case.bead.body)
    if url is None:
        yield f"the body has no URL of the run; {repository}/actions/runs/RUN_ID is right"
        return
    run = re.compile(rf"\b{url[1]}\b")
    if not run.search(case.bead.body.replace(url[0], "")):
        yield f"the body does not name the run {url[1]} of its URL by its ID"
    if not any(run.search(text_of(case.files[name])) for name in case.about()):
        yield f"no diagnostics file of this failure is of the run {url[1]}, which the body links"


def _artifact(case: _Case) -> Iterator[str]:
    places = [
        (download.artifact, name.removeprefix(f"{download.folder}/"))
        for download in downloads(case.runbook).rows
        for name in case.about()
        if name.startswith(f"{download.folder}/")
    ]
    if places and not any(set(place) <= _words(case.bead.body) for place in places):
        wanted = " or ".join(f"{artifact}: {path}" for artifact, path in places)
        yield f"the body does not name the artifact and its diagnostics file; {wanted} is right"


def _words(text: str) -> set[str]:
    return {word.strip(".,:;()`") for word in text.split()}


def _placeholders(case: _Case) -> Iterator[str]:
    for key, text in {**case.bead.texts, "labels": " ".join(case.bead.labels)}.items():
        for match in _PLACEHOLDER.finditer(text):
            yield f"the bead's {key} still has the placeholder {match[0]}"
        for line in _empty_fields(text):
            yield f'the bead\'s {key} has nothing after "{line}"'


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
