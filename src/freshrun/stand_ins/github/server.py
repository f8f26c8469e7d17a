"""HTTP/1.1 on a Unix socket, for gh's `http_unix_socket`."""

import socket
import socketserver
import stat
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from .api import answer
from .faults import Fault
from .journal import Exchange, Journal
from .recording import Recording
from .resources import seconds
from .wire import Reply, Request, error


def serve(recording: Recording, *, address: Path, journal: Journal, fault: Fault) -> None:
    """Answer requests until the process ends; `OSError` where the socket can't be made.

    The socket stands at `address`, for every user, from the moment when it answers; it goes with
    the server.
    """
    _clear(address)
    changed = fault.recorded(recording)

    def respond(request: Request) -> Reply:
        reply = fault.answered(request, _answer(changed, request))
        journal.add(_exchange(request, reply))
        return reply

    nascent = address.with_name(f".{address.name}.new")
    nascent.unlink(missing_ok=True)
    with _Server(str(nascent), respond, moment=seconds(recording.recorded_at)) as server:
        nascent.chmod(0o666)
        nascent.rename(address)
        try:
            server.serve_forever()
        finally:
            address.unlink(missing_ok=True)


def _answer(recording: Recording, request: Request) -> Reply:
    try:
        return answer(recording, request)
    except Exception as problem:  # noqa: BLE001  # gh and the journal must show it; stderr is closed
        return error(500, f"the stand-in failed: {problem!r}", expected=False)


def _exchange(request: Request, reply: Reply) -> Exchange:
    return Exchange(
        method=request.method,
        url=request.url,
        status=reply.status,
        expected=reply.expected,
        authorized=request.authorized,
        agent=request.agent,
    )


def _clear(address: Path) -> None:
    """Remove the socket that a killed server left; `OSError` for anything else in its place."""
    if not address.exists():
        return
    if not stat.S_ISSOCK(address.stat().st_mode):
        raise FileExistsError(f"{address}: found a file that is no socket; name another path")
    with socket.socket(socket.AF_UNIX) as client:
        if client.connect_ex(str(address)) == 0:
            raise FileExistsError(f"{address}: a server answers there; end it or name another path")
    address.unlink()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """One thread a connection; none of them outlives the process."""

    daemon_threads = True

    def __init__(self, address: str, respond: Callable[[Request], Reply], *, moment: int) -> None:
        self.respond = respond
        self.date = formatdate(moment, usegmt=True)
        super().__init__(address, _Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that hung up is no event, and our own errors are replies."""


class _Handler(BaseHTTPRequestHandler):
    """One connection: HTTP's text to a `Request`, and a `Reply` back to text."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def _exchange(self) -> None:
        reply = self.server.respond(self._request())
        self.send_response_only(reply.status)
        for name, value in self._headers(reply).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut

    do_GET = do_HEAD = do_POST = _exchange  # noqa: N815  # as http.server spells them
    do_PUT = do_PATCH = do_DELETE = _exchange  # noqa: N815  # same

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            host=self.headers.get("Host", ""),
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            authorized="Authorization" in self.headers,
            agent=self.headers.get("User-Agent", ""),
            body=self.rfile.read(size),
        )

    def _headers(self, reply: Reply) -> Mapping[str, str]:
        size = str(len(reply.body))
        fixed = {"Server": "github.com", "Date": self.server.date, "Content-Length": size}
        return {**fixed, **reply.headers}

    def log_message(self, *_: object) -> None:
        """Print nothing: the journal is the log."""
