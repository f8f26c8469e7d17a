"""Every request that a stand-in answered: one JSON object a line, appended as it happens."""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and how it was answered.

    `expected` is false where the stand-in has no answer of its own. `authorized` tells whether a
    token came with the request; the token itself is written nowhere. `agent` is the client.
    """

    method: str
    url: str
    status: int
    expected: bool
    authorized: bool
    agent: str


class Journal:
    """The file that exchanges are appended to, from any thread; nowhere without a path."""

    def __init__(self, path: Path | None) -> None:
        """Start with an empty file, where there is a path."""
        self._path = path
        self._lock = threading.Lock()
        if path is not None:
            path.write_bytes(b"")

    def add(self, exchange: Exchange) -> None:
        """Append one exchange."""
        if self._path is not None:
            line = json.dumps(asdict(exchange), ensure_ascii=False)
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def exchanges(journal: str) -> tuple[Exchange, ...]:
    """Return what the text of a journal holds, in order."""
    return tuple(Exchange(**json.loads(line)) for line in journal.splitlines())
