"""The proxy with its own CA: same answers as over the socket, and every other host untouched."""

import hashlib
import http.client
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from recorded_github import API, SHIPPED, SMALL, STORE, Served, contents, served

from freshrun.github.replay import Installation, Way, installation, read_journal, read_recording
from freshrun.github.server.faults import FAULTS
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine

RUN = "17400000123"
WHERE = ("-R", "freshrun/freshrun")
COMMANDS = (
    ("auth", "status"),
    ("run", "list", *WHERE, "--limit", "5"),
    ("run", "list", *WHERE, "--workflow", "drv-integration.yml", "--status", "failure"),
    ("run", "view", RUN, *WHERE),
    ("run", "view", RUN, *WHERE, "--log-failed"),
    ("run", "view", "1", *WHERE),
    ("run", "download", RUN, *WHERE, "--name", "drv-smoke-results", "--dir", "triage/smoke"),
    ("run", "download", RUN, *WHERE, "--name", "drv-smoke-results", "--dir", "triage/smoke"),
    ("run", "download", RUN, *WHERE, "--name", "drv-full-results", "--dir", "triage/full"),
)
"""What the runbook types, and two mistakes that its troubleshooting table knows."""

CODES = [0, 0, 0, 0, 0, 1, 0, 1, 0]
"""How they end."""

WAYS: tuple[Way, ...] = ("socket", "proxy")
OUTSIDE = (
    "curl -fsS https://pypi.org/simple/idna/ -o /dev/null",
    "python3 -m venv /tmp/venv && /tmp/venv/bin/pip -q download --no-deps -d /tmp idna",
    "git ls-remote https://pypi.org/none 2>&1 | grep -q 'not found'",
)
"""What reaches the world outside; git finds no repository there, but a host that says so."""


def test_gh_says_the_same_both_ways(tmp_path: Path) -> None:
    """The runbook's commands give the same words, status and files through socket and proxy."""
    said, loaded = [], []
    for via in WAYS:
        home = tmp_path / via
        with served(SHIPPED, home, via=via) as server:
            answers = [server.gh(*command) for command in COMMANDS]
            asked = [(e.method, e.url, e.status, e.authorized) for e in server.journal]
        said.append((asked, [(a.returncode, a.stdout, a.stderr) for a in answers]))
        loaded.append(contents(home / "triage"))
    assert said[0] == said[1]
    assert loaded[0] == loaded[1]
    assert [code for code, *_ in said[1][1]] == CODES
    assert "smoke/junit.xml" in loaded[1]


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Served]:
    """Serve the small recording through the proxy."""
    with served(SMALL, tmp_path, via="proxy") as server:
        yield server


class _Echo(socketserver.ThreadingTCPServer):
    """A host of the outside world: says back what it hears, and ends when it is told to."""

    daemon_threads = True


class _Echoing(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(hashlib.sha256(self.rfile.read()).digest())


@contextmanager
def outside() -> Iterator[int]:
    """Run a host that answers a whole stream with its digest; yield its port."""
    with _Echo(("127.0.0.1", 0), _Echoing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def through(server: Served, target: str) -> socket.socket:
    """Return a connection to a host through the proxy."""
    host, _, port = server.installed.environment["HTTPS_PROXY"].rpartition("/")[2].partition(":")
    client = socket.create_connection((host, int(port)), timeout=10)
    client.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    return client


def header(client: socket.socket) -> bytes:
    """Read what the proxy says, to the empty line and no further."""
    read = b""
    while not read.endswith(b"\r\n\r\n") and (byte := client.recv(1)):
        read += byte
    return read


def test_another_host_gets_and_gives_its_bytes_untouched(proxied: Served) -> None:
    """Megabytes of any bytes reach a host that is not GitHub, and its answer comes back."""
    sent = os.urandom(3_000_000)
    with outside() as port, through(proxied, f"127.0.0.1:{port}") as client:
        assert header(client).startswith(b"HTTP/1.1 200 ")
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == hashlib.sha256(sent).digest()
        assert client.recv(100) == b""
        (exchange,) = proxied.journal
    assert (exchange.method, exchange.url) == ("CONNECT", f"https://127.0.0.1:{port}")
    assert (exchange.status, exchange.expected, exchange.authorized) == (200, True, False)


def test_github_on_another_port_is_another_host(proxied: Served) -> None:
    """Only the port of HTTPS is GitHub's; an unreachable host is told as such, in one line."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
        ours = STORE.removeprefix("https://")
        for target in (f"127.0.0.1:{closed}", f"[::1]:{closed}", f"{ours}:80"):
            with through(proxied, target) as client:
                assert header(client).startswith(b"HTTP/1.1 502 ")
    assert [exchange.status for exchange in proxied.journal] == [502, 502, 502]


@pytest.mark.parametrize("asked", ["api.github.com", "api.github.com:https"])
def test_a_target_without_port_is_refused(proxied: Served, asked: str) -> None:
    """CONNECT wants HOST:PORT."""
    with through(proxied, asked) as client:
        assert header(client).startswith(b"HTTP/1.1 400 ")


def test_the_proxy_takes_connect_alone(proxied: Served) -> None:
    """A plain request to the proxy is no way around TLS."""
    address = proxied.installed.environment["HTTPS_PROXY"].removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", f"{API}/rate_limit", headers={"Authorization": "token x"})
    assert connection.getresponse().status == 501
    connection.close()
    assert proxied.journal == ()


def test_who_does_not_trust_the_authority_is_not_answered(proxied: Served) -> None:
    """The certificate is for the two hosts alone, and no public authority vouches for it."""
    trust = ssl.create_default_context(cafile=proxied.installed.environment["SSL_CERT_FILE"])
    for context, name in ((ssl.create_default_context(), "api.github.com"), (trust, "github.com")):
        with through(proxied, "api.github.com:443") as client:
            header(client)
            with pytest.raises(ssl.SSLCertVerificationError):
                context.wrap_socket(client, server_hostname=name)
    assert proxied.ask(f"{API}/rate_limit").status == 200
    assert proxied.ask(f"{STORE}/artifacts/31.zip", token="").status == 200


def test_the_bundle_holds_what_the_machine_trusts_and_our_authority(proxied: Served) -> None:
    """Whoever heeds SSL_CERT_FILE trusts all that it trusted before, and our authority too."""
    bundle = Path(proxied.installed.environment["SSL_CERT_FILE"])
    authority = bundle.with_name("authority.pem").read_text()
    assert bundle.read_text().endswith(authority)
    assert bundle.stat().st_mode & 0o777 == 0o644
    machine = Path("/etc/ssl/certs/ca-certificates.crt")
    assert not machine.exists() or machine.read_text() in bundle.read_text()


def test_the_key_is_private_and_the_authoritys_is_nowhere() -> None:
    """One key is put in, for root alone, another one each time; with the socket there is none."""
    recording = read_recording(SMALL)
    one, other = (installation(recording, root="/srv/x", via="proxy") for _ in range(2))
    (key,) = one.private
    assert key == "/srv/x/tls/key.pem"
    public = {path: text for path, text in one.files.items() if path.endswith(".pem")}
    assert len(public) == 2
    assert all(b"PRIVATE KEY" not in content for content in public.values())
    assert one.private[key].count(b"PRIVATE KEY-----\n") == 2
    assert one.private != other.private
    assert installation(recording).private == {}


def test_a_taken_port_is_told_in_one_line(proxied: Served, tmp_path: Path) -> None:
    """A second proxy on the same port ends with 2 and says where, and the first goes on."""
    command = [
        word.replace(proxied.installed.socket, str(tmp_path / "other.sock"))
        for word in proxied.installed.command
    ]
    refused = subprocess.run(command, check=False, capture_output=True, text=True, timeout=10)
    port = proxied.installed.environment["HTTPS_PROXY"].rpartition(":")[2]
    assert refused.returncode == 2
    assert refused.stderr == f"127.0.0.1:{port}: Address already in use; end what listens there\n"
    assert proxied.ask(f"{API}/rate_limit").status == 200


@pytest.mark.parametrize("via", ["socket", "proxy"])
def test_two_installations_serve_side_by_side(tmp_path: Path, via: Way) -> None:
    """A shell with one environment sees the fault, a shell with the other doesn't."""
    gone = FAULTS["artifact-gone"]
    with (
        served(SMALL, tmp_path / "a", via=via) as right,
        served(SMALL, tmp_path / "b", via=via, fault=gone) as wrong,
    ):
        load = ("run", "download", "502", "--name", "results", "--dir")
        refused = wrong.gh(*load, "x")
        assert (refused.returncode, "HTTP 410" in refused.stderr) == (1, True)
        assert right.gh(*load, "y").returncode == 0
        assert {e.status for e in right.journal} == {200, 302}
        assert 410 in {e.status for e in wrong.journal}


def install(machine: Machine, installed: Installation) -> None:
    """Put an installation into a machine and wait until it serves."""
    for files, mode in ((installed.files, 0o644), (installed.private, 0o600)):
        below = {path.lstrip("/"): content for path, content in files.items()}
        machine.write_tree(below, folder="/", mode=mode, user="root")
    machine.start(installed.command, user="root")
    waiting = (
        f"for _ in $(seq 300); do {' '.join(installed.ready)} && exit; sleep 0.05; done; exit 1"
    )
    assert machine.run(["sh", "-c", waiting]).exit_code == 0


def gh_in(machine: Machine, installed: Installation, *, name: str) -> list[tuple[int, str]]:
    """Type the runbook's commands in a machine; return status and output of each."""
    home = f"{machine.home}/{name}"
    typed = {"GH_TOKEN": "secret-of-mine", "HOME": home, **installed.environment}
    machine.run(["mkdir", "-p", home])
    answers = [machine.run(["gh", *command], env=typed, cwd=home) for command in COMMANDS]
    return [(a.exit_code, (a.stdout + a.stderr).decode()) for a in answers]


@pytest.fixture(scope="module")
def gh() -> bytes:
    """Return the program of the real gh that stands beside Python."""
    program = shutil.which("gh", path=str(Path(sys.executable).parent))
    assert program, "gh is not beside Python: pip install -e '.[dev]' brings it"
    return Path(program).read_bytes()


@pytest.mark.engine
def test_both_ways_serve_gh_in_a_machine_without_a_network(
    engine: Engine, fresh_image: Image, gh: bytes
) -> None:
    """In a real container with `--network none`, a plain user's gh gets the same both ways."""
    recording = read_recording(SHIPPED)
    with Machine(fresh_image, engine=engine, network="none") as machine:
        machine.write("/usr/local/bin/gh", gh, mode=0o755, user="root")
        said = []
        for via in WAYS:
            installed = installation(recording, root=f"/srv/{via}", via=via)
            install(machine, installed)
            said.append(gh_in(machine, installed, name=via))
        key = machine.run(["cat", "/srv/proxy/tls/key.pem"])
        journal = machine.run(["cat", "/srv/proxy/journal.jsonl"]).stdout
    assert said[0] == said[1]
    assert [code for code, _ in said[1]] == CODES
    assert (key.exit_code, key.stdout) == (1, b"")
    assert b"secret-of-mine" not in journal


@pytest.mark.engine
def test_pip_curl_git_and_debians_gh_work_through_the_proxy(
    engine: Engine, fresh_image: Image, gh: bytes
) -> None:
    """With the proxy in its environment a machine reaches PyPI, and an older gh its recording."""
    recording = read_recording(SHIPPED)
    installed = installation(recording, root="/srv/proxy", via="proxy")
    with Machine(fresh_image, engine=engine, env=installed.environment) as machine:
        install(machine, installed)
        get = "apt-get update -q && apt-get install -qy --no-install-recommends gh python3-venv"
        assert machine.run(["sh", "-c", get], user="root").exit_code == 0
        assert b"gh version 2.23.0" in machine.run(["gh", "--version"]).stdout
        old = gh_in(machine, installed, name="old")
        machine.write("/usr/local/bin/gh", gh, mode=0o755, user="root")
        new = gh_in(machine, installed, name="new")
        reached = [machine.run(["sh", "-c", command]) for command in OUTSIDE]
        told = read_journal((machine.read(installed.journal) or b"").decode())
    assert [code for code, _ in new] == CODES
    assert [code for code, _ in old] == [
        1 if "--status" in c else n for c, n in zip(COMMANDS, CODES, strict=True)
    ]
    assert [(done.exit_code, done.stderr) for done in reached] == [(0, b"")] * len(OUTSIDE)
    assert {e.url for e in told if e.method == "CONNECT"} >= {"https://pypi.org:443"}
