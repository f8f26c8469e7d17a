"""One request and one reply, as values, and the shapes of reply that GitHub gives."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlencode

from .resources import Json

_DOCUMENTATION = "https://docs.github.com/rest"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `authorized` tells whether it carried a token, which is never looked at."""

    method: str
    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    authorized: bool = False
    agent: str = ""
    body: bytes = b""

    @property
    def url(self) -> str:
        """Return the whole address, its query included."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"https://{self.host}{self.path}{query}"


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply.

    `expected` is false where GitHub itself may well have an answer, but this stand-in has none.
    With `cut`, the connection ends after half of the body that its header announces.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    expected: bool = True
    cut: bool = False


def error(status: int, message: str, *, expected: bool = True) -> Reply:
    """Return an error in the shape that GitHub gives it."""
    body = {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status)}
    return json_reply(body, status=status, expected=expected)


def json_reply(
    document: Json,
    *,
    status: int = 200,
    headers: Mapping[str, str] = _NOTHING,
    expected: bool = True,
) -> Reply:
    """Return a reply whose body is a JSON document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(status, body, {**kind, **headers}, expected=expected)
