"""What programs take: their commands and options, as their own help tells."""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class Usage:
    """What one command takes: its options, each with whether a value follows, and its commands."""

    options: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manual:
    """What one version of a program takes, by the words of each command; its own are under ""."""

    program: str
    version: str
    usages: Mapping[str, Usage]


_HEADING = re.compile(r"\A[A-Z][\w ()/-]*:?\Z")
_OPTION = re.compile(
    r" {2,8}(?:(?P<short>-\w)(?:, ?| |\Z))?(?P<long>--[a-zA-Z][\w-]*)?(?P<rest>[^\n]*)"
)
_COMMAND = re.compile(r" {2,4}(?P<name>[a-z][\w-]*)(?::|\*)?(?:  |\Z)")


def usage_of(help_text: str) -> Usage:
    """Return what a help text tells, in the form of Go's cobra: gh, docker, kubectl, helm ..."""
    options: dict[str, bool] = {}
    commands: list[str] = []
    heading = ""
    for line in help_text.split("\n"):
        if _HEADING.match(line):
            heading = line.lower()
        elif "command" in heading and (found := _COMMAND.match(line)):
            commands.append(found["name"])
        elif "example" not in heading and "usage" not in heading:
            options |= _options(line)
    return Usage(options, tuple(dict.fromkeys(commands)))


def _options(line: str) -> dict[str, bool]:
    found = _OPTION.match(line)
    if found is None or not (found["short"] or found["long"]):
        return {}
    names = [name for name in (found["short"], found["long"]) if name]
    return dict.fromkeys(names, _takes_value(found["rest"]))


def _takes_value(rest: str) -> bool:
    """Tell it from what stands behind the name: ` string  what`, `='':`, ` <file>  what`."""
    if rest.startswith("="):
        return not rest.startswith(("=true", "=false"))
    return re.match(r" \S", rest) is not None


_ALIAS = re.compile(r"(?:^|, )(?P<program>[a-z]+) (?P<words>[a-z][\w -]*)")


def aliases_of(help_text: str, program: str) -> Iterator[str]:
    """Yield the other words for a command, as its help lists them."""
    heading = ""
    for line in help_text.split("\n"):
        heading = line.lower() if _HEADING.match(line) else heading
        if heading.startswith("aliases"):
            for found in _ALIAS.finditer(line.strip()):
                if found["program"] == program:
                    yield found["words"].strip()


# --- the shipped table ---


class _Written(TypedDict):
    """A program in the file: an option that a value follows ends in `=`."""

    version: str
    usages: Mapping[str, tuple[list[str], list[str]]]


@cache
def manuals() -> Mapping[str, Manual]:
    """Return the manuals that come with freshrun, by program."""
    data = files("freshrun.lint").joinpath("manuals.json.gz").read_bytes()
    written: Mapping[str, _Written] = json.loads(gzip.decompress(data))
    return {name: _read(name, each) for name, each in written.items()}


def _read(program: str, written: _Written) -> Manual:
    usages = {
        words: Usage({each.rstrip("="): each.endswith("=") for each in options}, tuple(commands))
        for words, (options, commands) in written["usages"].items()
    }
    return Manual(program, written["version"], usages)


def written(known: Mapping[str, Manual]) -> bytes:
    """Return manuals as the file that freshrun ships."""
    table = {
        name: {
            "version": manual.version,
            "usages": {
                words: (
                    [f"{name}=" if value else name for name, value in usage.options.items()],
                    list(usage.commands),
                )
                for words, usage in manual.usages.items()
            },
        }
        for name, manual in known.items()
    }
    return gzip.compress(json.dumps(table, separators=(",", ":")).encode(), mtime=0)
