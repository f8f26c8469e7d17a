"""What the tests of the recorded GitHub share: a running server, the real gh, and its answers."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from openapi_schema_validator import OAS30Validator, oas30_strict_format_checker

from freshrun.github.replay import Installation, Way, installation, read_journal, read_recording
from freshrun.github.server.faults import NO_FAULT, Fault
from freshrun.github.server.journal import Exchange

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
SMALL = DATA / "recording"
SHIPPED = ROOT / "runbook" / "recordings" / "failing-smoke"
API, STORE = "https://api.github.com", "https://results.actions.example"
ACTIONS = f"{API}/repos/octo/app/actions"
DUMMY = "dummy"
DESCRIPTION = DATA / "gh-actions.openapi.json"


@dataclass(frozen=True)
class Answer:
    """What came back for one request: `body` is JSON where it is any, else bytes."""

    status: int
    headers: Mapping[str, str]
    body: object
    raw: bytes


@dataclass(frozen=True)
class Served:
    """A running server, and gh in a home directory of its own."""

    home: Path
    installed: Installation
    process: subprocess.Popen[bytes]

    def gh(self, *arguments: str, token: str = DUMMY) -> subprocess.CompletedProcess[str]:
        """Run the real gh, as in a shell whose environment holds nothing else."""
        program = shutil.which("gh", path=str(Path(sys.executable).parent))
        assert program, "gh is not beside Python: pip install -e '.[dev]' brings it"
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "GH_TOKEN": token}
        return subprocess.run(
            [program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
            cwd=self.home,
            env={**environment, "GH_REPO": "octo/app", **self.installed.environment},
        )

    def ask(self, url: str, *, method: str = "GET", token: str = DUMMY) -> Answer:
        """Send one request, as gh does: over the socket, or through the proxy."""
        with self.connected(url) as connection:
            return ask(connection, url, method=method, token=token)

    @contextmanager
    def connected(self, url: str) -> Iterator[http.client.HTTPConnection]:
        """Open one HTTP connection to the host of an address."""
        proxy = self.installed.environment.get("HTTPS_PROXY")
        if proxy is None:
            with connected(self.installed.socket) as connection:
                yield connection
            return
        trust = ssl.create_default_context(cafile=self.installed.environment["SSL_CERT_FILE"])
        through = http.client.HTTPSConnection(urlsplit(proxy).netloc, timeout=10, context=trust)
        through.set_tunnel(urlsplit(url).netloc, 443)
        with closing(through):
            yield through

    @property
    def journal(self) -> tuple[Exchange, ...]:
        """Return what the server has answered so far."""
        return read_journal(Path(self.installed.journal).read_text())


@contextmanager
def connected(address: str) -> Iterator[http.client.HTTPConnection]:
    """Open one HTTP connection over a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(address)
        connection = http.client.HTTPConnection("unused")
        connection.sock = client
        yield connection


def ask(
    connection: http.client.HTTPConnection,
    url: str,
    *,
    method: str = "GET",
    token: str = DUMMY,
    body: bytes = b"",
) -> Answer:
    """Send one request over a connection and read the whole answer."""
    parts = urlsplit(url)
    headers = {"Host": parts.netloc} | ({"Authorization": f"token {token}"} if token else {})
    connection.request(method, url.partition(parts.netloc)[2], body or None, headers)
    response = connection.getresponse()
    raw = response.read()
    is_json = response.headers.get_content_type() == "application/json"
    document: object = json.loads(raw) if raw and is_json else raw
    return Answer(response.status, dict(response.headers), document, raw)


def ran_on_host(
    program: Path, at: Served, *, own: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program that asks gh, as a workflow's step would, with variables of its own."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    token = {"GH_TOKEN": DUMMY}
    return subprocess.run(
        [program],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": path, "HOME": str(at.home), **token, **own, **at.installed.environment},
    )


@contextmanager
def served(
    folder: Path, root: Path, *, fault: Fault = NO_FAULT, via: Way = "socket"
) -> Iterator[Served]:
    """Install a recording below `root` as in a machine, and start its server."""
    installed = installation(read_recording(folder), root=str(root / "gh"), fault=fault, via=via)
    for path, content in {**installed.files, **installed.private}.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content)
    for path in installed.private:
        Path(path).chmod(0o600)
    process = subprocess.Popen(installed.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(installed, process)
        yield Served(root, installed, process)
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=10)
    assert output == b""


def wait_until_ready(installed: Installation, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers; fail with its words where it ends instead."""
    for _ in range(500):
        if subprocess.run(installed.ready, check=False).returncode == 0:
            return
        assert process.poll() is None, process.communicate()[0].decode()
        time.sleep(0.02)
    pytest.fail("the server made no socket within 10 s")


def mapping(document: object) -> Mapping[str, object]:
    """Return a JSON object as one."""
    assert isinstance(document, dict)
    return document


def described(document: object) -> object:
    """Return GitHub's description, with null among the words of what it calls nullable.

    It leaves that word out, where its own replies have it: a job that has not ended.
    """
    if isinstance(document, list):
        return [described(item) for item in document]
    if not isinstance(document, dict):
        return document
    whole = {key: described(value) for key, value in document.items()}
    words = whole.get("enum")
    if whole.get("nullable") is True and isinstance(words, list):
        whole["enum"] = [*words, None]
    return whole


def at(document: object, *keys: str) -> Mapping[str, object]:
    """Return the JSON object at the end of these keys."""
    for key in keys:
        document = mapping(document)[key]
    return mapping(document)


def problems(
    schema: Mapping[str, object], document: object, description: Mapping[str, object]
) -> list[str]:
    """Return what in a JSON document the schema forbids."""
    whole = {**schema, "components": description["components"]}
    validator = OAS30Validator(whole, format_checker=oas30_strict_format_checker)
    return [error.message for error in validator.iter_errors(document)]


def invented(schema: object, document: object, description: Mapping[str, object]) -> list[str]:
    """Return the keys of a JSON document, at any depth, that its schema doesn't name."""
    schema = resolved(schema, description)
    if isinstance(document, list):
        items = schema.get("items", {})
        return [key for item in document for key in invented(items, item, description)]
    if not isinstance(document, dict) or "properties" not in schema:
        return []
    named = mapping(schema["properties"])
    unknown = [key for key in document if key not in named]
    known = [key for key in document if key in named]
    return unknown + [k for key in known for k in invented(named[key], document[key], description)]


def resolved(schema: object, description: Mapping[str, object]) -> Mapping[str, object]:
    """Return the schema that a reference leads to, or the schema itself."""
    reference = mapping(schema).get("$ref")
    return at(description, *str(reference).split("/")[1:]) if reference else mapping(schema)


def parameters(operation: Mapping[str, object], description: Mapping[str, object]) -> set[str]:
    """Return the names of an operation's parameters."""
    listed = operation.get("parameters", [])
    assert isinstance(listed, list)
    return {str(resolved(entry, description)["name"]) for entry in listed}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes by its path inside a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
