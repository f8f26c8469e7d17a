"""Faults of engine, registry and disk, met by the program: broken, told whose fault, tidied up."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from freshrun.host.programs import is_root
from freshrun.machine.bootstrap import Release
from freshrun.machine.container import reap
from freshrun.machine.daemon import State, private_daemon, stop_daemon
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image, resolve
from freshrun.model.errors import EngineError
from freshrun.model.outcome import Status
from freshrun.model.record import Record
from freshrun.model.record_json import from_json

pytestmark = pytest.mark.engine

NEEDS_DAEMON = pytest.mark.skipif(not is_root(), reason="a private daemon needs root")
SMALL = 10_000
PROGRAM = Path(sys.executable).parent / "freshrun"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True)
class Content:
    """What a registry holds: one image, as a manifest and blobs by their digest."""

    manifest: bytes
    blobs: dict[str, bytes]


def content(file: bytes) -> Content:
    """Return an image whose one layer is one file."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        member = tarfile.TarInfo("big")
        member.size = len(file)
        tar.addfile(member, io.BytesIO(file))
    rootfs = {"type": "layers", "diff_ids": [digest(layer.getvalue())]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs})
    blobs = (config.encode(), gzip.compress(layer.getvalue(), 1, mtime=0))
    kinds = ("container.image.v1+json", "image.rootfs.diff.tar.gzip")
    parts = [
        {"mediaType": f"application/vnd.docker.{kind}", "size": len(blob), "digest": digest(blob)}
        for kind, blob in zip(kinds, blobs, strict=True)
    ]
    head = {"schemaVersion": 2, "mediaType": MANIFEST}
    manifest = json.dumps({**head, "config": parts[0], "layers": parts[1:]}).encode()
    return Content(manifest, {digest(blob): blob for blob in blobs})


def digest(data: bytes) -> str:
    """Return the name of a blob."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Registry(BaseHTTPRequestHandler):
    """A registry that is slow, stalls in the middle of a layer, or refuses."""

    content: Content
    pace: float
    refuses: bool
    goes_on: threading.Event

    def do_GET(self) -> None:
        """Answer as the distribution specification says."""
        name = self.path.rpartition("/")[2]
        if self.refuses:
            self.answer(401, b'{"errors": [{"code": "UNAUTHORIZED", "message": "log in first"}]}')
        elif self.path == "/v2/":
            self.answer(200, b"{}")
        elif self.path.startswith("/v2/some/manifests/"):
            self.answer(200, self.content.manifest, kind=MANIFEST)
        elif name in self.content.blobs:
            self.answer(200, self.content.blobs[name], kind="application/octet-stream")
        else:
            self.answer(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown"}]}')

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self.do_GET()

    def answer(self, status: int, body: bytes, *, kind: str = "application/json") -> None:
        """Send one answer, a layer at the registry's pace."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", digest(body))
        self.end_headers()
        if self.command == "GET":
            self.send(body)

    def send(self, body: bytes) -> None:
        """Send a body in ten pieces; a stalled one stops in the middle of a layer."""
        step = len(body) // 10 + 1
        with suppress(ConnectionError):
            for at in range(0, len(body), step):
                self.wfile.write(body[at : at + step])
                if len(body) > SMALL:
                    time.sleep(self.pace)
                    if at > len(body) // 2:
                        self.goes_on.wait()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@dataclass(frozen=True)
class Served:
    """A registry that is up: the name of its one image, and what ends a stall."""

    image: str
    goes_on: threading.Event


@contextmanager
def serving(
    held: Content, *, pace: float = 0.001, stalls: bool = False, refuses: bool = False
) -> Iterator[Served]:
    """Yield a registry on this host; `pace` is the seconds after each tenth of a layer."""
    goes_on = threading.Event()
    if not stalls:
        goes_on.set()
    members = {"content": held, "pace": pace, "refuses": refuses, "goes_on": goes_on}
    handler = type("OneRegistry", (Registry,), members)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Served(f"127.0.0.1:{server.server_port}/some:1", goes_on)
        finally:
            goes_on.set()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_authority_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take images as they are, without a layer for the host's certificates."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


@pytest.fixture(scope="module")
def incompressible() -> Content:
    """Return an image whose layer takes its time on a slow line."""
    return content(os.urandom(200_000))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with a short path, as sockets need it."""
    made = Path(tempfile.mkdtemp(prefix="fr"))
    yield made
    shutil.rmtree(made)


def images(engine: Engine) -> set[str]:
    """Return the names of the engine's images."""
    with connected(engine) as client:
        return {tag for image in client.api.images() for tag in image["RepoTags"] or ("<none>",)}


def remove(image: str, *, engine: Engine) -> None:
    """Remove an image that a test pulled."""
    with connected(engine) as client:
        client.images.remove(image)


def containers(engine: Engine) -> list[str]:
    """Return the containers of freshrun's, running or not."""
    with connected(engine) as client:
        return [
            str(c["Id"]) for c in client.api.containers(all=True, filters={"label": "freshrun"})
        ]


def start(folder: Path, *, image: str, engine: Engine, text: str = "true") -> subprocess.Popen[str]:
    """Start the program on a runbook with this image and this command."""
    front = f"---\nfreshrun:\n  image: {image}\n---\n"
    (folder / "runbook.md").write_text(
        f"{front}```bash\necho fine\n{text}\necho never\n```\n", "utf-8"
    )
    return subprocess.Popen(
        # What was started in the background ignores Ctrl-C, and hands that on.
        ["env", "--default-signal=INT", PROGRAM, "validate-runbook", "--runbook", "runbook.md"],
        cwd=folder,
        env={**os.environ, "DOCKER_HOST": engine.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def record(folder: Path) -> Record:
    """Return the record that a run left."""
    return from_json((folder / ".freshrun/record.json").read_text("utf-8"))


def test_a_slow_pull_says_that_it_goes_on(
    engine: Engine,
    incompressible: Content,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Who waits sees what for, and that time passes; slowness alone is no fault."""
    monkeypatch.setattr("freshrun.host.programs.EVERY", 0.2)
    monkeypatch.setattr("freshrun.machine.image.SILENCE", 5)
    with serving(incompressible, pace=0.1) as registry:
        assert resolve(registry.image, engine=engine).name == registry.image
        remove(registry.image, engine=engine)
    first, *others = capsys.readouterr().err.splitlines()
    assert first == f"freshrun: pulling {registry.image}"
    assert len(others) > 1
    assert all(re.fullmatch(r"freshrun: \.\.\. \d+ s", line) for line in others)


def test_a_pull_that_stalls_is_given_up(
    engine: Engine, incompressible: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a layer and then silence: told as the registry's; a later pull is not in its way."""
    monkeypatch.setattr("freshrun.machine.image.SILENCE", 1.5)
    with serving(incompressible, stalls=True) as registry:
        with pytest.raises(EngineError, match=r"no registry gave it \(not a word within"):
            resolve(registry.image, engine=engine)
        assert registry.image not in images(engine)
        registry.goes_on.set()
        assert resolve(registry.image, engine=engine).name == registry.image
        remove(registry.image, engine=engine)


def test_ctrl_c_during_a_pull_ends_cleanly(
    engine: Engine, incompressible: Content, folder: Path
) -> None:
    """No traceback, exit code 130, a record that says so, and no half image."""
    with serving(incompressible, stalls=True) as registry:
        with start(folder, image=registry.image, engine=engine) as run:
            assert run.stderr is not None
            while "pulling" not in run.stderr.readline():
                assert run.poll() is None
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
        assert run.returncode == 130
        assert "Traceback" not in out + err
        assert registry.image not in images(engine)
    assert record(folder).fault == "the run was interrupted"


@pytest.mark.parametrize(
    "case",
    [
        (True, "some:1", r"no registry gave it \(.*\); `docker login 127.0.0.1:\d+` first"),
        (False, "other:1", r"there is no image 127.0.0.1:\d+/other:1: .*unknown"),
    ],
    ids=["refuses", "has no such image"],
)
def test_a_registrys_no_is_one_line_and_broken(
    engine: Engine, incompressible: Content, folder: Path, case: tuple[bool, str, str]
) -> None:
    """A registry that wants a login, and one without the image: whose no it is, and what to do."""
    refuses, name, words = case
    with serving(incompressible, refuses=refuses) as registry:
        image = registry.image.replace("some:1", name)
        with start(folder, image=image, engine=engine) as run:
            out, err = run.communicate(timeout=60)
    assert run.returncode == 2, out
    told = [line for line in err.splitlines() if line and not line.startswith("freshrun: ")]
    assert len(told) == 1, told
    assert re.search(words, told[0]), told
    assert record(folder).verdict is Status.BROKEN
    assert "FAILED" not in out


def test_a_container_that_someone_removes_is_broken_and_not_the_documents_fault(
    engine: Engine, fresh_image: Image, folder: Path
) -> None:
    """`docker rm -f` in the middle of a command: exit code 2, and the machine is named."""
    mine = set(containers(engine))
    with start(folder, image=name_of(fresh_image, engine), engine=engine, text="sleep 600") as run:
        wait_for_the_second_command(run)
        with connected(engine) as client:
            (machine,) = (c for c in containers(engine) if owner_of(c, engine) == run.pid)
            client.api.remove_container(machine, force=True)
        out, _ = run.communicate(timeout=120)
    assert_broken(run, out, folder, words="the machine was stopped or removed")
    assert machine not in set(containers(engine)) - mine


@NEEDS_DAEMON
def test_an_engine_that_is_stopped_in_the_middle_is_broken_and_named(
    engine: Engine, fresh_image: Image, folder: Path
) -> None:
    """`systemctl stop docker`: exit code 2; the next run removes what the engine still lists."""
    with in_memory(folder, size="1g") as place:
        with private_daemon(place) as url:
            doomed = Engine(url, "docker", "")
            with connected(engine) as here, connected(doomed) as there:
                (loaded,) = there.images.load(b"".join(here.api.get_image(fresh_image.id)))
                loaded.tag("fresh", "1")
            with start(folder, image="fresh:1", engine=doomed, text="sleep 600") as run:
                wait_for_the_second_command(run)
                os.kill(int(place.pid_file.read_text("ascii")), signal.SIGTERM)
                out, _ = run.communicate(timeout=120)
        assert_broken(run, out, folder, words="the (machine was stopped|container engine was lost)")
        with private_daemon(place):
            reap(doomed)
            assert containers(doomed) == []


@contextmanager
def in_memory(folder: Path, *, size: str) -> Iterator[State]:
    """Yield the place of a daemon whose disk is so small, and gone at the end."""
    data = folder / "d"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(data)], check=True)
    place = State(data, folder / "r")
    try:
        yield place
    finally:
        stop_daemon(place)
        subprocess.run(["umount", str(data)], check=True)


def name_of(image: Image, engine: Engine) -> str:
    """Return the name that the engine has for an image."""
    with connected(engine) as client:
        return str(client.images.get(image.id).tags[0])


def owner_of(container: str, engine: Engine) -> int:
    """Return the process that made a container."""
    with connected(engine) as client:
        labels = client.api.inspect_container(container)["Config"]["Labels"]
    return int(labels["freshrun.pid"])


def wait_for_the_second_command(run: "subprocess.Popen[str]") -> None:
    """Wait until the first command has passed."""
    assert run.stdout is not None
    while "passed " not in run.stdout.readline():
        assert run.poll() is None


def assert_broken(run: "subprocess.Popen[str]", out: str, folder: Path, *, words: str) -> None:
    """Assert that the run blames the machine and never the document."""
    assert run.returncode == 2
    assert "Traceback" not in out
    assert "0 failed" not in out
    told = record(folder)
    assert told.verdict is Status.BROKEN
    assert [o.status for o in told.outcomes] == [Status.PASSED, Status.BROKEN, Status.NOT_REACHED]
    assert re.search(words, told.outcomes[1].reason), told.outcomes[1].reason
    assert told.outcomes[1].cause == ""


@pytest.fixture
def small(folder: Path) -> Iterator[Engine]:
    """Return an engine of its own whose disk holds next to nothing."""
    if not is_root():
        pytest.skip("a private daemon needs root")
    with in_memory(folder, size="64m") as place, private_daemon(place) as url:
        yield Engine(url, "docker", "")


def assert_full(error: EngineError, engine: Engine, *, doing: str) -> None:
    """Assert that one line names the engine's disk, and that no image and no container is left."""
    message = str(error)
    assert "\n" not in message
    assert doing in message
    assert f"no space is left on its disk, at {engine.url[7:-14]}" in message
    assert images(engine) == set()
    with connected(engine) as client:
        assert client.api.containers(all=True) == []


def test_a_disk_that_is_too_small_for_a_pull_is_named(small: Engine) -> None:
    """It is the engine's disk, not the registry's fault and not the document's."""
    zeros = content(bytes(100 * 2**20))
    with serving(zeros) as registry, pytest.raises(EngineError) as caught:
        resolve(registry.image, engine=small)
    assert_full(caught.value, small, doing=f"pull {registry.image}")


def test_a_disk_that_is_too_small_for_a_build_is_named(small: Engine, folder: Path) -> None:
    """The Dockerfile is not at fault either; what the build had made by then is gone."""
    recipe = folder / "Dockerfile"
    with serving(Content(b"", {"zeros": bytes(100 * 2**20)})) as registry:
        address = registry.image.partition("/")[0]
        recipe.write_text(f"FROM scratch\nADD http://{address}/zeros /\n", "utf-8")
        with pytest.raises(EngineError) as caught:
            resolve(str(recipe), engine=small)
    assert_full(caught.value, small, doing=f"building {recipe}")


def test_a_disk_that_is_too_small_for_a_base_of_our_own_is_named(
    small: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was built from Debian's mirror does not fit; no archive of it stays on this host."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)

    def bootstrap(release: Release, *, folder: Path, install: bool) -> tuple[Path, str]:
        assert install
        archive = folder / f"{release.suite}.tar"
        with tarfile.open(archive, "w") as tar:
            member = tarfile.TarInfo("big")
            member.size = 100 * 2**20
            tar.addfile(member, io.BytesIO(bytes(member.size)))
        return archive, "mmdebstrap"

    monkeypatch.setattr("freshrun.machine.image.bootstrap", bootstrap)
    with serving(Content(b"", {}), refuses=True) as registry:
        known = {registry.image: Release("debian", "bookworm")}
        monkeypatch.setattr("freshrun.machine.image.release_of", known.get)
        with pytest.raises(EngineError) as caught:
            resolve(registry.image, engine=small, install=True)
    assert_full(caught.value, small, doing="import the image")
    assert not list(folder.glob("freshrun-*"))
