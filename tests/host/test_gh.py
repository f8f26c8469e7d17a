"""gh, called: the bytes that it gave, its end, and the bounds that end it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from freshrun.host.gh import Answer, asked_gh

Fake = Callable[[str], dict[str, str]]


@pytest.fixture
def fake_gh(tmp_path: Path) -> Fake:
    """Return what makes a program called gh, and the environment that finds it."""

    def make(script: str) -> dict[str, str]:
        path = tmp_path / "gh"
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
        return {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    return make


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no newline at the end",
        b"\n\n  blanks around \n\n",
        b"HTTP/2.0 200 OK\r\nDate: x\r\n\r\n{}\r\n",
        bytes(range(256)),
        b"\xff\xfe PNG \x00",
        b"x" * 1_000_003,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_the_bytes_are_those_that_gh_printed(fake_gh: Fake, tmp_path: Path, data: bytes) -> None:
    """Nothing is decoded, stripped or translated on the way, on either stream."""
    (tmp_path / "data").write_bytes(data)
    environment = fake_gh(f"cat {tmp_path}/data; cat {tmp_path}/data >&2; exit 7")
    answer = asked_gh("api", "x", environment=environment)
    assert answer.stdout == data
    assert answer.stderr == data[: len(answer.stderr)]
    assert len(answer.stderr) == min(len(data), 65536)
    assert answer.exit_code == 7


def test_gh_is_given_its_words_no_questions_and_nothing_to_read(fake_gh: Fake) -> None:
    """Words with blanks and quotes stay one word; it is not asked to be interactive."""
    environment = fake_gh('printf "%s|" "$@"; cat; echo "$GH_PROMPT_DISABLED$GH_TELEMETRY"')
    answer = asked_gh("run", "a b", "'c'", "", environment=environment)
    assert answer == Answer(0, b"run|a b|'c'||10\n", b"")


def test_the_environment_is_the_one_that_is_given(
    fake_gh: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorded run is asked without the caller's own token."""
    monkeypatch.setenv("GH_TOKEN", "of the caller")
    assert asked_gh("x", environment=fake_gh('echo "${GH_TOKEN-none}"')).stdout == b"none\n"


def test_a_gh_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    """Whoever asked says what to do about that."""
    with pytest.raises(FileNotFoundError):
        asked_gh("x", environment={"PATH": str(tmp_path)})


def test_gh_is_ended_when_its_time_is_over(fake_gh: Fake) -> None:
    """It does not go on behind its caller's back."""
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        asked_gh("x", environment=fake_gh("exec sleep 60"), patience=0.3)
    assert time.monotonic() - begin < 20


def test_what_the_watcher_raises_ends_gh(fake_gh: Fake, tmp_path: Path) -> None:
    """It is told how much was printed so far, and once more when gh has ended."""
    sizes: list[int] = []

    def watch(size: int) -> None:
        sizes.append(size)
        if size > 10_000:
            raise OverflowError

    script = f"echo $$ > {tmp_path}/pid; exec yes"
    with pytest.raises(OverflowError):
        asked_gh("x", environment=fake_gh(script), watch=watch)
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    sizes.clear()
    asked_gh("x", environment=fake_gh("echo done"), watch=watch)
    assert sizes[-1] == 5
