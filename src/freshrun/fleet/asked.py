"""What a caller asks of a run of many: how many at a time, which part of them, and where."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from freshrun.model import FreshrunError

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run, from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        """Return it as a person writes it."""
        return f"{self.number}/{self.of}"


WHOLE = Shard(1, 1)
"""A run that is not split."""


def asked_shard(text: str) -> Shard:
    """Return the shard that a caller asks for; `FreshrunError` for what is none."""
    if not text:
        return WHOLE
    match = _SHARD.fullmatch(text)
    if not match or int(match[1]) > int(match[2]):
        raise FreshrunError(
            f"--shard {text}: 1/4 to 4/4 are right, for the first of four and so on"
        )
    return Shard(int(match[1]), int(match[2]))


def asked_workers(text: str) -> int | None:
    """Return the number that a caller asks for, `None` for none; `FreshrunError` for no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise FreshrunError(f"--workers {text}: a number from 1 up is right")
    return int(text)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler of Dask's, and the files that prove who speaks to it; Dask's own where empty."""

    address: str
    ca_file: str = ""
    cert: str = ""
    key: str = ""

    @property
    def encrypted(self) -> bool:
        """Tell whether nobody can read on the way what is sent there."""
        return self.address.startswith("tls://")


_ADDRESS = re.compile(
    r"(?:(?P<scheme>tcp|tls)://)?(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})"
)


def asked_cluster(text: str, *, plain_tcp: bool, files: Mapping[str, str]) -> Cluster | None:
    """Return the cluster that a caller asks for, `None` for none.

    `text` is an address, or the JSON file in which a scheduler leaves it; `files` are those of TLS,
    by the fields of `Cluster`. `FreshrunError` for what is no address, and for one of another
    host's that does without TLS, unless `plain_tcp` allows that.
    """
    if not text:
        if plain_tcp or any(files.values()):
            raise FreshrunError("--plain-tcp and the files of TLS go with --cluster ADDRESS")
        return None
    address = _left_in(Path(text)) if text.endswith(".json") else text
    match = _ADDRESS.fullmatch(address)
    if not match:
        raise FreshrunError(f"--cluster {address}: tls://HOST:8786 is right, or a scheduler's file")
    scheme = match["scheme"] or ("tcp" if _is_here(match["host"]) else "tls")
    if scheme == "tcp" and not (plain_tcp or _is_here(match["host"])):
        raise FreshrunError(
            f"--cluster {address}: repository and secrets could be read on their way there; "
            f"tls://{match['host']}:{match['port']} is right, or --plain-tcp in a network that is "
            "nobody else's"
        )
    for name, path in files.items():
        if path and not Path(path).is_file():
            raise FreshrunError(f"--tls-{name}: there is no file {path}")
    return Cluster(f"{scheme}://{match['host']}:{match['port']}", **files)


def _left_in(path: Path) -> str:
    """Return the address in a file that a scheduler left."""
    try:
        found: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FreshrunError(f"--cluster {path}: no scheduler left its address: {error}") from None
    return str(found.get("address", "")) if isinstance(found, dict) else ""


def _is_here(host: str) -> bool:
    """Tell whether a host is this one, by a name that leads nowhere else."""
    from ipaddress import ip_address  # noqa: PLC0415 - most calls ask for no cluster

    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
