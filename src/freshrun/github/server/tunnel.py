"""A connection to a host that no recording answers, carried through byte for byte."""

import socket
import threading
from contextlib import suppress

PATIENCE = 30.0
"""After how many seconds a host that does not answer counts as out of reach."""

_CHUNK = 1 << 16


def reach(host: str, port: int) -> socket.socket:
    """Return a connection to a host; `OSError` where there is none to be had."""
    connection = socket.create_connection((host, port), timeout=PATIENCE)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def carry(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways, unread and unchanged, until both sides have ended."""
    back = threading.Thread(target=_carry, args=(other, one), daemon=True)
    back.start()
    _carry(one, other)
    back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Carry one way; a side that ends in order leaves the other way open, as TCP does."""
    try:
        while data := source.recv(_CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
