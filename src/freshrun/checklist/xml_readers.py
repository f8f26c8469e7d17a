"""Readers of XML outputs: the IDs that stand where an XPath points."""

from functools import partial

from lxml import etree

from freshrun.checklist.readers import Keys, Selected, Selector, SelectorError, Sighting
from freshrun.checklist.xml_files import xml_document


def by_xpath(source: str) -> Selector:
    """Return the reader for an XPath that yields attributes or text of an XML document."""
    try:
        path = etree.XPath(source)
        path(etree.Element("empty"))  # unknown functions and prefixes show only now
    except etree.XPathError as error:
        raise SelectorError(f"{source} is not an XPath: {error}") from error
    return partial(_at_xpath, path)


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
