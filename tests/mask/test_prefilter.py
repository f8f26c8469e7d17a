"""What makes the mask fast loses nothing: each short way gives what the long way gives.

The long way stands here: every expression replaced by `re` alone, every screen drawn letter by
letter, and no view left out.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_mask import AWKWARD, FORMS, ON_A_TERMINAL, SECRET

from freshrun.mask.covering import COLOUR, COVERING, ORDINARY, bare, uncoloured
from freshrun.mask.escapes import ESCAPED, LEVELS, meant, unescaped
from freshrun.mask.forms import Form, forms
from freshrun.mask.masking import MASK, Mask
from freshrun.mask.views import bones
from freshrun.text.screen import moves, rendered

# --- the long way ---


def readings(data: bytes) -> Iterator[bytes]:
    """Yield all that a person could read in the bytes, without any short cut."""
    seen = [data, COLOUR.sub(b"", data), COVERING.sub(b"", data)]
    text = data.decode("utf-8", "surrogateescape")
    if moves(text):
        shown = (rendered(text, lines=lines)[0] for lines in (True, False))
        seen += [text.encode("utf-8", "surrogateescape") for text in shown]
    for reading in seen:
        yield from unfolded(reading)


def unfolded(reading: bytes) -> Iterator[bytes]:
    """Yield it, and with its escapes replaced, as often as they can be in each other."""
    for _ in range(LEVELS + 1):
        yield reading
        reading = ESCAPED.sub(lambda found: meant(found[0]), reading)


def stands_in(form: Form, reading: bytes) -> bool:
    """Tell whether a form is there: by its letters where they tell, else as it is written."""
    return form.bones in bones(reading) if form.strong else form.text in reading


def holds(data: bytes, secret: str) -> bool:
    """Tell whether any form of a secret is there, in whatever way the bytes are read."""
    every = forms(frozenset([secret]))
    return any(stands_in(form, reading) for reading in readings(data) for form in every)


# --- one short way after the other ---

TEXT = [b"a", b"b3", b"1", b"m", b" ", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x7f", b"\xff"]
WHOLE = [b"\x1b[m", b"\x1b[31m", b"\x1b[K", b"\x1b[2K", b"\x1b[?25l", b"\x1b(B", b"\x1b7"]
TORN = [b"\x1b", b"\x1b[", b"\x1b[3", b"\x1b]0;t\x07", b"\x1b]0;t", b"\x1b\\", b"\x1bP", b"("]
WIDE = [
    *(
        b"\x9b",
        b"\x9b31m",
        b"\xc2\x9b1m",
        b"\xc2\x9b",
        b"\xc2\xa0",
        b"\xc2",
        b"\xc4\x9b",
        b"\xcd\x8f",
    ),
    *("\u200b\u2500\u2713\u205f\u201b\ufeff\ufe0f".encode()[n : n + 3] for n in range(0, 21, 3)),
    *(b"\xe2", b"\x80", b"\x94", b"\xef"),
]
MANY = [b"\x1b[38;5;%dm" % number for number in range(40)]


def joined(*kinds: list[bytes], most: int = 14) -> st.SearchStrategy[bytes]:
    """Return what makes texts of some pieces."""
    pieces = st.sampled_from([piece for kind in kinds for piece in kind])
    return st.lists(pieces, max_size=most).map(b"".join)


COVERED = st.one_of(
    joined(TEXT, WHOLE),
    joined(TEXT, WHOLE, WIDE),
    joined(TEXT, WHOLE, WIDE, TORN),
    st.permutations(MANY).map(b"a".join),
)


@settings(max_examples=1500, deadline=None)
@given(data=COVERED)
@example(data=b"\0\x1b[31mK\r\x1b[2Kn")
@example(data=b"\x1b[m\x1b\x1b[ma")
def test_what_nobody_sees_is_taken_away_as_by_one_expression(data: bytes) -> None:
    """Sequences of one kind after the other, whatever they stand in and whatever stands in them."""
    assert bare(data) == COVERING.sub(b"", data)
    coloured = COLOUR.sub(b"", data)
    assert uncoloured(data) == (None if coloured.translate(None, ORDINARY) else coloured)


ESCAPES = [
    *(b"=41", b"=3D", b"=25", b"=26", b"=\n", b"=\r\n", b"%41", b"%20", b"%3D", b"%26", b"%u0041"),
    *(
        b"&amp;",
        b"&amp",
        b"&#37;",
        b"&#61",
        b"&#x26;",
        b"&lt",
        b"&code",
        b"&nbsp;",
        b"&#0;",
        b"%2F",
    ),
]
BACKSLASHES = [b"\\", b"\\x41", b"\\n", b"\\\\", b"\\75", b"\\u0026", b"\\\n", b"\\ud83d\\ude00"]
AROUND = [b"a", b"4", b"20", b"=", b"%", b"&", b";", b"#", b"x", b"u", b" ", b"\xc3\xa4"]


@settings(max_examples=1500, deadline=None)
@given(data=st.one_of(joined(ESCAPES, AROUND), joined(ESCAPES, AROUND, BACKSLASHES)))
def test_escapes_are_replaced_as_by_one_expression(data: bytes) -> None:
    """One kind after the other only where none leaves a part of another."""
    assert unescaped(data) == ESCAPED.sub(lambda found: meant(found[0]), data)


# --- all of them together ---


@pytest.mark.parametrize("between", ["\0\x1b[31m", "\x0e\x1b]0;t\x07", "\x7f\x1b[K", "\x1b\x1b[1m"])
def test_a_control_character_before_a_sequence_is_no_part_of_it(between: str) -> None:
    """The escape character after it begins a sequence nevertheless."""
    assert Mask([SECRET]).text(f"<{between.join(SECRET)}>") == f"<{MASK.decode()}>"


SECRETS = [
    SECRET,
    AWKWARD,
    "s3cr3t-T0ken-value-9f8e7d",
    "postgres",
    "pass'word",
    "\u011b\u0161\u010dP9-x8",
]
WRITERS: list[Callable[[str], bytes]] = [
    *FORMS.values(),
    *(lambda s, write=write: write(s).encode() for write in ON_A_TERMINAL.values()),
]
NOISE = st.lists(
    st.sampled_from(
        [
            *("\x1b[31m", "\x1b[0m", "\0", "\u200b", "\x7f", "\u2502", "\u2014", " ", "\n", "\r\n"),
            *("\x1b[K", "\x1b[2K", "\r", "\x1b[2K\x1b[1G", "\n\x1b[1A\x1b[2K", "zz\b\b", "\x1b[1G"),
            *("loading 10%\r", "step 1\n\x1b[1A\x1b[2Kstep 2\n", "\x1b[3C", "\x1b]0;t\x07", "\x1b"),
            *("%20", "=3D", "&amp;", "\\n", "a", "7", "\u011b", "k=v ", "id=200&x=1"),
        ]
    ),
    max_size=5,
).map(lambda noise: "".join(noise).encode())


@settings(max_examples=200, deadline=None)
@given(data=st.data(), secret=st.sampled_from(SECRETS), write=st.sampled_from(WRITERS))
def test_what_the_long_way_finds_is_hidden(
    data: st.DataObject, secret: str, write: Callable[[str], bytes]
) -> None:
    """Any form amid anything, with something in its midst, in pieces; and none is left then."""
    form = write(secret)
    middle = data.draw(st.integers(0, len(form)))
    written = form[:middle] + data.draw(st.one_of(st.just(b""), NOISE)) + form[middle:]
    printed = b"[\n" + data.draw(NOISE) + written + data.draw(NOISE)
    cut = data.draw(st.integers(0, len(printed)))
    mask = Mask([secret])
    hidden = mask.feed(printed[:cut]) + mask.feed(printed[cut:]) + mask.flush()
    assert (MASK in hidden) >= holds(printed, secret)
    assert not holds(hidden, secret)


BLOCK, PIECE = 3_000, 32_000
"""Bytes of surroundings of each form, and of what the mask reads at once."""

SURROUNDINGS = {
    "plain": b"2026-01-02 12:00:00 INFO worker 7 handled request c0ffee in 12 ms\n",
    "escaped": b"id=200&x=1 path=/a%20b bytes=5123\n",
    "coloured": b"\x1b[32mok\x1b[0m c0ffee passed\n",
    "wide": "\u011b\u0161\u010d \u2013 \u201cfertig\u201d \u2713 1\n".encode(),
    "bar": b"\x1b[2K\x1b[1GDownloading 17% [####]",
    "returned": b"\rDownloading 17% [####]\x1b[K",
    "up": b"\x1b[1A\x1b[2Kstep 17 c0ffee\n",
}


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("secret", [SECRET, AWKWARD], ids=["usual", "awkward"])
def test_no_form_is_lost_in_a_long_output(surrounding: str, secret: str) -> None:
    """Each form stands in an output that repeats what makes the mask skip a view of it."""
    unit = SURROUNDINGS[surrounding]
    around = unit * (BLOCK // len(unit)) + b"\n"
    printed = b"".join(around + b"<<\n" + write(secret) + b"\n>>\n" for write in WRITERS) + around
    mask = Mask([secret])
    parts = (printed[at : at + PIECE] for at in range(0, len(printed), PIECE))
    hidden = b"".join(map(mask.feed, parts)) + mask.flush()
    between = re.findall(rb"<<\n(.*?)\n>>", hidden, re.DOTALL)
    assert len(between) == len(WRITERS)
    assert not [text for text in between if MASK not in text]
    assert hidden.startswith(around)
    assert hidden.endswith(around)
