"""The private daemon: beside any other, shared by runs, and gone when nobody uses it."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from freshrun.host.programs import is_root
from freshrun.machine.daemon import (
    State,
    answers,
    missing_packages,
    private_daemon,
    private_state,
    stop_daemon,
)
from freshrun.machine.engine import Engine
from freshrun.model.errors import EngineError

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not is_root(), reason="a private daemon needs root"),
]

HOLDER = """
import signal, sys, time
from pathlib import Path
from freshrun.machine.daemon import State, private_daemon

# A process that was started in the background ignores Ctrl-C, and its children do.
signal.signal(signal.SIGINT, signal.default_int_handler)
with private_daemon(State(Path(sys.argv[1]), Path(sys.argv[1], "run"))):
    print("up", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def place(engine: Engine) -> Iterator[State]:
    """Return a place for a daemon, beside the engine that all tests use."""
    assert engine.url
    if missing_packages():  # the engine of these tests came from elsewhere
        pytest.skip(f"a private daemon needs {', '.join(missing_packages())}")
    folder = Path(tempfile.mkdtemp(prefix="fr"))  # pytest's own paths are too long for sockets
    at = State(folder, folder / "run")
    yield at
    stop_daemon(at)
    shutil.rmtree(folder)


@pytest.fixture
def holder(place: State) -> Iterator[subprocess.Popen[str]]:
    """Return another run that uses the daemon at `place`."""
    argv = [sys.executable, "-c", HOLDER, str(place.data)]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def processes(place: State) -> list[str]:
    """Return the command lines that name the daemon's place."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(place.run) in line:
            found.append(line)
    return found


def assert_gone(place: State) -> None:
    """Assert that no process, socket, bridge, packet rule or mount of the daemon is left."""
    assert processes(place) == []
    assert not answers(place)
    assert not Path("/sys/class/net", place.bridge).exists()
    for table in ("nat", "filter"):
        rules = subprocess.run(
            ["iptables", "-w", "-t", table, "-S"], check=True, capture_output=True, text=True
        )
        assert place.bridge not in rules.stdout
    assert str(place.data) not in Path("/proc/mounts").read_text(encoding="utf-8")
    assert {path.name for path in place.run.iterdir()} <= {"lock", "users"}


def test_the_daemon_runs_while_it_is_used(place: State) -> None:
    """It answers inside `with`, and is gone without a trace after it."""
    with private_daemon(place) as url:
        assert url == f"unix://{place.socket}"
        assert answers(place)
    assert_gone(place)


def test_another_daemons_packet_rules_stay_as_they_are(place: State) -> None:
    """Rules that stood before stand while it runs: published ports of others go on."""

    def rules() -> set[str]:
        argv = ["iptables-save"]
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
        return {line for line in done.stdout.splitlines() if line.startswith("-A")}

    before = rules()
    with private_daemon(place):
        assert before <= rules()


def test_the_daemon_ends_with_its_last_user(place: State, holder: subprocess.Popen[str]) -> None:
    """A run that ends leaves the daemon to the one that still uses it."""
    with private_daemon(place):
        assert len([line for line in processes(place) if "dockerd" in line]) == 1
    assert answers(place)
    holder.send_signal(signal.SIGINT)
    holder.wait(60)
    assert_gone(place)


def test_a_killed_runs_daemon_is_used_and_stopped_by_the_next(
    place: State, holder: subprocess.Popen[str]
) -> None:
    """`kill -9` leaves the daemon; the next run finds it, and is its last user."""
    holder.kill()
    holder.wait(60)
    assert answers(place)
    pid = place.pid_file.read_text(encoding="ascii")
    with private_daemon(place):
        assert place.pid_file.read_text(encoding="ascii") == pid
    assert_gone(place)


def test_a_daemon_that_is_in_use_is_not_stopped(
    place: State, holder: subprocess.Popen[str]
) -> None:
    """`invoke engine --stop` beside a running rehearsal is refused in one line."""
    with pytest.raises(EngineError, match="in use by another freshrun"):
        stop_daemon(place)
    assert answers(place)
    assert holder.poll() is None


def test_a_daemon_that_is_kept_stays_until_it_is_stopped(place: State) -> None:
    """`keep` outlives this run and the next; stopping says whether there was one."""
    with private_daemon(place, keep=True):
        pass
    with private_daemon(place):
        pass
    assert answers(place)
    assert stop_daemon(place)
    assert_gone(place)
    assert not stop_daemon(place)


def test_a_daemon_that_was_killed_is_cleared_away(place: State) -> None:
    """After the daemon's own death nothing confuses the next start, and stopping ends it."""
    with ExitStack() as stack:
        stack.enter_context(private_daemon(place, keep=True))
        pid = place.pid_file.read_text(encoding="ascii")
        subprocess.run(["kill", "-9", pid], check=True)
    with private_daemon(place):
        assert answers(place)
        assert place.pid_file.read_text(encoding="ascii") != pid
    assert stop_daemon(place)
    assert_gone(place)


def test_a_daemon_that_froze_is_ended_and_another_one_started(
    place: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody else is at its mercy, a run heals by itself."""
    monkeypatch.setattr("freshrun.machine.daemon._FROZEN", 1.0)
    with private_daemon(place, keep=True):
        pass
    frozen = int(place.pid_file.read_text(encoding="ascii"))
    os.kill(frozen, signal.SIGSTOP)
    with private_daemon(place):
        assert answers(place)
        assert int(place.pid_file.read_text(encoding="ascii")) != frozen
    assert_gone(place)


def test_a_daemon_that_froze_under_another_run_is_told(
    place: State, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not this run's to end; the line says which process it is, and what to do."""
    assert holder.poll() is None
    monkeypatch.setattr("freshrun.machine.daemon._FROZEN", 1.0)
    frozen = int(place.pid_file.read_text(encoding="ascii"))
    os.kill(frozen, signal.SIGSTOP)
    try:
        words = rf"\(process {frozen}\) does not answer, and another freshrun uses it: end that"
        with pytest.raises(EngineError, match=words), private_daemon(place):
            pytest.fail("it was taken")
    finally:
        os.kill(frozen, signal.SIGCONT)


def test_a_run_that_holds_the_lock_for_ever_is_told(
    place: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was stopped in the middle of the start does not stop all others with it."""
    monkeypatch.setattr("freshrun.machine.daemon.LOCK_SECONDS", 0.5)
    place.run.mkdir()
    with (place.run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        words = "another freshrun has been starting or stopping"
        with pytest.raises(EngineError, match=words), private_daemon(place):
            pytest.fail("it was started")


def test_a_pid_that_is_another_process_by_now_is_left_alone(place: State) -> None:
    """A stale pid file is not believed: the process with that number is not ours to end."""
    with subprocess.Popen(["sleep", "600"]) as stranger:
        place.run.mkdir()
        place.pid_file.write_text(str(stranger.pid), encoding="ascii")
        assert not stop_daemon(place)
        with private_daemon(place):
            assert answers(place)
        assert stranger.poll() is None
        stranger.kill()


def test_a_daemon_that_dies_shows_the_end_of_its_log(place: State) -> None:
    """The reason stands in the message, with the place of the whole log."""
    place.data.joinpath("docker").write_text("in the way", encoding="ascii")
    with pytest.raises(EngineError) as caught, private_daemon(place):
        pytest.fail("it started")
    first, *rest = str(caught.value).splitlines()
    assert first == f"the private dockerd ended; the end of {place.log}:"
    assert any(str(place.data / "docker") in line for line in rest), rest
    assert_gone(place)


def test_a_path_too_long_for_sockets_is_named(tmp_path: Path) -> None:
    """The kernel's limit is told before the daemon trips over it."""
    folder = tmp_path / ("x" * 90)
    with (
        pytest.raises(EngineError, match="too long for sockets; shorten FRESHRUN_STATE"),
        private_daemon(State(folder, folder / "run")),
    ):
        pytest.fail("it started")


def test_the_state_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """FRESHRUN_STATE moves all of it; without it the system's own folders are used."""
    monkeypatch.setenv("FRESHRUN_STATE", "/elsewhere")
    assert private_state() == State(Path("/elsewhere"), Path("/elsewhere/run"))
    monkeypatch.delenv("FRESHRUN_STATE")
    assert private_state() == State(Path("/var/lib/freshrun"), Path("/run/freshrun"))
