"""A `!` at bash's own prompt: what is left alone, what is refused, and what is another line."""

import pytest
from scaling import assert_linear

from freshrun.shell.history import HistoryEvent, history_event

# Each of these was typed into `bash --norc -i` 5.2 at a terminal.
REFUSED = {
    'echo "wow!now"': "!now",
    "!true": "!true",
    'awk "!x{print}" f': "!x{print}",
    'echo !"x"': "!",
    'echo "hi!)"': "!",
    'echo "#!/bin/sh"': "!/bin/sh",
    'cat <<<"a!b"': "!b",
    "echo $((!0))": "!0",
    'echo "a;!b"': "!b",
    'echo "it\'s !b"': "!b",
    'echo "$(echo a!b)"': "!b",
    'echo "!."': "!.",
    "true !;": "!",
    "for x in 1; do\necho a!b\ndone": "!b",
    "echo one \\\na!b": "!b",
    'echo "x\na!b"': "!b",
}
LEFT_ALONE = (
    'echo "wow!"',
    "echo wow!",
    'echo "a! b"',
    "echo 'wow!now'",
    "echo wow\\!now",
    'echo "wow\\!now"',
    "echo a!=b",
    "[[ 1 != 2 ]]",
    "! true",
    "if ! true; then echo x; fi",
    "echo $!",
    "echo ${!HOME}",
    'echo "${!HOME}"',
    'echo "$!"',
    "#!x",
    "echo x #!y",
    "echo [!a]*",
    'echo "[!a]"',
    "echo it\\'s '!b'",
    "echo $'a!b'",
    'echo "a!"b',
    "cat <<E\na!b\nE",
    "cat <<'E'\nit's a!b\n#!/bin/sh\nE\necho ok",
    "cat <<-E\n\ta!b\n\tE",
    "echo 'x\na!b'",
    "if true; then # x!y\ntrue; fi",
    "awk '\n!x\n'",
)


@pytest.mark.parametrize(("text", "event"), REFUSED.items())
def test_an_event_that_is_nowhere_is_refused(text: str, event: str) -> None:
    """Bash says `event not found`, and types nothing of the line."""
    found = history_event(text)
    assert found is not None
    assert (found.text, found.found) == (event, False)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_bash_leaves_alone_is_no_event(text: str) -> None:
    """Quotes, a backslash, a comment, blanks, patterns, expansions, here-documents."""
    assert history_event(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sudo !!", True),
        ("echo !$", True),
        ("!-1", True),
        ("!ec", True),
        ("!?hello", True),
        ("!hello", False),
        ("!?nothing?", False),
    ],
)
def test_an_event_of_what_was_typed_before_makes_another_line(text: str, *, found: bool) -> None:
    """What that line is, the reader's own history says."""
    event = history_event(text, earlier=["echo hello"])
    assert event is not None
    assert event.found is found


def test_an_event_has_its_line() -> None:
    """Of a command over several lines."""
    assert history_event('a\nb "!c"') == HistoryEvent("!c", 2, found=False)


def test_at_the_first_prompt_there_is_no_history() -> None:
    """Nothing was typed before."""
    event = history_event("!!")
    assert event is not None
    assert not event.found


def test_after_it_was_switched_off_there_is_none() -> None:
    """As `set +H` does."""
    assert history_event('echo "a!b"', earlier=["set +H"]) is None
    assert history_event('echo "a!b"', earlier=["set -H", "echo set +H"]) is not None


@pytest.mark.parametrize(
    "unit", ["!", "! ", "[!", "${!", "'!", '"!', "<<a ", "\\!", "$'!", "a=!\n"]
)
def test_long_lines_are_read_once(unit: str) -> None:
    """Whatever is repeated in them."""
    assert_linear(lambda size: unit * (size // len(unit)), history_event)
