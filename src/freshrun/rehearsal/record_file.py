"""Where the record of a run stands on this host: whole at any moment, and never another run's."""

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from freshrun.model import FreshrunError, Record, State, moment, to_json

FOLDER = ".freshrun"
"""Where a run leaves its record unless told otherwise; git ignores it."""


_UNFIT = re.compile(r"[^\w.-]+")

RECORD = f"{FOLDER}/record.json"
"""Where the record goes unless the caller says otherwise."""


def own_place(place: str, name: str, *, among: Collection[str]) -> Path:
    """Return where the record or page of a rehearsal goes whose name is one `among` others.

    No two of them have the same place: `a/b.md` and `a-b.md` are told apart by their digests.
    """
    path = Path(place)
    if len(among) <= 1:
        return path
    own = _plain(name)
    if sum(_plain(each).casefold() == own.casefold() for each in among) > 1:
        own = f"{own}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return path.with_name(f"{path.stem}-{own}{path.suffix}")


def _plain(name: str) -> str:
    """Return a name that needs no folder: of a document, and of the image that it is typed on."""
    parts = (part for part in Path(name).parts if part not in {"/", ".", ".."})
    return _UNFIT.sub("-", "-".join(parts))


def announce(path: Path, runbook: str) -> Record:
    """Leave word that a run of a runbook begins, before anything else is loaded; return it."""
    now, run = moment(), uuid4().hex[:12]
    word = Record(runbook, "", started=now, ended=now, run=run, state=State.RUNNING)
    _begin(path, word)
    return word


def restate(path: Path, word: Record, *, runbook: str) -> None:
    """Write the word of a run anew whose runbook's own path holds a secret."""
    _begin(path, replace(word, runbook=runbook))


def refuse(path: Path, word: Record, *, why: str) -> None:
    """Say in the place of an announced run why it did not come to its first command."""
    end(path, word.refused(why))


def end(path: Path, record: Record) -> Path:
    """Write the record of a run that has ended; return where it stands.

    Where another run has begun in the same place since, that place is its own: the record goes
    beside it, under the run's id.
    """
    if _is_stream(path):
        path.write_text(to_json(record), encoding="utf-8")
        return path
    with writing(path):
        target = place_of(path, record.run)
        write_whole(target, to_json(record))
    return target


def place_of(path: Path, run: str) -> Path:
    """Return where the record of a run stands that was announced at `path`."""
    return path if _holder(path) in {"", run} else _beside(path, run)


def _begin(path: Path, record: Record) -> None:
    """Put the record of a run that has just begun in the place of any earlier one.

    Where that fails for whatever reason, the earlier one goes all the same.
    """
    if _is_stream(path):
        return
    with writing(path):
        try:
            write_whole(path, to_json(record))
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there as a whole at any moment: the earlier one, or the new one.

    `FreshrunError` with one line where the place takes no file.
    """
    try:
        _make_folder(path.parent)
        _replace(path, text)
    except OSError as error:
        raise FreshrunError(f"{path}: can't be written: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_stream(path: Path) -> bool:
    """Tell whether the place is such as /dev/stdout, which holds nothing to replace."""
    return path.exists() and not (path.is_file() or path.is_dir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if folder == Path(FOLDER) and not (ignored := folder / ".gitignore").exists():
        ignored.write_text("*\n", encoding="utf-8")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold other runs off that write into the same folder."""
    try:
        _make_folder(path.parent)
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise FreshrunError(f"{path}: can't be written: {error.strerror}") from error
    try:
        with suppress(OSError):  # a file system without locks: the runs are on their own
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _holder(path: Path) -> str:
    """Return the id of the run whose record a file holds; empty where it holds none."""
    try:
        document: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    return str(document.get("run", "")) if isinstance(document, dict) else ""


def _beside(path: Path, run: str) -> Path:
    return path.with_name(f"{path.stem}-{run}{path.suffix}")
