"""Programs of the host, and the word to the person at the terminal."""

import time

import pytest

from freshrun.host.programs import last_lines, progress, run
from freshrun.model.errors import MachineError


def test_a_program_gives_its_output() -> None:
    """What it printed on stdout is returned."""
    assert run(["sh", "-c", "echo out; echo err >&2"]) == "out\n"


def test_a_program_that_fails_is_told_with_its_last_lines() -> None:
    """The command, how it ended and what it said last are one error of the chosen kind."""
    with pytest.raises(MachineError) as caught:
        run(["sh", "-c", "seq 20 >&2; exit 3"], error=MachineError)
    first, *rest = str(caught.value).splitlines()
    assert first == "`sh -c seq 20 >&2; exit 3` ended with 3:"
    assert rest == [f"  {number}" for number in range(13, 21)]


def test_a_program_that_is_not_there_is_named() -> None:
    """No traceback for what is not installed."""
    with pytest.raises(MachineError, match="no-such-program can't be run on this host: No such"):
        run(["no-such-program"], error=MachineError)


def test_the_systems_programs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of /usr/sbin are found where a user's PATH has none of it."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert run(["sh", "-c", "echo $PATH"]) == "/usr/bin:/bin:/usr/sbin:/sbin\n"


def test_nobody_stares_at_a_silent_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes long is named at once, and says every while that it goes on; stdout stays free."""
    monkeypatch.setattr("freshrun.host.programs.EVERY", 0.05)
    with progress("building"):
        time.sleep(0.4)
    printed = capsys.readouterr()
    first, *rest = printed.err.splitlines()
    assert first == "freshrun: building"
    assert len(rest) > 1
    assert set(rest) == {"freshrun: ... 0 s"}
    assert printed.out == ""


def test_the_last_lines_stand_under_the_message() -> None:
    """Each line is indented on a line of its own."""
    assert last_lines("a\nb\n\nc\n", count=2) == "\n  \n  c"
