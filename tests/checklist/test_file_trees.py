"""What every maker of `FileTree` and of `Disk` promises: a real machine, and the tests' own."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from own_shell import Home
from test_contract import Disk as Listed

from freshrun.checklist.paths import Disk, FileTree
from freshrun.machine.machine import Machine

FILES = {
    "a.txt": b"one\n",
    "deep/er/b c.bin": b"\x00\xff",
    "deep/\u00fcn\u00ef.md": b"",
    "deep/.hidden": b"h",
    "deeper/d": b"d",
}
_ENGINE = pytest.mark.engine


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that is not there yet, and a shell to make there what a check never writes."""

    disk: Disk
    folder: str
    shell: Callable[[str], None]

    def filled(self) -> FileTree:
        """Return the files, with `FILES` among them."""
        self.disk.write_tree(FILES, folder=self.folder)
        return self.disk


@pytest.fixture
def host(tmp_path: Path) -> Place:
    """Return a folder of this host, as the tests' own shell has it."""

    def shell(text: str) -> None:
        subprocess.run(["bash", "-ec", text], check=True)

    return Place(Home(tmp_path), str(tmp_path / "w"), shell)


@pytest.fixture
def container(machine: Machine, tmp_path: Path) -> Place:
    """Return a folder of a fresh machine."""

    def shell(text: str) -> None:
        done = machine.run(["bash", "-ec", text])
        assert done.exit_code == 0, done

    return Place(machine, f"{machine.home}/{tmp_path.name}/w", shell)


@pytest.fixture
def listed() -> FileTree:
    """Return files that are nowhere but in the test's memory."""
    return Listed({f"/home/w/{name}": content for name, content in FILES.items()})


@pytest.fixture(params=["host", pytest.param("container", marks=_ENGINE)])
def place(request: pytest.FixtureRequest) -> Place:
    """Return what each maker of `Disk` has."""
    made: Place = request.getfixturevalue(request.param)
    return made


@pytest.fixture(params=["listed", "host", pytest.param("container", marks=_ENGINE)])
def tree(request: pytest.FixtureRequest) -> Callable[[str], Mapping[str, bytes]]:
    """Return how each maker of `FileTree` reads a folder below the one with `FILES`."""
    made: Place | FileTree = request.getfixturevalue(request.param)
    files, root = (made.filled(), made.folder) if isinstance(made, Place) else (made, "/home/w")
    assert files.home.startswith("/")
    return lambda folder: files.tree(f"{root}/{folder}".rstrip("/"))


def test_files_are_named_by_their_path_below_the_folder(
    tree: Callable[[str], Mapping[str, bytes]],
) -> None:
    """At any depth, with their bytes; hidden and empty ones too, and none of a neighbour."""
    assert dict(tree("")) == FILES
    assert dict(tree("deep")) == {
        "er/b c.bin": b"\x00\xff",
        "\u00fcn\u00ef.md": b"",
        ".hidden": b"h",
    }


@pytest.mark.parametrize("folder", ["missing", "missing/deep", "a.txt", "a.txt/x", "a.txt/x/y"])
def test_what_is_no_folder_has_no_files(
    tree: Callable[[str], Mapping[str, bytes]], folder: str
) -> None:
    """Neither what is not there nor a file."""
    assert dict(tree(folder)) == {}


def test_a_file_is_read_by_its_absolute_path(place: Place) -> None:
    """Its bytes, also through a link; what is no file has none."""
    place.filled()
    place.shell(
        f"cd {place.folder}; ln -s deep/er/'b c.bin' link; ln -s nowhere broken; ln -s deep to"
    )
    wanted = {
        "a.txt": b"one\n",
        "link": b"\x00\xff",
        "deep": None,
        "x": None,
        "broken": None,
        "to": None,
    }
    assert {name: place.disk.read(f"{place.folder}/{name}") for name in wanted} == wanted


def test_links_and_pipes_in_a_folder_are_no_files(place: Place) -> None:
    """A file stands there once, and nothing is waited for; a folder may be named by a link."""
    place.filled()
    place.shell(f"cd {place.folder}; ln -s a.txt link; ln -s deep folder; mkfifo pipe; mkdir empty")
    assert dict(place.disk.tree(place.folder)) == FILES
    assert dict(place.disk.tree(f"{place.folder}/folder")) == dict(
        place.disk.tree(f"{place.folder}/deep")
    )


def test_files_are_put_in_with_their_folders(place: Place) -> None:
    """What stood under the same name is replaced, and the rest is left alone."""
    place.filled()
    place.disk.write_tree({"deep/.hidden": b"new", "n/e/w": b"w"}, folder=place.folder)
    changed = FILES | {"deep/.hidden": b"new", "n/e/w": b"w"}
    assert dict(place.disk.tree(place.folder)) == changed
