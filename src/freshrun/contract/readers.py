"""Readers of a failing run's outputs: the IDs that stand where a selector points."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import jsonpath
from lxml import etree


@dataclass(frozen=True, slots=True)
class Sighting:
    """One ID, and its place in the output that holds it.

    `span` is its range of characters in `text_of(content)`, known for regular expressions only;
    `place` is a path in the XML or JSON tree, or the span in words, and unique in the output.
    """

    value: str
    place: str
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selector yields from one output, in order, or why it could not be applied."""

    sightings: tuple[Sighting, ...] = ()
    fault: str = ""


Selector = Callable[[bytes], Selected]


class SelectorError(ValueError):
    """A selector that can't be compiled; its text says what is wrong with it."""


def text_of(content: bytes) -> str:
    r"""Return an output as text: UTF-8, bad bytes as `\xNN`."""
    return content.decode(errors="backslashreplace")


def by_expression(source: str) -> Selector:
    """Return the reader for a regular expression in multi-line mode whose one group is the ID."""
    pattern = expression(source, flags=re.MULTILINE)
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


def expression(source: str, *, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Compile a regular expression; `SelectorError` where it is none."""
    try:
        return re.compile(source, flags)
    except re.error as error:
        raise SelectorError(f"{source} is not a regular expression: {error}") from error


def _matched(pattern: re.Pattern[str], content: bytes) -> Selected:
    found = (match for match in pattern.finditer(text_of(content)) if match[1] is not None)
    return Selected(
        tuple(Sighting(m[1], f"characters {m.start(1)}-{m.end(1)}", m.span(1)) for m in found)
    )


def _at_xpath(path: etree.XPath, content: bytes) -> Selected:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
        yielded: object = path(root)
    except (etree.XMLSyntaxError, etree.XPathError, ValueError) as error:
        return Selected(fault=f"is not well-formed XML: {error}")
    nodes = yielded if isinstance(yielded, list) else [yielded]
    texts = [node for node in nodes if isinstance(node, etree._ElementUnicodeResult)]  # noqa: SLF001 - lxml has no public name for it
    if len(texts) < len(nodes):
        return Selected(fault=f"{path.path} selects no text; end it with /@attribute or /text()")
    return Selected(tuple(_xml_sighting(root, text) for text in texts if text))


def _xml_sighting(root: etree._Element, text: etree._ElementUnicodeResult) -> Sighting:
    parent = text.getparent()
    path = "computed" if parent is None else str(root.getroottree().getpath(parent))
    part = str(text.attrname) if text.is_attribute else "tail" if text.is_tail else "text"
    return Sighting(str(text), f"{path} {part}")


def _at_jsonpath(path: jsonpath.JSONPath | jsonpath.CompoundJSONPath, content: bytes) -> Selected:
    try:
        matches = list(path.finditer(json.loads(content)))
    except (ValueError, RecursionError) as error:
        return Selected(fault=f"is not JSON: {error}")
    except jsonpath.JSONPathError as error:
        return Selected(fault=f"{path} can't be applied: {error}")
    if not all(isinstance(match.obj, str) for match in matches):
        return Selected(fault=f"{path} selects more than strings")
    return Selected(tuple(Sighting(str(match.obj), match.path) for match in matches))
