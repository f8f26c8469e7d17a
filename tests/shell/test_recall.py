"""What a line is that names earlier ones: as bash 5.2 carries it out at a terminal."""

import pytest
from scaling import assert_linear

from freshrun.document.reading import parse
from freshrun.shell.recall import history_lines, recalled

EARLIER = "mkdir -p a/b\necho 'one two' three\nls >out\necho hello"
CARRIED_OUT = {
    "sudo !!": "sudo echo hello",
    "!!": "echo hello",
    "cd !$": "cd hello",
    "cd !!:$": "cd hello",
    "!mk": "mkdir -p a/b",
    "cd !mkdir:2": "cd a/b",
    "!?three?": "echo 'one two' three",
    "printf '%s\\n' !echo:*": "printf '%s\\n' hello",
    "!-2 && cat out": "ls >out && cat out",
    "!! && !!": "echo hello && echo hello",
    "echo \"!!\" '!!'": "echo \"echo hello\" '!!'",
}
NOBODY_KNOWS = (
    "!3",
    "!-9",
    "!!:p",
    "!!:s/hello/you/",
    "!:2-3",
    "!ls:$",
    "!!:7",
    "!nosuch",
    "echo !#",
    "if true; then\n!!\nfi",
)


@pytest.mark.parametrize(("text", "line"), CARRIED_OUT.items())
def test_a_line_that_names_earlier_ones_is_another(text: str, line: str) -> None:
    """Whole lines, and words of them."""
    assert _recalled(EARLIER, text) == line


@pytest.mark.parametrize("text", NOBODY_KNOWS)
def test_what_a_history_alone_tells_is_not_guessed(text: str) -> None:
    """Numbers, changes, words that are parted by more than blanks, and what is not there."""
    assert _recalled(EARLIER, text) is None


def test_a_line_that_is_typed_twice_may_be_there_once() -> None:
    """Which the reader's HISTCONTROL says: so nobody can count back over it."""
    assert _recalled("echo one\ntrue\ntrue", "!-2") is None
    assert _recalled("echo one\ntrue\ntrue", "!-1") == "true"


def test_what_stands_on_the_same_line_is_not_in_the_history_yet() -> None:
    """Bash puts the whole line into it, once it is read."""
    *earlier, last = parse("```bash\necho one\necho two; !!\n```\n", path="x.md").commands
    assert recalled(last, earlier) == "echo one"


def test_the_history_has_lines() -> None:
    """As they were carried out; several commands of one line are one."""
    typed = parse("```bash\nsleep 1 & echo a; echo b\ncd /tmp\nls !$\n```\n", path="x.md").commands
    assert history_lines(typed) == ("sleep 1 & echo a; echo b", "cd /tmp", "ls /tmp")


def test_a_history_can_be_cleared_and_switched_off() -> None:
    """By `history -c` and `set +o history`."""
    text = "echo a\nhistory -c\necho b\nset +o history\necho c\nset -o history\necho d"
    typed = parse(f"```bash\n{text}\n```\n", path="x.md").commands
    assert history_lines(typed) == ("echo b", "set +o history", "echo d")


@pytest.mark.parametrize("unit", ["!", "!!", "!$ ", "!a", "'!", "!?a"])
def test_long_lines_are_read_once(unit: str) -> None:
    """Whatever is repeated in them."""
    assert_linear(lambda size: unit * (size // len(unit)), lambda text: _recalled("true", text))


def _recalled(earlier: str, text: str) -> str | None:
    *typed, last = parse(f"```bash\n{earlier}\n\n{text}\n```\n", path="x.md").commands
    return recalled(last, typed)
