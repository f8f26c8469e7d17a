"""What a terminal leaves of what was printed, and what a report shows of it."""

import time

import pytest

from freshrun.text.screen import rendered, shown

LINES = {
    "abcdef\rXY\n": "XYcdef\n",
    "abX\bc\n": "abc\n",
    "N\bNA\bAM\bME\bE": "NAME",
    "10%\r100%\r\x1b[Kdone": "done",
    "10%\r100%\rok": "ok0%",
    "unix\r\nlines\r\n": "unix\nlines\n",
    "\x1b[01;31m\x1b[Kfound\x1b[m\x1b[K it": "found it",
    "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x1b]0;never ends\nnext": "\nnext",
    "half\x1b[2D\x1b[Kll": "hall",
    "\x1b[3Gc\x1b[1Gab": "abc",
    "abc\r\x1b[1Pd": "dc",
    "bc\r\x1b[1@a": "abc",
    "a\x1b[2b": "aaa",
    "a\tb": "a\tb",
    "a\t|\rbc": "bc      |",
    "one\x9b31m two": "one two",
    "\x07bell and \x00": "\x07bell and \x00",
}


@pytest.mark.parametrize("printed", LINES)
def test_a_line_is_shown_as_a_terminal_leaves_it(printed: str) -> None:
    """Overwritten letter by letter, erased and moved within the line; a tab stays a tab."""
    assert shown(printed) == LINES[printed]


SCREENS = {
    "one\ntwo\x1b[A\rONE": "ONE\ntwo",
    "\x1b7saved\x1b8S": "Saved",
    "\x1b[2;3Hx\x1b[1;1Hy": "y\n  x",
    "old\x1b[2J\x1b[Hnew": "new",
    "a\nb\x1b[A\x1b[Lc": " c\na\nb",
    "a\nb\nc\x1b[2A\r\x1b[M": "b\nc",
}


@pytest.mark.parametrize("printed", SCREENS)
def test_a_screen_is_rendered_with_all_that_moves_to_other_lines(printed: str) -> None:
    """What the search for secrets reads beside the lines themselves."""
    assert rendered(printed)[0] == SCREENS[printed]


def test_a_report_shows_what_a_cleared_screen_had() -> None:
    """Whoever reads a report looks for what was printed."""
    assert shown("first words\n\x1b[2J\x1b[Hlast words") == "first words\nlast words"


def test_each_letter_is_traced_to_its_place() -> None:
    """A blank that nobody printed comes from nowhere."""
    text, places = rendered("cd\r\x1b[2@ab\x1b[3Ce")
    assert text == "abcd e"
    assert places == [7, 8, 0, 1, -1, 13]


@pytest.mark.parametrize(
    "flood",
    ["\x1b[999B", "\x1b[999Ga\n", "x\x1b[L", "x\x1b[@", "a\n\x1b[J", "a\b", "\x1b[999C\x1b[1K"],
)
def test_a_flood_of_movements_takes_time_as_its_length_does(flood: str) -> None:
    """Nothing that a program prints makes a screen of it that fills the memory."""
    text = flood * (300_000 // len(flood))
    began = time.process_time()
    assert len(rendered(text)[0]) < 20 * len(text)
    assert time.process_time() - began < 8
