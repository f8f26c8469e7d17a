"""What a transcript promises: wildcards, captures, and a diff that leads to the line."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freshrun.document.meeting import meetings
from freshrun.document.promise import captures, expression, mismatch, stood_for


def test_it_is_told_what_a_capture_stood_for() -> None:
    """Of the first way that agrees; a literal `<none>` is none, nor is what does not agree."""
    promised = "id <id> of <none>\n...\nagain <id>\nlast <last>"
    printed = "id 7 of <none>\nx\nagain 7\nlast 9\n"
    assert stood_for(promised, ["other", printed]) == {"id": "7", "last": "9"}
    assert stood_for(promised, [printed.replace("again 7", "again 8")]) == {}
    assert stood_for("plain", ["plain"]) == {}


def agrees(promised: str, printed: str) -> bool:
    """Tell whether the printed text keeps the promise."""
    return mismatch(promised, [printed], file="x.md", line=1) is None


@pytest.mark.parametrize(
    ("promised", "printed"),
    [
        ("hello", "hello\n"),
        ("hello  ", "hello\n"),
        ("", ""),
        ("version ...", "version 1.2.3\n"),
        ("a ... z", "a b c z\n"),
        ("first\n...\nlast", "first\n1\n2\nlast\n"),
        ("first\n...\nlast", "first\nlast\n"),
        ("...", "anything\nat all\n"),
        ("...", ""),
        ("...\nend", "end\nx\nend\n"),
        ("id <id>\nagain <id>", "id 7\nagain 7\n"),
        ("<a>-<a>", "x-x\n"),
        ("<html>", "<html>\n"),
        ("done", "\x1b[32mdone\x1b[0m\n"),
        ("100%", "10%\r50%\r100%\n"),
        ("a\nb", "a\r\nb\r\n"),
        ("1.5", "1.5\n"),
        ("<x>b<x>", "abbab\n"),
        ("<a>\n... <a>b", "x\n1 xa xb\n"),
        ("first\n[...]\nlast", "first\n1\n2\nlast\n"),
        ("first\n  …\nlast", "first\nlast\n"),
        ("first\n[snip]\nlast", "first\n1\nlast\n"),
        ("first\n[output omitted]", "first\n1\n"),
        ("first\n-- snip --\nlast", "first\n1\nlast\n"),
        ("a       b", "a\tb\n"),
        ("a\tb", "a       b\n"),
        ("12345678\tb", "12345678        b\n"),
    ],
)
def test_a_promise_is_kept(promised: str, printed: str) -> None:
    """Wildcards and captures take what they stand for; blanks and colours do not count."""
    assert agrees(promised, printed)


@pytest.mark.parametrize(
    ("promised", "printed"),
    [
        ("hello", "hallo\n"),
        ("hello", ""),
        ("", "hello\n"),
        ("hello", "hello\nmore\n"),
        ("first\n...\nlast", "first\n1\n2\n"),
        ("id <id>\nagain <id>", "id 7\nagain 8\n"),
        ("<a>-<a>", "x-y\n"),
        ("version <v>", "version \n"),
        ("web  <none>", "web  203.0.113.9\n"),
        ("<pending>", "running\n"),
        ("<ID>", "7\n"),
        ("<title>", "x\n"),
        ("a b", "a\tb\n"),
        ("first\n[a]\nlast", "first\n1\nlast\n"),
        ("1.5", "1x5\n"),
        ("a ... z", "a b c\n"),
    ],
)
def test_a_promise_is_broken(promised: str, printed: str) -> None:
    """Everything else is a mismatch, with a diff to show for it."""
    diff = mismatch(promised, [printed], file="x.md", line=1)
    assert diff


def test_one_way_of_meeting_is_enough() -> None:
    """Two streams meet on a terminal in an order that nobody promised."""
    ways = ["out\nerr\n", "err\nout\n"]
    assert mismatch("err\nout", ways, file="x.md", line=1) is None


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\r\x1b"), max_size=20)))
def test_every_output_keeps_its_own_promise(lines: list[str]) -> None:
    """A document that was written from the true output passes."""
    text = "\n".join(lines)
    assert agrees(text, text)


def test_many_wildcards_take_no_exponential_time() -> None:
    """A long promise of `...` lines against long output ends."""
    assert not agrees("...\na\n" * 40 + "b", "a\n" * 3000)


def test_many_wildcards_in_a_line_take_no_exponential_time() -> None:
    """A long line that ends otherwise than promised ends the comparison too."""
    line = "<first> ... ... ... ... ... ... <last> ... took 1 s"
    assert not agrees(line, "a " * 20_000 + "b")
    assert agrees(line, "a " * 20_000 + "took 1 s")


WILD = re.compile(r"(\.\.\.|<\w>)")
PARTS = st.lists(st.sampled_from(["a", "b", "ab", ".", "...", "<x>", "<y>", "<z>"]), max_size=7)


@given(PARTS, st.text("ab.", max_size=8))
def test_a_line_captures_what_the_plain_regular_expression_does(
    parts: list[str], printed: str
) -> None:
    """How a line is searched changes neither whether it agrees nor what its captures hold."""
    forms = {"...": ".*?"}
    plain = ""
    for part in WILD.split("".join(parts)):
        plain += forms.get(part, f"(?P{part}.+?)" if WILD.fullmatch(part) else re.escape(part))
        if WILD.fullmatch(part):
            forms.setdefault(part, f"(?P={part[1:-1]})")
    found = re.fullmatch(plain, printed)
    assert captures("".join(parts), printed, known={}) == (found and found.groupdict())


def test_the_streams_can_have_met_in_three_ways() -> None:
    """Errors first, last, or elsewhere."""
    assert meetings("out\n", "err\n") == ("out\n", "out\nerr\n", "err\nout\n")


@pytest.mark.parametrize(
    ("promised", "stdout", "stderr", "agree"),
    [
        ("1\na\n2\nb", "1\n2\n", "a\nb\n", True),
        ("1\na\n2\nb", "2\n1\n", "a\nb\n", False),
        ("1\na\n2", "1\n2\n", "a\nb\n", False),
        ("a\n1\na\n2\n", "a\na\n", "1\n2\n", True),
        ("1\n...\n9", "1\n2\n9\n", "a\nb\n", True),
        ("...", "1\n", "a\n", True),
        ("<n>\na\n<n>", "7\n7\n", "a\n", True),
        ("<n>\na\n<n>", "7\n8\n", "a\n", False),
        ("a" + "\nx" * 400, "x\n" * 200 + "y\n", "x\n" * 200 + "a\n", False),
    ],
)
def test_both_streams_agree_in_any_order_that_keeps_their_own(
    promised: str, stdout: str, stderr: str, *, agree: bool
) -> None:
    """A terminal showed the author one order; two streams do not tell which it was."""
    ways = meetings(stdout, stderr, promised=promised)
    assert (mismatch(promised, ways, file="x.md", line=1) is None) is agree


def test_a_tab_stands_in_the_diff_as_in_the_document() -> None:
    """Else no `patch` would take it."""
    diff = mismatch("a\tb\nc", ["a\tb\nd\n"], file="x.md", line=1)
    assert diff is not None
    assert " a\tb" in diff.split("\n")


def test_a_part_of_a_line_is_an_expression_without_groups() -> None:
    """What stands between two values of a line can be put into a larger expression."""
    pattern = re.compile(expression("<id> (...) "))
    assert pattern.groups == 0
    assert pattern.fullmatch("7 (a b) ")
    assert not pattern.fullmatch(" (a b) ")


def test_the_diff_is_one_that_patch_takes(tmp_path: Path) -> None:
    """Only the true mismatch shows, at the document's own lines; patched, the promise is kept."""
    document = tmp_path / "x.md"
    document.write_text("# T\n\n```console\n$ run\nid <id>\ncolour: red\n```\n", "utf-8")
    diff = mismatch("id <id>\ncolour: red", ["id 17\ncolour: green\n"], file="x.md", line=5)
    assert diff is not None
    assert "-colour: red" in diff
    assert "+colour: green" in diff
    assert "+id 17" not in diff
    subprocess.run(["patch", "x.md"], input=diff + "\n", cwd=tmp_path, text=True, check=True)
    assert document.read_text("utf-8").splitlines()[4:6] == ["id <id>", "colour: green"]


@pytest.mark.parametrize(
    ("promised", "printed"),
    [
        ("XYcdef", "abcdef\rXY\n"),
        ("abc", "abX\bc\n"),
        ("done", "10%\r100%\r\x1b[Kdone\n"),
        ("NAME", "N\bNA\bAM\bME\bE\n"),
    ],
)
def test_what_is_overwritten_in_part_is_compared_as_a_terminal_leaves_it(
    promised: str, printed: str
) -> None:
    """Letter by letter: what a carriage return or a backspace did not reach stays."""
    assert agrees(promised, printed)
    assert not agrees(promised, f"{promised}?")


def _by_hand(wilds: str, shown: str) -> bool:
    """Tell whether a line of `?` (a wildcard) and letters can be the shown one: every way tried."""
    if not wilds:
        return not shown
    if wilds[0] != "?":
        return shown[:1] == wilds[0] and _by_hand(wilds[1:], shown[1:])
    return any(_by_hand(wilds[1:], shown[n:]) for n in range(len(shown) + 1))


@given(st.text("ab?", max_size=8).filter(lambda text: "??" not in text), st.text("ab", max_size=8))
def test_a_line_agrees_where_any_way_to_fill_it_does(line: str, shown: str) -> None:
    """The first place that a text is found at is as good as any later one."""
    assert agrees(line.replace("?", "..."), shown) == _by_hand(line, shown)


@given(st.text("ab", max_size=8), st.integers(1, 4))
def test_captures_are_parts_of_the_line_that_are_never_empty(shown: str, count: int) -> None:
    """Side by side each takes as little as it can, and the last one the rest."""
    names = [f"c{n}" for n in range(count)]
    found = captures("".join(f"<{name}>" for name in names), shown, known={})
    parts = [*shown[: count - 1], shown[count - 1 :]]
    assert found == (dict(zip(names, parts, strict=True)) if len(shown) >= count else None)


def test_a_capture_that_comes_again_is_found_among_many_wildcards() -> None:
    """Up to a hundred in one line, which no document has."""
    line = "".join(f"<a{n}>-" for n in range(90)) + "<a1>"
    shown = "".join(f"{n}-" for n in range(90))
    assert agrees(line, f"{shown}1")
    assert not agrees(line, f"{shown}2")
