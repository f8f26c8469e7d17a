"""What goes into the shell in the machine is whole, and hides what tells a mark."""

import re
from importlib.resources import files

from freshrun.document.reading import parse
from freshrun.session.driver import Kind, hold, own_name, program, secret, typed

SALT = "00c0ffee0123456789abcdef"
TEXT = files("freshrun.session").joinpath("driver.bash").read_text("utf-8")


def kinds(text: str) -> list[str]:
    """Return how each command of a document is typed."""
    commands = parse(text, path="runbook.md").commands
    return [typed(command, seq=1).split(b"\0")[2].decode() for command in commands]


def test_the_name_in_the_shell_tells_nothing_of_the_mark() -> None:
    """What `set -x` and `declare -F` show does not forge a mark."""
    assert SALT[:8] not in secret(SALT)
    assert secret(SALT) not in own_name(SALT)


def test_every_field_of_the_driver_is_filled_in_and_named_in_its_comment() -> None:
    """None is left over, and a reader of the file finds each of them at its head."""
    for message in (program(SALT), program(SALT, holder=7), hold(SALT)):
        assert "«" not in message.decode()
        assert message.count(b"\0") == 1
        assert message.endswith(b"\0")
    used = set(re.findall("«([^»]*)»", TEXT))
    head = TEXT[: TEXT.index("\n\n")]
    assert used == set(re.findall("^#   «([a-z]+)»  +[a-z]", head, re.MULTILINE))


def test_a_holder_is_in_the_program_of_a_shell_in_a_terminal_alone() -> None:
    """What is not there leaves nothing behind."""
    assert b"\nholder=7\n" in program(SALT, holder=7)
    assert b"\nholder=\n" in program(SALT)


def test_a_command_is_typed_as_its_kind() -> None:
    """The wire's letters are those that the driver knows."""
    text = (
        "```bash\ntrue\ntrue | false\nif\n```\n```bash stdin=a\ncat\n```\n```bash tty\ntty\n```\n"
    )
    assert kinds(text) == ["c", "p", "u", "i", "t"]
    known = set(re.findall(r"^        ([a-z])\) ", TEXT, re.MULTILINE))
    assert known == set(Kind) - {Kind.UNCUT, Kind.SYNC}
