"""What several runs make at the same time is made once, and nothing of that stays."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from freshrun.machine.scratch import one_at_a_time


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def test_one_at_a_time_makes_the_same_thing_and_no_file_stays(folder: Path) -> None:
    """Also where the one who ends takes the file away under those who wait for it."""
    inside: list[int] = []
    most: list[int] = []

    def make(number: int) -> None:
        with one_at_a_time("it"):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.002)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(100)))
    assert max(most) == 1
    assert list(folder.iterdir()) == []


def test_a_making_that_failed_leaves_no_file_either(folder: Path) -> None:
    """The next one begins at once."""
    with pytest.raises(ZeroDivisionError), one_at_a_time("it"):
        _ = 1 / 0
    with one_at_a_time("it"):
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []
