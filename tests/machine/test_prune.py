"""The images that freshrun makes: labelled, bounded in number, and removed when asked."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from freshrun.host.programs import is_root
from freshrun.machine.daemon import State, private_daemon, stop_daemon
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import prune, resolve
from freshrun.model.errors import EngineError

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not is_root(), reason="a private daemon needs root"),
]

PROGRAM = Path(sys.executable).parent / "freshrun"


@pytest.fixture(scope="module")
def empty() -> Iterator[Engine]:
    """Return an engine whose images nobody else needs."""
    folder = Path(tempfile.mkdtemp(prefix="fr"))
    place = State(folder, folder / "run")
    try:
        with private_daemon(place) as url:
            yield Engine(url, "docker", "")
    finally:
        stop_daemon(place)
        shutil.rmtree(folder)


@pytest.fixture
def client(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[docker.DockerClient]:
    """Return a client of that engine, with one image of somebody else's."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with connected(empty) as made:
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("file"))
        made.api.import_image_from_data(data.getvalue(), repository="theirs", tag="1")
        yield made


def recipe(folder: Path, number: int, *lines: str) -> str:
    """Write a Dockerfile of its own and return its path."""
    path = folder / f"Dockerfile.{number}"
    path.write_text("\n".join(("FROM theirs:1", f"ENV N={number}", *lines)) + "\n", "utf-8")
    return str(path)


def names(client: docker.DockerClient) -> list[str]:
    """Return the names of all images, `<none>` for those without."""
    return sorted(t for i in client.api.images() for t in i["RepoTags"] or ("<none>:<none>",))


def test_what_was_built_is_bounded(
    empty: Engine, client: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred documents in a hundred folders do not fill the disk, and no living one is hurt."""
    monkeypatch.setattr("freshrun.machine.image.MOST", 3)
    monkeypatch.setattr("freshrun.machine.image._MINUTE", -60.0)
    made = [resolve(recipe(tmp_path, number), engine=empty) for number in range(8)]
    ours = [n for n in names(client) if n.startswith("freshrun/")]
    assert len(ours) == 3
    assert made[-1].id in {i["Id"] for i in client.api.images()}
    labels = [i["Labels"] for i in client.api.images(filters={"label": "freshrun.recipe"})]
    assert len(labels) == 3


def test_a_build_that_fails_leaves_one_named_image(
    empty: Engine, client: docker.DockerClient, tmp_path: Path
) -> None:
    """What it had made is used again by the next attempt, and gone when that succeeds."""
    for attempt in range(3):
        path = recipe(tmp_path, 100, f"ENV A={attempt}", "EXPOSE 1", "COPY missing /")
        with pytest.raises(EngineError, match="building"):
            resolve(path, engine=empty)
    left = [n for n in names(client) if n.startswith("freshrun/unfinished:")]
    assert len(left) == 1
    assert "<none>:<none>" not in names(client)
    resolve(recipe(tmp_path, 100, "EXPOSE 1"), engine=empty)
    assert not [n for n in names(client) if n.startswith("freshrun/unfinished:")]


def test_prune_removes_what_freshrun_made_and_nothing_else(
    empty: Engine, client: docker.DockerClient, tmp_path: Path
) -> None:
    """Images of others stay, also those that stand on ours, and what a container stands on."""
    used = resolve(recipe(tmp_path, 201), engine=empty)
    unused = resolve(recipe(tmp_path, 202), engine=empty)
    base = resolve(recipe(tmp_path, 203), engine=empty)
    theirs = f"FROM {base.id}\nENV THEIRS=1\n"
    client.images.build(fileobj=io.BytesIO(theirs.encode()), tag="theirs:2", rm=True)
    container = client.api.create_container(used.id, ["true"])
    try:
        done = subprocess.run(
            [PROGRAM, "engine", "--prune"],
            env={**os.environ, "DOCKER_HOST": empty.url},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        client.api.remove_container(container["Id"])
    assert "images are in use" in done.stdout
    assert {"theirs:1", "theirs:2"} <= set(names(client))
    left = {i["Id"] for i in client.api.images()}
    assert {used.id, base.id} <= left
    assert unused.id not in left
    client.images.remove("theirs:2")
    assert prune(empty)[1] == 0
    assert names(client) == ["theirs:1"]
