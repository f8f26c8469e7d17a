"""Shell text that a reader sees and that is not typed: where it is, and what would be right."""

import re
from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from freshrun import shell
from freshrun.model import Block, BlockKind, Untyped

SHELL = "bash|sh|shell|zsh|console|terminal|(?:shell|bash|sh)-session|shellsession"


def unmarked(blocks: Iterable[Block]) -> Iterator[Untyped]:
    """Yield the blocks whose every line is a command that everybody knows, and that nothing marks.

    A transcript without any prompt is one of them too.
    """
    lost = [block for block in blocks if _may_be_lost(block)]
    for block, found in zip(lost, shell.scripts([block.text for block in lost]), strict=True):
        if found and all(each.parses and _COMMAND.match(each.text) for each in found):
            yield Untyped(block.line, _lines(block.text), _WITHOUT_MARK[block.kind])


def _may_be_lost(block: Block) -> bool:
    is_bare = block.kind is BlockKind.OTHER and not block.language
    has_no_prompt = block.kind is BlockKind.TRANSCRIPT and not block.commands
    return (is_bare or has_no_prompt) and _COMMAND.match(_first(block.text)) is not None


_WITHOUT_MARK = {
    BlockKind.OTHER: "this block looks like shell, but nothing marks it; open it with ```bash",
    BlockKind.TRANSCRIPT: "this looks like shell, but no line of it begins with a prompt;"
    " begin each command with `$ `, or open the block with ```bash",
}

_COMMAND = re.compile(
    r"\A(?:sudo\s+(?:-\w+\s+)*)?(?:"
    r"(?:apt|apt-get|dnf|yum|apk|brew|pip3?|pipx|npm|yarn|pnpm|cargo|go|gem|helm|kubectl|docker"
    r"|docker-compose|podman|git|gh|make|systemctl|service|terraform|invoke|pytest|uv)\s+[a-z-]"
    r"|(?:cd|mkdir|rm|cp|mv|chmod|chown|ln|tar|unzip|cat|curl|wget|ssh|scp|rsync|source|psql|bash"
    r"|sh|python3?|node|npx)\s+[-\w./~$\"']+|export\s+\w+=|\./[\w./-]+(?:\s|$)|[A-Z_]+=\S+\s+\S"
    r"|echo\s+[\"'$-])"
)


def _first(text: str) -> str:
    """Return the first line that says something; only where that is a command the text is read."""
    lines = (line.strip() for line in text.split("\n"))
    return next((line for line in lines if line and not line.startswith("#")), "")


def raw(token: Token) -> Iterator[Untyped]:
    """Yield the fences and the marked-up code in a block of HTML, which shows them as text.

    What stands in a comment is seen by nobody.
    """
    begin = token.map[0] + 1 if token.map else 1
    text = _HTML_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), token.content)
    for found in _RAW_FENCE.finditer(text):
        line = begin + text.count("\n", 0, found.start("info"))
        yield Untyped(line, _lines(found["body"]), _NEEDS_BLANK)
    for found in filter(_is_marked, _RAW_CODE.finditer(text)):
        line = begin + text.count("\n", 0, found.start())
        yield Untyped(line, _lines(found["body"]), _NEEDS_FENCE)


_NEEDS_BLANK = (
    "GitHub shows this fence as text, since it stands in HTML; put an empty line in front of it"
)
_NEEDS_FENCE = (
    "this is shell in HTML, which is not typed; put it into a block that opens with ```bash"
)
_HTML_COMMENT = re.compile(r"<!--(?>(?:[^-]|-(?!->))*)(?:-->|\Z)")
_RAW_FENCE = re.compile(
    rf"(?m)^[ \t]*(?P<sign>`{{3,}}|~{{3,}})[ \t]*(?P<info>(?:{SHELL})\b[^\n`]*)\n"
    r"(?P<body>(?>(?:(?![ \t]*(?P=sign))[^\n]*\n)*))"
)
_RAW_CODE = re.compile(r"<(?:pre|code)\b(?P<attributes>[^<>]*+)>(?P<body>[^<]*+)")
_MARK = re.compile(rf"""\b(?:language-|lang-|lang=["']?|highlight-)(?:{SHELL})\b""")


_PROMPT = re.compile(r"\s*+(?:[\w.@:~-]{0,80}+\$|\(\w{1,40}\) \$) \S")


def _is_marked(code: re.Match[str]) -> bool:
    """Tell whether code in HTML says that it is shell: by its language, or by a prompt."""
    named = _MARK.search(code["attributes"]) is not None
    return named or _PROMPT.match(code["body"]) is not None


def _lines(text: str) -> int:
    """Return how many lines say something; a comment is none."""
    lines = (line.strip() for line in text.split("\n"))
    return sum(1 for line in lines if line and not line.startswith("#"))
