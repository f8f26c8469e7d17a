"""The machine's disk is limited where the engine's storage can, and the record tells where not."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from freshrun.host.programs import is_root
from freshrun.machine.container import Limits
from freshrun.machine.daemon import State, private_daemon, stop_daemon
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine

pytestmark = pytest.mark.engine

FILL = "dd if=/dev/zero of=big bs=1M count=400 status=none"


@pytest.fixture
def limited() -> Iterator[Engine]:
    """Return an engine whose storage, btrfs in a file, knows quotas."""
    if not is_root() or shutil.which("mkfs.btrfs") is None:
        pytest.skip("needs root and btrfs-progs")
    folder = Path(tempfile.mkdtemp(prefix="fr"))
    disk, data = folder / "disk", folder / "d"
    data.mkdir()
    subprocess.run(["truncate", "-s", "2G", disk], check=True)
    subprocess.run(["mkfs.btrfs", "-q", disk], check=True)
    if subprocess.run(["mount", "-o", "loop", disk, data], check=False).returncode:
        shutil.rmtree(folder)
        pytest.skip("this kernel mounts no btrfs from a file")
    place = State(data, folder / "r")
    try:
        with private_daemon(place) as url:
            yield Engine(url, "docker", "")
    finally:
        stop_daemon(place)
        subprocess.run(["umount", data], check=True)
        shutil.rmtree(folder)


def test_a_machine_that_fills_its_disk_meets_its_limit(
    engine: Engine, fresh_image: Image, limited: Engine
) -> None:
    """What a runbook writes without end does not fill the host's disk."""
    with connected(engine) as here, connected(limited) as there:
        (loaded,) = there.images.load(b"".join(here.api.get_image(fresh_image.id)))
    image = Image("fresh", str(loaded.id), "newcomer")
    with Machine(image, engine=limited, limits=Limits(disk="600m")) as machine:
        assert machine.notes == ()
        full = machine.run(["sh", "-c", FILL])
        assert full.exit_code != 0
        assert b"quota exceeded" in full.stderr
        assert machine.run(["rm", "big"]).exit_code == 0


def test_a_storage_without_limits_is_told(engine: Engine, fresh_image: Image) -> None:
    """A machine on such an engine is made all the same, and its record names what is missing."""
    with Machine(fresh_image, engine=engine) as machine:
        with connected(engine) as client:
            host = client.api.inspect_container(machine.id)["HostConfig"]
        limit = (host.get("StorageOpt") or {}).get("size")
        assert limit or "the machine's disk has no limit" in machine.notes[0]
