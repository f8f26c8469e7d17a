"""The colours of a terminal on a page: as classes, and never as markup of the command's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fragment_fromstring

from freshrun.report import words
from freshrun.report.colours import coloured


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain <b>", "plain &lt;b&gt;"),
        ("\x1b[31mred\x1b[0m.", '<span class="c1">red</span>.'),
        ("\x1b[1;32mok\x1b[m", '<span class="bold c2">ok</span>'),
        ("\x1b[91mbright\x1b[39m x", '<span class="c1">bright</span> x'),
        ("\x1b[38;5;196mred\x1b[0m", '<span class="c1">red</span>'),
        ("\x1b[38;2;0;0;200mblue\x1b[0m", '<span class="c4">blue</span>'),
        ("\x1b[41;37mground\x1b[0m", '<span class="marked">ground</span>'),
        ("\x1b[7mturned\x1b[0m", '<span class="marked">turned</span>'),
        ("10%\r\x1b[33m100%\x1b[0m\n", '<span class="c3">100%</span>\n'),
        ("\x1b[31m<&\x1b[0m", '<span class="c1">&lt;&amp;</span>'),
        ("\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07", "link"),
        ("\x1b[31mred\nstill\x1b[0m", '<span class="c1">red\nstill</span>'),
    ],
)
def test_a_colour_is_a_class(text: str, shown: str) -> None:
    """Of the sixteen that every terminal has; a ground of its own is marked."""
    assert str(coloured(text)) == shown


@given(st.text("ab<&\x1b[0;1;31m\r\n\x00\t\x9b5K\x08", max_size=60))
def test_the_letters_are_those_of_the_plain_report(text: str) -> None:
    """Colours change nothing of what is read; no tag but ours is there."""
    element = fragment_fromstring(f"<pre>\n{coloured(text)}</pre>")
    assert {str(each.tag) for each in element.iter()} <= {"pre", "span"}
    read = "".join(str(each) for each in element.itertext())[1:]
    assert read.expandtabs(8).split() == words.plain(text).expandtabs(8).split()


def test_a_secret_that_colours_part_is_hidden() -> None:
    """Its letters stand side by side on the page, too."""
    text = "\x1b[31mgehe\x1b[32mimnis-123\x1b[0m"
    assert coloured(text, hidden=lambda value: value.replace("geheimnis-123", "***")) == "***"
