"""Which engine is found, in which order, and what is said where there is none."""

import hashlib
import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from freshrun.host.programs import is_root
from freshrun.machine.engine import Engine, connected, open_engine, refusals, stop_private
from freshrun.machine.image import resolve
from freshrun.machine.machine import Machine
from freshrun.model.errors import EngineError, MachineError

NEEDS_DAEMON = pytest.mark.skipif(not is_root(), reason="a private daemon needs root")


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Point to no engine at all: no variable, no context, no socket."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setattr("freshrun.machine.engine.SOCKETS", ())


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """Return a socket's path at which nothing answers any more."""
    path = tmp_path / "stale.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return path


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty place for a private daemon."""
    folder = Path(tempfile.mkdtemp(prefix="fr"))  # pytest's own paths are too long for sockets
    monkeypatch.setenv("FRESHRUN_STATE", str(folder))
    yield folder
    stop_private()
    shutil.rmtree(folder)


def choose_context(folder: Path, *, name: str, url: str) -> None:
    """Write what `docker context use NAME` leaves in Docker's configuration."""
    meta = folder / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoint = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": url}}}
    (meta / "meta.json").write_text(json.dumps(endpoint), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"currentContext": name}), encoding="utf-8")


def found() -> Engine:
    """Return the engine that is found."""
    with open_engine() as engine:
        return engine


@pytest.mark.engine
def test_docker_host_goes_first(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DOCKER_HOST is the user's word, whatever the context says."""
    choose_context(tmp_path / "docker", name="other", url="unix:///nowhere")
    monkeypatch.setenv("DOCKER_HOST", engine.url)
    assert found() == Engine(engine.url, engine.name, engine.version, started=False)
    assert engine.name in {"docker", "podman"}
    assert engine.version[0].isdigit()


@pytest.mark.engine
def test_the_current_context_is_asked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The context that `docker context use` chose, or DOCKER_CONTEXT names, is an engine."""
    choose_context(tmp_path / "docker", name="mine", url=engine.url)
    assert found().url == engine.url
    (tmp_path / "docker/config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    assert found().url == engine.url


@pytest.mark.engine
def test_a_socket_that_is_dead_is_passed_over(
    engine: Engine, stale: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual sockets are tried in their order until one answers."""
    usual = (str(stale), engine.url.removeprefix("unix://"))
    monkeypatch.setattr("freshrun.machine.engine.SOCKETS", usual)
    assert found().url == engine.url


@pytest.mark.engine
@NEEDS_DAEMON
def test_a_private_engine_is_the_last_resort(state: Path) -> None:
    """Where nothing runs, a private daemon is started, and its machines reach the network.

    It holds no image: the base is pulled, or built from Debian's mirror and told to be so.
    """
    with open_engine() as engine:
        assert engine.started
        assert engine.url == f"unix://{state}/run/docker.sock"
        image = resolve("debian:bookworm-slim", engine=engine, install=True)
        with connected(engine) as client:
            built = bool(client.images.list("freshrun/debian"))
        assert built == any("was built from http://deb.debian.org" in n for n in image.notes)
        with Machine(image, engine=engine) as machine:
            assert (machine.read("/etc/debian_version") or b"").startswith(b"12.")
            assert machine.run(["apt-get", "update"]).exit_code == 0
    assert not stop_private()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("unix:///nowhere", "nothing answers there"),
        ("tcp://127.0.0.1:1", "nothing answers there"),
        ("tcp://127.0.0.1", "no container engine answers there"),
        ("npipe:////./pipe/docker", "only unix://PATH and tcp://HOST:PORT"),
        ("ssh://me@far", "ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock me@far"),
    ],
)
def test_a_wrong_docker_host_is_named(
    url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's own choice is never passed over: it is wrong in one clear line."""
    monkeypatch.setenv("DOCKER_HOST", url)
    with pytest.raises(EngineError) as caught:
        found()
    message = str(caught.value)
    assert message.startswith(f"DOCKER_HOST is {url}: ")
    assert words in message
    assert "\n" not in message


def test_an_engine_behind_tls_is_refused_in_words(
    stale: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not supported says so instead of failing in the middle."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{stale}")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    with pytest.raises(EngineError, match="without TLS"):
        found()


ADVICE = (
    ("no engine, root on Debian", (True, True, None), "--install-engine.*`apt-get install docker"),
    ("no engine, a user on Debian", (False, True, None), "`sudo apt-get install docker.io && "),
    ("no engine, another system", (False, False, None), "install Docker or Podman"),
    ("not running, a user", (False, True, "/usr/sbin/dockerd"), "`sudo systemctl start docker`"),
)


@pytest.mark.parametrize(
    ("host", "words"), [row[1:] for row in ADVICE], ids=[row[0] for row in ADVICE]
)
def test_no_engine_is_one_message_with_the_command_to_type(
    host: tuple[bool, bool, str | None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has no engine reads what to type, for the system and the user that it is."""
    root, debian, program = host
    monkeypatch.setattr("freshrun.machine.engine.is_root", lambda: root)
    monkeypatch.setattr("freshrun.machine.engine.is_debian", lambda: debian)
    monkeypatch.setattr("freshrun.machine.daemon.dockerd", lambda: program)
    missing = () if program else ("docker.io", "iptables")
    monkeypatch.setattr("freshrun.machine.daemon.missing_packages", lambda: missing)
    with pytest.raises(EngineError, match=words) as caught:
        found()
    assert "\n" not in str(caught.value)


def test_only_root_on_debian_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`install` is refused with the same advice where it can't work, and runs nothing."""
    monkeypatch.setattr("freshrun.machine.engine.is_root", lambda: False)
    monkeypatch.setattr("freshrun.machine.daemon.missing_packages", lambda: ("docker.io",))
    with pytest.raises(EngineError), open_engine(install=True):
        pytest.fail("it was installed")


def test_a_socket_at_which_nothing_answers_is_named(
    stale: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that is there and does not answer is not told to be missing."""
    monkeypatch.setattr("freshrun.machine.engine.SOCKETS", (str(stale),))
    monkeypatch.setattr("freshrun.machine.engine.is_root", lambda: False)
    with pytest.raises(EngineError, match=f"no container engine answers: unix://{stale}: nothing"):
        found()


def test_a_lost_engine_is_the_chosen_error() -> None:
    """No exception of the client gets through; the words say what was tried."""
    with (
        pytest.raises(MachineError, match="lost while it should fetch: gone"),
        refusals("fetch", error=MachineError),
    ):
        raise ConnectionResetError("gone")
