"""The prompts that a reader knows from terminals, and what only looks like one."""

import pytest

from freshrun.shell.prompts import Prompt, begins_with_prompt, prompts
from freshrun.shell.transcript import shows_a_prompt, transcripts


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("$ ls", "ls"),
        ("(venv) $ ls", "ls"),
        ("(my-env.3) $ ls", "ls"),
        ("(base) alice@web-1:~$ ls", "ls"),
        ("alice@web-1:~$ ls", "ls"),
        ("alice@web-1:~/src/app$ ls -l", "ls -l"),
        ("alice@web-1:/srv $ ls", "ls"),
        ("alice@web-1 ~ % ls", "ls"),
        ("alice@web ~> ls", "ls"),
        ("[alice@web-1 app]$ ls", "ls"),
        ("[root@web-1 ~]# ls", "ls"),
        ("root@8d1c2f:/# ls", "ls"),
        ("bash-5.2$ ls", "ls"),
        ("sh-5.1# ls", "ls"),
        ("/ # ls", "ls"),
        ("~/src $ ls", "ls"),
    ],
)
def test_a_line_at_a_prompt_is_typed(line: str, typed: str) -> None:
    """With a name in front of the sign nothing else in the text has to say that it is one."""
    assert begins_with_prompt(line)
    ((statement,),) = transcripts([f"{line}\nout\n"])
    assert (statement.text, statement.promised) == (typed, "out")
    assert statement.root is ("# " in line)


@pytest.mark.parametrize(
    "line",
    [
        "$HOME/bin/tool",
        "$5 each",
        "(optional) install it",
        "100% done",
        "alice@example.org wrote:",
        "[alice@example.org]",
        "# a comment",
        "/var/log > /srv/log",
        "% of all",
        "> quoted",
        "shell-1",
        "mysql> select 1;",
        "Router# show run",
    ],
)
def test_what_only_looks_like_a_prompt_is_none(line: str) -> None:
    """A price, a path, an address, another program's prompt."""
    assert not begins_with_prompt(line)


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("# rm /srv/old.log", True),
        ("# test -s /srv/current.log", True),
        ("# systemctl restart nginx", True),
        ("# apt update", True),
        ("# ./install.sh", True),
        ("# /usr/sbin/nginx -t", True),
        ("# remove the old log", False),
        ("# rm the old log", False),
        ("# test that it works", False),
        ("# Restart nginx", False),
        ("# mount points: two", False),
        ("# install dependencies", False),
        ("# service account", True),
        ("#", False),
    ],
)
def test_beside_other_prompts_a_hash_is_roots_where_a_command_follows(
    line: str, *, typed: bool
) -> None:
    """A comment reads as a sentence; a command of root's begins with a program of root's."""
    found = prompts(["$ echo before", line, "$ echo after"])
    assert found.get(1) == (Prompt(1, root=True) if typed else None)


def test_percent_signs_are_prompts_where_there_is_no_other() -> None:
    """As macOS shows them."""
    ((first, second),) = transcripts(["% make\nbuilding\n% make install\n"])
    assert (first.text, first.promised, second.text) == ("make", "building", "make install")
    assert transcripts(["$ df\n% of disk\n"])[0][0].promised == "% of disk"


def test_a_text_that_nothing_marks_shows_its_prompt_at_once() -> None:
    """A sign that could be a comment, a quote or a share is not enough there."""
    assert shows_a_prompt("# first\n\n$ make\n")
    assert shows_a_prompt("(venv) $ make\nout\n")
    assert not shows_a_prompt("# make\n")
    assert not shows_a_prompt("> make\n")
    assert not shows_a_prompt("out\n$ make\n")
