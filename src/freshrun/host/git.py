"""The repository that a machine is given: what git has committed, or would commit now.

The user's repository is only read: objects, index and refs of its own are never written.
Submodules and the contents of Git LFS are left out; the notes name them.
"""

import hashlib
import os
import re
import shutil
import string
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from freshrun.host.archive import pack_paths, unpack_to
from freshrun.model import MachineError

SHELF = "/srv/freshrun"
"""Where a machine keeps the copy."""

LARGEST_FOLDER = 2**30
"""How many bytes a folder that is no repository may hold to be taken as one."""

_IDENTITY = {
    "GIT_AUTHOR_NAME": "freshrun",
    "GIT_AUTHOR_EMAIL": "freshrun@localhost",
    "GIT_COMMITTER_NAME": "freshrun",
    "GIT_COMMITTER_EMAIL": "freshrun@localhost",
}
_NO_PROGRAMS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"),
    *("-c", "gc.auto=0", "--no-pager"),
)
"""What keeps git from starting programs that a repository names."""

_HARMLESS = (
    r"^(core\.(autocrlf|eol|safecrlf|filemode|ignorecase|precomposeunicode|symlinks|sparsecheckout)"
    r"|index\.sparse)$"
)
"""The settings of a repository that decide what its files are, and start nothing."""

_URL = re.compile(r"(?:https?|git|ssh)://(?:[^@/]*@)?(?P<host>[^/]+)/(?P<path>.+)")
_SCP_URL = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:]+):(?P<path>[^/].*)")
_WORK = "refs/freshrun/work"
_SHA1 = 40
_NAME_CHARACTERS = string.ascii_letters + string.digits + "-_."


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone of one state of a repository, as a value.

    `archive` is a tar archive to unpack at a machine's root: the bare repository `path` and the git
    settings `SHELF/gitconfig`, under which it answers the clone URL `url`. `commit` is the full id
    of what a checkout holds, made by freshrun where that is uncommitted; `branch` is its branch.
    `dirty` tells whether the checkout had changes that are not committed, `worktree` whether the
    copy holds them. `notes` are sentences for the report.
    """

    name: str
    commit: str
    branch: str
    archive: bytes
    url: str | None = None
    dirty: bool = False
    worktree: bool = False
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return where the bare repository is in a machine."""
        return f"{SHELF}/{self.name}.git"

    def as_now(self, state: "GitState") -> "Repository":
        """Return it with what is to be said of a checkout whose changes are others by now."""
        lasting = self.notes[int(self.dirty and not self.worktree) :]
        changed = state.dirty and not self.worktree
        notes = (_uncommitted(self.commit), *lasting) if changed else lasting
        return replace(self, dirty=state.dirty, notes=notes)


@dataclass(frozen=True, slots=True)
class GitState:
    """What a copy of a repository's committed state would be, without its files.

    Where all but `dirty` is the same, so is the copy.
    """

    commit: str
    branch: str
    tags: str
    url: str | None
    dirty: bool = False

    def same_copy(self, other: "GitState") -> bool:
        """Tell whether the copies of both are the same."""
        return replace(self, dirty=other.dirty) == other


def state_of(path_in_it: str | Path) -> GitState | None:
    """Return the state of the repository around a path, `None` where there is none."""
    folder = Path(path_in_it).resolve().parent
    if enclosing(folder) is None:
        return None
    root = _toplevel(folder)
    head = _head(root, worktree=False)
    with _scratch(root, head=head) as scratch:
        return GitState(
            head,
            _branch(root),
            _tags(root, commit=head, env=scratch.environment),
            _origin(root),
            dirty=_is_dirty(scratch),
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """A commit with its history, and the files around it as git would commit them now, to be sent.

    `id` is the same wherever the same would be unpacked; `name` is the checkout's folder. `data` is
    a bundle of git's; `shallow` lists the commits at which a history ends that is not whole.
    """

    id: str
    name: str
    branch: str
    commit: str
    url: str
    shallow: str
    data: bytes


def repository(
    path_in_it: str | Path, *, worktree: bool = False, url: str | None = None
) -> Repository | None:
    """Return a copy of the repository around a path, `None` where there is none.

    With `worktree` the copy holds what `git add -A` would commit now, and a folder outside git is
    taken as a repository of its own. `url` is the clone URL that documents name; `origin`'s unless
    given. Raises `MachineError` where git is missing, refuses, or has no commit yet.
    """
    folder = Path(path_in_it).resolve()
    folder = folder if folder.is_dir() else folder.parent
    if enclosing(folder) is None:
        return _from_folder(folder, url=url) if worktree else None
    root = _toplevel(folder)
    head = _head(root, worktree=worktree)
    with _scratch(root, head=head) as scratch:
        dirty = _is_dirty(scratch)
        commit = _work_commit(scratch, head=head) if worktree else head
        return _copied(root, scratch, commit=commit, worktree=worktree, url=url, dirty=dirty)


def enclosing(folder: Path) -> Path | None:
    """Return the nearest folder, this one or above it, that is the root of a git checkout."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def root_of(path_in_it: str | Path) -> Path:
    """Return the root of the repository around a path; where there is none, the path's folder."""
    folder = Path(path_in_it).resolve().parent
    return enclosing(folder) or folder


def tree_of(path_in_it: str | Path, *, worktree: bool = False) -> str:
    """Return git's id of all the files that `repository` would copy; empty where there is none."""
    folder = Path(path_in_it).resolve()
    folder = folder if folder.is_dir() else folder.parent
    if enclosing(folder) is None:
        return ""
    root = _toplevel(folder)
    head = _head(root, worktree=worktree)
    with _scratch(root, head=head) as scratch:
        commit = _work_commit(scratch, head=head) if worktree else head
        return scratch.git("rev-parse", f"{commit}^{{tree}}")


def bundle(path_in_it: str | Path) -> Bundle:
    """Return the repository around a path, to be sent; what git ignores stays on this host.

    `MachineError` where git is missing, refuses, or has no commit yet.
    """
    root = _toplevel(Path(path_in_it).resolve().parent)
    head = _head(root, worktree=False)
    with _scratch(root, head=head) as scratch:
        work = _work_commit(scratch, head=head)
        tree = scratch.git("rev-parse", f"{work}^{{tree}}")
        branch = _branch(root)
        tags = _tags(root, commit=head, env=scratch.environment)
        _fill(scratch.bare, commit=head, branch=branch, tags=tags, env=scratch.environment)
        scratch.git("update-ref", _WORK, work)
        parts = (head, tree, branch, _origin(root) or "", root.name, tags)
        return Bundle(
            id=hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest(),
            name=root.name,
            branch=branch,
            commit=head,
            url=_origin(root) or "",
            shallow=_text(scratch.bare / "shallow"),
            data=scratch.bundled(),
        )


def unbundle(sent: Bundle, folder: Path) -> None:
    """Make a checkout in a new folder that is as the one which was sent: branch, tags, files.

    `MachineError` where what was sent is not whole.
    """
    folder = folder.resolve()
    hash_name = "sha1" if len(sent.commit) == _SHA1 else "sha256"
    kind = ("--template=", f"--initial-branch={sent.branch}", f"--object-format={hash_name}")
    _git("init", "--quiet", *kind, str(folder), folder=folder.parent)
    if sent.shallow:
        (folder / ".git" / "shallow").write_text(sent.shallow, "utf-8")
    with tempfile.NamedTemporaryFile(prefix="freshrun-", suffix=".bundle") as file:
        file.write(sent.data)
        file.flush()
        _git("fetch", "--quiet", "--update-head-ok", file.name, "refs/*:refs/*", folder=folder)
    if sent.url:
        _git("config", "remote.origin.url", sent.url, folder=folder)
    _git("reset", "--quiet", "--hard", sent.commit, folder=folder)
    _git("restore", f"--source={_WORK}", "--worktree", "--", ".", folder=folder)
    _git("update-ref", "-d", _WORK, folder=folder)


def copy_checkout(kept: Path, folder: Path) -> None:
    """Make a checkout that is as the one which is kept, and has its objects from there."""
    objects = kept / ".git" / "objects"
    shutil.copytree(
        kept,
        folder,
        symlinks=True,
        ignore=lambda place, names: names if Path(place) == objects else (),
    )
    info = folder / ".git" / "objects" / "info"
    info.mkdir(parents=True)
    (info / "alternates").write_text(f"{objects}\n", "utf-8")


def tracked_files(path_in_it: str | Path) -> tuple[Path, frozenset[str]]:
    """Return the root of the repository around a path, and the files that git has in it.

    The names are relative to the root, with `/`. Where there is no repository, they are those of
    the files below the folder that one would have: no hidden folder, and nothing installed.
    """
    folder = Path(path_in_it).resolve()
    folder = folder if folder.is_dir() else folder.parent
    if enclosing(folder) is None:
        return folder, frozenset(_own_files(folder))
    root = _toplevel(folder)
    return root, frozenset(filter(None, _git("ls-files", "-z", folder=root).split("\0")))


def _toplevel(folder: Path) -> Path:
    """Return the root of the repository around a folder; its settings may not move it."""
    root = Path(_git("rev-parse", "--show-toplevel", folder=folder))
    found = enclosing(folder)
    if found is None or not root.samefile(found):
        raise MachineError(
            f"{found}: the repository's own settings put its files at {root} (core.worktree); "
            "only the files around the runbook are taken"
        )
    return root


def checkout(repository: Repository) -> bytes:
    """Return the files of the copy, as git checks them out, as a tar archive without `.git`."""
    with tempfile.TemporaryDirectory(prefix="freshrun-") as scratch:
        unpack_to(Path(scratch), repository.archive)
        files = Path(scratch, "files")
        files.mkdir()
        bare = f"--git-dir={scratch}{repository.path}"
        _git(bare, f"--work-tree={files}", "checkout", "--force", "HEAD", folder=files)
        return pack_paths({".": files})


def _settings(url: str | None, path: str) -> str:
    """Return git settings that answer the clone URL, in its usual forms, from `path`.

    git's own rule is a prefix: without a rule for each character that may follow, the URL of
    `project-docs` would be answered from `project`.
    """
    settings = [f"[safe]\n\tdirectory = {path}\n"]
    for form in _forms(url):
        for ending in ("", ".git"):
            settings.append(_rule(f"file://{path}", form + ending))
            settings += [_rule(u, u) for u in (form + ending + c for c in _NAME_CHARACTERS)]
    return "".join(settings)


def _rule(base: str, prefix: str) -> str:
    return f'[url "{base}"]\n\tinsteadOf = "{prefix}"\n'


def _forms(url: str | None) -> tuple[str, ...]:
    """Return the ways in which documents write one clone URL, without `.git`."""
    match = url and (_URL.fullmatch(url) or _SCP_URL.fullmatch(url))
    if not match:
        return ()
    host, path = match["host"], match["path"].rstrip("/").removesuffix(".git")
    schemes = ("https://", "http://", "git://", "ssh://git@", "ssh://")
    return (*(f"{scheme}{host}/{path}" for scheme in schemes), f"git@{host}:{path}")


@dataclass(frozen=True, slots=True)
class _Scratch:
    """A bare repository in the making, beside the user's objects, which are only read.

    git looks at the user's files through it: a repository's own settings name programs that git
    starts (filters, monitors, hooks), and a stranger's repository may name any.
    """

    root: Path
    bare: Path
    index: Path
    objects: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "GIT_INDEX_FILE": str(self.index),
            "GIT_OBJECT_DIRECTORY": str(self.bare / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.objects),
        }

    def git(self, *arguments: str) -> str:
        """Run git on the user's files, under the settings of the user and of no repository."""
        where = (f"--git-dir={self.bare}", f"--work-tree={self.root}")
        return _git(*where, *arguments, folder=self.root, env=self.environment)

    def bundled(self) -> bytes:
        """Return every ref with all that it needs, as one bundle of git's."""
        target = self.bare.parent / "sent.bundle"
        self.git("bundle", "create", "--quiet", str(target), "--all")
        return target.read_bytes()


@contextmanager
def _scratch(root: Path, *, head: str) -> Iterator[_Scratch]:
    objects, index, shallow, exclude = (
        root / _git("rev-parse", "--git-path", part, folder=root)
        for part in ("objects", "index", "shallow", "info/exclude")
    )
    with _bare(_git("rev-parse", "--show-object-format", folder=root)) as bare:
        scratch = _Scratch(root, bare, bare.parent / "index", objects)
        (bare / "info").mkdir(exist_ok=True)
        copies = ((index, scratch.index), (shallow, bare / "shallow"))
        for source, target in (*copies, (exclude, bare / "info" / "exclude")):
            if source.is_file():
                # With its time: git looks into a file that is not older than the index, for one of
                # the same length may have changed within the second in which the index was written.
                shutil.copy2(source, target)
        for setting in _git(
            "config", "--get-regexp", _HARMLESS, folder=root, may_fail=True
        ).splitlines():
            _git("config", *setting.split(" ", 1), folder=bare)
        if head:
            scratch.git("update-ref", "--no-deref", "HEAD", head)
        yield scratch


@contextmanager
def _bare(hash_name: str = "sha1") -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="freshrun-") as folder:
        bare = Path(folder, "bare")
        kind = ("--bare", "--template=", f"--object-format={hash_name}")
        _git("init", "--quiet", *kind, str(bare), folder=Path(folder))
        yield bare


def _head(root: Path, *, worktree: bool) -> str:
    head = _git("rev-parse", "--verify", "--quiet", "HEAD", folder=root, may_fail=True)
    if not head and not worktree:
        raise MachineError(
            f"{root}: the repository has no commit yet, so a clone of it would be empty; "
            "commit first, or use --worktree"
        )
    return head


def _is_dirty(scratch: _Scratch) -> bool:
    return bool(scratch.git("status", "--porcelain", "--ignore-submodules=dirty"))


def _branch(root: Path) -> str:
    """Return the branch that is checked out; `main` where it is a commit alone."""
    return _git("symbolic-ref", "--short", "--quiet", "HEAD", folder=root, may_fail=True) or "main"


def _work_commit(scratch: _Scratch, *, head: str) -> str:
    scratch.git("add", "--all")
    tree = scratch.git("write-tree")
    if head and tree == scratch.git("rev-parse", f"{head}^{{tree}}"):
        return head
    parent = ("-p", head) if head else ()
    message = ("-m", "The work tree, as freshrun found it")
    return scratch.git("commit-tree", tree, *parent, *message)


def _copied(  # noqa: PLR0913 - each is one fact of the copy
    root: Path, scratch: _Scratch, *, commit: str, worktree: bool, url: str | None, dirty: bool
) -> Repository:
    env, branch = scratch.environment, _branch(root)
    tags = _tags(root, commit=commit, env=env)
    _fill(scratch.bare, commit=commit, branch=branch, tags=tags, env=env)
    url = url or _origin(root)
    name = _name(url, root)
    return Repository(
        name=name,
        commit=commit,
        branch=branch,
        archive=_shelf(scratch.bare, name=name, url=url),
        url=url,
        dirty=dirty,
        worktree=worktree,
        notes=_notes(scratch.bare, commit=commit, uncommitted=dirty and not worktree),
    )


def _from_folder(folder: Path, *, url: str | None) -> Repository:
    _check_size(folder)
    name = _name(url, folder)
    with _bare() as bare:
        env = {"GIT_INDEX_FILE": str(bare.parent / "index")}
        where = (f"--git-dir={bare}", f"--work-tree={folder}")
        _git(*where, "add", "--all", folder=folder, env=env)
        tree = _git(*where, "write-tree", folder=folder, env=env)
        commit = _git(*where, "commit-tree", tree, "-m", f"The files of {name}", folder=folder)
        _fill(bare, commit=commit, branch="main")
        archive = _shelf(bare, name=name, url=url)
        return Repository(name, commit, "main", archive, url, dirty=True, worktree=True)


def _fill(
    bare: Path, *, commit: str, branch: str, tags: str = "", env: Mapping[str, str] | None = None
) -> None:
    """Point the bare repository's branch and tags at `commit`'s history and take it in whole."""
    _git("symbolic-ref", "HEAD", f"refs/heads/{branch}", folder=bare)
    updates = f"create refs/heads/{branch} {commit}\n{tags}"
    _git("update-ref", "--stdin", folder=bare, env=env, stdin=updates)
    _git("repack", "-a", "-d", "--quiet", folder=bare, env=env)
    # A real host answers shallow and partial clones, and fetches of a commit by its id.
    for setting in ("allowFilter", "allowAnySHA1InWant"):
        _git("config", f"uploadpack.{setting}", "true", folder=bare)


def _tags(root: Path, *, commit: str, env: Mapping[str, str]) -> str:
    """Return the tags of `commit`'s history as commands of `git update-ref --stdin`."""
    form = "--format=create %(refname) %(objectname)"
    found = _git("for-each-ref", form, f"--merged={commit}", "refs/tags", folder=root, env=env)
    return f"{found}\n" if found else ""


def _notes(bare: Path, *, commit: str, uncommitted: bool) -> tuple[str, ...]:
    notes = []
    if uncommitted:
        notes.append(_uncommitted(commit))
    tree = _git("ls-tree", "-r", "--full-tree", commit, folder=bare).splitlines()
    modules = [line.partition("\t")[2] for line in tree if line.startswith("160000")]
    if modules:
        notes.append(f"submodules are not in the machine's clone: {', '.join(modules)}")
    attributes = ("--", ":(glob)**/.gitattributes")
    if _git("grep", "--name-only", "filter=lfs", commit, *attributes, folder=bare, may_fail=True):
        notes.append("files in Git LFS are pointers in the machine's clone")
    return tuple(notes)


def _uncommitted(commit: str) -> str:
    return (
        f"the checkout has changes that are not committed; the machine has {commit[:12]} "
        "without them (--worktree brings them)"
    )


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _origin(root: Path) -> str | None:
    url = _git("config", "--get", "remote.origin.url", folder=root, may_fail=True)
    # A token in the URL is the user's own: it stays on this host.
    return re.sub(r"^(https?://)[^@/]*@", r"\1", url) or None


def _name(url: str | None, folder: Path) -> str:
    last = re.split(r"[/:]", (url or "").rstrip("/"))[-1].removesuffix(".git")
    return last or folder.name or "repository"


def _own_files(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if (not name.startswith(".") or name == ".github")
            and name != "node_modules"
            and not Path(parent, name, "pyvenv.cfg").exists()
        ]
        yield from (Path(parent, name).relative_to(folder).as_posix() for name in files)


def _check_size(folder: Path) -> None:
    size = 0
    for parent, _, files in os.walk(folder):
        size += sum(Path(parent, name).lstat().st_size for name in files)
        if size > LARGEST_FOLDER:
            raise MachineError(
                f"{folder} is no git repository and holds more than {LARGEST_FOLDER >> 20} MiB; "
                "run `git init` in the folder that the runbook belongs to, or leave --worktree out"
            )


def _shelf(bare: Path, *, name: str, url: str | None) -> bytes:
    settings = bare.parent / "gitconfig"
    path = f"{SHELF}/{name}.git"
    settings.write_text(_settings(url, path), encoding="utf-8")
    return pack_paths({path: bare, f"{SHELF}/gitconfig": settings})


def _git(
    *arguments: str,
    folder: Path,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    may_fail: bool = False,
) -> str:
    # A hook or another tool may have pointed git elsewhere; the folder alone decides here.
    own = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    own |= {"LC_ALL": "C", **_IDENTITY, **(env or {})}
    command = ["git", *_NO_PROGRAMS, *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=own, input=stdin.encode(), capture_output=True, check=False
        )
    except FileNotFoundError:
        raise MachineError(
            "git was not found on this host; it copies the repository: apt-get install git"
        ) from None
    if done.returncode and not may_fail:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise MachineError(f"git {arguments[0]} failed in {folder}: {' '.join(said)}")
    # A file's name may be no UTF-8; this is how it goes back to the system as it was.
    return "" if done.returncode else os.fsdecode(done.stdout).strip()
