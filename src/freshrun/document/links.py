"""The links of a Markdown document, and the anchors that it offers, as GitHub shows it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link or an image leads, as the document says it, and the line that says so."""

    line: int
    target: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a document links to, in its order, and what can be linked to in it, without `#`."""

    links: tuple[Link, ...]
    anchors: frozenset[str]


def page(text: str) -> Page:
    """Return the links and anchors of a document; what stands in code is neither."""
    walk = _Walk()
    for token in _MARKDOWN.parse(_without_front_matter(text)):
        walk.see(token)
    return Page(tuple(walk.links), frozenset(walk.anchors))


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading's text: no punctuation, `-` for a blank."""
    kept = (each for each in heading.lower() if _is_kept(each))
    return "".join(kept).replace(" ", "-")


def _is_kept(character: str) -> bool:
    # GitHub keeps what Unicode counts as part of a word; an emoji is not, its selector is.
    category = unicodedata.category(character)
    return character in "- " or category[0] in "LM" or category in {"Nd", "Nl", "Pc"}


_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[\"'\w].*?:).*?^---[ \t]*$", re.DOTALL | re.MULTILINE)


def _without_front_matter(text: str) -> str:
    """Blank the front matter, so that the lines below keep their numbers."""
    found = _FRONT_MATTER.match(text)
    return "\n" * text.count("\n", 0, found.end()) + text[found.end() :] if found else text


_MARKDOWN = MarkdownIt("commonmark").enable("table")


def _any(url: str) -> bool:  # noqa: ARG001 - the parser's own signature
    return True  # a link that no browser follows is read too


_MARKDOWN.validateLink = _any  # type: ignore[method-assign]  # the parser's documented way


class _Walk:
    """One way through a document, from the top."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.anchors: set[str] = set()
        self._headings: Counter[str] = Counter()
        self._in_heading = False

    def see(self, token: Token) -> None:
        line = token.map[0] + 1 if token.map else 1
        match token.type:
            case "heading_open" | "heading_close":
                self._in_heading = token.type == "heading_open"
            case "inline":
                self._inline(token.children or [], line=line)
                if self._in_heading:
                    self._heading("".join(_texts(token.children or [])))
            case "html_block":
                self._html(token.content, line=line)

    def _inline(self, children: list[Token], *, line: int) -> None:
        linked = 0
        for child in children:
            linked += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            match child.type:
                case "text":
                    self.anchors |= set(_GIVEN.findall(child.content))
                    bare = () if linked else _bare(child.content)
                    self.links += [Link(line, address) for address in bare]
                case "link_open" | "image":
                    target = child.attrs.get("href", child.attrs.get("src", ""))
                    self.links.append(Link(line, str(target)))
                case "html_inline":
                    self._html(child.content, line=line)
                    line += child.content.count("\n")
                case "softbreak" | "hardbreak":
                    line += 1

    def _heading(self, text: str) -> None:
        if _GIVEN.search(text):
            self.anchors.add(slug(_GIVEN.sub("", text).strip()))
        name = slug(text)
        again = self._headings[name]
        self._headings[name] += 1
        self.anchors.add(f"{name}-{again}" if again else name)

    def _html(self, text: str, *, line: int) -> None:
        html = _Html(text)
        self.links += [Link(line + below, target) for below, target in html.targets]
        self.anchors |= html.names
        for heading in html.headings:
            self._heading(heading)


_GIVEN = re.compile(r"\{:?\s*#([\w:.-]++)[^{}\n]*\}")
"""An anchor that the document gives, as `## Title {#id}`: GitHub shows it, site builders use it."""
_BARE = re.compile(r"(?<![\w/.@-])https?://[^\s<]+", re.IGNORECASE)


def _bare(text: str) -> Iterator[str]:
    """Yield the addresses that GitHub makes links of, without the punctuation behind them."""
    for found in _BARE.finditer(text):
        address = found[0].rstrip("?!.,:*_~'\"")
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip("?!.,:*_~'\"")
        yield address


def _texts(children: list[Token]) -> Iterator[str]:
    """Yield what is read of a heading: an image and a tag have no text."""
    for child in children:
        if child.type in {"text", "code_inline"}:
            yield child.content
        elif child.type in {"softbreak", "hardbreak"}:
            yield " "


# What a browser takes for comments and tags. Each alternative runs to the end of the text where
# nothing closes it, so that no piece is read twice, whatever the text is.
_PIECE = re.compile(
    r"<!--(?:-?>|.*?(?:-->|\Z))"
    r"|<(?P<raw>script|style)\b.*?(?:</(?P=raw)\b[^>]*+>?|\Z)"
    r"|<[!?][^>]*+>?"
    r"|</(?P<end>[a-z][^\s/>]*+)[^>]*+>?"
    r"|<(?P<start>[a-z][^\s/>]*+)"
    r"(?P<given>(?>(?:[^>\"'=]++|=\s*+(?:\"[^\"]*+\"?|'[^']*+'?)?|[\"'])*))>?"
    r"|(?P<text>[^<]++|<)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s\"'>/=]++)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)|'(?P<single>[^']*+)|(?P<bare>[^\s>]++)))?"
)


class _Html:
    """What a piece of HTML links to, names, and has for headings; comments say nothing."""

    def __init__(self, text: str) -> None:
        self.targets: list[tuple[int, str]] = []
        self.names: set[str] = set()
        self.headings: list[str] = []
        self._heading: list[str] | None = None
        self._read(text)

    def _read(self, text: str) -> None:
        line = 0
        for piece in _PIECE.finditer(text):
            if piece["start"]:
                self._begins(piece["start"].lower(), _attributes(piece["given"]), line=line)
            elif piece["end"]:
                self._ends(piece["end"].lower())
            elif piece["text"] and self._heading is not None:
                self._heading.append(unescape(piece["text"]))
            line += piece[0].count("\n")

    def _begins(self, tag: str, given: Mapping[str, str], *, line: int) -> None:
        for wanted in (("a", "href"), ("img", "src")):
            if tag == wanted[0] and wanted[1] in given:
                self.targets.append((line, given[wanted[1]]))
        self.names |= {given[name] for name in ("id", "name") if name in given}
        if re.fullmatch("h[1-6]", tag):
            self._heading = []

    def _ends(self, tag: str) -> None:
        if self._heading is not None and re.fullmatch("h[1-6]", tag):
            self.headings.append("".join(self._heading).strip())
            self._heading = None


def _attributes(text: str) -> Mapping[str, str]:
    """Return the attributes of a tag that have a value; of two with one name the last."""
    found = (
        (each["name"].lower(), each["double"] or each["single"] or each["bare"] or "")
        for each in _ATTRIBUTE.finditer(text)
    )
    return {name: unescape(value) for name, value in found if value}
