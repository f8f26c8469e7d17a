"""The verdicts of a JUnit report, whoever wrote it: nested suites, and suites that died, too."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from freshrun.checklist.readers import Keys
from freshrun.checklist.xml_files import xml_document
from freshrun.checklist.xml_readers import XmlPlaces

_RED = ("failure", "error")
_LINES = 3
_LAST_LINE = 65535
"""Older versions of libxml2 count no further."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test case, or a suite that failed as a whole; `line` is 0 where it is not known.

    `element` is its path in the report, as a `Sighting` has it. `message` is why it is red.
    """

    name: str
    red: bool
    message: str
    line: int
    element: Keys


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts of one report; a fault where the file is no JUnit report."""

    rows: tuple[Verdict, ...] = ()
    fault: str = ""


def verdicts(content: bytes) -> Verdicts:
    """Read a report as far as it can be read; what had to be read round is not told here."""
    root = xml_document(content).root
    if root is None:
        return Verdicts()
    rows = tuple(_verdicts(root))
    if not rows and root.tag not in {"testsuites", "testsuite"}:
        return Verdicts(fault=f"is no JUnit report: its root is <{root.tag}>")
    return Verdicts(rows)


def _verdicts(root: etree._Element) -> Iterator[Verdict]:
    places = XmlPlaces()
    for element in root.iter("testcase", "testsuite"):
        reason = next(iter(element.iterchildren(*_RED)), None)
        if element.tag == "testcase" or reason is not None or _died(element):
            yield Verdict(
                name=_name(element),
                red=reason is not None or element.tag == "testsuite",
                message=_message(reason),
                line=_line(element),
                element=places.path(element),
            )


def _died(suite: etree._Element) -> bool:
    """Tell whether a suite counts failures that none of its test cases has."""
    counted = any(suite.get(f"{kind}s", "0").strip("0 ") for kind in ("failure", "error"))
    return counted and next(suite.iter(*_RED), None) is None


def _name(element: etree._Element) -> str:
    parts = (element.get("classname"), element.get("name"))
    return ".".join(part for part in parts if part) or f"a {element.tag} without a name"


def _message(reason: etree._Element | None) -> str:
    """Return why: the attribute, and the first lines of the text."""
    if reason is None:
        return ""
    text = "".join(map(str, reason.itertext())).strip().splitlines()[:_LINES]
    said = [*(reason.get("message") or "").strip().splitlines()[:_LINES], *text]
    lines = dict.fromkeys(line.rstrip() for line in said if line.strip())
    return "\n".join(lines) or str(reason.get("type") or reason.tag)


def _line(element: etree._Element) -> int:
    line = str(element.sourceline)
    return int(line) if line.isdecimal() and int(line) < _LAST_LINE else 0
