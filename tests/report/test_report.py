"""A record's reports say all that a reader needs, and nothing in a record can take them over."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring
from markdown_it import MarkdownIt

from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.record import ChecklistItem, Provenance, Record
from freshrun.model.runbook import Command, Options, Untyped
from freshrun.report import words
from freshrun.report.console import failure_text, terminal
from freshrun.report.github import annotations
from freshrun.report.page import html
from freshrun.report.summary import step_summary

FILE = "runbook/x.md"


def command(line: int, text: str, *, section: str = "Smoke") -> Command:
    """Return a command of the document."""
    return Command(text, FILE, line, line + text.count("\n"), section, Options())


def printed(text: str) -> Output:
    """Return a stream with this text."""
    return Output(text.encode(), size=len(text.encode()))


SETUP = Outcome(
    command(31, "yes | head -1", section="Setup"),
    Status.PASSED,
    exit_code=0,
    seconds=1.25,
    stdout=printed("y\n"),
    warnings=("stage 1 of the pipeline, `yes`, ended with exit status 141",),
)
FAILED = Outcome(
    command(52, "bin/drv smoke \\\n  --seed 7"),
    Status.FAILED,
    exit_code=127,
    seconds=0.01,
    stdout=printed("starting\n"),
    stderr=printed("bash: bin/drv: No such file or directory\n"),
    reason="exit status 127, expected 0",
    cause="no such file",
    hint="`bin/drv` is not there",
)
UNREACHED = Outcome(
    command(60, "cat out.json"), Status.NOT_REACHED, Ending.NOT_RUN, reason=f"{FILE}:52 failed"
)
ITEMS = (
    ChecklistItem("setup", Status.PASSED),
    ChecklistItem("smoke run", Status.FAILED, f"{FILE}:52 failed"),
    ChecklistItem("ID locations", Status.NOT_REACHED, "the smoke run left no output"),
    ChecklistItem("artifact download", Status.PASSED, "with the stand-in for gh"),
)
PLACE = Provenance(
    image="debian:bookworm",
    user="newcomer",
    engine="Docker 20.10",
    git_commit="1a2b3c4d5e6f7081",
    stand_ins=("gh: a recorded run",),
    notes=("3 blocks were not run",),
)
BAD = Record(
    runbook=FILE,
    sha256="0123456789abcdef" * 4,
    started="2026-11-23T05:00:00Z",
    ended="2026-11-23T05:01:03Z",
    provenance=PLACE,
    outcomes=(SETUP, FAILED, UNREACHED),
    checklist=ITEMS,
)
GOOD = replace(BAD, outcomes=(SETUP,), checklist=ITEMS[:1])
BROKEN = replace(GOOD, fault="the engine went away")

HOSTILE = [
    "</pre><script>alert(1)</script>",
    "</title></style><h1>passed</h1>",
    '" onmouseover="alert(1)',
    "<!-- & &lt; ]]>",
    "::error file=a.md,line=1::taken over",
    "a\n  ::stop-commands::x\r\n##[add-mask]x",
    "\x1b]0;title\x07\x1b[2J\x1b[1;31mred\x1b[0m \x9b2J",
    "50%\r100%\x00\x08\x7f",
    "\udcff \u202egnihton\u202c",
    "```\n# heading\n````",
    "| a | b |\n| --- | --- |",
    "[link](https://x.org) ![](https://x.org/a.png) <https://x.org> @all",
    "`code` ``more``",
    "% , : ; = \\ \\` \\|",
]
MANY_LINES = "\x1b[1;31mred\x1b[0m\n" * 30
_HOSTILE = st.sampled_from(HOSTILE) | st.text(max_size=40)


def filled(record: Record, text: str) -> Record:
    """Return the record with the text in every field that the outside can write to."""
    stream = Output(text.encode(errors="surrogateescape"), size=7)
    outcomes = tuple(
        replace(
            each,
            command=replace(each.command, text=text, section=text),
            stdout=stream,
            stderr=stream,
            reason=text,
            warnings=(text,) if each.warnings else (),
            cause=text and each.cause,
            hint=text,
        )
        for each in record.outcomes
    )
    items = tuple(replace(each, name=text, reason=text) for each in record.checklist)
    place = replace(record.provenance, stand_ins=(text,), notes=(text,), image=text, user=text)
    return replace(record, outcomes=outcomes, checklist=items, provenance=place, fault=text)


# The terminal.


def test_terminal_says_everything() -> None:
    """The closing summary of a failed rehearsal, in full."""
    assert terminal(BAD, colour=False, path=".freshrun/record.json") == (
        "FAILED  runbook/x.md\n"
        "  3 commands: 1 passed, 1 failed, 1 not reached\n"
        "  4 checklist items: 2 passed, 1 failed, 1 not reached\n"
        "  1 min 3 s as newcomer in debian:bookworm at commit 1a2b3c4d5e6f\n"
        "\n"
        "runbook/x.md:52: failed: exit status 127, expected 0\n"
        "  cause: no such file\n"
        "  hint: `bin/drv` is not there\n"
        "    $ bin/drv smoke \\\n"
        "    >   --seed 7\n"
        "  last on stderr:\n"
        "    | bash: bin/drv: No such file or directory\n"
        "  last on stdout:\n"
        "    | starting\n"
        "\n"
        "Warnings:\n"
        "  * runbook/x.md:31: stage 1 of the pipeline, `yes`, ended with exit status 141\n"
        "\n"
        "Checklist:\n"
        "  passed       setup\n"
        "  failed       smoke run: runbook/x.md:52 failed\n"
        "  not reached  ID locations: the smoke run left no output\n"
        "  passed       artifact download: with the stand-in for gh\n"
        "\n"
        "Stand-ins, not the real thing:\n"
        "  * gh: a recorded run\n"
        "\n"
        "Notes:\n"
        "  * 3 blocks were not run\n"
        "\n"
        "The whole record: .freshrun/record.json"
    )


def test_terminal_verdicts() -> None:
    """The first word is the verdict, and a broken rehearsal says why."""
    assert terminal(GOOD, colour=False).startswith("PASSED  runbook/x.md\n  1 command: 1 passed\n")
    assert terminal(BROKEN, colour=False).startswith("BROKEN  ")
    assert "  the harness could not go on: the engine went away\n" in terminal(BROKEN, colour=False)


def test_shell_that_was_not_typed_is_no_plain_pass() -> None:
    """The verdict's own line says so in each report; a warning says where, and what is right."""
    lost = Untyped(7, 2, "GitHub shows this fence as text")
    other = Untyped(9, 0, "a tab for another system", counts=False)
    record = replace(GOOD, untyped=(lost, other))
    said = "2 of 3 shell lines were not typed"
    told = terminal(record, colour=False)
    assert told.splitlines()[0] == f"PASSED  {FILE}: {said}"
    assert f"{FILE}:7: not typed: GitHub shows this fence as text" in told
    assert "another system" not in told
    assert said in html(record)
    assert said in step_summary(record)
    assert "1 of 2 shell lines was not typed" in terminal(
        replace(record, untyped=(replace(lost, lines=1),)), colour=False
    )


def test_warning_of_a_failure_is_told_once() -> None:
    """The warning on a failed command stands with the failure, not in the list of warnings."""
    record = replace(BAD, outcomes=(replace(FAILED, warnings=("a new shell",)),))
    assert terminal(record, colour=False).count("a new shell") == 1
    assert step_summary(record).count("a new shell") == 1
    assert annotations([record]).count("a new shell") == 1


def test_terminal_is_short() -> None:
    """Of a thousand failures and warnings the first twenty are told and the rest counted."""
    shown = terminal(replace(BAD, outcomes=(SETUP, FAILED) * 1_000), colour=False)
    assert shown.count("\nrunbook/x.md:52: failed: ") == 20
    assert shown.count("* runbook/x.md:31: stage 1") == 20
    assert "\n  and 980 failures more, in the record\n" in shown
    assert "\n  and 980 warnings more, in the record\n" in shown


@pytest.mark.parametrize("record", [GOOD, BAD, BROKEN])
def test_colour_carries_nothing(record: Record) -> None:
    """Colour only adds: without its sequences the summary is the one without colour."""
    coloured = terminal(record, colour=True)
    assert "\x1b[1;3" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == terminal(record, colour=False)


def test_failure_text() -> None:
    """One failed command shows its place and ending, cause and hint, text and last words."""
    lines = failure_text(FAILED).splitlines()
    assert lines[0] == "runbook/x.md:52: failed: exit status 127, expected 0"
    assert lines[1:3] == ["  cause: no such file", "  hint: `bin/drv` is not there"]
    assert lines[3:5] == ["    $ bin/drv smoke \\", "    >   --seed 7"]
    assert lines[-2:] == ["  last on stdout:", "    | starting"]


def test_failure_text_is_bounded() -> None:
    """Of a long command its first lines are shown, of long output its last, each line cut."""
    stderr = "".join(f"line {number}\n" for number in range(5_000)) + "x" * 100_000
    failed = replace(FAILED, command=command(1, "true\n" * 50), stderr=printed(stderr))
    text = failure_text(failed)
    assert len(text.splitlines()) < 40
    assert max(map(len, text.splitlines())) < 300
    assert "    | line 4999\n" in text
    assert "line 4990\n" not in text
    assert "  and 41 lines more\n" in text


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (replace(FAILED, reason="timed out after 10 s"), ": failed: timed out after 10 s\n"),
        (replace(FAILED, reason=""), ": failed: exit status 127, expected 0\n"),
        (replace(FAILED, reason="", ending=Ending.SHELL_ENDED), ": failed: shell ended\n"),
        (replace(FAILED, status=Status.BROKEN, reason="x"), ": broken: x\n"),
        (replace(FAILED, stdout=Output(), stderr=Output()), "\n  it printed nothing"),
        (replace(FAILED, warnings=("w",)), "\n  warning: w"),
        (
            replace(FAILED, stdout=Output(b"a", b"z", 99, "out/stdout.4")),
            "    | [... 97 bytes left out ...]\n    | z\n  all of stdout: out/stdout.4",
        ),
    ],
)
def test_failure_text_variants(outcome: Outcome, said: str) -> None:
    """Each way to end, silence, a warning and output kept in a file have their own words."""
    assert said in failure_text(outcome)


@given(text=_HOSTILE)
@settings(deadline=None)
def test_terminal_obeys_nobody(text: str) -> None:
    """No text of a record reaches the terminal as a control or a runner as a command."""
    record = filled(BAD, text)
    for shown in (terminal(record, colour=False), failure_text(record.outcomes[1])):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", shown)
        assert not [line for line in shown.split("\n") if line.strip().startswith("::")]
        assert "##[" not in shown
        shown.encode()


# The page.


def page(record: Record) -> HtmlElement:
    """Return the page, parsed."""
    return document_fromstring(html(record).encode())


def shape(element: HtmlElement) -> list[str]:
    """Return the page's tags in order, with the names of their attributes."""
    return [f"{each.tag} {' '.join(each.attrib)}" for each in element.iter() if each.tag != "code"]


def words_of(element: HtmlElement) -> str:
    """Return the text of an element, its white space as single blanks."""
    return " ".join("".join(str(text) for text in element.itertext()).split())


def test_page_says_everything() -> None:
    """The page holds the verdict, the counts, each command with its output, and the place."""
    text = words_of(page(BAD).find("body"))
    for expected in (
        "✗ failed runbook/x.md 3 commands: 1 passed, 1 failed, 1 not reached",
        "Cause ✗ failed runbook/x.md:52: exit status 127, expected 0 no such file: bin/drv is not",
        "is not there bin/drv smoke \\ --seed 7 Last on stderr bash: bin/drv: No such file",
        "✗ failed smoke run runbook/x.md:52 failed ○ not reached 1 item ID locations: the smoke",
        "✓ passed 2 items setup artifact download: with the stand-in for gh",
        "Stand-ins, not the real thing gh: a recorded run",
        "Setup line 31 Copy yes | head -1 ✓ passed 1.25 s stdout: 1 line, 2 bytes stdout y",
        "Warning: stage 1 of the pipeline, yes, ended with exit status 141",
        "cat out.json ○ not reached runbook/x.md:52 failed",
        "Commit 1a2b3c4d5e6f7081",
        "Notes 3 blocks were not run",
    ):
        assert expected in text


def test_page_needs_nothing() -> None:
    """The page loads nothing: no address, one script, one style, and a policy with their hash."""
    source = html(BAD)
    assert not re.search(r"<link|<img|<iframe|@import|url\(|https?:|javascript:", source)
    ours = [re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL) for tag in ("style", "script")]
    style, script = (b64encode(sha256(own.encode()).digest()).decode() for (own,) in ours)
    assert source.count("<style") == source.count("<script") == 1
    (policy,) = page(BAD).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not page(BAD).xpath("//@style | //*[@*[starts-with(name(), 'on')]]")
    assert page(BAD).xpath("//a/@href") == ["#command-2", "#command-1", "#command-2", "#command-3"]
    assert len(page(BAD).xpath("//*[@id='command-2']")) == 1


@pytest.mark.parametrize("record", [GOOD, BAD, BROKEN])
def test_page_is_accessible(record: Record) -> None:
    """Language, title, one main part, headings without gaps, and a scope for each header cell."""
    parsed = page(record)
    assert parsed.get("lang") == "en"
    assert parsed.findtext("head/title") == f"{record.verdict.value}: runbook/x.md"
    assert len(parsed.findall("body/main")) == 1
    levels = [int(each.tag[1]) for each in parsed.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(each.get("scope") for each in parsed.iter("th"))
    assert {each.get("role") for each in parsed.iter("td")} <= {"cell"}


def test_page_without_commands() -> None:
    """A rehearsal that broke before its first command still has a page."""
    empty = replace(BROKEN, outcomes=(), checklist=())
    text = words_of(page(empty).find("body"))
    assert text.startswith("! broken runbook/x.md no commands; 1 min 3 s as newcomer in")
    assert "the engine went away" in text


@given(text=_HOSTILE.filter(str.strip))
@settings(deadline=None)
def test_page_is_never_markup(text: str) -> None:
    """Whatever stands in a record, no element or attribute is new to it, and UTF-8 holds it."""
    known = {*shape(page(filled(BAD, "plain"))), *shape(page(filled(BAD, MANY_LINES)))}
    shown = page(filled(BAD, text))
    assert set(shape(shown)) <= known
    assert all(str(each).startswith("#") for each in shown.xpath("//a/@href"))


def test_page_keeps_first_newline() -> None:
    """Output that starts with an empty line is shown with it."""
    failed = replace(FAILED, stdout=printed("\n\nlate\n"))
    shown = page(replace(BAD, outcomes=(failed,))).xpath("//details/pre/text()")
    dropped = "\n"  # by every browser, at the start of `pre`; lxml keeps it
    assert f"{dropped}\n\nlate\n" in shown


def _colours(css: str) -> Iterator[dict[str, str]]:
    for block in re.findall(r":root \{(.+?)\}", css, re.DOTALL):
        yield dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast() -> None:
    """In light and dark every ink stands out from every paper by WCAG's 4.5 to 1."""
    css = resources.files("freshrun.report").joinpath("page.css").read_text("utf-8")
    schemes = list(_colours(css))
    assert len(schemes) == 2
    for scheme in schemes:
        papers = [_luminance(scheme.pop(name)) for name in ("paper", "sheet")]
        del scheme["rule"]
        assert {status.value.replace(" ", "-") for status in Status} <= scheme.keys()
        for ink in map(_luminance, scheme.values()):
            for paper in papers:
                assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) >= 4.5


# GitHub.


def test_annotations() -> None:
    """Each failure is an error on its lines, each warning a warning, each stand-in a notice."""
    message = "exit status 127, expected 0%0A$ bin/drv smoke \\%0A`bin/drv` is not there"
    assert annotations([BAD]).splitlines() == [
        f"::error file=runbook/x.md,line=52,endLine=53,title=no such file::{message}",
        "::error file=runbook/x.md,line=52,title=smoke run%3A failed::runbook/x.md:52 failed",
        "::error file=runbook/x.md,title=ID locations%3A not reached::the smoke run left no output",
        f"::warning file=runbook/x.md,line=31::{SETUP.warnings[0]}",
        "::notice title=Stand-in%2C not the real thing::gh: a recorded run",
    ]
    assert annotations([BROKEN]).splitlines()[0] == (
        "::error title=The rehearsal is broken::the engine went away"
    )


@pytest.mark.parametrize(
    ("runbook", "path", "shown"),
    [
        ("x.md", "docs/x.md", "docs/x.md"),
        ("../x.md", "x.md", "x.md"),
        ("/srv/clone/docs/x.md", "docs/x.md", "docs/x.md"),
        ("docs/x.md", "docs/x.md", "docs/x.md"),
        ("x.md", "", "x.md"),
    ],
)
def test_an_annotation_names_the_file_from_the_root(runbook: str, path: str, shown: str) -> None:
    """Wherever in the repository, or outside of it, the run began: GitHub knows no other path."""
    failed = replace(FAILED, command=replace(FAILED.command, file=runbook), warnings=("w",))
    beside = "owners.yaml:3: no such class"
    items = (
        ChecklistItem("smoke", Status.FAILED, f"{runbook}:52 failed"),
        ChecklistItem("owners", Status.FAILED, beside),
        ChecklistItem("plain", Status.FAILED),
    )
    record = replace(
        BAD,
        runbook=runbook,
        outcomes=(failed,),
        checklist=items,
        provenance=replace(PLACE, path=path),
    )
    files = re.findall(r"^::(?:error|warning) file=([^,]*)", annotations([record]), re.MULTILINE)
    other = f"{path.removesuffix('x.md')}owners.yaml" if runbook == "x.md" else "owners.yaml"
    assert files == [shown, shown, other, shown, shown]


def test_annotations_are_as_many_as_github_shows() -> None:
    """Ten of a kind, the cause first; the tenth counts the others. What decides is never cut."""
    derived = tuple(ChecklistItem(f"item {n}", Status.FAILED, "x") for n in range(30))
    left = (ChecklistItem("left", Status.NOT_REACHED, "x"),)
    many = replace(BAD, outcomes=(SETUP,) * 15 + (FAILED,) * 5, checklist=left + derived)
    lines = annotations([many]).splitlines()
    kinds = [line[2:].partition(" ")[0] for line in lines]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert ",line=52,endLine=53," in lines[0]
    assert lines[9] == "::error title=More::and 27 more: see the record"
    assert lines[19] == "::warning title=More::and 6 more: see the record"
    ten = replace(BAD, outcomes=(FAILED,) * 10, checklist=())
    assert "More" not in annotations([ten])


def test_the_cause_of_each_document_is_annotated_before_anything_else() -> None:
    """GitHub shows ten errors of a step, and a step may rehearse many documents."""
    derived = tuple(ChecklistItem(f"item {n}", Status.FAILED, "x") for n in range(30))
    records = [replace(BAD, runbook=f"docs/{n}.md", checklist=derived) for n in range(8)]
    causes = [annotations([one]).splitlines()[0] for one in records]
    lines = annotations(iter(records)).splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert errors[:8] == causes
    total = sum(len([*words.failures(one)]) + 30 for one in records)
    assert errors[9] == f"::error title=More::and {total - 9} more: see the record"
    assert len(errors) == 10


def test_what_was_not_typed_is_annotated() -> None:
    """At its line; what counts nothing is not."""
    lost = (Untyped(7, 2, "shown as text"), Untyped(9, 0, "a tab", counts=False))
    told = annotations([replace(GOOD, untyped=lost)])
    assert "::warning file=runbook/x.md,line=7,title=Not typed::shown as text" in told
    assert "a tab" not in told


def _unescaped(text: str) -> str:
    for token, mark in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(token, mark)
    return text


@given(text=_HOSTILE.filter(str.strip))
@settings(deadline=None)
def test_annotations_obey_nobody(text: str) -> None:
    """Whatever stands in a record: one line each, with the same properties, in UTF-8."""
    shapes = [
        [re.sub(r"=[^,:]*", "=", line.split("::")[1]) for line in lines.split("\n")]
        for lines in (annotations([filled(BAD, text)]), annotations([filled(BAD, "plain")]))
    ]
    assert shapes[0] == shapes[1]
    annotations([filled(BAD, text)]).encode()


def test_annotation_round_trip() -> None:
    """A runner that unescapes an annotation reads the title and the message as they are."""
    item = ChecklistItem("50%25: a, b", Status.FAILED, "100% : , ::\nnext")
    line = annotations([replace(GOOD, outcomes=(), checklist=(item,))]).splitlines()[0]
    _, properties, message = line.split("::", 2)
    assert _unescaped(message) == item.reason
    assert _unescaped(properties.partition("title=")[2]) == f"{item.name}: failed"


def rendered(record: Record) -> HtmlElement:
    """Return the step's summary as GitHub's dialect renders it."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    return document_fromstring(f"<div>{markdown.render(step_summary(record))}</div>")


def test_step_summary() -> None:
    """The summary holds the verdict, the checklist as a table, the failure with its output."""
    parsed = rendered(BAD)
    assert words_of(parsed.find(".//h2")) == "✗ failed: runbook/x.md"
    assert [words_of(row) for row in parsed.findall(".//tbody/tr")] == [
        "setup ✓ passed",
        "smoke run ✗ failed runbook/x.md:52 failed",
        "ID locations ○ not reached the smoke run left no output",
        "artifact download ✓ passed with the stand-in for gh",
    ]
    assert words_of(parsed.find(".//pre")) == (
        "bin/drv smoke \\ --seed 7 bash: bin/drv: No such file or directory starting"
    )
    text = words_of(parsed)
    assert "gh: a recorded run" in text
    assert "no such file: bin/drv is not there" in text
    assert "stage 1 of the pipeline, yes, ended with exit status 141" in text
    assert "the engine went away" in words_of(rendered(BROKEN))


@given(text=_HOSTILE.filter(str.strip))
@settings(deadline=None)
def test_step_summary_is_never_markup(text: str) -> None:
    """Whatever stands in a record, the summary's elements are the same, code spans aside."""
    assert shape(rendered(filled(BAD, text))) == shape(rendered(filled(BAD, "plain")))
    step_summary(filled(BAD, text)).encode()


def test_step_summary_is_bounded() -> None:
    """A thousand failures stay under GitHub's megabyte, and those left out are counted."""
    failed = replace(FAILED, stderr=printed("x" * 10_000 + "\n" * 3 + ("y" * 999 + "\n") * 99))
    summary = step_summary(replace(BAD, outcomes=(failed,) * 1_000))
    assert len(summary.encode()) < 2**20
    assert "And 950 failures more: see the record." in summary


@pytest.mark.parametrize("report", [html, step_summary, failure_text])
def test_pure(report: Callable[[Record | Outcome], str]) -> None:
    """The same record gives the same text."""
    value = FAILED if report is failure_text else BAD
    assert report(value) == report(value)
    assert annotations([BAD]) == annotations([BAD])


def test_more_failures_in_one_run_are_offered_where_sections_allow_it() -> None:
    """Where another section was left because of a failure; not for the rest of its own."""
    left = replace(FAILED, status=Status.NOT_REACHED)
    other = replace(left, command=replace(left.command, section="Another"))
    offered = "1 other section not reached: --keep-going tries what follows as well"
    for outcomes, offer in (
        ((FAILED, left, other), True),
        ((FAILED, left), False),
        ((left, other), False),
    ):
        record = replace(BAD, outcomes=outcomes)
        assert (offered in terminal(record, colour=False)) is offer
        assert offered not in terminal(record, colour=False, kept_going=True)
