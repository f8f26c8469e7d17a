"""Everything that happened in one rehearsal; to and from JSON (see `record.schema.json`)."""

import base64
import json
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

from freshrun.model.errors import FreshrunError
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.runbook import Command, Options

SCHEMA = 1
"""Version of the JSON document; it rises when a key goes or changes its meaning."""


def moment() -> str:
    """Return the present time as a record tells it: ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Place:
    """The fingerprint of the place where a rehearsal ran.

    `repository` says what the machine was given: a commit, a work tree, or nothing.
    `stand_ins` names every part that is not the real one. `notes` are sentences for the reader:
    a trust store that was extended, blocks that were not run.
    """

    image: str = ""
    image_id: str = ""
    user: str = ""
    engine: str = ""
    git_commit: str | None = None
    repository: str = ""
    network: str = "full"
    stand_ins: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One objective pass/fail statement, judged.

    `reason` is empty for a plain pass; it names the stand-in that was used, or the document's
    line and what was found there.
    """

    name: str
    status: Status
    reason: str = ""


class State(Enum):
    """How far the run of a record is."""

    RUNNING = "running"
    """It was begun. A record that stays so is one of a run that was killed."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Record:
    """One rehearsal: what ran, where, when, and what was judged.

    `trials` are what the checklist typed after the rehearsal to find something out: evidence for
    its items, which alone judge it. `started` and `ended` are ISO 8601 in UTC. `fault` is why the
    harness could not go on, empty where it could. `run` tells the runs of one document apart.
    """

    runbook: str
    sha256: str
    started: str
    ended: str
    place: Place = field(default_factory=Place)
    outcomes: tuple[Outcome, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    trials: tuple[Outcome, ...] = ()
    fault: str = ""
    run: str = ""
    state: State = State.ENDED

    @property
    def verdict(self) -> Status:
        """Return `PASSED`, `FAILED` or `BROKEN` (see `Status`) for the whole."""
        statuses = self._statuses
        if self.fault or self.state is State.RUNNING or Status.BROKEN in statuses:
            return Status.BROKEN
        if statuses & {Status.FAILED, Status.NOT_REACHED}:
            return Status.FAILED
        return Status.PASSED if self._ran_anything else Status.BROKEN

    @property
    def why_broken(self) -> str:
        """Return why nothing can be said of the document, where no command or item tells that."""
        if self.fault:
            return self.fault
        if self.state is State.RUNNING:
            return "the run has not ended; where its process is gone, it was killed"
        if self.verdict is not Status.BROKEN or Status.BROKEN in self._statuses:
            return ""
        return "no command of the document was run"

    @property
    def _statuses(self) -> set[Status]:
        return {o.status for o in self.outcomes} | {i.status for i in self.checklist}

    @property
    def _ran_anything(self) -> bool:
        return any(outcome.status is Status.PASSED for outcome in self.outcomes)


def to_json(record: Record) -> str:
    """Return the record as a JSON document that UTF-8 can hold, keys in a fixed order."""
    text = json.dumps(_document(record), ensure_ascii=False, indent=2, allow_nan=False)
    # A path that is not UTF-8 reaches Python as lone surrogates; in JSON only an escape holds them.
    return re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", text) + "\n"


def from_json(text: str, *, source: str = "record") -> Record:
    """Return the record that `to_json` wrote; `source` is the file to name in an error.

    Keys that this version does not know are passed over. `FreshrunError` for text that is not
    such a document.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FreshrunError(f"{source}: not a record of freshrun: not JSON ({error})") from None
    if not isinstance(document, dict):
        raise FreshrunError(f"{source}: not a record of freshrun: expected a JSON object")
    return _record(_Node(document, f"{source}: "))


def _document(record: Record) -> dict[str, object]:
    place = record.place
    return {
        "schema": SCHEMA,
        "verdict": record.verdict.value,
        "state": record.state.value,
        "run": record.run,
        "fault": record.fault,
        "runbook": {"path": record.runbook, "sha256": record.sha256},
        "image": place.image,
        "engine": place.engine,
        "git_commit": place.git_commit,
        "started": record.started,
        "ended": record.ended,
        "place": {
            "image_id": place.image_id,
            "user": place.user,
            "repository": place.repository,
            "network": place.network,
            "stand_ins": place.stand_ins,
            "notes": place.notes,
        },
        "checklist": [
            {"name": item.name, "status": item.status.value, "reason": item.reason}
            for item in record.checklist
        ],
        "commands": [_outcome_document(outcome) for outcome in record.outcomes],
        "trials": [_outcome_document(outcome) for outcome in record.trials],
    }


def _outcome_document(outcome: Outcome) -> dict[str, object]:
    command = outcome.command
    return {
        "number": command.number,
        "file": command.file,
        "line": command.line,
        "end_line": command.end_line,
        "section": command.section,
        "text": command.text,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "cause": outcome.cause,
        "hint": outcome.hint,
        "diff": outcome.diff,
        "ports": outcome.ports,
        "job": outcome.job,
        "warnings": outcome.warnings,
        "ending": outcome.ending.value,
        "exit_code": outcome.exit_code,
        "expected_exit_code": command.options.exit,
        "stages": command.stages,
        "pipe_status": outcome.pipe_status,
        "seconds": outcome.seconds,
        "cwd": outcome.cwd,
        "stdout": _output_document(outcome.stdout),
        "stderr": _output_document(outcome.stderr),
        "options": _options_document(command.options),
        "promised": command.promised,
        "parses": command.parses,
    }


def _options_document(options: Options) -> dict[str, object]:
    return {
        "name": options.name,
        "timeout": options.timeout,
        "band": options.band,
        "skip": options.skip,
        "stdin": options.stdin,
        "terminal": options.terminal,
        "background": options.background,
        "ready": options.ready,
        "tty": options.tty,
    }


def _output_document(output: Output) -> dict[str, object]:
    text = output.text
    document: dict[str, object] = {
        "text": text,
        "bytes": output.size,
        "truncated": output.truncated,
    }
    if output.spill is not None:
        document["spill"] = output.spill
    if output != Output(text.encode(), size=output.size, spill=output.spill):
        document["base64"] = {"head": _base64(output.head), "tail": _base64(output.tail)}
    return document


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


_T = TypeVar("_T")
_E = TypeVar("_E", bound=Enum)
_KINDS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


@dataclass(frozen=True, slots=True)
class _Node:
    """One object of a JSON document; `where` is the start of an error about one of its keys."""

    fields: dict[str, object]
    where: str

    def wrong(self, key: str, expected: str) -> FreshrunError:
        if key not in self.fields:
            return FreshrunError(f"{self.where}{key} is missing: expected {expected}")
        found = json.dumps(self.fields[key])
        short = found if len(found) <= 40 else f"{found[:40]}..."  # noqa: PLR2004 - a terminal's line
        return FreshrunError(f"{self.where}{key} is {short}: expected {expected}")

    def take(self, key: str, kind: type[_T]) -> _T:
        value = self.fields.get(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, _KINDS[kind])
        return value

    def maybe(self, key: str, kind: type[_T]) -> _T | None:
        return None if self.fields.get(key) is None else self.take(key, kind)

    def number(self, key: str) -> float:
        value = self.fields.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(key, "a number")
        if not abs(value) < sys.maxsize:
            raise self.wrong(key, "a finite number")
        return float(value)

    def choice(self, key: str, kind: type[_E]) -> _E:
        value = self.fields.get(key)
        for member in kind:
            if member.value == value:
                return member
        raise self.wrong(key, "one of " + ", ".join(str(member.value) for member in kind))

    def child(self, key: str) -> "_Node":
        return _Node(self.take(key, dict), f"{self.where}{key}.")

    def tuple_of(self, key: str, kind: type[_T]) -> tuple[_T, ...]:
        """Return the list under `key`, each of its values of one kind."""
        values = {f"{key}[{i}]": value for i, value in enumerate(self.take(key, list))}
        return tuple(_Node(values, self.where).take(name, kind) for name in values)

    def children(self, key: str) -> "tuple[_Node, ...]":
        """Return the objects of the list under `key`."""
        objects = enumerate(self.tuple_of(key, dict))
        return tuple(_Node(o, f"{self.where}{key}[{i}].") for i, o in objects)


def _record(node: _Node) -> Record:
    if node.take("schema", int) != SCHEMA:
        raise node.wrong("schema", f"{SCHEMA}, the version that this freshrun reads")
    runbook = node.child("runbook")
    record = Record(
        runbook=runbook.take("path", str),
        sha256=runbook.take("sha256", str),
        started=node.take("started", str),
        ended=node.take("ended", str),
        place=_place(node),
        outcomes=tuple(_outcome(each) for each in node.children("commands")),
        checklist=tuple(_checklist_item(each) for each in node.children("checklist")),
        trials=tuple(_outcome(each) for each in node.children("trials")),
        fault=node.take("fault", str),
        run=node.maybe("run", str) or "",
        state=State.ENDED if node.maybe("state", str) is None else node.choice("state", State),
    )
    if node.take("verdict", str) != record.verdict.value:
        raise node.wrong("verdict", f'"{record.verdict.value}", as its commands and items say')
    return record


def _place(node: _Node) -> Place:
    place = node.child("place")
    return Place(
        image=node.take("image", str),
        image_id=place.take("image_id", str),
        user=place.take("user", str),
        engine=node.take("engine", str),
        git_commit=node.maybe("git_commit", str),
        repository=place.take("repository", str),
        network=place.take("network", str),
        stand_ins=place.tuple_of("stand_ins", str),
        notes=place.tuple_of("notes", str),
    )


def _checklist_item(node: _Node) -> ChecklistItem:
    return ChecklistItem(
        name=node.take("name", str),
        status=node.choice("status", Status),
        reason=node.take("reason", str),
    )


def _outcome(node: _Node) -> Outcome:
    return Outcome(
        command=_command(node),
        status=node.choice("status", Status),
        ending=node.choice("ending", Ending),
        exit_code=node.maybe("exit_code", int),
        seconds=node.number("seconds"),
        stdout=_output(node.child("stdout")),
        stderr=_output(node.child("stderr")),
        cwd=node.maybe("cwd", str),
        pipe_status=node.tuple_of("pipe_status", int),
        reason=node.take("reason", str),
        warnings=node.tuple_of("warnings", str),
        cause=node.take("cause", str),
        hint=node.take("hint", str),
        diff=node.take("diff", str),
        ports=node.tuple_of("ports", int),
        job=node.maybe("job", int),
    )


def _command(node: _Node) -> Command:
    return Command(
        text=node.take("text", str),
        file=node.take("file", str),
        line=node.take("line", int),
        end_line=node.take("end_line", int),
        section=node.take("section", str),
        options=_options(node.child("options"), expected=node.take("expected_exit_code", int)),
        stages=node.tuple_of("stages", str),
        promised=node.maybe("promised", str),
        parses=node.take("parses", bool),
        number=node.maybe("number", int) or 0,
    )


def _options(node: _Node, *, expected: int) -> Options:
    return Options(
        exit=expected,
        timeout=None if node.fields.get("timeout") is None else node.number("timeout"),
        band=_band(node),
        name=node.maybe("name", str),
        skip=node.maybe("skip", str),
        stdin=node.maybe("stdin", str),
        terminal=node.maybe("terminal", str),
        background=node.take("background", bool),
        ready=node.maybe("ready", str),
        tty=node.take("tty", bool),
    )


def _band(node: _Node) -> tuple[float, float] | None:
    match node.maybe("band", list):
        case None:
            return None
        case [int() | float() as low, int() | float() as high]:
            return float(low), float(high)
    raise node.wrong("band", "two numbers, in seconds")


def _output(node: _Node) -> Output:
    size, spill = node.take("bytes", int), node.maybe("spill", str)
    if node.maybe("base64", dict) is None:
        return Output(_encoded(node, "text"), size=size, spill=spill)
    kept = node.child("base64")
    return Output(_decoded(kept, "head"), _decoded(kept, "tail"), size, spill)


def _encoded(node: _Node, key: str) -> bytes:
    try:
        return node.take(key, str).encode()
    except UnicodeEncodeError:
        raise node.wrong(key, "text that UTF-8 can hold") from None


def _decoded(node: _Node, key: str) -> bytes:
    try:
        return base64.b64decode(node.take(key, str), validate=True)
    except ValueError:
        raise node.wrong(key, "bytes in base64") from None
