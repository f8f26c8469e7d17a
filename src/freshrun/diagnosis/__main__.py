"""Make the table of `freshrun.diagnosis.debian` anew from Debian's indexes of files.

The indexes are `dists/bookworm/main/Contents-amd64.gz` and `Contents-all.gz` of a Debian mirror:

    python -m freshrun.diagnosis Contents-amd64.gz Contents-all.gz > debian-commands.tsv.gz
"""

import gzip
import re
import sys
from collections.abc import Iterable, Iterator

_PROGRAM = re.compile(r"(?:usr/)?s?bin/(?P<name>[^/\s]+)\s+(?P<packages>\S+)$")
_CROSS = re.compile(r"-linux-gnu|-mingw32|-elf-")

_CHOSEN = {
    # Names that the package's installation makes, so that no index of files has them.
    "awk": "gawk",
    "java": "default-jre-headless",
    "javac": "default-jdk-headless",
    "nc": "netcat-openbsd",
    "php": "php-cli",
    "telnet": "telnet",
    "vi": "vim",
    "vim": "vim",
    "traceroute": "traceroute",
    # Names of several packages, where neither the name nor its length tells the usual one.
    "convert": "imagemagick",
    "go": "golang-go",
    "systemctl": "systemd",
}
_HOMONYMS = {"act", "bat", "fd", "import", "ng", "yarn"}
"""Programs that have nothing in common with the ones that documents mean."""

_HEADER = (
    "# Programs in /usr/bin, /usr/sbin, /bin and /sbin, and the package that has them: facts from\n"
    "# the Contents indexes of Debian 12 (bookworm), main, amd64 and all; made by\n"
    "# `python -m freshrun.diagnosis`. Names of compilers for other machines are left out.\n"
)


def table(lines: Iterable[str]) -> str:
    """Return the table of the lines of Contents indexes: a command, a tab and its package."""
    found: dict[str, set[str]] = {}
    for command, package in _programs(lines):
        found.setdefault(command, set()).add(package)
    chosen = {command: _usual(command, packages) for command, packages in found.items()} | _CHOSEN
    rows = sorted(row for row in chosen.items() if row[0] not in _HOMONYMS)
    return _HEADER + "".join(f"{command}\t{package}\n" for command, package in rows)


def _programs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _PROGRAM.match(line)
        if match and not _CROSS.search(match["name"]):
            for package in match["packages"].split(","):
                yield match["name"], package.rpartition("/")[2]


def _usual(command: str, packages: set[str]) -> str:
    """Return the package of the same name, else the one with the shortest."""
    return min(packages, key=lambda package: (package != command, len(package), package))


def _lines(path: str) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as index:
        yield from index


if __name__ == "__main__":
    made = table(line for path in sys.argv[1:] for line in _lines(path))
    # No time in it, so that the same indexes always make the same file.
    sys.stdout.buffer.write(gzip.compress(made.encode(), mtime=0))
