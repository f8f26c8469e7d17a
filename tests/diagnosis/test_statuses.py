"""An exit status is read as its program means it, and only where that program gave it."""

import pytest
from typed_document import printed_by

from freshrun.diagnosis.cause import Cause


def _block(text: str) -> str:
    return f"```bash\n{text}\n```\n"


@pytest.mark.parametrize(
    ("text", "code", "cause", "said"),
    [
        ("curl -sf http://a.test/", 6, Cause.NETWORK, "`curl`'s own for a name that is not known"),
        ("curl -sf http://a.test/", 7, Cause.NETWORK, "a server that it can't connect to"),
        ("curl -sf http://a.test/", 22, Cause.UNKNOWN, "can't tell: exit status 22"),
        ("curl -s -m 3 http://a.test/", 28, Cause.NETWORK, "did not come in time"),
        ("sudo curl -s http://a.test/", 35, Cause.NETWORK, "a TLS connection"),
        ("ssh -q a true", 255, Cause.UNKNOWN, "a connection that could not be made"),
        ("git -C a log -q", 128, Cause.UNKNOWN, "what it refuses to begin"),
        ("pg_isready -q", 1, Cause.SERVICE_NOT_RUNNING, "takes no connections yet"),
        ("pg_isready -q", 2, Cause.SERVICE_NOT_RUNNING, "does not answer"),
        ("pg_isready -q", 3, Cause.UNKNOWN, "did not even try"),
        ("timeout 2 tail -f log", 124, Cause.TIMED_OUT, "say `exit=124`"),
        ("docker run a", 125, Cause.UNKNOWN, "a container that it could not start"),
        ("docker run a b", 127, Cause.COMMAND_NOT_FOUND, "the container's image does not have"),
        ("grep -q a b", 1, Cause.UNKNOWN, "`grep`'s own for no line that matches"),
        ("cat a | grep -q b", 1, Cause.UNKNOWN, "`grep`'s own for no line that matches"),
        ("diff -q a b", 1, Cause.UNKNOWN, "files that differ"),
        ("test -f a", 1, Cause.UNKNOWN, "a condition that is not true"),
        ("[ -f a ]", 1, Cause.UNKNOWN, "a condition that is not true"),
        ("which drv", 1, Cause.COMMAND_NOT_FOUND, "a program that is not found"),
        ("command -v drv", 1, Cause.COMMAND_NOT_FOUND, "a program that is not found"),
        ("systemctl is-active -q a", 3, Cause.SERVICE_NOT_RUNNING, "not active"),
    ],
)
def test_status(text: str, code: int, cause: Cause, said: str) -> None:
    """The meaning is told; where it is not the cause, the cause stays unknown."""
    diagnosis = printed_by(_block(text), "", exit_code=code)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert said in diagnosis.hint
    assert diagnosis.hint.startswith("can't tell: ") is (cause is Cause.UNKNOWN)


@pytest.mark.parametrize(
    ("text", "code", "printed"),
    [
        ("drv", 6, ""),
        ("test -f a && grep b c", 1, ""),
        ("cd a; grep b c; drv", 1, ""),
        ("grep a b | sort", 1, ""),
        ("exit 124", 124, ""),
        ("curl -s http://a.test/", 1, ""),
        ("./curl.sh", 6, ""),
        ("echo curl; exit 6", 99, ""),
    ],
)
def test_status_of_another_program(text: str, code: int, printed: str) -> None:
    """A program that could have ended otherwise, or an unknown one, is not spoken for."""
    diagnosis = printed_by(_block(text), printed, exit_code=code)
    assert "`'s own for" not in diagnosis.hint


def test_what_was_printed_tells_more() -> None:
    """A sign in the output goes before what the status says."""
    printed = "curl: (6) Could not resolve host: a.test\n"
    hint = printed_by(_block("curl http://a.test/"), printed, exit_code=6).hint
    assert hint.startswith("the name `a.test` is not known")
