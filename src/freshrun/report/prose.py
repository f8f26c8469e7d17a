"""A Markdown document as its reader sees it, as HTML in which nothing of its own HTML is left.

What the document brings along is text: a tag is taken away, a comment is not shown, an image is
its description. Its anchors have a prefix of their own, so that none is one of the page's.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urljoin

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from freshrun.document import slug
from freshrun.report import words

_ANCHOR = "doc-"
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z][^>]*(?:>|\Z)|<[!?][^>]*(?:>|\Z)")
_OUTSIDE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_FEW_ROWS = 4
"""Rows of a table, up to which a small screen shows it unfolded."""

_ALIGNED = re.compile(r"text-align:(left|right|center)")

Env = MutableMapping[str, object]


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code in a document: what it is called, its text, and the lines it stands on.

    `begins` is the line of the first one of its text; all count from 1.
    """

    info: str
    text: str
    line: int
    end_line: int
    begins: int


@dataclass(frozen=True, slots=True)
class Passage:
    """One block at the top of a document: its HTML, and the last of its lines."""

    html: Markup
    end_line: int


@dataclass(frozen=True, slots=True)
class Reader:
    """How a document is shown: its code blocks by `block`; what nobody may see goes by `hidden`.

    `source` is where the document itself can be read, empty where that is not known.
    """

    block: Callable[[Fence], str]
    hidden: Callable[[str], str] = str
    source: str = ""

    def passages(self, text: str) -> Iterator[Passage]:
        """Yield the blocks at the top of a document, in its order."""
        markdown = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
        markdown.validateLink = _any  # type: ignore[method-assign]  # the parser's documented way
        renderer = _Renderer(self)
        for group in _groups(markdown.parse(_without_front_matter(text))):
            _prepare(group, self.hidden)
            html = renderer.render(group, markdown.options, {})
            last = group[0].map[1] if group[0].map else 0
            yield Passage(Markup(html), last)  # noqa: S704 - made here, each text of it escaped


def _any(url: str) -> bool:  # noqa: ARG001 - the parser's own signature
    return True  # where a link leads is decided by `_target`, once


def _without_front_matter(text: str) -> str:
    """Blank the front matter, so that the lines below keep their numbers."""
    found = _FRONT_MATTER.match(text)
    return "\n" * found[0].count("\n") + text[found.end() :] if found else text


def _groups(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each block at the top."""
    group: list[Token] = []
    depth = 0
    for token in tokens:
        group.append(token)
        depth += token.nesting
        if depth == 0:
            yield group
            group = []


def _prepare(tokens: Sequence[Token], hidden: Callable[[str], str]) -> None:
    headers: list[str] = []
    column = 0
    for index, token in enumerate(tokens):
        match token.type:
            case "inline":
                _hide(token, hidden)
            case "thead_open":
                headers = []
            case "tr_open":
                column = 0
            case "th_open":
                headers.append(_text(tokens[index + 1]))
                _align(token)
            case "td_open":
                token.attrs["data-th"] = headers[column] if column < len(headers) else ""
                _align(token)
                column += 1


def _hide(token: Token, hidden: Callable[[str], str]) -> None:
    """Put in place of a text what may be seen of it, where markup stood between its letters."""
    text = _text(token)
    if hidden(text) != text:
        token.children = [Token("text", "", 0, content=hidden(text))]


def _text(token: Token) -> str:
    """Return what is read of a text that has markup in it."""
    shown = {"text", "code_inline", "image"}
    children = token.children or []
    return words.plain(
        "".join(
            c.content if c.type in shown else " "
            for c in children
            if c.type in shown or c.type.endswith("break")
        )
    )


def _shape(tokens: Sequence[Token], start: int) -> tuple[int, list[str]]:
    """Return how many rows the table has that starts there, and what heads its columns."""
    end = next(at for at in range(start, len(tokens)) if tokens[at].type == "table_close")
    rows = sum(token.type == "tr_open" for token in tokens[start:end])
    heads = [at for at in range(start, end) if tokens[at].type == "th_open"]
    return rows - 1, [_text(tokens[at + 1]) for at in heads]


def _align(token: Token) -> None:
    """Say in a class what the policy of the page lets no attribute say."""
    found = _ALIGNED.match(str(token.attrs.pop("style", "")))
    if found:
        token.attrs["class"] = found[1]


class _Renderer(RendererHTML):
    """Writes the HTML of a document; a method for each kind of token that is not as usual."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._names: Counter[str] = Counter()
        self._levels: list[int] = []
        self._level = 1
        self._links: list[str] = []
        self._folded: list[bool] = []

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a text as it is read."""
        return escape(words.plain(tokens[idx].content))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a piece of code."""
        return f"<code>{escape(words.plain(tokens[idx].content))}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a block of code, with what came of it."""
        return self._block(tokens[idx], below=2)

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a block of code that is indented."""
        return self._block(tokens[idx], below=1)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return what an image shows, in its author's words; nothing is fetched."""
        told = escape(words.plain(tokens[idx].content))
        return f'<span class="image">[image{": " if told else ""}{told}]</span>'

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the text of a piece of HTML."""
        seen = unescape(_TAG.sub("", _UNSEEN.sub("", tokens[idx].content))).strip()
        return f"<p>{escape(self._reader.hidden(words.plain(seen)))}</p>\n" if seen else ""

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return nothing of a tag but the end of a line."""
        return "<br>" if re.match(r"<br\b", tokens[idx].content, re.IGNORECASE) else ""

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the begin of a link that leads somewhere from a page that may lie anywhere."""
        href = self._target(str(tokens[idx].attrs.get("href", "")))
        empty = tokens[idx + 1].type == "link_close"
        self._links.append("" if empty or not href else "a")
        return f'<a href="{escape(href)}" rel="noreferrer">' if self._links[-1] else ""

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the end of a link."""
        return "</a>" if self._links and self._links.pop() else ""

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env
    ) -> str:
        """Return a heading with its anchor; below the page's own, and no level is left out."""
        text = _text(tokens[idx + 1])
        wanted = int(tokens[idx].tag[1:]) + 1
        self._level = min(wanted, self._level + 1, 6)
        self._levels.append(self._level if text.strip() else 0)
        if not text.strip():
            return "<div>"
        name = slug(text)
        again = self._names[name]
        self._names[name] += 1
        anchor = f"{_ANCHOR}{name}-{again}" if again else f"{_ANCHOR}{name}"
        return f'<h{self._level} id="{escape(anchor)}">'

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env
    ) -> str:
        """Return the end of a heading."""
        level = self._levels.pop()
        return f"</h{level}>\n" if level else "</div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a column's header; one that is empty heads nothing."""
        kind = tokens[idx].attrs.get("class")
        given = f' class="{kind}"' if kind else ""
        if not _text(tokens[idx + 1]).strip():
            return f'<td role="cell"{given}>'
        return f'<th role="columnheader" scope="col"{given}>'

    def th_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the end of a column's header."""
        return "</th>" if _text(tokens[idx - 1]).strip() else "</td>"

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a cell that knows its column, for a screen on which each row is a card."""
        attributes = "".join(f' {k}="{escape(str(v))}"' for k, v in tokens[idx].attrs.items())
        return f'<td role="cell"{attributes}>'

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a table that stays one where its rows are cards; many cards are folded there."""
        rows, headers = _shape(tokens, idx)
        if rows <= _FEW_ROWS:
            self._folded.append(False)
            return '<table role="table">\n'
        self._folded.append(True)
        told = ", ".join(filter(None, (header.strip() for header in headers)))
        summary = f"<summary>{rows} rows{': ' if told else ''}{escape(told)}</summary>"
        return f'<details class="rows">{summary}\n<table role="table">\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the end of a table."""
        return "</table></details>\n" if self._folded.pop() else "</table>\n"

    def thead_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the head of a table."""
        return '<thead role="rowgroup">\n'

    def tbody_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return the body of a table."""
        return '<tbody role="rowgroup">\n'

    def tr_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Return a row of a table."""
        return '<tr role="row">'

    def _block(self, token: Token, *, below: int) -> str:
        first, last = token.map or (0, 0)
        return self._reader.block(
            Fence(token.info.strip(), token.content, first + 1, last, first + below)
        )

    def _target(self, href: str) -> str:
        """Return where a link leads: on this page, outside, or at the commit; else nowhere."""
        if href.startswith("#"):
            return f"#{_ANCHOR}{href[1:]}"
        if _OUTSIDE.match(href):
            return href
        named = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//|/", href)
        return urljoin(self._reader.source, href) if self._reader.source and not named else ""
