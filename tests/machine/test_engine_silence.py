"""An engine that freezes, and what is done to a machine: broken in time, never the document's."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pytest

from freshrun.host.programs import is_root
from freshrun.machine.container import reap
from freshrun.machine.daemon import State, private_daemon, stop_daemon
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image, resolve
from freshrun.machine.machine import Machine
from freshrun.model.errors import EngineError, MachineError
from freshrun.model.outcome import Status
from freshrun.model.record import Record
from freshrun.model.record_json import from_json

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not is_root(), reason="a private daemon needs root"),
]

PROGRAM = Path(sys.executable).parent / "freshrun"
LIMIT = 60
IMAGE = "fresh:1"


@dataclass(frozen=True)
class OwnEngine:
    """A daemon of our own with the newcomer's image."""

    place: State
    engine: Engine

    def pid(self, *, of: str) -> int:
        """Return the process of one part: `dockerd`, `containerd` or the machine's `shim`."""
        if of == "dockerd":
            return int(self.place.pid_file.read_text("ascii"))
        if of == "containerd":
            return int((self.place.run / "exec/containerd/containerd.pid").read_text("ascii"))
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(FileNotFoundError, ProcessLookupError):
                line = file.read_bytes()
                if b"containerd-shim" in line and str(self.place.run).encode() in line:
                    found.append(int(file.parent.name))
        (shim,) = found
        return shim

    def containers(self) -> list[str]:
        """Return the machines that the engine knows."""
        with connected(self.engine) as client:
            found = client.api.containers(all=True, filters={"label": "freshrun"})
        return [str(c["Id"]) for c in found]

    def networks(self) -> list[str]:
        """Return the networks of machines that the engine knows."""
        with connected(self.engine) as client:
            return [str(n["Id"]) for n in client.api.networks(filters={"label": "freshrun"})]


@pytest.fixture(scope="module")
def own(engine: Engine, fresh_image: Image) -> Iterator[OwnEngine]:
    """Return a daemon that the tests may stop, freeze and fill."""
    folder = Path(tempfile.mkdtemp(prefix="fr"))
    place = State(folder, folder / "run")
    try:
        with private_daemon(place) as url:
            own = Engine(url, "docker", "")
            with connected(engine) as here, connected(own) as there:
                (loaded,) = there.images.load(b"".join(here.api.get_image(fresh_image.id)))
                loaded.tag("fresh", "1")
            yield OwnEngine(place, own)
    finally:
        stop_daemon(place)
        shutil.rmtree(folder)


@dataclass
class Running:
    """A rehearsal that is at its second command."""

    process: "subprocess.Popen[str]"
    folder: Path
    said: str = ""

    def end(self) -> float:
        """Wait for the end and return the seconds that it took."""
        begin = time.monotonic()
        out, err = self.process.communicate(timeout=3 * LIMIT)
        self.said = out + err
        return time.monotonic() - begin

    @property
    def record(self) -> Record:
        """Return the record that it left."""
        return from_json((self.folder / ".freshrun/record.json").read_text("utf-8"))

    def assert_broken(self, words: str) -> None:
        """Assert that it blames no document, says why, and shows no traceback."""
        assert self.process.returncode == 2, self.said
        assert "Traceback" not in self.said
        statuses = [o.status for o in self.record.outcomes]
        assert statuses == [Status.PASSED, Status.BROKEN, Status.NOT_REACHED], self.said
        told = self.record.outcomes[1]
        assert re.search(words, told.reason), told.reason
        assert told.cause == ""


@contextmanager
def rehearsing(
    folder: Path, engine: Engine, text: str, *, timeout: str = "10m"
) -> Iterator[Running]:
    """Yield a rehearsal as soon as its first command has passed."""
    front = f"---\nfreshrun:\n  image: {IMAGE}\n  timeout: {timeout}\n---\n"
    (folder / "runbook.md").write_text(
        f"{front}```bash\necho fine\n{text}\necho never\n```\n", "utf-8"
    )
    with subprocess.Popen(
        [PROGRAM, "validate-runbook", "--runbook", "runbook.md"],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "SSL_CERT_FILE"}
        | {"DOCKER_HOST": engine.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            while "passed " not in (line := process.stdout.readline()):
                assert line, process.communicate()
            time.sleep(1)
            yield Running(process, folder)
        finally:
            process.kill()


@pytest.mark.parametrize("part", ["dockerd", "containerd", "shim"])
def test_a_part_of_the_engine_that_freezes_is_noticed(
    part: str, own: OwnEngine, tmp_path: Path
) -> None:
    """Broken within a minute, whatever is frozen; the next run removes what is left."""
    with rehearsing(tmp_path, own.engine, "sleep 600") as run:
        pid = own.pid(of=part)
        os.kill(pid, signal.SIGSTOP)
        try:
            took = run.end()
        finally:
            os.kill(pid, signal.SIGCONT)
    run.assert_broken("the container engine gave no answer")
    assert took < LIMIT
    assert "(the next run removes it)" in run.record.fault + run.said
    deadline = time.monotonic() + 30
    while own.containers() or own.networks():
        assert time.monotonic() < deadline
        reap(own.engine)


def test_a_frozen_engine_at_a_commands_timeout_is_not_the_documents(
    own: OwnEngine, tmp_path: Path
) -> None:
    """A command that prints all the time, and can't be ended any more."""
    text = "while :; do echo; sleep 0.5; done"
    with rehearsing(tmp_path, own.engine, text, timeout="8s") as run:
        pid = own.pid(of="containerd")
        os.kill(pid, signal.SIGSTOP)
        try:
            took = run.end()
        finally:
            os.kill(pid, signal.SIGCONT)
    run.assert_broken("the container engine gave no answer")
    assert took < LIMIT
    reap(own.engine)


def test_a_connection_that_swallows_everything_is_noticed(own: OwnEngine, tmp_path: Path) -> None:
    """A network between this host and the engine that drops each packet from now on."""
    with (
        swallowing(own.engine, tmp_path / "s") as (through, swallow),
        rehearsing(tmp_path, through, "sleep 600") as run,
    ):
        swallow()
        took = run.end()
    run.assert_broken("the container engine (gave no answer|was lost)")
    assert took < LIMIT
    reap(own.engine)
    assert own.containers() == []


@contextmanager
def swallowing(engine: Engine, path: Path) -> Iterator[tuple[Engine, Callable[[], None]]]:
    """Yield the engine behind a wire, and what cuts the wire without a word to either end."""
    passes = threading.Event()
    passes.set()

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if passes.is_set():
                    target.sendall(data)
            if passes.is_set():
                target.shutdown(socket.SHUT_WR)

    held: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, far = server.accept()[0], socket.socket(socket.AF_UNIX)
                held.extend((near, far))
                far.connect(engine.url.removeprefix("unix://"))
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(64)
        threading.Thread(target=serve, daemon=True).start()
        yield replace(engine, url=f"unix://{path}"), passes.clear
        server.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()


def pause(api: docker.APIClient, machine: str) -> None:
    """Freeze the machine."""
    api.pause(machine)


def restart(api: docker.APIClient, machine: str) -> None:
    """Start the machine anew."""
    api.restart(machine, timeout=1)


def kill(api: docker.APIClient, machine: str) -> None:
    """Kill the machine."""
    api.kill(machine)


def remove(api: docker.APIClient, machine: str) -> None:
    """Remove the machine."""
    api.remove_container(machine, force=True)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (pause, "the machine was paused|is paused"),
        (restart, "the machine was (restarted|stopped or removed)"),
        (kill, "the machine was stopped or removed"),
        (remove, "the machine was stopped or removed"),
    ],
)
def test_what_is_done_to_a_machine_is_not_the_documents(
    act: Callable[[docker.APIClient, str], None], words: str, own: OwnEngine, tmp_path: Path
) -> None:
    """Paused, restarted, killed or removed from outside: broken with the reason, exit code 2."""
    with rehearsing(tmp_path, own.engine, "sleep 600", timeout="8s") as run:
        (machine,) = own.containers()
        with connected(own.engine) as client:
            act(client.api, machine)
        assert run.end() < LIMIT
    run.assert_broken(words)
    assert own.containers() == own.networks() == []


def test_a_machine_that_was_paused_meanwhile_is_no_judge_of_a_command(own: OwnEngine) -> None:
    """It runs on as if nothing had been, and the command was ended at its timeout."""
    with Machine(Image(IMAGE, IMAGE, "newcomer"), engine=own.engine) as machine:
        assert machine.disturbed(60) == ""
        with connected(own.engine) as client:
            client.api.pause(machine.id)
            assert machine.away() == "the machine was paused"
            client.api.unpause(machine.id)
            assert machine.away() == ""
            assert machine.disturbed(5) == "the machine was paused for a time"
            time.sleep(3)
            assert machine.disturbed(1) == ""
            client.api.restart(machine.id, timeout=1)
            assert machine.disturbed(1) == "the machine was restarted"


def test_a_shim_that_is_killed_is_not_the_documents(own: OwnEngine, tmp_path: Path) -> None:
    """What holds the machine's processes dies, and they with it."""
    with rehearsing(tmp_path, own.engine, "sleep 600") as run:
        os.kill(own.pid(of="shim"), signal.SIGKILL)
        assert run.end() < LIMIT
    run.assert_broken("the machine was stopped or removed|the container engine")
    reap(own.engine)
    assert own.containers() == []


def test_a_machine_of_an_expected_failure_is_judged_as_well(own: OwnEngine, tmp_path: Path) -> None:
    """`exit=137` is what a killed command gives; a killed machine gives nothing."""
    text = "```\n\n```bash exit=137\nsleep 600\n```\n\n```bash"
    with rehearsing(tmp_path, own.engine, text) as run:
        (machine,) = own.containers()
        with connected(own.engine) as client:
            client.api.restart(machine, timeout=1)
        assert run.end() < LIMIT
    run.assert_broken("the machine was (restarted|stopped or removed)")


def test_a_full_disk_of_the_engine_is_not_the_documents(engine: Engine, fresh_image: Image) -> None:
    """The document writes what fits anywhere else; the engine's disk has no room."""
    folder = Path(tempfile.mkdtemp(prefix="fr"))
    data = folder / "d"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900m", "none", str(data)], check=True)
    place = State(data, folder / "r")
    try:
        with private_daemon(place) as url:
            own = Engine(url, "docker", "")
            with connected(engine) as here, connected(own) as there:
                (loaded,) = there.images.load(b"".join(here.api.get_image(fresh_image.id)))
                loaded.tag("fresh", "1")
            with rehearsing(folder, own, "sleep 5 && echo x > file") as run:
                with suppress(OSError), (data / "big").open("wb") as big:
                    while True:
                        big.write(bytes(1 << 20))
                run.end()
        run.assert_broken("the container engine's disk is full .* exit status 1")
    finally:
        stop_daemon(place)
        subprocess.run(["umount", str(data)], check=True)
        shutil.rmtree(folder)


def test_a_machine_is_not_made_by_a_frozen_engine(own: OwnEngine) -> None:
    """Each step of the way to a machine has its limit, too."""
    image = Image(IMAGE, IMAGE, "newcomer")
    pid = own.pid(of="containerd")
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    try:
        with (
            pytest.raises(MachineError, match="the container engine gave no answer"),
            Machine(image, engine=own.engine),
        ):
            pytest.fail("it was made")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert time.monotonic() - begin < LIMIT
    reap(own.engine)


def test_a_build_that_an_engine_freezes_at_is_given_up(
    own: OwnEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step may be silent for long; an engine that does not even say its version may not."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    recipe = tmp_path / "Dockerfile"
    recipe.write_text(f"FROM {IMAGE}\nRUN sleep 600\n", "utf-8")
    pid = own.pid(of="dockerd")
    threading.Timer(3, os.kill, (pid, signal.SIGSTOP)).start()
    begin = time.monotonic()
    try:
        with pytest.raises(EngineError, match="gave no answer when it should go on with building"):
            resolve(str(recipe), engine=own.engine)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert time.monotonic() - begin < LIMIT
