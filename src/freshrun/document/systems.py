"""The systems that a document says it works on, as its prose has them: "Debian 12 and 13"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from freshrun.document.reading import parse
from freshrun.model import DocumentError, Runbook

_CODENAMES = {
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "focal": "20.04",
    "jammy": "22.04",
    "noble": "24.04",
}
_VERSION = rf"(?:\d{{1,2}}(?:\.\d+)?|{'|'.join(_CODENAMES)})\b(?: LTS| \(\w+\)|\+)*"
# What follows a version is no noun: "Debian 12, 16 GB", "Ubuntu 22.04 and 2 processors".
_END = r"(?=\W*$|\W*[,.;:)/&|*]|\W+(?:and|or|are|is|was|were|on|with|in|only|under)\b)"
_NAMED = re.compile(
    r"\b(?P<name>Debian|Ubuntu|Fedora|Alpine|CentOS|Rocky|AlmaLinux|RHEL|Red Hat Enterprise Linux"
    r"|openSUSE|SLES|macOS)(?: GNU/Linux| Linux| Stream| Leap| Server)?(?: version| v|:)? ?"
    rf"(?P<versions>{_VERSION}{_END}(?:(?: ?,| ?/|,? and|,? or| ?&) ?{_VERSION}{_END})*)"
    r"(?P<later> (?:or|and) (?:later|newer|higher|above|up)\b)?",
    re.IGNORECASE,
)
_EACH = re.compile(
    rf"(?P<version>\b\d{{1,2}}(?:\.\d+)?|\b(?:{'|'.join(_CODENAMES)}))\b(?!\))(?P<later>\+?)",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\b(?:support(?:s|ed)?|tested|verified|works? (?:on|with)|runs? on|compatib\w+"
    r"|requires?|requirements?|prerequisites?|platforms?|operating systems?|distributions?)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|no|never|unsupported|untested|cannot|except|dropped|deprecated|unlike|fails?|broken"
    r"|before|older|until|instead of|end of life)\b|n['\u2019]t\b|[\u2717\u274c]",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True)
class System:
    """A system that a document says it works on; `later` ones, too, where it says that."""

    name: str
    version: str
    line: int
    later: bool = False

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.name} {self.version}{' or later' if self.later else ''}"

    def matches(self, pretty: str) -> bool:
        """Tell whether that is a machine which calls itself so, such as `Ubuntu 24.04.3 LTS`."""
        found = re.search(r"\b(\d+(?:\.\d+)*)\b", pretty)
        if self.name.casefold() not in pretty.casefold() or not found:
            return False
        wanted, there = self._numbers(self.version), self._numbers(found[1])
        return there[: len(wanted)] == wanted or (self.later and there >= wanted)

    def _numbers(self, version: str) -> tuple[int, ...]:
        return tuple(int(part) for part in version.split("."))


def systems_named(runbook: Runbook) -> tuple[System, ...]:
    """Return the systems that a document says it works on, each once, in its order.

    A sentence, or the heading above it, has to claim that; one that denies something names none.
    """
    found: dict[tuple[str, str], System] = {}
    for number, text in _claims(runbook):
        for match in _NAMED.finditer(text):
            for one in _systems(match, line=number):
                found.setdefault((one.name, one.version), one)
    return tuple(found.values())


def systems_of(text: str, *, path: str) -> tuple[System, ...]:
    """Return the same of a document's text; most name none, and those are not even read."""
    if not _NAMED.search(text):
        return ()
    try:
        return systems_named(parse(text, path=path))
    except DocumentError:
        return ()


def _claims(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield the sentences of the prose that claim something, each with its line."""
    lines = runbook.text.split("\n")
    inside = {n for b in runbook.blocks for n in range(b.line, b.end_line + 1)}
    titles = {section.line: section.title for section in runbook.sections if section.level}
    title = ""
    for number, line in enumerate(lines, 1):
        title = titles.get(number, title)
        if number in inside:
            continue
        for sentence in _SENTENCE.split(line):
            claims = _CLAIM.search(sentence) or _CLAIM.search(title)
            if claims and not _DENIAL.search(sentence) and not _DENIAL.search(title):
                yield number, sentence


def _systems(match: re.Match[str], *, line: int) -> Iterator[System]:
    for each in _EACH.finditer(match["versions"]):
        version = each["version"].casefold()
        later = bool(match["later"] or each["later"])
        yield System(match["name"], _CODENAMES.get(version, version), line, later=later)
