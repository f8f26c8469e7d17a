"""When a command in the background counts as started: the value of `ready=`."""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from freshrun.text import Expression


class Signal(Enum):
    """What is looked at."""

    TCP = "tcp"
    """A port that takes connections."""
    HTTP = "http"
    """An address that answers with a status below 400."""
    LOG = "log"
    """A regular expression that a line of its output matches."""
    FILE = "file"
    """A path that exists."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """One signal and where to look for it: a port, an address, an expression or a path."""

    signal: Signal
    value: str


def readiness(text: str) -> Readiness:
    """Return what `ready=` asks for; `ValueError` with what would be right."""
    if re.match(r"https?://", text):
        return Readiness(Signal.HTTP, _address(text))
    kind, _, value = text.partition(":")
    if kind not in {"tcp", "log", "file"} or not value:
        raise ValueError(
            f'"{text}" is no signal; write tcp:PORT, http://HOST:PORT/PATH, log:REGEX or file:PATH'
        )
    if kind == "tcp":
        return Readiness(Signal.TCP, _port(value))
    return Readiness(Signal(kind), _expression(value) if kind == "log" else value)


def _address(text: str) -> str:
    try:
        host = urlsplit(text).hostname
    except ValueError:
        host = None
    if not host:
        raise ValueError(f'"{text}" is no address; write it like http://localhost:8000/health')
    return text


def _port(text: str) -> str:
    largest = 65_535
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= largest:
        raise ValueError(f'"{text}" is no port; write a number from 1 to {largest}')
    return text


def _expression(text: str) -> str:
    try:
        Expression(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is no regular expression: {error}') from None
    return text
