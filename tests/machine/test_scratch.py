"""What a killed build leaves on this host is taken away by the next run."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from freshrun.host.programs import is_root
from freshrun.machine.scratch import scratch, sweep

BUILDER = """
import subprocess, time
from freshrun.machine.scratch import scratch

with scratch() as folder:
    (folder / "root" / "proc").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", str(folder / "root")], check=True)
    (folder / "root" / "proc").mkdir()
    subprocess.run(["mount", "-t", "proc", "none", str(folder / "root/proc")], check=True)
    subprocess.Popen(["sleep", "600"], cwd=folder / "root")
    subprocess.Popen(["sleep", "600"], env={"TMPDIR": str(folder), "PATH": "/usr/bin:/bin"})
    print(folder, flush=True)
    time.sleep(600)
"""


def children(folder: Path) -> list[str]:
    """Return the processes that stand in a folder or are pointed to it."""
    shown = subprocess.run(
        ["ps", "eww", "-eo", "pid,cmd"], capture_output=True, text=True, check=True
    )
    return [
        line for line in shown.stdout.splitlines() if str(folder) in line and "ps eww" not in line
    ]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make temporary folders where only this test sees them."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.mark.skipif(not is_root(), reason="only root mounts")
def test_a_killed_builds_folder_mounts_and_programs_are_gone_with_the_next_run() -> None:
    """Nothing of a build that was killed in the middle is left once another run has begun."""
    argv = [sys.executable, "-c", BUILDER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout is not None
        folder = Path(builder.stdout.readline().strip())
        assert str(folder) in Path("/proc/mounts").read_text("ascii")
        sweep()
        assert folder.exists()  # its run goes on
        builder.send_signal(signal.SIGKILL)
        builder.wait()
    sweep()
    assert not folder.exists()
    assert str(folder) not in Path("/proc/mounts").read_text("ascii")
    assert children(folder) == []


def test_a_folder_is_gone_at_the_end() -> None:
    """Also after an exception in the middle."""
    with pytest.raises(FileNotFoundError), scratch() as folder:
        (folder / "missing/file").write_text("x", "utf-8")
    assert not folder.exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """A file that only looks like it, and a link to somebody's folder, are left alone."""
    other = tmp_path / "freshrun-notes"
    other.mkdir()
    precious = tmp_path / "precious"
    precious.mkdir()
    link = tmp_path / "freshrun-1.1.x"
    link.symlink_to(precious)
    sweep()
    assert other.exists()
    assert precious.exists()
    assert link.is_symlink()
