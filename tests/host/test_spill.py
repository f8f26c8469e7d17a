"""Long outputs on the host's disk: a run's own folder, bounded, and one line where it is full."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from freshrun.host.programs import is_root
from freshrun.host.spill import RUNS, Spill
from freshrun.mask.masking import Mask
from freshrun.model.errors import MachineError
from freshrun.session.protocol import KEPT, Conversation

SALT = "0123456789abcdef01234567"


def printed(conversation: Conversation, size: int) -> str | None:
    """Return the file of an output of that size, after the shell has ended."""
    data = b"x" * size
    header = b"\x01\0\0\0" + len(data).to_bytes(4, "big")
    assert list(conversation.feed(header + data)) == []
    return conversation.rest().stdout.spill


def test_two_runs_at_once_have_folders_of_their_own(tmp_path: Path) -> None:
    """Neither overwrites the other's, nor takes it away."""
    spills = [Spill(tmp_path) for _ in range(RUNS + 5)]
    files = []
    for spill in spills:
        with spill.file() as file:
            assert spill.write(file, b"mine")
        files.append(Path(file.name))
    assert len({file.parent for file in files}) == len(spills)
    assert all(file.read_bytes() == b"mine" for file in files)


def test_the_folders_of_ended_runs_are_few(tmp_path: Path) -> None:
    """Each run takes away what is older than the last ones, and never what is still written."""
    living = Spill(tmp_path)
    kept = Path(living.file().name)
    for _ in range(RUNS + 5):
        spill = Spill(tmp_path)
        spill.file().close()
        spill.close()
    assert len(list(tmp_path.glob("run-*"))) <= RUNS + 2
    assert kept.exists()


def test_the_files_of_one_run_are_bounded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit any more keeps head and tail, and no half file is left of it."""
    monkeypatch.setattr("freshrun.host.spill.LARGEST", 10 * KEPT)
    spill = Spill(tmp_path)
    conversation = Conversation(SALT, mask=Mask(()), spill=spill)
    assert printed(conversation, 6 * KEPT) is not None
    assert printed(Conversation(SALT, mask=Mask(()), spill=spill), 6 * KEPT) is None
    assert printed(Conversation(SALT, mask=Mask(()), spill=spill), 3 * KEPT) is not None
    sizes = [file.stat().st_size for file in tmp_path.glob("run-*/*")]
    assert sorted(sizes) == [3 * KEPT, 6 * KEPT]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk that holds next to nothing."""
    if not is_root():
        pytest.skip("only root mounts a disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_full_disk_is_one_line(small: Path) -> None:
    """It is the harness's disk: a fault with the folder's name, and what would be right."""
    with pytest.raises(MachineError) as caught:
        printed(Conversation(SALT, mask=Mask(()), spill=Spill(small)), 40 * KEPT)
    assert str(caught.value) == (
        f"{small}: long outputs can't be kept there: No space left on device; "
        "free or unlock its disk"
    )


def test_a_read_only_disk_is_one_line(small: Path) -> None:
    """The same for a folder that nobody may write."""
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    with pytest.raises(MachineError, match=r"can't be kept there: Read-only file system"):
        printed(Conversation(SALT, mask=Mask(()), spill=Spill(small)), 4 * KEPT)
