"""What a terminal shows in the end, told fast: the same letters as if all were obeyed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.text.painting import painted
from freshrun.text.screen import jumps, moves, rendered, shown

BACK = ["\r", "\x1b[G", "\x1b[1G", "\x1b[0G"]
ERASE = ["\x1b[K", "\x1b[0K", "\x1b[1K", "\x1b[2K"]
UP = ["\x1b[A", "\x1b[1A", "\x1b[2A", "\x1b[3F", "\x1b[F", "\x1b[02A"]
LETTERS = ["a", "bc", "defghi", "0123456789", "\u00e4", "\u2588\u2588", "\t", "\x07"]
STILL = ["\x1b[31m", "\x1b[m", "\x1b[?25l", "\x1b(B", "\x1b=", "\x1b[2J", "\x1b7", "\x1b8"]
OTHER = [
    *("\b", "\x0b", "\x0c", "\x1b[3C", "\x1b[2D", "\x1b[3G", "\x1b[5b", "\x1b[2P", "\x1b[3@"),
    *("\x1b[3X", "\x1b[1;3H", "\x1b[2d", "\x1b[B", "\x1b[L", "\x1b[M", "\x1b[J", "\x1bM", "\x1bE"),
]
ODD = [
    "\x1b",
    "\x1b[",
    "\x1b[3",
    "\x9b2D",
    "\x9b",
    "\x1b]0;t",
    "\x1b]0;a\x07",
    "\x1b\\",
    "\x1bP",
    "m",
]

FRAMES = st.builds(
    lambda begin, letters, end: begin + letters + end,
    st.sampled_from([b + e for b in BACK for e in ERASE] + [e + b for b in BACK for e in ERASE]),
    st.sampled_from(LETTERS),
    st.sampled_from(["", "\x1b[K", "\x1b[0m"]),
)
ROWS = st.sampled_from(["\x1b[2Kx\n", "\x1b[K\r\n", "yy\x1b[K\n", "zzz\n", "v\n", "\x1b[2K\rw\n"])
BLOCKS = st.integers(1, 2).flatmap(
    lambda height: st.lists(
        st.lists(ROWS, min_size=height, max_size=height).map(
            lambda rows: f"\x1b[{height}A{''.join(rows)}"
        ),
        max_size=4,
    ).map(lambda blocks: "\n" + "".join(blocks))
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*LETTERS, "\n", "\r\n"]),
        st.sampled_from(BACK + ERASE),
        st.sampled_from(UP + STILL),
        FRAMES,
        BLOCKS,
    ),
    max_size=14,
).map("".join)


@settings(max_examples=600, deadline=None)
@given(text=TEXTS, lines=st.booleans(), cut=st.integers(0, 3))
def test_what_is_painted_over_leaves_the_same_letters(text: str, lines: bool, cut: int) -> None:  # noqa: FBT001 - drawn
    """Progress bars, blocks of rows and colours, also where the end cuts a sequence in two."""
    text = text[: len(text) - cut]
    assert painted(text, lines=lines) == rendered(text, lines=lines)[0]


@settings(max_examples=600, deadline=None)
@given(
    text=st.lists(
        st.one_of(
            TEXTS,
            st.sampled_from(OTHER),
            st.sampled_from(ODD),
            st.lists(st.sampled_from(LETTERS + OTHER + BACK + ERASE)).map("".join),
        ),
        max_size=5,
    ).map("".join),
    lines=st.booleans(),
)
def test_any_other_sequence_is_obeyed_in_between(text: str, lines: bool) -> None:  # noqa: FBT001 - drawn
    """Titles, sequences that never end, and whatever else moves the cursor."""
    assert painted(text, lines=lines) == rendered(text, lines=lines)[0]


PAINTERS = {
    "one row": "".join(f"\x1b[2K\x1b[1GDownloading {n} of 9000" for n in range(9000)),
    "one row, erased at last": "".join(f"\rDownloading {n} of 9000\x1b[K" for n in range(9000)),
    "a row above": "".join(f"\x1b[1A\x1b[2Kstep {n}\n" for n in range(9000)),
    "rows above": "".join(f"\x1b[3A\x1b[2K{n}\n\x1b[K1\n2\x1b[K\r\n" for n in range(9000)),
}


@pytest.mark.parametrize("painter", PAINTERS)
def test_what_is_painted_again_and_again_costs_half_at_most(painter: str) -> None:
    """Of what it costs to obey every sequence; ten times less is usual."""
    text = PAINTERS[painter]
    times = []
    for show in (rendered, painted):
        began = time.process_time()
        show(text)
        times.append(time.process_time() - began)
    assert times[1] < times[0] / 2


FLOODS = {
    "empty rows": "\x1b[K\r\n",
    "rows that return": "\r\x1b[K\r\n",
    "ends of rows": "x\x1b[K\n",
    "returns": "\r",
    "erased returns": "\r\x1b[K",
    "letters": "x",
    "starts": "\x1b[1G",
    "ups": "\n\x1b[50A",
    "ups and tabs": "\t\x1b[50A\n",
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("before", ["", "\n\x1b[50A", "\n\x1b[2K\r", "\r"])
def test_what_comes_near_a_rule_costs_no_more_than_to_obey(flood: str, before: str) -> None:
    """Rows one short of a block, and lines that are nearly erased, are looked at once."""
    unit = before + FLOODS[flood] * 49 + "x"
    for text in (unit * 40, before + FLOODS[flood] * 4000):
        began = time.process_time()
        for lines in (True, False):
            assert painted(text, lines=lines) == rendered(text, lines=lines)[0]
        assert time.process_time() - began < 5


def test_returns_without_end_are_looked_at_once() -> None:
    """Whether anything moves is told in the time that it takes to read the text."""
    began = time.process_time()
    for text in ("\r" * 300_000 + "\n", "\r" * 300_000):
        assert (moves(text), jumps(text), shown(text).strip()) == (False, False, "")
    assert moves("\r" * 300_000 + "x")
    assert time.process_time() - began < 2
