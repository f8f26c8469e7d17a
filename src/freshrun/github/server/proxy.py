"""HTTPS for GitHub's hosts, on a proxy's port: for every program that heeds `HTTPS_PROXY`.

The proxy ends TLS itself for the hosts that a recording answers, with a certificate of an authority
made for this machine alone. Any other host is reached as it is: the proxy carries its bytes and
can't read them.
"""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from .handler import Handler, Responder, Threaded
from .resources import API, STORE
from .tunnel import carry, reach
from .wire import Reply, Request

HOSTS = frozenset(urlsplit(site).netloc for site in (API, STORE))
"""The hosts that a recording answers."""

_PORT = "443"
_LOOPBACK = "127.0.0.1"
_BUNDLES = (
    "/etc/ssl/freshrun-host-ca.pem",  # freshrun's own, where its host trusts a company's proxy
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora and its kin
    "/etc/ssl/ca-bundle.pem",  # openSUSE
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files by which the proxy proves that it is GitHub, to whoever trusts `authority`.

    `trust` is where it writes the bundle for `SSL_CERT_FILE`: all that the machine trusts, and
    `authority`.
    """

    authority: Path
    certificate: Path
    key: Path
    trust: Path

    @classmethod
    def below(cls, folder: Path) -> "Credentials":
        """Return the files as they are named in one folder."""
        names = ("authority.pem", "certificate.pem", "key.pem", "trust.pem")
        return cls(*(folder / name for name in names))


@contextmanager
def proxy(responder: Responder, *, port: int, credentials: Credentials) -> Iterator[None]:
    """Answer on a port of the loopback, inside `with` and to the end of the process.

    `OSError` where that can't be: the port is taken, or a file of `credentials` is not there.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(credentials.certificate, credentials.key)
    credentials.trust.write_bytes(b"\n".join(_bundles(credentials.authority)))
    credentials.trust.chmod(0o644)
    with _listening(port, responder, context) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield


def _bundles(authority: Path) -> list[bytes]:
    """Return every bundle of the machine, and our own authority last."""
    held = [Path(path).read_bytes() for path in _BUNDLES if Path(path).is_file()]
    return [*held, authority.read_bytes()]


def _listening(port: int, responder: Responder, context: ssl.SSLContext) -> "_Proxy":
    try:
        return _Proxy(port, responder, context)
    except OSError as problem:
        raise OSError(f"{_LOOPBACK}:{port}: {problem.strerror}; end what listens there") from None


class _Proxy(Threaded, socketserver.TCPServer):
    """Listens on the loopback, so that nobody outside the machine can use it."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, responder: Responder, context: ssl.SSLContext) -> None:
        self.responder = responder
        self.context = context
        super().__init__((_LOOPBACK, port), _ProxyHandler)


class _ProxyHandler(BaseHTTPRequestHandler):
    """One connection to the proxy: CONNECT, then GitHub's answers or another host's bytes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # small parts of a TLS handshake must not wait for each other
    rbufsize = 0  # what follows CONNECT is TLS: no byte of it may be read ahead
    server: _Proxy

    def do_CONNECT(self) -> None:
        """Become the host that was asked for, or a tunnel to it."""
        self.close_connection = True
        host, _, port = self.path.rpartition(":")
        if host in HOSTS and port == _PORT:
            self._connected()
            with self.server.context.wrap_socket(self.connection, server_side=True) as inside:
                Handler(inside, self.client_address, self.server)
        elif port.isdecimal():
            self._tunnel(host.strip("[]"), int(port))
        else:
            self.send_error(HTTPStatus.BAD_REQUEST, "expected CONNECT HOST:PORT")

    def _tunnel(self, host: str, port: int) -> None:
        try:
            outside = reach(host, port)
        except OSError as problem:
            self._note(HTTPStatus.BAD_GATEWAY)
            self.send_error(HTTPStatus.BAD_GATEWAY, f"{host}:{port}: {problem.strerror}")
            return
        self._note(HTTPStatus.OK)
        with outside:
            self._connected()
            carry(self.connection, outside)

    def _connected(self) -> None:
        self.send_response_only(HTTPStatus.OK, "Connection established")
        self.end_headers()

    def _note(self, status: HTTPStatus) -> None:
        """Write down that another host was asked for; what was said to it, nobody here knows."""
        agent = self.headers.get("User-Agent", "")
        request = Request(method="CONNECT", host=self.path, path="", agent=agent)
        self.server.responder.note(request, Reply(status))

    def log_message(self, *_: object) -> None:
        """Print nothing: the journal is the log."""
