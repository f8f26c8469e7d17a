"""Cautions: what a verdict by the exit status alone would hide."""

import pytest

from freshrun.model.outcome import Output
from freshrun.model.runbook import Command, Options
from freshrun.session.protocol import Finished, Outputs
from freshrun.session.warnings import warnings_of


def said(
    text: str, *, stdout: bytes = b"", stderr: bytes = b"", exit_code: int = 0, stdin: str = ""
) -> list[str]:
    """Return the warnings on a command that ended in a shell which goes on."""
    command = Command(text, "x.md", 1, 1, "", Options(stdin=stdin or None))
    outputs = Outputs(Output(stdout, size=len(stdout)), Output(stderr, size=len(stderr)))
    return list(warnings_of(command, Finished(1, exit_code, 0, 0.5, 7, None, (), "/srv", outputs)))


@pytest.mark.parametrize(
    "text",
    [
        *("bash script.sh", "sudo -i id", "sudo su -c id", "bash -c true", "su - db -c ls", "ls"),
        *("python3 x.py", "psql -c 'select 1'", "node --version"),
    ],
)
def test_a_program_that_is_given_its_work_is_none(text: str) -> None:
    """It ends by itself, for a reader too."""
    assert said(text) == []


def test_a_full_screen_that_nobody_saw() -> None:
    """An editor that finds no terminal can end with 0, and a reader would be in it."""
    (caution,) = said("sudo visudo", stdout=b"\x1b[?1049hfile\x1b[?1049l")
    assert caution.startswith("it fills the screen")


@pytest.mark.parametrize(
    "asked", [b"Proceed ([y]/n)? ", b"? What is your project named? \xe2\x80\xba my-app", b"Name: "]
)
def test_a_question_that_found_nobody(asked: bytes) -> None:
    """It ended with 0, and a reader would have had to answer."""
    (caution,) = said("make", stdout=b"begin\n\x1b7\x1b[2K" + asked + b"\x1b8")
    assert caution.startswith(f'it asked "{asked.decode().strip()}"')
    assert said("make", stdout=asked + b"\nyes\n") == []
    assert said("make", stdout=asked, stdin="yes\n") == []


@pytest.mark.parametrize(
    "line", [b"bash: fd: command not found\n", b"bash: ./run: No such file or directory\n"]
)
def test_a_command_in_the_command_that_was_not_there(line: bytes) -> None:
    """`x=$(fd | head)` passes without `fd`; where it fails, the failure says so itself."""
    (caution,) = said("x=$(fd | head)", stderr=b"warning\n" + line)
    assert caution.endswith(line.decode().strip())
    assert said("x=$(fd | head)", stderr=line, exit_code=127) == []


def test_a_prompt_that_empties_a_file() -> None:
    """`> make` in a script is a redirection; a path after it is meant as one."""
    (caution,) = said("> make")
    assert "empty file named make" in caution
    assert said("> /var/log/app.log") == []
