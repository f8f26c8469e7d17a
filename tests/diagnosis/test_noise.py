"""A broken promise that is only noise is told as such, with the wildcards that would take it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.diagnosis.cause import Cause
from freshrun.diagnosis.deciding import diagnose
from freshrun.diagnosis.noise import noise
from freshrun.document.promise import WILDCARD, mismatch
from freshrun.document.reading import parse
from freshrun.model.outcome import Outcome, Output, Status

CASES = Path(__file__).parent / "cases"
EXAMPLES = Path(__file__).parents[1] / "examples"
TMP = "/tmp/"  # noqa: S108 - a path in the machine


def hint(promised: str, *printed: str, command: str = "drv run", earlier: str = "") -> str:
    """Return what is said of a promise at line 41, empty where nothing is."""
    found = noise(promised, printed, command=command, earlier=[earlier])
    return found.hint(line=41) if found else ""


def written(promised: str, printed: str, *, command: str = "drv run") -> str:
    """Return the promise with every advised line in its place."""
    found = noise(promised, [printed], command=command)
    lines = promised.split("\n")
    for rewrite in found.rewrites if found else ():
        lines[rewrite.index] = rewrite.text
    return "\n".join(lines)


def agrees(promised: str, printed: str) -> bool:
    """Tell whether the printed text keeps the promise."""
    return mismatch(promised, [printed], file="x.md", line=41) is None


@cases(CASES / "noise_is_named_with_the_line_to_write.yaml")
def test_noise_is_named_with_the_line_to_write(
    kind: str, promised: str, printed: str, advised: str
) -> None:
    """Only the noise becomes a wildcard, and the line then agrees."""
    assert hint(promised, printed) == f"line 41 differs only in {kind}: write `{advised}`"
    assert agrees(advised, printed)


@cases(CASES / "a_real_difference_is_never_called_noise.yaml")
def test_a_real_difference_is_never_called_noise(promised: str, printed: str) -> None:
    """Counts, statuses, versions, settings, checksums: where the form can mean them, no claim."""
    assert not hint(promised, printed)


@cases(CASES / "a_value_that_the_command_decides_is_no_noise.yaml")
def test_a_value_that_the_command_decides_is_no_noise(
    command: str, promised: str, printed: str
) -> None:
    """What was typed, or is worked out from something fixed, has to come out the same."""
    assert not hint(promised, printed, command=command)


@pytest.mark.parametrize(
    ("command", "promised", "printed", "advised"),
    [
        ("echo $$", "4711", "37", "<pid>"),
        ("pgrep -x drv", "4711", "37", "<pid>"),
        ("drv serve &", "[1] 4711", "[1] 37", "[1] ..."),
        ("date +%s", "1704198896", "1795423103", "<time>"),
    ],
)
def test_a_bare_number_is_noise_only_where_the_command_says_what_it_is(
    command: str, promised: str, printed: str, advised: str
) -> None:
    """Without such a command the same line is a count as well."""
    assert written(promised, printed, command=command) == advised
    assert not hint(promised, printed)


def test_a_value_typed_by_an_earlier_command_is_no_noise() -> None:
    """The document chose it, and has to get it."""
    promised, printed = "booked for 2024-01-02", "booked for 2024-01-03"
    assert hint(promised, printed)
    assert not hint(promised, printed, earlier="day=2024-01-02")


def test_a_value_that_comes_again_is_captured_also_where_nothing_says_its_kind() -> None:
    """`<name>` holds the second line to the first; a duration that repeats is chance."""
    promised = "pid 4711 up\nkilled 4711\nup 0.01s, down 0.01s"
    printed = "pid 37 up\nkilled 37\nup 0.02s, down 0.02s"
    assert written(promised, printed) == "pid <pid> up\nkilled <pid>\nup ...s, down ...s"
    assert written(promised, printed.replace("killed 37", "killed 38")) == (
        "pid ... up\nkilled 4711\nup ...s, down ...s"
    )


def test_a_capture_of_the_document_is_used_again() -> None:
    """The narrowest wildcard is the value that the promise already holds."""
    promised = "id <id> is pid <pid>\npid 4711 down, pid 4712 up"
    printed = "id 5 is pid 37\npid 37 down, pid 38 up"
    assert written(promised, printed).endswith("\npid <pid> down, pid ... up")
    assert written("load <n>\ntook 0.01s", "load 0.02\ntook 0.02s") == "load <n>\ntook ...s"


def test_a_new_capture_has_a_name_of_its_own() -> None:
    """A name that the promise uses for something else would hold the two to be the same."""
    promised = "<pid> of 7\npid 4711\npid 4711\npid 4712\npid 4712"
    printed = "x of 7\npid 37\npid 37\npid 38\npid 38"
    assert written(promised, printed) == (
        "<pid> of 7\npid <pid2>\npid <pid2>\npid <pid3>\npid <pid3>"
    )


def test_what_differs_beside_the_noise_is_said() -> None:
    """The lines that only a person can judge are named, whether changed, missing or new."""
    promised = "at 12:34:56\ncolour red\n12 kept\nend\nlast"
    assert hint(promised, "at 01:02:03\ncolour green\n13 kept\nend\nmore") == (
        "line 41 differs only in a time: write `at ...`; "
        "lines 42 to 43 differ in more than noise; line 45 differs in more than noise"
    )
    assert hint("at 12:34:56\nend", "more\nat 01:02:03\nand more\nend") == (
        "line 41 differs only in a time: write `at ...`; "
        "what is printed after line 40 is not promised; "
        "what is printed after line 41 is not promised"
    )


def test_lines_that_the_promise_leaves_open_stay_open() -> None:
    """A line of `...` takes what it took, on either side of the noise."""
    promised = "start\n...\nat 12:34:56\n...\nend"
    printed = "start\n1\n2\nat 01:02:03\nend"
    assert hint(promised, printed) == "line 43 differs only in a time: write `at ...`"
    assert written(promised, printed) == promised.replace("12:34:56", "...")


def test_the_streams_may_have_met_in_any_way() -> None:
    """The way in which least is left to explain is the one that is told."""
    ways = ["took 5s\n", "took 5s\nwarned\n", "warned\ntook 5s\n"]
    assert hint("warned\ntook 7s", *ways) == "line 42 differs only in a duration: write `took ...s`"


def test_many_lines_are_told_in_short() -> None:
    """A hint stays readable."""
    promised = "\n".join(f"12:34:56 step {n}" for n in range(12))
    told = hint(promised, promised.replace("12:34:56", "01:02:03"))
    assert told.count("write") == 8
    assert told.endswith("; 4 more lines likewise")


def test_long_outputs_and_lines_of_many_wildcards_take_no_time() -> None:
    """Where a comparison would be long, nothing is said."""
    assert not hint("took 5s", "took 7s\n" * 100_000)
    assert not hint("... ... ... ... ... took 1.25s", "a " * 50_000)
    assert not hint("... ... ... took 1.25s", "a b c took 1.30s")
    assert not hint("took 5s" + " x" * 300, "took 7s" + " x" * 300)


# Whatever is advised is true.

untimed = settings(max_examples=50, deadline=None)
DAYS = st.datetimes().filter(lambda day: day.year >= 2000).map(lambda day: f"{day:%Y-%m-%d}")
CLOCKS = st.times().map(lambda time: f"{time:%H:%M:%S}")
SECONDS = st.floats(0, 999).map(lambda seconds: f"{seconds:.2f}s")
PIDS = st.integers(1, 99_999).map(lambda pid: f"pid {pid}")
PORTS = st.integers(1, 65_535).map(lambda port: f"port {port}")
HASHES = st.binary(min_size=4, max_size=4).map(bytes.hex)
FOLDERS = st.from_regex(r"tmp\.[A-Za-z0-9]{10}", fullmatch=True).map(lambda name: TMP + name)
NOISES = (DAYS, CLOCKS, SECONDS, PIDS, PORTS, HASHES, FOLDERS, st.uuids().map(str))
WORDS = st.sampled_from(["up", "on", "3 failed", "...", "<a>", "<pid>", "at", ".", "v1.2", "`"])


@st.composite
def two_lines(draw: st.DrawFn) -> tuple[str, str]:
    """Return a line of words and noise, as it is promised and as it is printed."""
    kinds = draw(st.lists(st.sampled_from((*NOISES, WORDS)), min_size=1, max_size=4))
    promised = [draw(kind) for kind in kinds]
    again = draw(st.booleans())
    printed = [
        word if kind is WORDS or again else draw(kind)
        for kind, word in zip(kinds, promised, strict=True)
    ]
    joint = draw(st.sampled_from([" ", "  ", ", ", ""]))
    return joint.join(promised), joint.join(printed)


OUTPUTS = st.lists(two_lines(), min_size=1, max_size=5).map(
    lambda pairs: tuple("\n".join(lines) for lines in zip(*pairs, strict=True))
)


@untimed
@given(OUTPUTS)
def test_a_promise_with_the_advised_lines_agrees(output: tuple[str, ...]) -> None:
    """Where nothing but noise differs, the rewritten promise is kept."""
    promised, printed = output
    found = noise(promised, [printed], command="drv")
    assert found is None or found.real or agrees(written(promised, printed), printed)


@untimed
@given(OUTPUTS, st.data())
def test_no_advised_line_is_wider_than_it_has_to_be(
    output: tuple[str, ...], data: st.DataObject
) -> None:
    """With any one of the advised lines left as it was, the promise is broken."""
    promised, printed = output
    found = noise(promised, [printed], command="drv")
    if found is None or found.real:
        return
    rewrite = data.draw(st.sampled_from(found.rewrites))
    lines = written(promised, printed).split("\n")
    lines[rewrite.index] = promised.split("\n")[rewrite.index]
    assert not agrees("\n".join(lines), printed)


@untimed
@given(OUTPUTS, st.sampled_from(["3 failed", "v1.2", "up", "on"]), st.integers(0, 99))
def test_an_advised_line_still_fails_on_another_word(
    output: tuple[str, ...], word: str, number: int
) -> None:
    """A count, a version or a word that changes breaks the rewritten promise too."""
    promised, printed = (f"{word} {each}" for each in output)
    advised = written(promised, printed)
    assert not agrees(advised, printed.replace(word, f"{number} other", 1))


@untimed
@given(
    st.sampled_from(
        ["{} failed", "exit status {}", "drv {}.0", "v1.{}", "{} of 5", "{}%", "[{}]", "x={}"]
    ),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_no_number_without_a_kind_is_noise(form: str, old: int, new: int) -> None:
    """A bare number is what a document promises."""
    promised, printed = form.format(old), form.format(new)
    assert not hint(promised, printed)
    assert not hint(f"{promised} at 12:34:56", f"{printed} at 12:34:56")


# In a diagnosis and in a machine.


def failed(text: str, printed: str) -> Outcome:
    """Return the outcome of a document's last command that ended with 0 and printed this."""
    *_, command = parse(text, path="x.md").commands
    diff = mismatch(command.promised or "", [printed], file="x.md", line=command.end_line + 1)
    output = Output(printed.encode(), size=len(printed.encode()))
    return Outcome(command, Status.FAILED, exit_code=0, stdout=output, diff=diff or "")


def test_the_diagnosis_names_the_documents_own_line() -> None:
    """The cause is another output, and the hint has the line to write."""
    text = "# T\n\n```console\n$ drv \\\n>   run\nstart\ndone in 5s\n```\n"
    diagnosis = diagnose(failed(text, "start\ndone in 7s\n"), parse(text, path="x.md"))
    assert diagnosis.cause is Cause.OTHER_OUTPUT
    assert diagnosis.hint == "line 7 differs only in a duration: write `done in ...s`"


def test_the_diagnosis_knows_what_the_document_typed_before() -> None:
    """A day that an earlier command sets is no noise in a later one's output."""
    text = "```console\n$ day=2024-01-02\n$ drv\nfor 2024-01-02\n```\n"
    typed = diagnose(failed(text, "for 2024-01-03\n"), parse(text, path="x.md"))
    assert typed.hint.startswith("the diff shows")


def test_a_real_difference_keeps_the_hint_on_the_diff() -> None:
    """Without noise the diff speaks."""
    text = "```console\n$ drv run\n3 failed\n```\n"
    diagnosis = diagnose(failed(text, "4 failed\n"), parse(text, path="x.md"))
    assert diagnosis.hint.startswith("the diff shows")


def test_a_command_that_failed_is_told_by_its_failure() -> None:
    """The output of a program that is not there is no broken promise."""
    text = "```console\n$ drv run\ndone in 5s\n```\n"
    missing = b"bash: drv: command not found\n"
    outcome = replace(failed(text, ""), exit_code=127, stderr=Output(missing, size=len(missing)))
    assert diagnose(outcome, parse(text, path="x.md")).cause is Cause.COMMAND_NOT_FOUND


ADVICE = re.compile(r"line (?P<line>\d+) differs only in [\w ,]+: write `(?P<text>[^`]+)`")


@pytest.mark.engine
def test_a_runbook_with_the_advised_lines_passes(
    rehearsed: Callable[[str], tuple[Outcome, ...]],
) -> None:
    """What the hints say, written into the document at their lines, makes it pass."""
    text = (EXAMPLES / "noise.md").read_text("utf-8")
    outcomes = rehearsed(text)
    assert [o.status.value for o in outcomes] == ["passed", "failed", "failed", "failed"]
    lines = text.split("\n")
    for advice in ADVICE.finditer("\n".join(outcome.hint for outcome in outcomes)):
        old = lines[int(advice["line"]) - 1]
        margin = old[: len(old) - len(old.lstrip())]
        lines[int(advice["line"]) - 1] = margin + advice["text"]
    new = "\n".join(lines)
    assert [line for line in lines if WILDCARD.search(line)] == [
        "started on ...",
        "pid <pid>",
        "kill <pid> ends it",
        "   made /tmp/tmp.<random>",
        "   /tmp/tmp.<random>/a b",
    ]
    assert [o.status.value for o in rehearsed(new)] == ["passed"] * 4
