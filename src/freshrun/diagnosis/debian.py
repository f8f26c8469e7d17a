"""Which Debian package has a program: a table made from Debian's own index of files."""

import gzip
from functools import cache
from importlib.resources import files

_TABLE = "debian-commands.tsv.gz"


def package_of(command: str) -> str | None:
    """Return the package of Debian 12 (main) that has a program of this name on the usual path."""
    return _packages().get(command)


@cache
def _packages() -> dict[str, str]:
    """Read the table when it is first asked."""
    table = gzip.decompress(files(__package__).joinpath(_TABLE).read_bytes()).decode()
    rows = [line.partition("\t") for line in table.splitlines() if not line.startswith("#")]
    return {command: package for command, _, package in rows}
