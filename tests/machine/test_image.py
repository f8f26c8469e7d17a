"""Where the image of a machine comes from."""

import gzip
import hashlib
import io
import json
import socket
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import certifi
import docker
import pytest

from freshrun.machine.engine import Engine
from freshrun.machine.image import Image, resolve
from freshrun.machine.machine import Machine
from freshrun.machine.trust import BUNDLE, VARIABLES
from freshrun.model.errors import EngineError

pytestmark = pytest.mark.engine

AUTHORITY = Path(__file__).parents[1] / "data" / "authority.pem"
DOCKERFILE = "Dockerfile.test"
TRUSTED = "import ssl; print(ssl.create_default_context().get_ca_certs())"
STORE = """
import ssl
print(ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt").get_ca_certs())
"""


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> Iterator[docker.DockerClient]:
    """Return a client of the engine; what a test built or pulled is removed afterwards."""
    made = docker.DockerClient(base_url=engine.url)
    before = {image["Id"] for image in made.api.images()}
    yield made
    for image in made.api.images():
        recipe = (image["Labels"] or {}).get("freshrun.recipe", "")
        pulled = any(tag.startswith("127.0.0.1:") for tag in image["RepoTags"] or ())
        if image["Id"] not in before and (pulled or recipe.endswith(str(tmp_path / DOCKERFILE))):
            made.api.remove_image(image["Id"], force=True)
    made.close()


def write(folder: Path, *lines: str) -> str:
    """Write a Dockerfile and return its path."""
    path = folder / DOCKERFILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


class Registry(BaseHTTPRequestHandler):
    """A registry that holds one image, `here:1`, with a single file in it."""

    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        member = tarfile.TarInfo("pulled")
        tar.addfile(member)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"User": "worker"},
            "rootfs": {
                "type": "layers",
                "diff_ids": [f"sha256:{hashlib.sha256(layer.getvalue()).hexdigest()}"],
            },
        }
    ).encode()
    blobs = (config, gzip.compress(layer.getvalue(), mtime=0))
    kinds = ("container.image.v1+json", "image.rootfs.diff.tar.gzip")

    @classmethod
    def manifest(cls) -> bytes:
        """Return the manifest of the image."""
        parts = [
            {
                "mediaType": f"application/vnd.docker.{kind}",
                "size": len(blob),
                "digest": f"sha256:{hashlib.sha256(blob).hexdigest()}",
            }
            for kind, blob in zip(cls.kinds, cls.blobs, strict=True)
        ]
        version = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        }
        return json.dumps({**version, "config": parts[0], "layers": parts[1:]}).encode()

    def do_GET(self) -> None:
        """Answer as the distribution specification says."""
        name = self.path.rpartition("/")[2]
        blobs = {f"sha256:{hashlib.sha256(blob).hexdigest()}": blob for blob in self.blobs}
        digest = f"sha256:{hashlib.sha256(self.manifest()).hexdigest()}"
        if self.path == "/v2/":
            self.answer(200, b"{}")
        elif self.path.startswith("/v2/here/manifests/") and name in {"1", digest}:
            self.answer(200, self.manifest(), kind=json.loads(self.manifest())["mediaType"])
        elif self.path.startswith("/v2/here/blobs/") and name in blobs:
            self.answer(200, blobs[name], kind="application/octet-stream")
        else:
            error = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
            self.answer(404, json.dumps({"errors": [error]}).encode())

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self.do_GET()

    def answer(self, status: int, body: bytes, *, kind: str = "application/json") -> None:
        """Send one answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(body).hexdigest()}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    """Return the address of a registry on this host."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def silent_registry() -> Iterator[str]:
    """Return the address of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_the_newcomers_image_is_built_once(engine: Engine, fresh_image: Image) -> None:
    """The second time takes less than a second and gives the same image."""
    begin = time.monotonic()
    again = resolve(fresh_image.name, engine=engine)
    assert time.monotonic() - begin < 1
    assert again == fresh_image
    assert fresh_image.user == "newcomer"


@pytest.mark.usefixtures("client")
def test_a_dockerfile_stands_on_the_base_that_it_declares(engine: Engine, tmp_path: Path) -> None:
    """`ARG BASE` names the base, which is resolved like any image; `USER` is who works in it."""
    path = write(
        tmp_path, "ARG BASE=debian:bookworm-slim", "FROM ${BASE}", "RUN touch /mine", "USER games"
    )
    image = resolve(path, engine=engine, install=True)
    assert (image.name, image.user) == (path, "games")
    with Machine(image, engine=engine) as machine:
        assert machine.user == "games"
        assert machine.exists("/mine")
        assert machine.exists("/etc/debian_version")


@pytest.mark.usefixtures("client")
def test_a_dockerfile_that_changed_is_built_anew(engine: Engine, tmp_path: Path) -> None:
    """An edit is never hidden by an image of yesterday."""
    head = ("ARG BASE", "FROM $BASE")
    first = resolve(write(tmp_path, *head, "RUN touch /one"), engine=engine, install=True)
    second = resolve(write(tmp_path, *head, "RUN touch /two"), engine=engine, install=True)
    assert first.id != second.id
    with Machine(second, engine=engine) as machine:
        assert machine.exists("/two")
        assert not machine.exists("/one")


@pytest.mark.usefixtures("client")
def test_a_dockerfile_that_fails_shows_what_it_printed(engine: Engine, tmp_path: Path) -> None:
    """The path, the failing step and its last lines are in the message."""
    path = write(tmp_path, "ARG BASE", "FROM $BASE", "RUN echo here it ends; exit 9")
    with pytest.raises(EngineError) as caught:
        resolve(path, engine=engine, install=True)
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(f"building {path} failed: ")
    assert "non-zero code: 9" in first
    assert "  here it ends" in rest


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("Dockerfile.none", "Dockerfile.none: no such Dockerfile"),
        ("./none", "./none: no such Dockerfile"),
        ("Some Thing", "Some Thing: neither a Dockerfile nor the name of an image"),
    ],
)
def test_what_can_not_be_an_image_is_said_at_once(
    engine: Engine, wanted: str, message: str
) -> None:
    """No registry is asked for what is no name."""
    with pytest.raises(EngineError) as caught:
        resolve(wanted, engine=engine)
    assert str(caught.value) == message


def test_an_image_is_pulled(
    engine: Engine, registry: str, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not here and the registry has is here afterwards, with its own user."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    name = f"{registry}/here:1"
    image = resolve(name, engine=engine)
    assert (image.name, image.user) == (name, "worker")
    assert client.images.get(name)


@pytest.mark.usefixtures("client")
def test_an_image_that_the_registry_does_not_have_is_an_error(
    engine: Engine, registry: str
) -> None:
    """A registry's clear no is not taken for a registry that is out of reach."""
    with pytest.raises(EngineError, match=rf"there is no image {registry}/other:1: .*unknown"):
        resolve(f"{registry}/other:1", engine=engine)


def test_a_registry_that_is_silent_is_given_up(
    engine: Engine, silent_registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that swallows packets costs seconds, not minutes."""
    monkeypatch.setattr("freshrun.machine.image.SILENCE", 1.5)
    begin = time.monotonic()
    with pytest.raises(EngineError, match=r"is not here, and no registry gave it \(not a word"):
        resolve(f"{silent_registry}/some:1", engine=engine)
    assert time.monotonic() - begin < 10


def test_a_registry_that_refuses_is_told_with_the_reason(engine: Engine) -> None:
    """Nothing listens there: the engine's own words say so."""
    with pytest.raises(EngineError, match=r"no registry gave it .*refused"):
        resolve("127.0.0.1:1/some:1", engine=engine)


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this a host that trusts an authority of its own."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(certifi.where()).read_bytes() + AUTHORITY.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))


@pytest.mark.usefixtures("company")
def test_a_companys_authority_is_trusted_in_the_machine(
    engine: Engine, fresh_image: Image, client: docker.DockerClient
) -> None:
    """It is in the trust store, every program is pointed to it, and the report says so."""
    image = resolve(client.images.get(fresh_image.id).tags[0], engine=engine)
    assert any(
        "CA bundle (SSL_CERT_FILE) is in the machine's trust store" in n for n in image.notes
    )
    with Machine(image, engine=engine) as machine:
        variables = machine.run(["env"]).stdout.decode()
        assert all(f"{variable}={BUNDLE}\n" in variables for variable in VARIABLES)
        for argv in (["python3", "-c", TRUSTED], ["sudo", "python3", "-c", TRUSTED]):
            assert b"freshrun test authority" in machine.run(argv).stdout, argv
        assert b"freshrun test authority" in machine.run(["python3", "-c", STORE]).stdout


@pytest.mark.usefixtures("company", "client")
def test_a_companys_authority_is_under_a_dockerfiles_own_steps(
    engine: Engine, tmp_path: Path
) -> None:
    """A step that downloads finds the bundle, and leaves the trust store to its package."""
    anchors = "ls /usr/local/share/ca-certificates/freshrun-host-1.crt"
    steps = ("RUN test -s $SSL_CERT_FILE && test -s $PIP_CERT", f"RUN {anchors}")
    image = resolve(write(tmp_path, "ARG BASE", "FROM $BASE", *steps), engine=engine, install=True)
    assert any("CA bundle" in note for note in image.notes)


def test_an_image_that_was_replaced_is_removed_in_time(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: docker.DockerClient
) -> None:
    """Edits of a Dockerfile do not fill the disk: a day later only the last image is there."""
    head = ("ARG BASE", "FROM $BASE")
    first = resolve(write(tmp_path, *head, "RUN touch /one"), engine=engine, install=True)
    second = resolve(write(tmp_path, *head, "RUN touch /two"), engine=engine, install=True)
    assert {first.id, second.id} <= {image["Id"] for image in client.api.images()}
    monkeypatch.setattr("freshrun.machine.image.DAY", -60)
    third = resolve(write(tmp_path, *head, "RUN touch /three"), engine=engine, install=True)
    left = {image["Id"] for image in client.api.images()}
    assert third.id in left
    assert not {first.id, second.id} & left
