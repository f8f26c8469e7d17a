"""A repository that is sent to another host: the same commit, files and address arrive there."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from freshrun.host.git import bundle, copy_checkout, repository, unbundle
from freshrun.model import MachineError


def git(folder: Path, *words: str) -> str:
    """Run git as somebody who has a name."""
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a repository with two commits, a tag and an address."""
    root = tmp_path / "own"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=work")
    for name in ("first", "second"):
        (root / f"{name}.md").write_text(f"{name}\n", "utf-8")
        git(root, "add", ".")
        git(root, "commit", "--quiet", "-m", name)
    git(root, "tag", "v1")
    git(root, "remote", "add", "origin", "https://me:token@github.com/a/own.git")
    return root


def received(checkout: Path, folder: Path) -> Path:
    """Send a repository to a folder, and return the checkout that a rehearsal gets there."""
    folder.mkdir()
    unbundle(bundle(checkout / "first.md"), folder / "own")
    (folder / "work").mkdir()
    copy_checkout(folder / "own", folder / "work" / "own")
    return folder / "work" / "own"


def test_what_arrives_is_what_was_sent(checkout: Path, tmp_path: Path) -> None:
    """Its commit, branch, tag and address, and its files as they are: changed, new and removed."""
    (checkout / "first.md").write_text("changed\n", "utf-8")
    (checkout / "second.md").unlink()
    (checkout / "new.sh").write_text("true\n", "utf-8")
    (checkout / "new.sh").chmod(0o755)
    (checkout / ".gitignore").write_text("ignored\n", "utf-8")
    (checkout / "ignored").write_text("stays here\n", "utf-8")
    there = received(checkout, tmp_path / "there")
    names = {path.name for path in there.iterdir()}
    assert names == {".git", ".gitignore", "first.md", "new.sh"}
    assert (there / "first.md").read_text("utf-8") == "changed\n"
    assert (there / "new.sh").stat().st_mode & 0o111
    for question in (("rev-parse", "HEAD"), ("rev-parse", "v1"), ("branch", "--show-current")):
        assert git(there, *question) == git(checkout, *question)
    here, got = (repository(root / "first.md") for root in (checkout, there))
    assert here
    assert got
    assert (got.name, got.commit, got.url, got.dirty) == (here.name, here.commit, here.url, True)
    assert "token" not in str(got.url)
    assert bundle(there / "first.md").id == bundle(checkout / "first.md").id


def test_its_id_changes_with_each_of_its_parts(checkout: Path) -> None:
    """A worker that has one id has all that it stands for."""
    ids = [bundle(checkout / "first.md").id]
    (checkout / "first.md").write_text("changed\n", "utf-8")
    ids.append(bundle(checkout / "first.md").id)
    git(checkout, "tag", "v2")
    ids.append(bundle(checkout / "first.md").id)
    git(checkout, "remote", "set-url", "origin", "https://github.com/a/other.git")
    ids.append(bundle(checkout / "first.md").id)
    git(checkout, "commit", "--quiet", "--all", "--amend", "-m", "other")
    ids.append(bundle(checkout / "first.md").id)
    assert len({*ids}) == 5
    (checkout / "first.md").touch()
    assert bundle(checkout / "first.md").id == ids[-1]


def test_a_history_that_is_not_whole_travels_too(checkout: Path, tmp_path: Path) -> None:
    """CI fetches one commit."""
    shallow = tmp_path / "shallow" / "own"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{checkout}", str(shallow))
    there = received(shallow, tmp_path / "there")
    assert git(there, "rev-list", "--count", "HEAD") == "1\n"
    assert repository(there / "first.md")


def test_what_is_torn_is_refused(checkout: Path, tmp_path: Path) -> None:
    """Half a bundle is no repository."""
    whole = bundle(checkout / "first.md")
    with pytest.raises(MachineError, match="git fetch failed"):
        unbundle(replace(whole, data=whole.data[:-40]), tmp_path / "torn")
