"""Canaries: a declared secret is in no report, wherever in a rehearsal it came up."""

import hashlib
import html
import json
import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from test_mask import FORMS, ON_A_TERMINAL

from freshrun.document.reading import parse
from freshrun.machine.machine import Machine
from freshrun.mask.masking import Mask
from freshrun.model.outcome import Ending
from freshrun.rehearsal.rehearsal import played_in
from freshrun.text.screen import rendered, shown

pytestmark = pytest.mark.engine

PROGRAM = Path(sys.executable).parent / "freshrun"

AWKWARD = "ku'3 \"v%8\\<q>&z;/+=ä~Jw9"
"""A secret that no encoding leaves as it is."""


def canary(place: str) -> str:
    """Return the secret that comes up in one place of the rehearsal only."""
    return "Kn" + hashlib.sha256(place.encode()).hexdigest()[:30]


PLACES = (
    *("STDOUT", "STDERR", "ENCODED", "SPLIT", "FAILING", "TRACE", "DIFF", "PROMISE", "SPILL"),
    *("TEXT", "LATE", "HINT", "STAGE", "FOLDER", "TITLE", "SKIP", "STDIN", "READY", "TIMEOUT"),
    *("REASON", "CRASH", "PRINT", "WARNING", "COMPARED", "SERVER"),
)
SECRETS = {**{place: canary(place) for place in PLACES}, "AWKWARD": AWKWARD}

DOCUMENT = f"""---
freshrun:
  image: debian:bookworm
  sections: independent
  checklist: checks/
  secrets: [{", ".join(SECRETS)}]
---
# Every place

```bash
echo "out: $STDOUT"; echo "err: $STDERR" >&2
printf %s "user:$ENCODED" | base64; printf %s "$ENCODED" | od -An -tx1; printf %q "$AWKWARD"
echo "$AWKWARD"; printf %s "$AWKWARD" | base64 -w 12 >&2
{{ printf "${{SPLIT:0:9}}"; sleep 0.4; printf "${{SPLIT:9}}"; }}
yes "line with $SPILL" | head -n 20000
mkdir /tmp/$FOLDER && cd /tmp/$FOLDER
false {canary("STAGE")} | true
```

```bash skip="no {canary("SKIP")}" name={canary("SKIP")}
true
```

```bash stdin="{canary("STDIN")}"
cat
```

```bash background
{{ echo "serving $SERVER"; sleep 600; }}
```

```console
$ echo "one $PROMISE"
one {canary("PROMISE")}
```

## {canary("TITLE")}

```bash
(echo "$FAILING" "$AWKWARD"; echo "$FAILING" "$AWKWARD" >&2; exit 3)
```

## Trace

```bash
(set -x; : "$TRACE" "$AWKWARD"; false)
```

## Difference

```console
$ echo "$DIFF"
another
```

## Text

```bash
test {canary("TEXT")} = other
```

## Late

```bash
# {"x" * 55} {canary("LATE")}
test {"x" * 220} = {canary("LATE")}
```

## Hint

```bash
{canary("HINT")} --now
```

## Ready

```bash background ready=file:/{canary("READY")} timeout=1s
{{ echo "{canary("READY")}"; sleep 600; }}
```

## Timeout

```bash timeout=1s
{{ echo {canary("TIMEOUT")}; sleep 600; }}
```
"""

CHECKS = """
import os
import warnings

import pytest


@pytest.mark.checklist("reason")
def test_reason(record):
    assert record is None, f"found {os.environ['REASON']} and {os.environ['AWKWARD']}"


@pytest.mark.checklist("crash")
def test_crash():
    token = os.environ["CRASH"]
    raise RuntimeError(f"could not log in with {token}")


@pytest.mark.checklist("print")
def test_print(machine):
    print(machine.run(["printenv", "PRINT", "AWKWARD"]).stdout.decode())
    pytest.fail("printed")


@pytest.mark.checklist("warning")
def test_warning():
    warnings.warn(f"{os.environ['WARNING']} is old")


@pytest.mark.checklist("compared")
def test_compared():
    found = [os.environ["COMPARED"]]
    assert found == []


@pytest.fixture
def broken():
    raise RuntimeError(os.environ["CRASH"])


@pytest.mark.checklist("set up")
def test_set_up(broken):
    pass
"""

WRITTEN = ("page.html", "record.json", "junit.xml")
VALIDATED = (
    *(PROGRAM, "validate-runbook", "--runbook", "runbook.md"),
    *("--html", WRITTEN[0], "--json", WRITTEN[1], "--junit", WRITTEN[2]),
)
TESTED = (
    *(sys.executable, "-m", "pytest", "runbook.md", "checks", "-rA", "-v", "--showlocals"),
    *(f"--freshrun-html={WRITTEN[0]}", f"--freshrun-json={WRITTEN[1]}"),
    *(f"--freshrun-junit={WRITTEN[2]}", "--junit-xml=pytest.xml"),
    *("-ojunit_logging=all", "-ocache_dir=.freshrun/pytest"),
)


def run(
    folder: Path, document: str, *, checks: str = "", argv: Sequence[str | Path] = VALIDATED
) -> dict[str, bytes]:
    """Run a front door in `folder`; return all that it left behind, by name."""
    (folder / "checks").mkdir()
    (folder / "runbook.md").write_text(document, "utf-8")
    (folder / "checks" / "test_all.py").write_text(checks, "utf-8")
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    environment = {**os.environ, **SECRETS, **github}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, check=False)
    reports = {"stdout": done.stdout, "stderr": done.stderr, "code": b"%d" % done.returncode}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "runbook.md":
            reports[str(path.relative_to(folder))] = path.read_bytes()
    return reports


@pytest.fixture(scope="module", params=[VALIDATED, TESTED], ids=["freshrun", "pytest"])
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """Return every report of one rehearsal, through the program and through plain pytest."""
    folder = tmp_path_factory.mktemp("canaries")
    return run(folder, DOCUMENT, checks=CHECKS, argv=request.param)


def traces(secret: str) -> Iterator[bytes]:
    """Yield what tells a secret in any of its forms, also where a form was cut short."""
    data = secret.encode()
    shifted = (b64encode(b"x" * shift + data)[4:-4] for shift in range(3))
    encoded = (data.hex().encode(), data.hex().upper().encode(), data.hex(" ").encode())
    for form in (data, quote(secret, safe="").encode(), *shifted, *encoded):
        yield from (form[at : at + 12] for at in range(len(form) - 11))
    yield from (json.dumps(secret)[1:-1].encode(), html.escape(secret).encode())


def leaks(secret: str, reports: dict[str, bytes]) -> list[str]:
    """Return where a report tells a secret, with what stands around it."""
    return [
        f"{name}: ...{content[max(at - 60, 0) : at + 60]!r}"
        for name, content in reports.items()
        for trace in traces(secret)
        if (at := content.find(trace)) >= 0
    ]


@pytest.mark.parametrize("place", SECRETS)
def test_a_canary_is_in_no_report(place: str, reports: dict[str, bytes]) -> None:
    """Not in a byte of terminal, record, page, JUnit, annotations, summary, spill and cache."""
    assert leaks(SECRETS[place], reports) == []


def test_the_rehearsal_came_to_every_place(reports: dict[str, bytes]) -> None:
    """What has no canary in it was written nevertheless, with the mask in its stead."""
    record = json.loads(reports["record.json"])
    assert reports["code"] == b"2", reports["stderr"]  # two checks crash
    shown = {command["text"].rstrip(";"): command for command in record["commands"]}
    assert shown['echo "out: $STDOUT"']["stdout"]["text"] == "out: ***\n"
    assert shown["false *** | true"]["warnings"]
    assert shown['echo "one $PROMISE"']["status"] == "passed"
    assert "+***" in shown['echo "$DIFF"']["diff"]
    assert shown["*** --now"]["cause"] == "command not found"
    assert shown["mkdir /tmp/$FOLDER && cd /tmp/$FOLDER"]["cwd"] == "/tmp/***"  # noqa: S108 - in the machine
    assert shown["test *** = other"]["status"] == "failed"
    assert {*WRITTEN, "summary.md"} <= reports.keys()
    assert any(name.startswith(".freshrun/output/") for name in reports)
    assert b"::error file=runbook.md" in reports["stdout"]
    for name in ("stdout", "page.html", "junit.xml", "record.json"):
        assert reports[name].count(b"***") > 10, name
    assert reports["summary.md"].count(rb"\*\*\*") > 3
    assert any("the secret TEXT stands in the document" in n for n in record["provenance"]["notes"])


def settings(*names: str, **others: str) -> str:
    """Return front matter that declares secrets."""
    lines = [f"secrets: [{', '.join(names)}]", *(f"{k}: {v}" for k, v in others.items())]
    return "\n  ".join(["---\nfreshrun:", "image: debian:bookworm", *lines]) + "\n---\n"


def test_a_fault_tells_no_secret(tmp_path: Path) -> None:
    """What the harness says of a setup that is wrong goes through the same mask."""
    document = settings("REASON", user=SECRETS["REASON"]) + "```bash\ntrue\n```\n"
    reports = run(tmp_path, document)
    assert reports["code"] == b"2"
    assert b'has no user "***"' in reports["stderr"]
    assert leaks(SECRETS["REASON"], reports) == []


@pytest.mark.parametrize("argv", [VALIDATED, TESTED], ids=["freshrun", "pytest"])
def test_a_check_that_breaks_while_it_is_read_tells_no_secret(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    """The traceback of a module of checks is a report, too."""
    document = settings("CRASH", checklist="checks/") + "```bash\ntrue\n```\n"
    checks = "import os\n\nraise RuntimeError(f\"no {os.environ['CRASH']}\")\n"
    reports = run(tmp_path, document, checks=checks, argv=argv)
    assert reports["code"] == b"2"
    assert b"no ***" in reports["stdout"] + reports["junit.xml"]
    assert leaks(SECRETS["CRASH"], reports) == []


def test_a_secret_too_short_to_hide_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would blank the whole report; nothing is run, and the line says what to do instead."""
    monkeypatch.setenv("PIN", "7")
    reports = run(tmp_path, settings("PIN") + "```bash\necho 1234567\n```\n")
    assert reports["code"] == b"2"
    (line,) = (each for each in reports["stderr"].decode().splitlines() if "PIN" in each)
    assert "the declared secret PIN has 1 character" in line
    assert "env" in line


def test_a_secret_that_is_a_common_word_turns_no_pass_into_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word is hidden wherever it stands, in a promise as in the output; verdicts stay."""
    monkeypatch.setenv("DATABASE_PASSWORD", "postgres")
    text = "# Start\n\n```console\n$ echo user postgres, status passed\nuser postgres, ...\n```\n"
    reports = run(tmp_path, settings("DATABASE_PASSWORD") + text)
    assert reports["code"] == b"0"
    assert b"postgres" not in b"".join(reports[name] for name in ("stdout", *WRITTEN))
    assert json.loads(reports["record.json"])["commands"][0]["stdout"]["text"].startswith(
        "user ***"
    )


def test_what_a_server_said_last_is_seen_though_a_secret_may_follow(tmp_path: Path) -> None:
    """`ready=log:` finds the last line that was printed: the mask holds no more than it must."""
    text = (
        '```bash background ready=log:listening timeout=9s\n{ echo "listening"; sleep 600; }\n```\n'
    )
    reports = run(tmp_path, settings("SERVER") + text)
    assert reports["code"] == b"0", reports["stdout"]


def test_a_flood_of_secrets_is_hidden(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Output without end is hidden in head, tail and the file that holds the whole."""
    monkeypatch.setattr("freshrun.session.terminal.FLOOD", 2**21)
    text = f"```bash\nyes {canary('SPILL')} | head -c 1G\n```\n"
    mask = Mask([canary("SPILL")])
    (outcome,) = played_in(parse(text, path="runbook.md"), machine, mask=mask, spill=tmp_path)
    assert outcome.ending is Ending.FLOODED
    output = outcome.stdout
    assert output.spill is not None
    whole = Path(output.spill)
    assert whole.is_relative_to(tmp_path)
    assert output.truncated
    found = {"head": output.head, "tail": output.tail, "whole": whole.read_bytes()}
    assert all(data[:1000].count(b"***") > 240 for data in found.values())
    assert leaks(canary("SPILL"), {**found, "command": outcome.command.text.encode()}) == []


def test_a_promise_is_renewed_though_a_secret_stands_in_the_document(tmp_path: Path) -> None:
    """`--update` finds the lines as they were written, and writes no secret."""
    promised = f"$ echo {canary('TEXT')}; echo two\n{canary('TEXT')}\n2\n"
    text = settings("TEXT") + f"```console\n{promised}```\n"
    reports = run(tmp_path, text, argv=(*VALIDATED, "--update"))
    assert reports["code"] == b"0", reports["stdout"]
    assert (tmp_path / "runbook.md").read_text("utf-8").endswith("two\n***\ntwo\n```\n")


WAY = "Kq7/with+odd=chars&more-Zx9"
"""A secret that is printed in every way."""

WAYS: dict[str, bytes] = {
    **{name: write(WAY) for name, write in FORMS.items()},
    **{name: write(WAY).encode() for name, write in ON_A_TERMINAL.items()},
}


def printing(data: bytes) -> str:
    """Return a command that prints bytes which its own text does not tell."""
    return f"""perl -e 'print pack "H*", scalar reverse "{data.hex()[::-1]}"'"""


def every_way() -> str:
    """Return a document that prints the secret in every way, on both streams and in a diff."""
    head = settings("WAY", sections="independent")
    parts = [
        f"## Way {number}\n\n```bash\n({print_}; echo; {print_} >&2; echo >&2; exit 3)\n```\n\n"
        f"## Difference {number}\n\n```console\n$ echo; {print_}; echo\nanother\n```\n"
        for number, print_ in enumerate(map(printing, WAYS.values()))
    ]
    return f"{head}# Start\n\n```bash\ntrue\n```\n\n" + "\n".join(parts)


@pytest.fixture(scope="module", params=[VALIDATED, TESTED], ids=["freshrun", "pytest"])
def ways(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """Return every report of a rehearsal that prints the secret in every way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SECRETS, "WAY", WAY)
        return run(tmp_path_factory.mktemp("ways"), every_way(), argv=request.param)


def texts(reports: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield all that a person can read in the reports, each with where it stands."""
    for name, content in reports.items():
        text = content.decode(errors="backslashreplace")
        yield name, text
        yield f"{name}, as markup", html.unescape(text)
    record = json.loads(reports["record.json"])
    yield from (("a text of the record", text) for text in strings(record))


def strings(value: object) -> Iterator[str]:
    """Yield every text of a JSON document, and what its base64 fields hold."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (text for each in value for text in strings(each))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each)
            if key in {"head", "tail"}:
                yield b64decode(each).decode(errors="backslashreplace")


def readable(text: str) -> str:
    """Return the letters and digits of a text alone."""
    return re.sub("[^a-z0-9]", "", text.lower())


def test_a_secret_is_in_no_report_in_whatever_way_it_was_printed(ways: dict[str, bytes]) -> None:
    """Neither in the bytes, nor without sequences, nor as a terminal renders them."""
    assert ways["code"] == b"1", ways["stderr"]
    tell = readable(WAY)
    for place, text in texts(ways):
        assert tell not in readable(text), place
        assert tell not in readable(shown(text)), place
        assert tell not in readable(rendered(text)[0]), place


@pytest.mark.parametrize("way", WAYS)
def test_no_form_of_a_secret_is_in_a_report(way: str, ways: dict[str, bytes]) -> None:
    """The mask stands in its stead, on both streams and in a diff."""
    record = json.loads(ways["record.json"])["commands"]
    number = 1 + 2 * list(WAYS).index(way)
    failed, differs = record[number], record[number + 1]
    form = readable(WAYS[way].decode(errors="replace").replace("token", ""))
    for told in (failed["stdout"]["text"], failed["stderr"]["text"], differs["diff"]):
        assert "***" in told
    for told in (*strings(failed), *strings(differs)):
        assert form not in readable(told)
    assert differs["status"] == "failed"
