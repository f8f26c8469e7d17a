"""The files of a zip that came from somewhere else, within bounds and within their folder."""

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from freshrun.github.replay import RecordingError
from freshrun.host import clash, shown, unfit

LARGEST = 2**30
"""So many bytes may all files of one archive have."""

MOST_FILES = 20_000

_DAMAGE = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What Python's own reader raises for archives that are none, or no longer."""

_ENCRYPTED = 1


def unzipped(archive: bytes, *, where: str) -> Mapping[str, bytes]:
    """Return the files of a zip by their paths; `RecordingError` for what can't become files.

    That is a damaged or encrypted archive, a path out of it, a link, a name that a file can't have
    or that clashes with another one, and more than the bounds allow.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as held:
            entries = [entry for entry in held.infolist() if not entry.is_dir()]
            _refuse(entries, where)
            return {entry.filename: held.read(entry) for entry in entries}
    except _DAMAGE as problem:
        said = str(problem) or type(problem).__name__
        raise RecordingError(f"{where}: the archive is damaged: {said}") from None


def _refuse(entries: list[zipfile.ZipInfo], where: str) -> None:
    """Raise `RecordingError` before a byte is unpacked."""
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES:
        found = f"{len(entries):,} files; {MOST_FILES:,} at most are taken"
        raise RecordingError(f"{where}: the archive holds {found}")
    if size > LARGEST:
        found = f"{size:,} bytes; {LARGEST:,} at most are taken"
        raise RecordingError(f"{where}: the archive unpacks to {found}")
    for entry in entries:
        if reason := _unfit(entry):
            name = shown(entry.orig_filename)
            raise RecordingError(f'{where}: the archive holds "{name}", which {reason}')
    if two := clash(entry.filename for entry in entries):
        names = " and ".join(f'"{shown(name)}"' for name in two)
        raise RecordingError(f"{where}: the archive holds two files that no folder can: {names}")


def _unfit(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if kind not in {0, stat.S_IFREG}:
        return "is a link" if kind == stat.S_IFLNK else "is no plain file"
    return unfit(entry.orig_filename)
