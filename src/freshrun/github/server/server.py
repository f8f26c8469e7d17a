"""HTTP/1.1 on a Unix socket, for gh's `http_unix_socket`."""

import socket
import socketserver
import stat
from pathlib import Path

from .handler import Handler, Responder, Threaded


def serve(responder: Responder, *, address: Path) -> None:
    """Answer requests until the process ends; `OSError` where the socket can't be made.

    The socket stands at `address`, for every user, from the moment when it answers; it goes with
    the server.
    """
    _clear(address)
    nascent = address.with_name(f".{address.name}.new")
    nascent.unlink(missing_ok=True)
    with _Server(str(nascent), responder) as server:
        nascent.chmod(0o666)
        nascent.rename(address)
        try:
            server.serve_forever()
        finally:
            address.unlink(missing_ok=True)


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


class _Server(Threaded, socketserver.UnixStreamServer):
    """Listens on a Unix socket."""

    def __init__(self, address: str, responder: Responder) -> None:
        self.responder = responder
        super().__init__(address, Handler)
