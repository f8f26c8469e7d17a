"""Readers of a failing run's outputs: the IDs that stand where a selector points."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import jsonpath
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import IndexSelector, NameSelector
from lxml import etree

from freshrun.checklist.json_files import json_documents
from freshrun.checklist.xml_files import xml_document
from freshrun.model import FreshrunError
from freshrun.text import Expression

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")

Keys = tuple[str | int, ...]
"""Where a value stands in an output: the keys that lead to it from the root."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One ID, and its place in the output that holds it.

    `span` is its range of characters in `text_of(content)`, known for regular expressions only;
    `place` is a path in the XML or JSON tree, or the span in words, and unique in the output.
    `path` leads to the ID, and its first `unit` keys to what it is said of: the test case, the
    JSON object, the line.
    """

    value: str
    place: str
    span: tuple[int, int] | None = None
    path: Keys = ()
    unit: int = 0


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selector yields from one output, in order, and why that is not all, or nothing.

    `line` is that of the fault, 0 where none is known. `nulls` is how often it met a JSON null,
    which names nothing. `is_foreign` tells of JSON that has other keys than those that the selector
    asks for; one whose list is empty is none.
    """

    sightings: tuple[Sighting, ...] = ()
    fault: str = ""
    line: int = 0
    nulls: int = 0
    is_foreign: bool = False


Selector = Callable[[bytes], Selected]


class SelectorError(ValueError):
    """A selector that can't be compiled; its text says what is wrong with it."""


def text_of(content: bytes) -> str:
    r"""Return an output as text: UTF-8, bad bytes as `\xNN`."""
    return content.decode(errors="backslashreplace")


def by_expression(source: str) -> Selector:
    """Return the reader for a regular expression in multi-line mode whose one group is the ID."""
    pattern = expression(source, multi_line=True)
    if pattern.groups != 1:
        raise SelectorError(f"{source} has {pattern.groups} groups; exactly one, the ID, is right")
    return partial(_matched, pattern)


def by_xpath(source: str) -> Selector:
    """Return the reader for an XPath that yields attributes or text of an XML document."""
    try:
        path = etree.XPath(source)
        path(etree.Element("empty"))  # unknown functions and prefixes show only now
    except etree.XPathError as error:
        raise SelectorError(f"{source} is not an XPath: {error}") from error
    return partial(_at_xpath, path)


def by_jsonpath(source: str) -> Selector:
    """Return the reader for a JSONPath that yields strings of a JSON document."""
    try:
        path = jsonpath.compile(source)
    except jsonpath.JSONPathError as error:
        reason = str(error).partition("\n")[0]
        raise SelectorError(f"{source} is not a JSONPath: {reason}") from error
    return partial(_at_jsonpath, path)


def expression(source: str, *, multi_line: bool = False) -> Expression:
    """Compile a regular expression; `SelectorError` where it is none."""
    try:
        return Expression(source, multi_line)
    except ValueError as error:
        raise SelectorError(f"{source} is not a regular expression: {error}") from error


def _matched(pattern: Expression, content: bytes) -> Selected:
    try:
        return Selected(tuple(_in_lines(pattern, text_of(content))))
    except FreshrunError as error:
        return Selected(fault=f"can't be searched: {error}")


def _in_lines(pattern: Expression, text: str) -> Iterator[Sighting]:
    """Yield what is found in a text as a terminal shows it: without the escapes of its colours."""
    shown, shifts = _without_escapes(text)
    line, position = 1, 0
    for match in pattern.finditer(shown):
        if match[1] is None:
            continue
        line, position = line + shown.count("\n", position, match.start(1)), match.start(1)
        start, end = (place + _shift(shifts, place) for place in match.span(1))
        yield Sighting(match[1], f"characters {start}-{end}", (start, end), (line,), 1)


_Shifts = tuple[list[int], list[int]]
"""Places in the shown text, and how much further on they are in the text itself."""


def _without_escapes(text: str) -> tuple[str, _Shifts]:
    shown: list[str] = []
    places, shifts = [0], [0]
    length = end = 0
    for escape in _ESCAPE.finditer(text) if "\x1b" in text else ():
        shown.append(text[end : escape.start()])
        length, end = length + escape.start() - end, escape.end()
        places.append(length)
        shifts.append(end - length)
    return "".join((*shown, text[end:])), (places, shifts)


def _shift(shifts: _Shifts, place: int) -> int:
    return shifts[1][bisect_right(shifts[0], place) - 1]


def _at_xpath(path: etree.XPath, content: bytes) -> Selected:
    document = xml_document(content)
    if document.root is None:
        return Selected(fault=document.fault, line=document.line)
    try:
        yielded: object = path(document.root)
    except (etree.XPathError, ValueError) as error:
        return Selected(fault=f"{path.path} can't be applied: {error}")
    nodes = yielded if isinstance(yielded, list) else [yielded]
    texts = [node for node in nodes if isinstance(node, etree._ElementUnicodeResult)]  # noqa: SLF001 - lxml has no public name for it
    if len(texts) < len(nodes):
        return Selected(fault=f"{path.path} selects no text; end it with /@attribute or /text()")
    places = XmlPlaces()
    found = tuple(_xml_sighting(places, text) for text in texts if text)
    return Selected(found, document.fault, document.line)


class XmlPlaces:
    """Where the elements of one document stand; each parent's children are counted once."""

    def __init__(self) -> None:
        self._numbers: dict[etree._Element, int] = {}
        self._counted: set[etree._Element] = set()

    def path(self, element: etree._Element) -> Keys:
        """Return the numbers of the children that lead to an element from the root."""
        return tuple(self._number(one) for one in self._lineage(element))

    def unit(self, element: etree._Element) -> int:
        """Return how many keys of an element's path lead to what it is said of.

        That is its test case, else its suite, else the whole report.
        """
        lineage = self._lineage(element)
        for noun in ("testcase", "testsuite"):
            for depth in range(len(lineage), 0, -1):
                if lineage[depth - 1].tag == noun:
                    return depth
        return 0

    def _lineage(self, element: etree._Element) -> list[etree._Element]:
        return [*reversed(list(element.iterancestors())), element]

    def _number(self, element: etree._Element) -> int:
        parent = element.getparent()
        if parent is not None and parent not in self._counted:
            self._counted.add(parent)
            self._numbers.update({child: number for number, child in enumerate(parent)})
        return self._numbers.get(element, 0)


def _xml_sighting(places: XmlPlaces, text: etree._ElementUnicodeResult) -> Sighting:
    parent = text.getparent()
    if parent is None:
        return Sighting(str(text), "computed")
    part = str(text.attrname) if text.is_attribute else "tail" if text.is_tail else "text"
    path = places.path(parent)
    keys = "/".join(map(str, path))
    return Sighting(str(text), f"/{keys} {part}", path=(*path, part), unit=places.unit(parent))


_ONE_KEY = (NameSelector, IndexSelector)
_JsonPath = jsonpath.JSONPath | jsonpath.CompoundJSONPath


def _at_jsonpath(path: _JsonPath, content: bytes) -> Selected:
    read = json_documents(content)
    trailing, many = _trailing(path), len(read.documents) > 1
    sightings: list[Sighting] = []
    nulls, others = 0, list[str]()
    for number, document in enumerate(read.documents):
        try:
            matches = list(path.finditer(document)) if isinstance(document, (dict, list)) else []
        except (jsonpath.JSONPathError, RecursionError) as error:
            return Selected(tuple(sightings), f"{path} can't be applied: {error}")
        for match in matches:
            if isinstance(match.obj, str):
                sightings.append(_json_sighting(match, number if many else None, trailing))
            elif match.obj is None:
                nulls += 1
            else:
                others.append(f"{match.path} is {str(match.obj)[:40]}")
    fault = f"{path} selects more than strings: {others[0]}" if others else ""
    if read.documents and not any(isinstance(one, (dict, list)) for one in read.documents):
        fault = f"is {str(read.documents[0])[:40]!r} and no JSON object or list"
    is_foreign = not (sightings or nulls or others) and not any(
        _is_bare(path, one) for one in read.documents
    )
    return Selected(tuple(sightings), read.fault or fault, read.line, nulls, is_foreign)


def _is_bare(path: _JsonPath, document: object) -> bool:
    """Tell whether the list or map that a JSONPath chooses from is there, and holds nothing."""
    node = document
    for segment in path.segments if isinstance(path, jsonpath.JSONPath) else ():
        key = segment.selectors[0]
        if isinstance(segment, JSONPathRecursiveDescentSegment):
            return False
        if not isinstance(key, NameSelector):
            return isinstance(node, dict | list) and not node
        if not isinstance(node, dict) or key.name not in node:
            return False
        node = node[key.name]
    return False


def _json_sighting(match: jsonpath.JSONPathMatch, document: int | None, trailing: int) -> Sighting:
    keys: Keys = tuple(match.parts)
    unit = max(len(keys) - trailing, 0)
    if document is None:
        return Sighting(str(match.obj), match.path, path=keys, unit=unit)
    place = f"document {document + 1}: {match.path}"
    return Sighting(str(match.obj), place, path=(document, *keys), unit=unit + 1)


def _trailing(path: _JsonPath) -> int:
    """Return how many keys stand behind the last place where a JSONPath chooses among several."""
    keys = 0
    for segment in reversed(path.segments if isinstance(path, jsonpath.JSONPath) else ()):
        selectors = segment.selectors
        if len(selectors) != 1 or not isinstance(selectors[0], _ONE_KEY):
            return keys
        keys += 1
        if isinstance(segment, JSONPathRecursiveDescentSegment):
            return keys
    return keys or 1
