"""The fresh container: what is in it, what is not, and that it goes away."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import docker
import docker.errors
import pytest

from freshrun.machine.container import CAPABILITIES, Limits, reap
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.machine.trust import VARIABLES
from freshrun.model.errors import MachineError

pytestmark = pytest.mark.engine

HOLDER = """
import signal, sys, time
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine

# A process that was started in the background ignores Ctrl-C, and its children do.
signal.signal(signal.SIGINT, signal.default_int_handler)
url, image, user = sys.argv[1:]
engine = Engine(url, "docker", "")
with Machine(Image(image, image, user), engine=engine) as machine:
    print(machine.id, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def api(engine: Engine) -> Iterator[docker.APIClient]:
    """Return the engine's own client, to see a machine from outside."""
    client = docker.APIClient(base_url=engine.url)
    yield client
    client.close()


class Holder:
    """Another process that holds a machine."""

    def __init__(self, engine: Engine, image: Image) -> None:
        """Start it, and wait until its machine is there."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, engine.url, image.id, image.user],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.machine = self.process.stdout.readline().strip()

    def end(self, signal_number: int) -> int:
        """Send a signal and return how the process ended."""
        self.process.send_signal(signal_number)
        with self.process:
            try:
                return self.process.wait(60)
            finally:
                self.process.kill()


@pytest.fixture
def holder(engine: Engine, fresh_image: Image) -> Iterator[Holder]:
    """Return a process that holds a machine."""
    held = Holder(engine, fresh_image)
    yield held
    held.end(signal.SIGINT)


def exists(api: docker.APIClient, container: str) -> bool:
    """Tell whether the engine knows a container."""
    try:
        api.inspect_container(container)
    except docker.errors.NotFound:
        return False
    return True


def text(machine: Machine, script: str) -> str:
    """Return what a shell script prints in a machine; it has to end with 0."""
    done = machine.run(["sh", "-c", script])
    assert done.exit_code == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_the_newcomer_works_in_an_own_home(machine: Machine) -> None:
    """Programs run as `newcomer`, in the home directory, unless the call says otherwise."""
    assert (machine.user, machine.home) == ("newcomer", "/home/newcomer")
    assert text(machine, "id -un; pwd; hostname").split() == ["newcomer", "/home/newcomer", "fresh"]


def test_the_newcomer_becomes_root_without_a_password(machine: Machine) -> None:
    """Sudo asks for nothing and has nothing to complain about."""
    done = machine.run(["sudo", "--non-interactive", "id", "-u"])
    assert (done.exit_code, done.stdout, done.stderr) == (0, b"0\n", b"")


def test_the_machine_has_what_a_plain_installation_has(machine: Machine) -> None:
    """Bash, git, curl and Python are there; compilers, pip and databases are not."""
    for program in ("bash", "git", "curl", "python3"):
        assert machine.run(["which", program]).exit_code == 0, program
    for program in ("cc", "pip", "psql", "docker", "node"):
        assert machine.run(["which", program]).exit_code != 0, program


def test_nothing_of_the_hosts_environment_is_seen(
    engine: Engine, fresh_image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment holds the image's variables, the declared ones, and no other."""
    monkeypatch.setenv("FRESHRUN_LEAK", "secret")
    with Machine(fresh_image, engine=engine, env={"DECLARED": "a b"}) as machine:
        lines = machine.run(["env"]).stdout.decode().splitlines()
    found = dict(line.split("=", 1) for line in lines)
    assert found.keys() - set(VARIABLES) == {"PATH", "HOSTNAME", "HOME", "DECLARED"}
    assert found["DECLARED"] == "a b"


def test_a_machine_leaves_the_hosts_environment_alone(
    engine: Engine, fresh_image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DOCKER_HOST stays unset, though the client library would set it from Docker's context."""
    meta = tmp_path / "contexts/meta" / hashlib.sha256(b"mine").hexdigest()
    meta.mkdir(parents=True)
    endpoint = {"Name": "mine", "Metadata": {}, "Endpoints": {"docker": {"Host": engine.url}}}
    (meta / "meta.json").write_text(json.dumps(endpoint), encoding="utf-8")
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}', encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    before = dict(os.environ)
    with Machine(fresh_image, engine=engine):
        assert dict(os.environ) == before


def test_nothing_of_the_hosts_files_is_seen(machine: Machine, api: docker.APIClient) -> None:
    """There is no mount, and no engine's socket."""
    assert api.inspect_container(machine.id)["Mounts"] == []
    assert not machine.exists("/var/run/docker.sock")


def test_the_machine_is_hardened(machine: Machine, api: docker.APIClient) -> None:
    """Capabilities are dropped, memory and processes have limits, output is not logged."""
    host = api.inspect_container(machine.id)["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert {name.removeprefix("CAP_") for name in host["CapAdd"]} == set(CAPABILITIES)
    assert (host["Memory"], host["MemorySwap"]) == (2 << 30, 2 << 30)
    assert host["PidsLimit"] == Limits().processes
    assert host["LogConfig"]["Type"] == "none"
    assert not host["Privileged"]


def test_a_program_that_needs_too_much_memory_ends(engine: Engine, fresh_image: Image) -> None:
    """The limit on memory is a real one, and swap does not stretch it."""
    with Machine(fresh_image, engine=engine, limits=Limits(memory="64m")) as machine:
        done = machine.run(["python3", "-c", "bytearray(200 << 20)"])
        assert done.exit_code == 128 + signal.SIGKILL
        assert machine.alive()


def test_without_a_network_nothing_is_reached(engine: Engine, fresh_image: Image) -> None:
    """`network="none"` leaves the loopback interface alone, and sudo is quiet about it."""
    with Machine(fresh_image, engine=engine, network="none") as machine:
        assert text(machine, "ls /sys/class/net") == "lo"
        assert machine.run(["sudo", "true"]).stderr == b""


def test_what_is_left_running_goes_on(machine: Machine) -> None:
    """A program that was started lives until the machine ends, and runs as the given user."""
    machine.start(["sh", "-c", "id -un > started; exec sleep 600"], user="root")
    deadline = time.monotonic() + 10
    while machine.read("/home/newcomer/started") != b"root\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "sleep 600" in text(machine, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")


def test_a_program_gives_exit_code_and_both_streams(machine: Machine) -> None:
    """Both streams and the exit code are told apart."""
    done = machine.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (done.exit_code, done.stdout, done.stderr) == (7, b"out\n", b"err\n")


def test_a_program_gets_stdin_directory_variables_and_user(machine: Machine) -> None:
    """All that makes up a process is passed on, bytes as bytes."""
    script = 'pwd; id -un; echo "$WORD"; cat'
    done = machine.run(
        ["sh", "-c", script], stdin=b"\xff\0end", cwd="/usr", env={"WORD": "a b"}, user="root"
    )
    assert done.stdout == b"/usr\nroot\na b\n\xff\0end"


def test_much_goes_in_while_much_comes_out(machine: Machine) -> None:
    """A program that writes while it reads does not lock up."""
    data = os.urandom(1 << 16) * 64
    assert machine.run(["cat"], stdin=data).stdout == data


def test_a_program_may_leave_its_stdin_unread(machine: Machine) -> None:
    """Bytes that nobody reads are no fault."""
    assert machine.run(["sh", "-c", "exit 3"], stdin=bytes(4 << 20)).exit_code == 3


def test_a_program_that_is_not_there_says_so(machine: Machine) -> None:
    """The exit code is the shell's own for it."""
    assert machine.run(["no-such-program"]).exit_code in {126, 127}


def test_an_attached_program_talks_in_frames(machine: Machine) -> None:
    """What it prints at once is there, it reads what is sent, and it ends when stdin does."""
    with machine.attach(["sh", "-c", "echo ready; cat >&2; exit 4"]) as attached:
        stream = attached.socket.makefile("rb")
        with stream:
            assert stream.read(8 + 6) == b"\x01\0\0\0\0\0\0\x06ready\n"
            assert attached.exit_code() is None
            attached.socket.sendall(b"ping")
            assert stream.read(8 + 4) == b"\x02\0\0\0\0\0\0\x04ping"
            attached.socket.shutdown(socket.SHUT_WR)
            assert stream.read() == b""
        deadline = time.monotonic() + 10
        while attached.exit_code() is None:
            assert time.monotonic() < deadline
        assert attached.exit_code() == 4


def test_files_go_in_and_come_out(machine: Machine) -> None:
    """A tree that is written is the tree that is read, with links between its files followed."""
    files = {"a": b"1", "deep/er/b": b"\0\xff", "empty": b""}
    machine.write_tree(files, folder="/home/newcomer/tree")
    machine.run(["ln", "tree/a", "tree/hard"])
    machine.run(["ln", "-s", "tree/a", "link"])
    machine.run(["ln", "-s", "tree", "folder"])
    assert machine.read("/home/newcomer/link") == b"1"
    for folder in ("tree", "tree/", "folder"):
        assert machine.tree(f"/home/newcomer/{folder}") == {**files, "hard": b"1"}


def test_what_is_not_there_is_none(machine: Machine) -> None:
    """A missing file, a missing folder and a folder in a file's place are data, not faults."""
    assert machine.read("/nowhere/file") is None
    assert machine.read("/etc") is None
    assert machine.tree("/nowhere") == {}
    assert machine.tree("/etc/passwd") == {}
    assert machine.exists("/etc")
    assert not machine.exists("/nowhere")


def test_new_folders_belong_to_the_user_and_old_ones_stay(machine: Machine) -> None:
    """Parents that are made are the user's; `/var/tmp` keeps its mode and its owner."""
    machine.write("/var/tmp/mine/too/file", b"x", mode=0o755)  # noqa: S108 - in the machine
    machine.write("/var/tmp/roots", b"x", user="root")  # noqa: S108 - in the machine
    stat = "cd /var/tmp && stat -c '%U %a %n' . mine mine/too/file roots"
    assert text(machine, stat).splitlines() == [
        "root 1777 .",
        "newcomer 755 mine",
        "newcomer 755 mine/too/file",
        "root 644 roots",
    ]


def test_too_large_a_tree_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is an error with the folder's name, not a full memory."""
    monkeypatch.setattr("freshrun.machine.disk.LARGEST", 100_000)
    machine.run(["sh", "-c", "mkdir big && head -c 200000 /dev/zero > big/file"])
    with pytest.raises(MachineError, match=r"/home/newcomer/big in .* more than 100000 bytes"):
        machine.tree("/home/newcomer/big")


def test_a_named_user_is_taken(engine: Engine, fresh_image: Image) -> None:
    """`user` chooses who works in the machine, and whose home is its home."""
    with Machine(fresh_image, engine=engine, user="root") as machine:
        assert (machine.user, machine.home) == ("root", "/root")
        assert text(machine, "id -un") == "root"


def test_a_user_without_a_home_works_in_the_root(engine: Engine, fresh_image: Image) -> None:
    """Where the home directory is not there, programs start in `/`."""
    with Machine(fresh_image, engine=engine, user="nobody") as machine:
        assert machine.home == "/"
        assert text(machine, "id -un; pwd").split() == ["nobody", "/"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"user": "bob"}, 'has no user "bob"; it has root, '),
        ({"network": "half"}, 'network "half": it is full or none'),
        ({"memory": "much"}, 'memory "much": it is a size such as 512m or 2g'),
        ({"memory": "1k"}, "could not make the machine: .*memory"),
    ],
)
def test_a_wrong_choice_is_one_clear_line(
    engine: Engine,
    fresh_image: Image,
    api: docker.APIClient,
    choice: Mapping[str, str],
    message: str,
) -> None:
    """What can't be had is named, and no half-made container is left of it."""
    before = {c["Id"] for c in api.containers(all=True)}
    choices = {"user": None, "network": "full", "memory": "2g", **choice}
    with (
        pytest.raises(MachineError, match=message) as caught,
        Machine(
            fresh_image,
            engine=engine,
            user=choices["user"],
            network=str(choices["network"]),
            limits=Limits(memory=str(choices["memory"])),
        ),
    ):
        pytest.fail("the machine was made")
    assert "\n" not in str(caught.value)
    mine = [c for c in api.containers(all=True) if c["Id"] not in before]
    assert not [c for c in mine if c["Labels"].get("freshrun.pid") == str(os.getpid())]


def test_an_image_that_is_not_there_is_the_engines_word(engine: Engine, fresh_image: Image) -> None:
    """The engine's refusal is a `MachineError`, never an exception of its client."""
    gone = replace(fresh_image, id="sha256:" + "0" * 64)
    with (
        pytest.raises(MachineError, match="could not make the machine"),
        Machine(gone, engine=engine),
    ):
        pytest.fail("the machine was made")


def test_the_machine_is_removed_at_the_end(
    engine: Engine, fresh_image: Image, api: docker.APIClient
) -> None:
    """Nothing of it is left after `with`."""
    with Machine(fresh_image, engine=engine) as machine:
        assert exists(api, machine.id)
        assert machine.alive()
    assert not exists(api, machine.id)
    assert not machine.alive()


def test_the_machine_is_removed_after_an_exception(
    engine: Engine, fresh_image: Image, api: docker.APIClient
) -> None:
    """An exception passes through and takes the container with it."""
    machine = Machine(fresh_image, engine=engine)
    with pytest.raises(ZeroDivisionError), machine:
        _ = 1 / 0
    assert machine.id
    assert not exists(api, machine.id)


def test_ctrl_c_removes_the_machine(holder: Holder, api: docker.APIClient) -> None:
    """After an interrupt the container is gone when the process is."""
    assert exists(api, holder.machine)
    assert holder.end(signal.SIGINT) != 0
    assert not exists(api, holder.machine)


def test_what_a_killed_run_left_is_removed_by_the_next(
    holder: Holder, engine: Engine, api: docker.APIClient
) -> None:
    """After `kill -9` the container is there until another run reaps it."""
    assert holder.end(signal.SIGKILL) == -signal.SIGKILL
    assert exists(api, holder.machine)
    assert holder.machine in reap(engine)
    assert not exists(api, holder.machine)


def test_the_machine_of_a_live_run_is_left_alone(
    holder: Holder, machine: Machine, engine: Engine
) -> None:
    """Reaping touches neither another process's machine nor our own."""
    assert not {holder.machine, machine.id} & set(reap(engine))
    assert machine.alive()


def test_a_machine_that_went_away_is_a_fault_with_words(
    engine: Engine, fresh_image: Image, api: docker.APIClient
) -> None:
    """Whatever is tried with a lost machine raises `MachineError`; `alive` says no."""
    with Machine(fresh_image, engine=engine) as machine:
        api.remove_container(machine.id, force=True)
        assert not machine.alive()
        for attempt in (
            lambda: machine.run(["true"]),
            lambda: machine.read("/etc/passwd"),
            lambda: machine.tree("/etc"),
            lambda: machine.write("/x", b""),
            lambda: machine.start(["true"]),
        ):
            with pytest.raises(MachineError, match="No such container"):
                attempt()


def test_a_machine_that_ends_under_a_program_ends_the_wait(
    engine: Engine, fresh_image: Image
) -> None:
    """A program that takes the machine down with it does not hold the harness up."""
    with Machine(fresh_image, engine=engine) as machine:
        with suppress(MachineError):
            assert machine.run(["sudo", "sh", "-c", "kill -9 -1"]).exit_code != 0
        deadline = time.monotonic() + 10
        while machine.alive():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_hosts_checkout_is_not_in_the_machine(machine: Machine) -> None:
    """Without a repository there is no file but the image's own."""
    assert not machine.exists("/srv/freshrun")
    assert not machine.exists(str(Path(__file__)))
