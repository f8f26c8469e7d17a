"""A record keeps everything through JSON, in the documented form."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from freshrun.model.errors import FreshrunError
from freshrun.model.outcome import Ending, LeftFile, Outcome, Output, Status
from freshrun.model.record import ChecklistItem, Provenance, Record, State
from freshrun.model.record_json import from_json, to_json
from freshrun.model.record_schema import schema_text
from freshrun.model.runbook import Command, Options, Untyped

SHA256 = "0123456789abcdef" * 4
COMMAND = Command("drv smoke", "runbook/x.md", 41, 42, "Smoke", Options(exit=3, timeout=10.0))
FAILED = Outcome(
    COMMAND,
    Status.FAILED,
    exit_code=127,
    seconds=0.25,
    stderr=Output(b"bash: drv: command not found\n", size=29),
    cwd="/home/newcomer",
    reason="exit status 127, expected 3",
    cause="command not found",
    hint="`drv` is not found: no earlier step installs it",
)
RECORD = Record(
    runbook="runbook/x.md",
    sha256=SHA256,
    started="2026-11-23T05:00:00Z",
    ended="2026-11-23T05:01:00Z",
    provenance=Provenance(
        image="debian:bookworm", engine="docker 20.10", stand_ins=("gh: a recorded run",)
    ),
    outcomes=(FAILED,),
    checklist=(ChecklistItem("smoke run", Status.FAILED, "runbook/x.md:41 failed"),),
)

# A path that is not UTF-8 reaches Python with bytes 0x80 to 0xff as these lone surrogates.
_ESCAPED_BYTES = st.text(
    st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"])
)
_TEXT = st.text() | _ESCAPED_BYTES
_SECONDS = st.floats(0, 1e6)
_EXIT = st.integers(0, 255)
_TEXTS = st.lists(_TEXT, max_size=2).map(tuple)
_MOMENT = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
_OPTIONS = st.builds(
    Options,
    exit=_EXIT,
    timeout=st.none() | _SECONDS,
    band=st.none() | st.tuples(_SECONDS, _SECONDS),
    name=st.none() | _TEXT,
    skip=st.none() | _TEXT,
    stdin=st.none() | _TEXT,
    terminal=st.none() | _TEXT,
    background=st.booleans(),
    ready=st.none() | _TEXT,
)
_COMMAND = st.builds(
    Command,
    text=_TEXT,
    file=_TEXT,
    line=st.integers(1),
    end_line=st.integers(1),
    section=_TEXT,
    options=_OPTIONS,
    stages=_TEXTS,
    promised=st.none() | _TEXT,
    parses=st.booleans(),
    root=st.booleans(),
    within=st.text(),
    number=st.integers(0, 10_000),
)
_OUTPUT = st.builds(
    Output,
    head=st.binary() | st.text().map(str.encode),
    tail=st.binary() | st.text().map(str.encode),
    size=st.integers(0, 2**40),
    spill=st.none() | st.text(),
)
_OUTCOME = st.builds(
    Outcome,
    command=_COMMAND,
    status=st.sampled_from(Status),
    ending=st.sampled_from(Ending),
    exit_code=st.none() | _EXIT,
    seconds=_SECONDS,
    stdout=_OUTPUT,
    stderr=_OUTPUT,
    cwd=st.none() | _TEXT,
    pipe_status=st.lists(_EXIT, max_size=2).map(tuple),
    reason=_TEXT,
    warnings=_TEXTS,
    cause=_TEXT,
    hint=_TEXT,
    diff=_TEXT,
    ports=st.lists(st.integers(1, 65535), max_size=2).map(tuple),
    captures=_TEXTS,
)
_RECORD = st.builds(
    Record,
    untyped=st.lists(
        st.builds(Untyped, st.integers(1), st.integers(0), _TEXT, st.booleans()), max_size=2
    ).map(tuple),
    run=_TEXT,
    state=st.sampled_from(State),
    runbook=_TEXT,
    sha256=st.just(SHA256),
    started=_MOMENT,
    ended=_MOMENT,
    provenance=st.builds(
        Provenance,
        image=_TEXT,
        image_id=_TEXT,
        user=_TEXT,
        engine=_TEXT,
        git_commit=st.none() | _TEXT,
        repository=_TEXT,
        network=_TEXT,
        stand_ins=_TEXTS,
        notes=_TEXTS,
        path=_TEXT,
        source=_TEXT,
        system=_TEXT,
    ),
    text=_TEXT,
    outcomes=st.lists(_OUTCOME, max_size=2).map(tuple),
    checklist=st.lists(
        st.builds(ChecklistItem, _TEXT, st.sampled_from(Status), _TEXT), max_size=2
    ).map(tuple),
    trials=st.lists(_OUTCOME, max_size=1).map(tuple),
    fault=_TEXT,
)


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """Return the shipped schema, itself checked against its draft."""
    text = resources.files("freshrun.model").joinpath("record.schema.json").read_text("utf-8")
    document = json.loads(text)
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@given(record=_RECORD)
@settings(max_examples=150, deadline=None)
def test_round_trip(record: Record) -> None:
    """Any record comes back from JSON as it was, and UTF-8 holds the JSON."""
    assert from_json(to_json(record).encode().decode()) == record


_OUT = Output(b"a", b"z", 5, "/tmp/spill")  # noqa: S108 - no file is made
FULL = Record(
    runbook="runbook/x.md",
    sha256=SHA256,
    started="2026-11-23T05:00:00Z",
    ended="2026-11-23T05:01:00Z",
    provenance=Provenance(
        *("image", "id", "user", "engine", "commit", "clone", "none", ("gh",), ("note",)),
        path="runbook/x.md",
        source="https://example.org/x.md",
        system="Debian GNU/Linux 12 (bookworm)",
    ),
    outcomes=(
        Outcome(
            Command(
                *("a | b", "runbook/x.md", 41, 42, "Smoke"),
                Options(
                    *(3, 1.5, (0.5, 2.0), "n", "why", "in", "server"),
                    background=True,
                    ready="tcp:80",
                    tty=True,
                ),
                stages=("a", "b"),
                promised="out",
                parses=False,
                number=7,
                root=True,
                within="psql",
            ),
            Status.FAILED,
            Ending.SHELL_ENDED,
            exit_code=4,
            seconds=0.25,
            stdout=_OUT,
            stderr=_OUT,
            cwd="/",
            pipe_status=(0, 4),
            reason="reason",
            warnings=("warning",),
            cause="unknown",
            hint="hint",
            diff="-a\n+b",
            ports=(80,),
            captures=("id=7",),
            job=7,
            files=(LeftFile("/out/smoke.txt", _OUT, redirected=True),),
        ),
    ),
    checklist=(ChecklistItem("smoke run", Status.FAILED, "reason"),),
    fault="fault",
    run="0123456789ab",
    state=State.RUNNING,
    untyped=(Untyped(3, 2, "why", counts=False),),
    text="# Smoke\n",
)
FULL = replace(FULL, trials=FULL.outcomes)

_AWKWARD = replace(
    FAILED,
    command=replace(COMMAND, file="runbook/\udcff.md", text="printf 'ü\u2028\x7f\U0001f600'"),
    stdout=Output(b"\xff\x00ok\n", size=5),
    stderr=Output("<é>\t\x1b[0m\n".encode(), size=11),
    seconds=1e-05,
)
GOLDEN = replace(FULL, outcomes=(*FULL.outcomes, FAILED, _AWKWARD))


def test_golden_record() -> None:
    """A record is written as ever, byte for byte: what others read of it stands where it stood."""
    text = (Path(__file__).parent / "golden" / "record.json").read_text("utf-8")
    assert to_json(GOLDEN) == text
    assert from_json(text) == GOLDEN


def _left_at_default(value: object) -> list[str]:
    """Return the fields, of a value and of the values in it, that hold their default."""
    if isinstance(value, tuple):
        return [name for each in value for name in _left_at_default(each)]
    if not is_dataclass(value):
        return []
    names = []
    for each in fields(value):
        held = getattr(value, each.name)
        factory = each.default_factory
        default = each.default if factory is MISSING else factory()
        names += [f"{type(value).__name__}.{each.name}"] if held == default else []
        names += _left_at_default(held)
    return names


NOTHING = replace(RECORD, outcomes=(), checklist=())
SKIPPED = Outcome(COMMAND, Status.SKIPPED, Ending.NOT_RUN, reason="the document says so")
PASSED = Outcome(COMMAND, Status.PASSED, exit_code=0)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (NOTHING, "no command of the document was run"),
        (replace(NOTHING, outcomes=(SKIPPED, SKIPPED)), "no command of the document was run"),
        (
            replace(NOTHING, checklist=(ChecklistItem("all", Status.PASSED),)),
            "no command of the document was run",
        ),
        (
            replace(NOTHING, outcomes=(SKIPPED,), checklist=(ChecklistItem("x", Status.PASSED),)),
            "no command of the document was run",
        ),
        (
            replace(NOTHING, outcomes=(PASSED,), state=State.RUNNING),
            "the run has not ended; where its process is gone, it was killed",
        ),
        (
            replace(NOTHING, outcomes=(PASSED,), fault="the engine went away"),
            "the engine went away",
        ),
    ],
)
def test_a_record_in_which_nothing_was_proved_is_broken_and_says_why(
    record: Record, why: str
) -> None:
    """Nothing run is never passed, and neither is what has not ended."""
    assert record.verdict is Status.BROKEN
    assert record.why_broken == why
    assert from_json(to_json(record)) == record


def test_a_record_with_one_command_that_ran_can_pass() -> None:
    """What the document skips does not make a pass, and does not break one."""
    record = replace(NOTHING, outcomes=(SKIPPED, PASSED))
    assert (record.verdict, record.why_broken) == (Status.PASSED, "")


def test_round_trip_of_every_field() -> None:
    """Every field of every value, each away from its default, comes back: none is forgotten."""
    assert _left_at_default(FULL) == []
    assert from_json(to_json(FULL)) == FULL


def test_schema_is_that_of_the_form() -> None:
    """The shipped file is made from the types; where they change, write `schema_text()` there."""
    shipped = resources.files("freshrun.model").joinpath("record.schema.json").read_text("utf-8")
    assert shipped == schema_text()


def test_the_form_is_loaded_when_a_record_is_written_or_read() -> None:
    """Its library costs the start of no command anything."""
    code = (
        "import sys, freshrun.tasks, freshrun.plugin.closing as c\n"
        "c.to_json, c.Record\n"
        "sys.exit('msgspec' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(record=_RECORD)
@settings(max_examples=50, deadline=None)
def test_schema(schema: Draft202012Validator, record: Record) -> None:
    """Any record's JSON is as the shipped schema documents it."""
    schema.validate(json.loads(to_json(record)))


def test_schema_takes_no_undocumented_key(schema: Draft202012Validator) -> None:
    """A key that the schema does not document, at the top or in a command, is refused by it."""
    document = json.loads(to_json(RECORD))
    assert schema.is_valid(document)
    assert not schema.is_valid(document | {"extra": 1})
    assert not schema.is_valid(document | {"commands": [document["commands"][0] | {"extra": 1}]})
    assert not schema.is_valid(document | {"verdict": "not reached"})


def test_documented_keys() -> None:
    """A command, a checklist item and the top carry their documented names and values."""
    document = json.loads(to_json(RECORD))
    assert document["schema"] == 1
    assert document["verdict"] == "failed"
    assert document["runbook"] == {"path": "runbook/x.md", "sha256": SHA256, "text": ""}
    assert document["image"] == "debian:bookworm"
    assert document["checklist"][0]["status"] == "failed"
    command = document["commands"][0]
    assert (command["file"], command["line"], command["end_line"]) == ("runbook/x.md", 41, 42)
    assert (command["exit_code"], command["expected_exit_code"]) == (127, 3)
    assert command["stderr"] == {
        "text": "bash: drv: command not found\n",
        "bytes": 29,
        "truncated": False,
    }


def test_bytes_that_are_not_utf8() -> None:
    """Bytes that are not UTF-8 are readable in `text` and exact in `base64`."""
    output = Output(b"\xff\x00ok\n", size=5)
    record = replace(RECORD, outcomes=(replace(FAILED, stdout=output),))
    stdout = json.loads(to_json(record))["commands"][0]["stdout"]
    assert stdout["text"] == "\\xff\x00ok\n"
    assert stdout["base64"] == {"head": "/wBvawo=", "tail": ""}
    assert from_json(to_json(record)) == record


def test_text_that_looks_escaped() -> None:
    r"""Output that prints the four characters `\xff` is not taken for the byte 0xff."""
    output = Output(b"\\xff\n", size=5)
    record = replace(RECORD, outcomes=(replace(FAILED, stdout=output),))
    assert from_json(to_json(record)).outcomes[0].stdout.head == b"\\xff\n"


def test_same_record_same_text() -> None:
    """The same record gives the same text, keys in the schema's order, indented by 2."""
    text = to_json(RECORD)
    assert text == to_json(from_json(text))
    assert text.startswith('{\n  "schema": 1,\n  "verdict": "failed",\n')
    assert text.endswith("}\n")


def test_unknown_key_is_passed_over() -> None:
    """A key of a later minor form does not stop an older reader."""
    document = json.loads(to_json(RECORD)) | {"later": {"x": 1}}
    assert from_json(json.dumps(document)) == RECORD


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{", "", "out.json: not a record of freshrun: not JSON"),
        ('"schema": 1', '"schema": 2', "out.json: schema is 2: expected 1, the version"),
        ('"line": 41', '"line": "41"', 'out.json: commands[0].line is "41": expected a whole num'),
        ('"line": 41', '"line": true', "out.json: commands[0].line is true: expected a whole"),
        ('"line": 41,', "", "out.json: commands[0].line is missing: expected a whole number"),
        ('"status": "failed"', '"status": "ok"', 'checklist[0].status is "ok": expected one of pa'),
        (
            '"verdict": "failed"',
            '"verdict": "passed"',
            'verdict is "passed": expected "failed", as',
        ),
        ('"seconds": 0.25', '"seconds": 1e999', "commands[0].seconds is Infinity: expected a fin"),
        ('"bytes": 29', '"base64": {"head": "x"}, "bytes": 29', "stderr.base64.head is"),
        ('"band": null', '"band": [1]', "commands[0].options.band is [1]: expected two numbers"),
        ('"gh: a recorded run"', "7", "out.json: provenance.stand_ins[0] is 7: expected text"),
        ('"schema": 1', '"schema": true', "out.json: schema is true: expected 1, the version"),
        ('"schema": 1,', "", "out.json: schema is missing: expected 1, the version that this"),
        ('"sha256"', '"sha"', "out.json: runbook.sha256 is missing: expected text"),
        ('"seconds": 0.25', '"seconds": "1"', 'commands[0].seconds is "1": expected a number'),
        ('"seconds": 0.25', '"seconds": NaN', "commands[0].seconds is NaN: expected a finite num"),
        ('"timeout": 10.0', '"timeout": 1e999', "options.timeout is Infinity: expected a finite"),
        ('"ending": "exited"', '"ending": null', "ending is null: expected one of exited, shell"),
        ('"tty": false', '"tty": 0', "out.json: commands[0].options.tty is 0: expected true or f"),
        ('"band": null', '"band": [1, "2"]', 'options.band[1] is "2": expected a number'),
        ('"warnings": []', '"warnings": {}', "commands[0].warnings is {}: expected a list"),
        ('"state": "ended"', '"state": "\\ud800"', 'out.json: "\\ud800" stands there: expected'),
        ('"sha256"', '"\\ud800"', 'out.json: "\\ud800" stands there: expected text that UTF-8 can'),
        ('"checklist": [', '"checklist": [7, ', "checklist[0] is 7: expected an object"),
        ('"text": "bash', '"text": "\\udcff', 'stderr.text is "\\udcff: drv: command not found'),
    ],
)
def test_wrong_document(old: str, new: str, message: str) -> None:
    """A document that is no record is refused with one line: the file, the key, what is right."""
    text = to_json(RECORD)
    assert old in text
    with pytest.raises(FreshrunError) as caught:
        from_json(text.replace(old, new, 1), source="out.json")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


_EARLIER = {"state", "run", "number", "job", "git_commit", "exit_code", "cwd", "promised", "root"}
_EARLIER |= {"untyped", "within", "runbook.text"}
_EARLIER |= {"provenance.path", "provenance.source", "provenance.system"}
_WORDS = {"name", "timeout", "band", "skip", "stdin", "terminal", "ready"}
_DONE_WITHOUT = {
    *_EARLIER,
    "captures",
    *(f"options.{key}" for key in _WORDS),
    "stdout.base64",
    "stderr.base64",
}


def _keys(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to each key of a document, at any depth."""
    if isinstance(document, list):
        for number, each in enumerate(document):
            yield from _keys(each, (*path, number))
    elif isinstance(document, dict):
        for key, value in document.items():
            yield (*path, key)
            yield from _keys(value, (*path, key))


@pytest.mark.parametrize("path", [*_keys(json.loads(to_json(RECORD)))], ids=str)
def test_missing_key(path: tuple[str | int, ...]) -> None:
    """A key that is missing is named with its place, but for those that earlier records lacked."""
    document = json.loads(to_json(RECORD))
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]
    known = re.sub(r"^(commands|trials)\[\d+\]\.", "", place)
    if known in _DONE_WITHOUT:
        assert isinstance(from_json(json.dumps(document)), Record)
        return
    with pytest.raises(FreshrunError, match=f"^record: {re.escape(place)} is missing: expected ."):
        from_json(json.dumps(document))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


def _replaced(document: object, path: list[str | int], value: object) -> object:
    """Return the document with `value` at the place that `path` leads to."""
    if not path:
        return value
    step, *rest = path
    if isinstance(document, dict):
        return {**document, step: _replaced(document.get(step), rest, value)}
    if isinstance(document, list) and isinstance(step, int):
        return [*document[:step], _replaced(document[step], rest, value), *document[step + 1 :]]
    return value


_PLACES = [
    *([key] for key in json.loads(to_json(RECORD))),
    *(["provenance", key] for key in json.loads(to_json(RECORD))["provenance"]),
    *(["checklist", 0, key] for key in ("name", "status", "reason")),
    *(["commands", 0, key] for key in json.loads(to_json(RECORD))["commands"][0]),
    *(["commands", 0, "stderr", key] for key in ("text", "bytes", "spill", "base64")),
    *(["commands", 0, "options", key] for key in ("name", "timeout", "band", "skip", "stdin")),
]


@given(path=st.sampled_from(_PLACES), value=_JSON)
@settings(max_examples=400, deadline=None)
def test_wrong_value_anywhere(path: list[str | int], value: object) -> None:
    """Whatever stands in the place of one value: a record or one clear error, never another."""
    text = json.dumps(_replaced(json.loads(to_json(RECORD)), path, value))
    try:
        assert isinstance(from_json(text), Record)
    except FreshrunError as error:
        assert str(error).startswith("record: ")  # noqa: PT017 - either end is right
        assert "\n" not in str(error)  # noqa: PT017 - either end is right


@pytest.mark.parametrize("text", ["", "[]", "null", "\x00", "[" * 100_000, "9" * 10_000])
def test_not_a_document(text: str) -> None:
    """Text that is no JSON object at all is refused with one line."""
    with pytest.raises(FreshrunError, match=r"^x\.json: not a record of freshrun: [^\n]+$"):
        from_json(text, source="x.json")
