"""A document cut at its headings, with the fences and tables below each."""

import re
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType

from markdown_it import MarkdownIt
from markdown_it.token import Token

from freshrun.model import Row, Table

_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
_BLOCKS.disable(["inline", "text_join"])  # a block's text is looked into only where it is wanted
_INLINE = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with the fences, tables and HTML below it, while the document is walked through."""

    title: str
    level: int
    line: int
    fences: list[Token] = field(default_factory=list)
    html: list[Token] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def outline(text: str) -> list[Part]:
    """Cut a document at its headings; one inside a list or quote is text of the section around."""
    tokens = _BLOCKS.parse(text)
    parts = [Part("", level=0, line=1)]
    for index, token in enumerate(tokens):
        match token.type:
            case "heading_open" if token.level == 0:
                title = _plain_text(tokens[index + 1].content)
                parts.append(Part(title, level=int(token.tag[1:]), line=first_line(token)))
            case "fence" | "code_block":
                parts[-1].fences.append(token)
            case "html_block":
                parts[-1].html.append(token)
            case "table_open":
                parts[-1].tables.append(_table(tokens, start=index))
    first = parts[0]
    return parts if first.fences or first.tables or first.html else parts[1:]


def first_line(token: Token) -> int:
    """Return the line, counted from 1, on which a token begins."""
    return token.map[0] + 1 if token.map else 1


def _plain_text(source: str) -> str:
    """Return the text of a heading as it is read: without emphasis, links and HTML."""
    children = (child for token in _INLINE.parseInline(source) for child in token.children or ())
    texts = (
        " " if child.type == "softbreak" else child.content
        for child in children
        if child.type != "html_inline"
    )
    return "".join(texts).strip()


def _table(tokens: list[Token], *, start: int) -> Table:
    lines: list[int] = []
    rows: list[list[str]] = []
    for index in count(start):
        token = tokens[index]
        match token.type:
            case "tr_open":
                lines.append(first_line(token))
                rows.append([])
            case "inline":
                rows[-1].append(_cell(token.content))
            case "table_close":
                break
    headers = tuple(rows[0])
    return Table(
        line=lines[0],
        headers=headers,
        rows=tuple(
            Row(line, MappingProxyType(dict(zip(headers, row, strict=True))))
            for line, row in zip(lines[1:], rows[1:], strict=True)
        ),
    )


_CODE_SPAN = re.compile(r"(`+)(?!`)(?P<content>.*(?<!`))\1")


def _cell(source: str) -> str:
    """Return the content of a cell that is one code span, else its source."""
    source = source.strip()
    span = _CODE_SPAN.fullmatch(source)
    if span is None or span[1] in re.findall("`+", span["content"]):
        return source
    content = span["content"]
    is_padded = content.startswith(" ") and content.endswith(" ") and content.strip()
    return content[1:-1] if is_padded else content
