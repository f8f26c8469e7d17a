"""An XML file of a run, read as far as it can be: whatever had to be read round is told.

Reports are written by many programs, and cut off by many accidents. No entity of a document's own
is expanded, and nothing outside the document is asked for.
"""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers import expat

from lxml import etree

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
"""How a document begins, and its encoding; UTF-32's marks begin with those of UTF-16."""

_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_UNKNOWN = "\ufffd"
_ARCHIVES = {b"\x1f\x8b": "a gzip archive", b"PK": "a zip archive", b"%PDF": "a PDF"}
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True, slots=True)
class XmlDocument:
    """The root, `None` where nothing could be read; what is wrong with the file, and its line.

    A root with a fault is what could be read round it. `line` is 0 where no line is known.
    """

    root: etree._Element | None
    fault: str = ""
    line: int = 0


@lru_cache(maxsize=2)
def xml_document(content: bytes) -> XmlDocument:
    """Read an XML document; elements lose their namespace, so that plain XPaths find them."""
    if not content.strip():
        return XmlDocument(None, "is not well-formed XML: it is empty", 1)
    archive = next((kind for mark, kind in _ARCHIVES.items() if content.startswith(mark)), "")
    if archive:
        return XmlDocument(None, f"is not well-formed XML: it is {archive}", 1)
    text, problem = _decoded(content)
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        found = text.strip()[:20].encode("unicode_escape").decode()
        return XmlDocument(None, f'is not well-formed XML: it begins with "{found}"', 1)
    if line := _entities(text):
        fault = "is not well-formed XML for us: it declares entities of its own, which nobody reads"
        return XmlDocument(None, fault, line)
    return _plain(_parsed(text, problem))


_Problem = tuple[str, int] | None
"""What is wrong, and in which line."""


def _decoded(content: bytes) -> tuple[str, _Problem]:
    """Return the document's text, and the first place where it is none in its encoding."""
    declared = _DECLARED.match(content.lstrip())
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "") or (
        declared[1].decode() if declared else "utf-8"
    )
    if not content.startswith(tuple(mark for mark, _ in _MARKS)) and "16" in encoding:
        encoding = "utf-8"  # what can be read as ASCII is not UTF-16, whatever it declares
    try:
        return content.decode(encoding), None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        said = f"is not well-formed XML: byte 0x{content[error.start]:02X} is no {error.encoding}"
        return content.decode(encoding, "replace"), (said, line)
    except LookupError:
        said = f'is not well-formed XML: nobody knows its encoding "{encoding}"'
        return content.decode("utf-8", "replace"), (said, 1)


def _entities(text: str) -> int:
    """Return the line of the first entity that the document declares, 0 where it declares none."""
    if "<!ENTITY" not in text or "<!DOCTYPE" not in text:
        return 0
    parser, seen = expat.ParserCreate(), list[int]()

    def declared(*_: object) -> None:
        seen.append(parser.CurrentLineNumber)

    def begun(*_: object) -> None:
        raise _BegunError

    parser.EntityDeclHandler, parser.StartElementHandler = declared, begun
    try:
        parser.Parse(_DECLARATION.sub("", text.lstrip("\ufeff"), count=1), True)  # noqa: FBT003 - expat's own
    except _BegunError:
        return seen[0] if seen else 0
    except (expat.ExpatError, ValueError):
        pass  # whoever can't tell does not read on
    return seen[0] if seen else text.count("\n", 0, text.index("<!ENTITY")) + 1


class _BegunError(Exception):
    """The first element has begun: what stands before it has been read."""


def _parsed(text: str, problem: _Problem) -> XmlDocument:
    """Parse a text, as it stands if that is possible."""
    found = _FORBIDDEN.search(text)
    if found:
        problem = problem or _forbidden(text, found.start(), character=ord(found[0]))
        text = _FORBIDDEN.sub(_UNKNOWN, text)
    try:
        return _done(_root(text, recover=False), problem)
    except etree.XMLSyntaxError as error:
        fault: _Problem = (f"is not well-formed XML: {error.msg}", error.lineno or 0)
    if (forbidden := _forbidden_reference(text)) and not problem:
        fault = forbidden
    text = _REFERENCE.sub(_referenced, text)
    try:
        return _done(_root(text, recover=True), problem or fault)
    except etree.XMLSyntaxError:
        return _done(None, problem or fault)


def _done(root: etree._Element | None, problem: _Problem) -> XmlDocument:
    return XmlDocument(root, *problem) if problem else XmlDocument(root)


def _root(text: str, *, recover: bool) -> etree._Element | None:
    """Parse a text that declares no entities: only of such may any length be read."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        recover=recover,
        encoding="utf-8",
    )
    return etree.fromstring(text.lstrip("\ufeff").encode(), parser)


def _forbidden(text: str, position: int, *, character: int) -> tuple[str, int]:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    place = f"U+{character:04X} in column {column}"
    return f"is not well-formed XML: the character {place} is forbidden there", line


def _forbidden_reference(text: str) -> _Problem:
    for match in _REFERENCE.finditer(text):
        if _referenced(match) == _UNKNOWN:
            return _forbidden(text, match.start(), character=_code(match))
    return None


def _referenced(match: re.Match[str]) -> str:
    """Return a reference as it stands, or what takes the place of a forbidden character."""
    code = _code(match)
    bad = code > _LAST_CHARACTER or code == 0 or _FORBIDDEN.match(chr(code))
    return _UNKNOWN if bad else match[0]


def _code(match: re.Match[str]) -> int:
    digits = match[1] or match[2]
    return int(digits, 16 if match[1] else 10) if len(digits) < 10 else _LAST_CHARACTER + 1  # noqa: PLR2004 - no character has more digits


def _plain(document: XmlDocument) -> XmlDocument:
    """Take the namespaces out of the elements' names, and say so."""
    if document.root is None:
        return document
    first = ""
    for element in document.root.iter("{*}*"):
        name = etree.QName(element)
        if name.namespace:
            first = first or f"its elements are in the namespace {name.namespace}"
            element.tag = name.localname
    if first and not document.fault:
        return XmlDocument(document.root, first, 1)
    return document
