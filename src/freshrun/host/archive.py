"""Tar archives: the form in which an engine takes files in and gives them out."""

import io
import tarfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Ids:
    """The numbers of a user and a group: whose the files of an archive are."""

    uid: int = 0
    gid: int = 0


ROOT = Ids()
"""Root's numbers."""


def pack(
    files: Mapping[str, bytes],
    *,
    folders: Iterable[str] = (),
    ids: Ids = ROOT,
    mode: int = 0o644,
) -> bytes:
    """Return an archive of files by path, after the folders that are to be made for them."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for folder in folders:
            tar.addfile(_member(folder, ids, kind=tarfile.DIRTYPE, mode=0o755))
        for path, data in files.items():
            tar.addfile(_member(path, ids, size=len(data), mode=mode), io.BytesIO(data))
    return archive.getvalue()


def pack_paths(paths: Mapping[str, Path]) -> bytes:
    """Return an archive of this host's files and folders, all of it root's and readable by all."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, path in paths.items():
            tar.add(path, arcname=name, filter=_plain)
    return archive.getvalue()


def moved(archive: bytes, folder: str, *, ids: Ids) -> bytes:
    """Return the archive with everything below `folder` and owned by `ids`."""
    changed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as source,
        tarfile.open(fileobj=changed, mode="w") as target,
    ):
        for member in source:
            member.name = str(PurePosixPath(folder, member.name))
            member.uid, member.gid = ids.uid, ids.gid
            target.addfile(member, source.extractfile(member) if member.isreg() else None)
    return changed.getvalue()


def unpack(archive: bytes) -> dict[str, bytes]:
    """Return the regular files of an archive by their path in it."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {m.name: _content(tar, m) for m in tar if m.isreg() or m.islnk()}


def unpack_to(folder: Path, archive: bytes) -> None:
    """Write the members of an archive of ours below a folder of this host."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        if hasattr(tarfile, "data_filter"):  # Debian 12's Python is too old for it
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(folder)  # noqa: S202 - no member of it comes from anybody else


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return b"" if file is None else file.read()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    executable = member.isdir() or member.mode & 0o100
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if executable else 0o644
    return member


def _member(
    name: str, ids: Ids, *, kind: bytes = tarfile.REGTYPE, size: int = 0, mode: int = 0o644
) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.mode = kind, size, mode
    member.uid, member.gid, member.mtime = ids.uid, ids.gid, int(time.time())
    return member
