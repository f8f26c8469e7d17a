"""What a machine can reach: the internet, and neither this host, nor metadata, nor a neighbour."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from freshrun.host.programs import is_root
from freshrun.machine.container import reap
from freshrun.machine.daemon import State, private_daemon, stop_daemon
from freshrun.machine.engine import Engine, connected
from freshrun.machine.fence import _LOCK, Fence
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.errors import EngineError

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not is_root(), reason="packet rules need root"),
]

ANSWER = "from the host"
READ = f'exec 3<>"/dev/tcp/$1/$2" && timeout 2 cat <&3 | grep -q "{ANSWER}"'
SERVE = f"""
import socket
server = socket.create_server(("", 8000))
while True:
    connection, _ = server.accept()
    connection.sendall(b"{ANSWER}")
    connection.close()
"""
MAKER = """
import signal, sys, time
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine

url, image = sys.argv[1:]
with Machine(Image(image, image, "newcomer"), engine=Engine(url, "docker", "")) as machine:
    print(machine.id, flush=True)
    time.sleep(600)
"""
NOTES = """
import sys
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine

url, image, name, allow = sys.argv[1:]
fresh = Image(image, image, "newcomer")
with Machine(fresh, engine=Engine(url, name, ""), allow_host=bool(allow)) as machine:
    print(*machine.notes, sep="\\n")
"""


@contextmanager
def listening(family: int = socket.AF_INET) -> Iterator[int]:
    """Yield the port of a service on every address of this host."""
    everywhere = "::" if family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - that is the point
    with socket.create_server((everywhere, 0), family=family) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(f"{ANSWER}\n".encode())

        threading.Thread(target=serve, daemon=True).start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)


def reaches(machine: Machine, address: str, port: int) -> bool:
    """Tell whether a program in the machine gets an answer from there."""
    probe = ("timeout", "5", "bash", "-c", READ, "probe", address, str(port))
    return machine.run(probe).exit_code == 0


def host_reaches(address: str, port: int) -> bool:
    """Tell whether this host gets an answer from there."""
    probe = ["timeout", "5", "bash", "-c", READ, "probe", address, str(port)]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def gateway(machine: Machine) -> str:
    """Return the address that the engine's host has on the machine's network."""
    script = "while read -r d a b c; do case $a in 00000000) echo $b;; esac; done </proc/net/route"
    word = machine.run(["bash", "-c", script]).stdout.decode().strip()
    return socket.inet_ntoa(int(word, 16).to_bytes(4, "little"))


def addresses() -> list[str]:
    """Return the IPv4 addresses of this host that others see."""
    shown = subprocess.run(
        ["ip", "-json", "-4", "address"], check=True, capture_output=True, text=True
    )
    links = [link for link in json.loads(shown.stdout) if link["ifname"] != "lo"]
    return [str(a["local"]) for link in links for a in link["addr_info"]]


def own(engine: Engine) -> tuple[list[str], list[str]]:
    """Return the networks and bridges of freshrun's that this process made."""
    with connected(engine) as client:
        found = client.api.networks(filters={"label": f"freshrun.pid={os.getpid()}"})
    return [n["Id"] for n in found], [n["Options"]["com.docker.network.bridge.name"] for n in found]


@pytest.fixture(scope="module", params=["freshrun's own engine", "another engine"])
def guarded(request: pytest.FixtureRequest, engine: Engine) -> Engine:
    """Return an engine as freshrun's own, or as one that somebody else started."""
    if request.param == "another engine":
        return replace(engine, started=False, fence=None)
    if engine.fence is None:
        pytest.skip("the tests run on an engine that is not freshrun's own")
    return engine


@pytest.fixture(scope="module")
def closed(guarded: Engine, fresh_image: Image) -> Iterator[Machine]:
    """Return a machine as a runbook gets it."""
    with Machine(fresh_image, engine=guarded) as machine:
        yield machine


def test_no_service_of_the_host_is_reached(closed: Machine) -> None:
    """Whatever listens on this host is out of reach at each of its addresses."""
    assert closed.notes == tuple(n for n in closed.notes if "disk" in n)
    with listening() as port:
        for address in (gateway(closed), *addresses()):
            assert not reaches(closed, address, port), address
        assert not reaches(closed, "host.docker.internal", port)


def test_no_service_of_the_host_is_reached_over_ipv6(closed: Machine) -> None:
    """The link-local address of the bridge is the host's, too."""
    with listening(socket.AF_INET6) as port:
        hosts = Path("/proc/net/if_inet6").read_text("ascii").splitlines()
        words = [line.split()[0] for line in hosts if not line.endswith(" lo")]
        assert words
        for word in words:
            address = ":".join(word[n : n + 4] for n in range(0, 32, 4))
            assert not reaches(closed, address, port), address
            assert not reaches(closed, f"{address}%eth0", port), address
        assert not reaches(closed, f"::ffff:{gateway(closed)}", port)


def test_no_metadata_is_reached(closed: Machine) -> None:
    """What a cloud answers there are the host's credentials: here this host is the cloud."""
    add = ["ip", "address", "add", "169.254.169.254/32", "dev", "lo"]
    subprocess.run(add, check=True)
    try:
        with listening() as port:
            assert not reaches(closed, "169.254.169.254", port)
    finally:
        subprocess.run([*add[:2], "del", *add[3:]], check=True)


def test_metadata_behind_this_host_is_refused_at_once(closed: Machine) -> None:
    """Nobody waits for what is closed: the address is refused, not swallowed."""
    for address in ("169.254.169.254", "100.100.100.200", "168.63.129.16"):
        script = f"time exec 3<>/dev/tcp/{address}/80"
        done = closed.run(["timeout", "2", "bash", "-c", script])
        assert done.exit_code == 1, (address, done)


def test_no_other_machine_is_reached(closed: Machine, guarded: Engine, fresh_image: Image) -> None:
    """Two machines of one engine don't see one another, by no address of theirs."""
    for allow in (False, True):
        with Machine(fresh_image, engine=guarded, allow_host=allow) as other:
            other.start(["python3", "-c", SERVE])
            with connected(guarded) as client:
                found = client.api.inspect_container(other.id)["NetworkSettings"]["Networks"]
            (address,) = (network["IPAddress"] for network in found.values())
            for _ in range(20):
                if reaches(other, "127.0.0.1", 8000):
                    break
            assert reaches(other, address, 8000)
            assert not reaches(closed, address, 8000)
            assert not reaches(closed, "fresh", 8000)


def test_no_container_of_others_is_reached_though_it_publishes_a_port(
    closed: Machine, guarded: Engine, fresh_image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer's database on the same engine: neither its own address nor the host's answers."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.setenv("DOCKER_HOST", guarded.url)
    theirs = DockerContainer(fresh_image.id, user="0").with_command(["python3", "-c", SERVE])
    with theirs.with_exposed_ports(8000) as other:
        published = int(other.get_exposed_port(8000))
        found = other.get_wrapped_container()
        found.reload()
        (network,) = found.attrs["NetworkSettings"]["Networks"].values()
        for _ in range(20):
            if host_reaches("127.0.0.1", published):
                break
        assert host_reaches("127.0.0.1", published)
        assert not reaches(closed, network["IPAddress"], 8000)
        assert not reaches(closed, gateway(closed), published)


def test_names_and_mirrors_are_still_reached(closed: Machine) -> None:
    """A document installs as it does anywhere: names are found, and mirrors answer."""
    done = closed.run(["sudo", "apt-get", "update"])
    assert done.exit_code == 0, done
    assert b"Err:" not in done.stdout + done.stderr


def test_allow_host_opens_the_host_and_says_so(guarded: Engine, fresh_image: Image) -> None:
    """It is one option, and one sentence in the record."""
    with listening() as port, Machine(fresh_image, engine=guarded, allow_host=True) as machine:
        assert any("(--allow-host)" in note for note in machine.notes)
        assert reaches(machine, gateway(machine), port)
        assert machine.run(["sudo", "apt-get", "update"]).exit_code == 0


def test_a_proxy_of_the_host_that_the_machine_is_given_is_let_in(
    guarded: Engine, fresh_image: Image
) -> None:
    """What the settings name works, and nothing beside it."""
    with listening() as port, listening() as other:
        address = addresses()[0]
        env = {"https_proxy": f"http://me:x@{address}:{port}"}
        with Machine(fresh_image, engine=guarded, env=env) as machine:
            assert any(f"a proxy at {address}:{port}" in note for note in machine.notes)
            assert reaches(machine, address, port)
            assert not reaches(machine, address, other)


def test_what_the_host_may_not_enforce_is_said(
    engine: Engine, fresh_image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user without rights on another's engine gets a machine, and a sentence in the record."""
    monkeypatch.setattr("freshrun.machine.network.can_fence", lambda: False)
    foreign = replace(engine, started=False, fence=None)
    with Machine(fresh_image, engine=foreign) as machine:
        assert any("nothing keeps the machine from" in note for note in machine.notes)


@pytest.mark.parametrize("name", ["docker", "podman"])
@pytest.mark.parametrize(
    ("allow", "said"), [("", "its bridge is not on this host"), ("open", "(--allow-host)")]
)
def test_an_engine_whose_bridges_are_elsewhere_is_said(
    engine: Engine, fresh_image: Image, name: str, allow: str, said: str
) -> None:
    """In a network namespace of its own the engine's bridges can't be seen, nor fenced."""
    alone = ["unshare", "--net", "--mount", "sh", "-c", 'mount -t sysfs none /sys && exec "$@"', ""]
    argv = [*alone, sys.executable, "-c", NOTES, engine.url, fresh_image.id, name, allow]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    (note,) = [line for line in done.stdout.splitlines() if "host" in line]
    assert said in note


def test_the_bridge_of_podman_comes_with_its_machine(engine: Engine, fresh_image: Image) -> None:
    """What is said is what holds once the machine runs: the fence stands."""
    foreign = replace(engine, name="podman", started=False, fence=None)
    with listening() as port, Machine(fresh_image, engine=foreign) as machine:
        assert not [note for note in machine.notes if "nothing keeps" in note]
        assert not reaches(machine, gateway(machine), port)


def test_no_network_and_no_rule_is_left(guarded: Engine, fresh_image: Image) -> None:
    """The network goes with its machine, and the rules with the last one on a foreign engine."""
    networks, bridges = own(guarded)
    with Machine(fresh_image, engine=guarded) as machine:
        made = set(own(guarded)[1]) - set(bridges)
        assert len(made) == 1
        assert machine.alive()
    assert own(guarded) == (networks, bridges)
    assert not Path("/sys/class/net", *made).exists()


def test_a_killed_runs_network_is_removed_by_the_next(engine: Engine, fresh_image: Image) -> None:
    """After `kill -9` the next run takes machine and network away, and the rules of no one."""
    with subprocess.Popen(
        [sys.executable, "-c", MAKER, engine.url, fresh_image.id], stdout=subprocess.PIPE, text=True
    ) as maker:
        assert maker.stdout is not None
        machine = maker.stdout.readline().strip()
        with connected(engine) as client:
            found = client.api.networks(filters={"label": f"freshrun.pid={maker.pid}"})
            assert len(found) == 1
            maker.kill()
            maker.wait()
            assert machine in reap(engine)
            assert not client.api.networks(filters={"label": f"freshrun.pid={maker.pid}"})
    if not any(Path("/sys/class/net").glob("fresh-*")):
        assert not Fence("fresh-").stands()


def test_many_machines_at_once_have_networks(engine: Engine) -> None:
    """Docker has about thirty networks of its own choice; ours are small and many more."""
    from freshrun.machine.network import make, unmake  # noqa: PLC0415 - what is under test here alone

    with connected(engine) as client:
        names = [f"many{number}" for number in range(40)]
        made = [make(client.api, engine, run=n, allow_host=False, env={}) for n in names]
        assert len({network.bridge for network in made}) == len(names)
        for name, network in zip(names, made, strict=True):
            unmake(client.api, network, run=name)


def test_a_range_that_this_host_routes_elsewhere_is_not_taken(
    guarded: Engine, fresh_image: Image
) -> None:
    """Some proxies of a desktop answer for every name with an address of our first choice."""
    route = ["198.18.0.0/16", "dev", "lo"]
    subprocess.run(["ip", "route", "add", *route], check=True)
    try:
        with Machine(fresh_image, engine=guarded) as machine:
            assert gateway(machine).startswith("198.19.")
            assert machine.run(["sudo", "apt-get", "update"]).exit_code == 0
    finally:
        subprocess.run(["ip", "route", "delete", *route], check=True)


def test_a_run_that_holds_the_rules_for_ever_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that hangs while it sets rules is told; where they stand nobody waits for it."""
    monkeypatch.setattr("freshrun.machine.fence._LIMIT", 0.5)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(EngineError, match="another freshrun has been setting packet rules"):
            Fence("frtest-").raise_()
    fence = Fence("frtest-")
    try:
        fence.raise_()
        with _LOCK.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            fence.raise_()
    finally:
        fence.lower()


def test_rules_that_someone_flushed_are_set_again() -> None:
    """A firewall's restart takes the rules away; the next run sets them, on every daemon."""
    folder = Path(tempfile.mkdtemp(prefix="fr"))
    place = State(folder, folder / "run")
    try:
        with private_daemon(place):
            chain = f"{place.fence.prefix}-in"
            jump = ["INPUT", "-i", f"{place.bridge}+", "-j", chain]
            subprocess.run(["iptables", "-w", "-D", *jump], check=True)
            with private_daemon(place):
                subprocess.run(["iptables", "-w", "-C", *jump], check=True)
    finally:
        stop_daemon(place)
        shutil.rmtree(folder)
