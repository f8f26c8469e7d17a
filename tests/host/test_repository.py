"""The clone that a machine is given: which state it holds, and that the user's own is untouched."""

import hashlib
import io
import os
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Protocol

import pytest

from freshrun.host.archive import unpack, unpack_to
from freshrun.host.git import Repository, checkout, repository, tracked_files
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image, resolve
from freshrun.machine.machine import Machine
from freshrun.model.errors import MachineError

URL = "https://git.example.org/team/project.git"


class Git(Protocol):
    """The host's git in one folder."""

    def __call__(self, *arguments: str) -> str:
        """Run git and return what it printed."""


def runner(folder: Path) -> Git:
    """Return git as a function that works in `folder`."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")

    def git(*arguments: str) -> str:
        argv = ["git", *identity, *arguments]
        done = subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return git


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a checkout with two commits, a tag, and every kind of change that is not committed."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git = runner(folder)
    git("init", "--quiet", "--initial-branch=trunk")
    for name, data in {"changed": "old", "deleted": "x", ".gitignore": "ignored\n"}.items():
        (folder / name).write_text(data, encoding="utf-8")
    (folder / "tool.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "tool.sh").chmod(0o755)
    git("add", ".")
    git("commit", "--quiet", "--message=one")
    git("tag", "--annotate", "--message=first", "v1")
    git("commit", "--quiet", "--allow-empty", "--message=two")
    git("remote", "add", "origin", URL)
    (folder / "changed").write_text("new", encoding="utf-8")
    (folder / "deleted").unlink()
    for name in ("untracked", "ignored", "staged"):
        (folder / name).write_text(name, encoding="utf-8")
    git("add", "staged")
    return folder


@pytest.fixture
def git(project: Path) -> Git:
    """Return git as a function that works in the project."""
    return runner(project)


def copied(folder: Path, *, worktree: bool = False, url: str | None = None) -> Repository:
    """Return the copy of a repository that is there."""
    copy = repository(folder, worktree=worktree, url=url)
    assert copy is not None
    return copy


def files(copy: Repository) -> dict[str, bytes]:
    """Return the files of a checkout of the copy by their path."""
    return {name.removeprefix("./"): data for name, data in unpack(checkout(copy)).items()}


def log(copy: Repository, tmp_path: Path, *arguments: str) -> str:
    """Return what git says of the copy itself, unpacked."""
    unpack_to(tmp_path / "unpacked", copy.archive)
    return runner(Path(f"{tmp_path}/unpacked{copy.path}"))(*arguments)


def state(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder, `.git` included."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_copy_holds_the_committed_state(project: Path, git: Git) -> None:
    """Untracked, ignored, staged and changed files can't fake a pass."""
    copy = copied(project)
    assert files(copy) == {
        "changed": b"old",
        "deleted": b"x",
        ".gitignore": b"ignored\n",
        "tool.sh": b"#!/bin/sh\n",
    }
    assert (copy.commit, copy.branch) == (git("rev-parse", "HEAD"), "trunk")
    assert (copy.dirty, copy.worktree) == (True, False)


def test_the_note_says_what_the_copy_leaves_out(project: Path) -> None:
    """Who edits and forgets to commit is told so."""
    (note,) = copied(project).notes
    assert "changes that are not committed" in note
    assert "--worktree" in note


def test_with_the_work_tree_the_copy_holds_what_git_would_commit(project: Path) -> None:
    """`git add -A` decides: changed, deleted, untracked and staged, but nothing ignored."""
    copy = copied(project, worktree=True)
    assert files(copy) == {
        "changed": b"new",
        ".gitignore": b"ignored\n",
        "tool.sh": b"#!/bin/sh\n",
        "untracked": b"untracked",
        "staged": b"staged",
    }
    assert (copy.dirty, copy.worktree, copy.notes) == (True, True, ())


def test_a_change_within_the_second_of_a_commit_is_in_the_copy(project: Path, git: Git) -> None:
    """Also one that leaves the file as long as it was: nothing but its content tells it then."""
    changed = project / "changed"
    for _ in range(10):
        time.sleep(1 - time.time() % 1)  # the whole second is there for what follows
        changed.write_text("was", encoding="utf-8")
        git("commit", "--quiet", "--all", "--message=three")
        written = (project / ".git" / "index").stat().st_mtime
        changed.write_text("now", encoding="utf-8")
        if int(changed.stat().st_mtime) == int(written):
            break
    else:
        pytest.fail("git needs a second to commit three letters")
    time.sleep(1)
    assert files(copied(project, worktree=True))["changed"] == b"now"


def test_the_work_trees_commit_stands_on_the_last_one(
    project: Path, git: Git, tmp_path: Path
) -> None:
    """The history is the user's, with one commit more."""
    copy = copied(project, worktree=True)
    assert log(copy, tmp_path, "rev-parse", "HEAD^") == git("rev-parse", "HEAD")
    assert log(copy, tmp_path, "log", "--format=%s", "HEAD^").splitlines() == ["two", "one"]


def test_a_clean_work_tree_is_the_commit_itself(project: Path, git: Git) -> None:
    """Where there is nothing to commit, no commit is made."""
    git("stash", "--include-untracked", "--quiet")
    copy = copied(project, worktree=True)
    assert (copy.commit, copy.dirty) == (git("rev-parse", "HEAD"), False)


@pytest.mark.parametrize("worktree", [False, True])
def test_the_users_repository_is_only_read(project: Path, worktree: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    """Index, objects, refs, reflog and files are byte for byte what they were."""
    os.utime(project / "tool.sh", (0, 0))  # git would note in its index that it looked at it
    before = state(project)
    copied(project, worktree=worktree)
    assert state(project) == before


def test_executables_stay_executable(project: Path) -> None:
    """A script of the repository can be run from the copy."""
    with tarfile.open(fileobj=io.BytesIO(checkout(copied(project)))) as tar:
        assert tar.getmember("./tool.sh").mode & 0o111


def test_history_and_tags_come_along(project: Path, tmp_path: Path) -> None:
    """`git describe` and `git log` say in the machine what they say outside."""
    copy = copied(project)
    assert log(copy, tmp_path, "describe", "HEAD") == f"v1-1-g{copy.commit[:7]}"


def test_other_branches_stay_at_home(project: Path, git: Git, tmp_path: Path) -> None:
    """What the documented state does not reach is not in the copy: not even its objects."""
    git("stash", "--quiet")
    secret = git("rev-parse", "refs/stash")
    copy = copied(project)
    assert log(copy, tmp_path, "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/trunk",
        "refs/tags/v1",
    ]
    with pytest.raises(subprocess.CalledProcessError):
        log(copy, tmp_path, "cat-file", "-e", secret)


def test_a_detached_head_gets_a_branch(project: Path, git: Git) -> None:
    """What CI checks out can be cloned like any repository."""
    git("checkout", "--quiet", "--detach")
    copy = copied(project)
    assert (copy.branch, copy.commit) == ("main", git("rev-parse", "HEAD"))


def test_a_shallow_checkout_can_be_copied(project: Path, tmp_path: Path) -> None:
    """CI's checkout of depth 1 is enough."""
    runner(tmp_path)("clone", "--quiet", "--depth=1", f"file://{project}", "shallow")
    assert files(copied(tmp_path / "shallow"))["changed"] == b"old"


def test_a_linked_work_tree_is_a_repository(git: Git, tmp_path: Path) -> None:
    """Where `.git` is a file, the copy is of that work tree's own state."""
    git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    (tmp_path / "linked/more").write_text("more", encoding="utf-8")
    copy = copied(tmp_path / "linked", worktree=True)
    assert (copy.branch, files(copy)["more"]) == ("other", b"more")


def test_a_path_below_the_root_finds_the_repository(project: Path) -> None:
    """The path may be a file of the repository: the runbook itself."""
    (project / "docs").mkdir()
    (project / "docs/runbook.md").write_text("", encoding="utf-8")
    assert copied(project / "docs/runbook.md").commit == copied(project).commit


def test_gits_variables_do_not_lead_elsewhere(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a git hook, GIT_DIR and GIT_INDEX_FILE are set; the path alone decides."""
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert copied(project).branch == "trunk"


def test_a_file_whose_name_is_no_utf_8_is_one_of_the_files(project: Path, git: Git) -> None:
    """Its name comes back as the system has it, and the file can be opened by it."""
    name = os.fsdecode(b"caf\xe9.txt")
    (project / name).write_text("x", encoding="utf-8")
    git("add", "--all")
    root, names = tracked_files(project)
    assert name in names
    assert (root / name).read_text("utf-8") == "x"
    assert unpack(checkout(copied(project, worktree=True)))


def test_submodules_are_named(project: Path, git: Git) -> None:
    """What is left out of the copy is said."""
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},vendor/lib")
    git("commit", "--quiet", "--message=submodule")
    assert "submodules are not in the machine's clone: vendor/lib" in copied(project).notes


def test_a_token_in_the_clone_url_stays_at_home(project: Path, git: Git) -> None:
    """Credentials of the user's remote never reach the machine."""
    git("remote", "set-url", "origin", "https://user:token@git.example.org/team/project.git")
    copy = copied(project)
    assert copy.url == URL
    assert b"token" not in copy.archive


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://git.example.org/team/thing.git", "thing"),
        ("https://git.example.org/team/thing/", "thing"),
        ("git@git.example.org:team/thing.git", "thing"),
        ("git@git.example.org:thing", "thing"),
    ],
)
def test_the_copy_is_named_after_the_clone_url(project: Path, url: str, name: str) -> None:
    """The last part of the URL is what `git clone` makes of it."""
    copy = copied(project, url=url)
    assert (copy.name, copy.url) == (name, url)


def test_without_any_url_the_folder_names_the_copy(project: Path, git: Git) -> None:
    """A repository that was never pushed is named after its folder."""
    git("remote", "remove", "origin")
    copy = copied(project)
    assert (copy.name, copy.url) == ("checkout", None)


def test_outside_git_there_is_no_repository(tmp_path: Path) -> None:
    """A runbook outside git works: its machine just has no repository."""
    assert repository(tmp_path) is None


def test_a_folder_outside_git_is_taken_with_the_work_tree(tmp_path: Path) -> None:
    """With `worktree` its files are a repository of one commit, and the folder stays as it is."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    copy = copied(tmp_path, worktree=True)
    assert files(copy) == {"file": b"x"}
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_too_large_a_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home directory is not copied by mistake."""
    monkeypatch.setattr("freshrun.host.git.LARGEST_FOLDER", 10)
    (tmp_path / "file").write_text("more than ten", encoding="utf-8")
    with pytest.raises(MachineError, match=r"no git repository and holds more than .*git init"):
        repository(tmp_path, worktree=True)


def test_a_repository_without_a_commit_says_what_to_do(tmp_path: Path) -> None:
    """There is nothing to clone yet: commit, or take the work tree."""
    runner(tmp_path)("init", "--quiet")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(MachineError, match=r"no commit yet.*commit first, or use --worktree"):
        repository(tmp_path)
    assert files(copied(tmp_path, worktree=True)) == {"file": b"x"}


def test_a_broken_repository_is_gits_own_word(project: Path) -> None:
    """What git refuses is told in git's words."""
    (project / ".git/HEAD").unlink()
    with pytest.raises(MachineError, match=r"git rev-parse failed in .*not a git repository"):
        repository(project)


CLONES = (
    URL,
    URL.removesuffix(".git"),
    "http://git.example.org/team/project",
    "git@git.example.org:team/project.git",
    "ssh://git@git.example.org/team/project.git",
    f"--depth 1 {URL}",
)


@pytest.mark.engine
def test_the_documented_clone_url_is_answered_in_the_machine(
    engine: Engine, fresh_image: Image, project: Path
) -> None:
    """Every usual form of the URL clones the copy, as the newcomer, with no network at all."""
    copy = copied(project)
    with Machine(fresh_image, engine=engine, network="none", repository=copy) as machine:
        for number, url in enumerate(CLONES):
            cloned = machine.run(["sh", "-c", f"git clone {url} {number}"])
            assert cloned.exit_code == 0, cloned.stderr.decode()
            assert machine.read(f"/home/newcomer/{number}/changed") == b"old"
            assert not machine.exists(f"/home/newcomer/{number}/untracked")


@pytest.mark.engine
@pytest.mark.parametrize("other", ["project-docs", "project2", "project.github.io", "project.gitx"])
def test_a_neighbours_url_is_not_answered(
    engine: Engine, fresh_image: Image, project: Path, other: str
) -> None:
    """A repository whose name only begins like ours is another one, and git says so."""
    url = f"https://git.example.org/team/{other}"
    with Machine(fresh_image, engine=engine, network="none", repository=copied(project)) as machine:
        refused = machine.run(["git", "clone", url])
    assert refused.exit_code != 0
    assert f"unable to access '{url}/'" in refused.stderr.decode()


@pytest.mark.engine
def test_a_checkout_stands_where_it_is_wanted(
    engine: Engine, fresh_image: Image, project: Path
) -> None:
    """`clone_to` leaves a clean clone of the newcomer's own, with the documented origin."""
    with Machine(fresh_image, engine=engine, repository=copied(project)) as machine:
        machine.clone_to("project")
        done = machine.run(["git", "-C", "project", "status", "--porcelain", "--branch"])
        assert done.stdout == b"## trunk...origin/trunk\n"
        origin = machine.run(["git", "-C", "project", "config", "remote.origin.url"])
        assert origin.stdout.decode().strip() == URL
        owner = machine.run(["stat", "-c", "%U", "project/changed"])
        assert owner.stdout == b"newcomer\n"


@pytest.mark.engine
def test_without_git_in_the_image_the_files_are_there(engine: Engine, project: Path) -> None:
    """An image that has no git still gets a plain checkout."""
    bare = resolve("debian:bookworm-slim", engine=engine, install=True)
    with Machine(bare, engine=engine, repository=copied(project, worktree=True)) as machine:
        assert machine.run(["git", "--version"]).exit_code != 0
        machine.clone_to("project")
        assert machine.tree("/root/project")["changed"] == b"new"
        assert machine.run(["./project/tool.sh"]).exit_code == 0


@pytest.mark.engine
def test_a_checkout_of_nothing_is_a_fault(machine: Machine) -> None:
    """A machine that was given no repository says so."""
    with pytest.raises(MachineError, match="given no repository"):
        machine.clone_to("project")
