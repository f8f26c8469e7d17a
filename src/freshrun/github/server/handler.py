"""HTTP/1.1 as text on one connection, and the exchange behind it: a request in, a reply out."""

import socketserver
from collections.abc import Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from .api import answer
from .faults import Fault
from .journal import Exchange, Journal
from .recording import Recording
from .resources import seconds
from .wire import Reply, Request, error


class Responder:
    """GitHub as it was when a recording was made, with one fault, each answer in the journal.

    `date` is the moment of the recording, as HTTP writes it.
    """

    def __init__(self, recording: Recording, *, journal: Journal, fault: Fault) -> None:
        """Take what is answered from, where it is written down, and what goes wrong."""
        self.date = formatdate(seconds(recording.recorded_at), usegmt=True)
        self._recording = fault.recorded(recording)
        self._journal = journal
        self._fault = fault

    def __call__(self, request: Request) -> Reply:
        """Return the reply to one request; any thread may ask."""
        reply = self._fault.answered(request, self._recorded(request))
        self.note(request, reply)
        return reply

    def note(self, request: Request, reply: Reply) -> None:
        """Write one exchange down."""
        self._journal.add(
            Exchange(
                method=request.method,
                url=request.url,
                status=reply.status,
                expected=reply.expected,
                authorized=request.authorized,
                agent=request.agent,
            )
        )

    def _recorded(self, request: Request) -> Reply:
        try:
            return answer(self._recording, request)
        except Exception as problem:  # noqa: BLE001  # gh and the journal must show it; stderr is closed
            return error(500, f"the stand-in failed: {problem!r}", expected=False)


class Threaded(socketserver.ThreadingMixIn, socketserver.BaseServer):
    """One thread a connection; none of them outlives the process."""

    daemon_threads = True
    responder: Responder

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that hung up is no event, and our own errors are replies."""


class Handler(BaseHTTPRequestHandler):
    """One connection: HTTP's text to a `Request`, and a `Reply` back to text."""

    protocol_version = "HTTP/1.1"
    server: Threaded

    def _exchange(self) -> None:
        self.send(self.server.responder(self.request_read()))

    do_GET = do_HEAD = do_POST = _exchange  # noqa: N815  # as http.server spells them
    do_PUT = do_PATCH = do_DELETE = _exchange  # noqa: N815  # same

    def request_read(self) -> Request:
        """Return the request whose header has just come, with the body that belongs to it."""
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

    def send(self, reply: Reply) -> None:
        """Send one reply; with `cut`, half of its body, and then nothing more."""
        self.send_response_only(reply.status)
        for name, value in self._headers(reply).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut

    def _headers(self, reply: Reply) -> Mapping[str, str]:
        size = str(len(reply.body))
        date = self.server.responder.date
        fixed = {"Server": "github.com", "Date": date, "Content-Length": size}
        return {**fixed, **reply.headers}

    def log_message(self, *_: object) -> None:
        """Print nothing: the journal is the log."""
