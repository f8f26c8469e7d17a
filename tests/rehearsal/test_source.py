"""The address of a document's lines at the commit, where the host shows files as we know it."""

from pathlib import Path

import pytest

from freshrun.host.git import Repository
from freshrun.rehearsal.source import path_from_root, source

COMMIT = "1a2b3c4d" * 5
GITHUB = f"https://github.com/o/r/blob/{COMMIT}/docs/a%20b.md"
GITLAB = f"https://gitlab.com/o/sub/r/-/blob/{COMMIT}/docs/a%20b.md"


def copy(url: str | None, *, worktree: bool = False) -> Repository:
    """Return a copy of a repository with this clone URL."""
    return Repository("r", COMMIT, "main", b"", url=url, worktree=worktree)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/o/r.git", GITHUB),
        ("https://github.com/o/r", GITHUB),
        ("https://x-token:secret@github.com/o/r.git", GITHUB),
        ("git@github.com:o/r.git", GITHUB),
        ("ssh://git@github.com/o/r.git", GITHUB),
        ("https://gitlab.com/o/sub/r.git", GITLAB),
        ("https://git.example.org/o/r.git", ""),
        ("/srv/git/r.git", ""),
        ('https://github.com/o/r"><script>', ""),
        ("javascript://github.com/o/r", ""),
        (None, ""),
    ],
)
def test_the_address_is_that_of_the_host(url: str | None, address: str) -> None:
    """No password of the clone URL is in it; a host that is not known has none."""
    assert source(copy(url), path="docs/a b.md") == address


def test_a_name_that_is_no_utf8_has_an_address() -> None:
    """Git has such names, and so has the address, byte by byte."""
    told = source(copy("https://github.com/o/r"), path="caf\udce9.md")
    assert told.endswith(f"{COMMIT}/caf%E9.md")


def test_a_commit_of_nobody_else_has_no_address() -> None:
    """A work tree's commit is made by us, and is on no host."""
    assert source(copy("https://github.com/o/r", worktree=True), path="x.md") == ""


def test_a_host_of_ones_own_is_named_by_its_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub and GitLab say which server it is."""
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example.org")
    monkeypatch.setenv("CI_SERVER_URL", "https://lab.example.org:8443")
    own = source(copy("https://git.example.org/o/r.git"), path="x.md")
    assert own == f"https://git.example.org/o/r/blob/{COMMIT}/x.md"
    lab = source(copy("https://lab.example.org:8443/o/r.git"), path="x.md")
    assert lab == f"https://lab.example.org:8443/o/r/-/blob/{COMMIT}/x.md"


def test_a_path_starts_at_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From wherever it is named."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x.md").touch()
    monkeypatch.chdir(tmp_path / "docs")
    assert path_from_root("x.md") == "docs/x.md"
    assert path_from_root("../docs/x.md") == "docs/x.md"
    assert path_from_root(str(tmp_path / "docs" / "x.md")) == "docs/x.md"
