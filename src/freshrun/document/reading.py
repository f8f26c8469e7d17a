"""Markdown text as a `Runbook`: CommonMark with tables, and YAML front matter."""

import errno
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from freshrun.document.blocks import (
    Document,
    is_shell,
    sections,
)
from freshrun.document.containers import Opened, Tab, not_followed, opened
from freshrun.document.front_matter import front_matter
from freshrun.document.outline import Part, first_line, outline
from freshrun.document.untyped import raw
from freshrun.document.untyped import unmarked as unmarked_shell
from freshrun.model import (
    Block,
    DocumentError,
    Runbook,
    Section,
    Settings,
    Untyped,
    did_you_mean,
)


def read(path: str | os.PathLike[str], *, unmarked: str = "") -> Runbook:
    """Return the runbook in a file; `DocumentError` where it can't be read as one.

    `unmarked` is what blocks without a language are, `text` or `shell`, whatever the document says.
    """
    name = os.fspath(path)
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise DocumentError(f"{name}: {_why_unreadable(error, Path(name))}") from None
    return parse(data, path=name, unmarked=unmarked)


def settings_of(path: str | os.PathLike[str]) -> Settings:
    """Return the settings of a document alone; `DocumentError` where they can't be read."""
    name = os.fspath(path)
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise DocumentError(f"{name}: {_why_unreadable(error, Path(name))}") from None
    return front_matter(re.split(r"\r\n?|\n", _decoded(data, path=name)), path=name)[0]


def parse(source: str | bytes, *, path: str, unmarked: str = "") -> Runbook:
    """Return the runbook that `source` says; `path` names it in its commands and in errors.

    Lines end as CommonMark says, with LF, CRLF or CR; commands have LF. `DocumentError` where the
    bytes are no text, or where the settings or the options of a block are wrong. `unmarked` goes
    before what the document itself says of blocks without a language.
    """
    data = source.encode(errors="surrogatepass") if isinstance(source, str) else source
    lines = re.split(r"\r\n?|\n", _decoded(data, path=path))
    settings, taken = front_matter(lines, path=path)
    body = opened([""] * taken + lines[taken:], mdx=path.endswith(".mdx"))
    parts = outline("\n".join(body.lines))
    passed_over = _passed_over(body, parts)
    document = Document(
        path,
        strict=settings.declared,
        unmarked=(unmarked or settings.unmarked) == "shell",
        independent=settings.sections == "independent",
        elsewhere=frozenset(
            line for tab in passed_over for line in range(tab.line, tab.end_line + 1)
        ),
    )
    found = _numbered(sections(parts, document))
    return Runbook(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        sections=found,
        settings=replace(settings, unmarked=unmarked or settings.unmarked),
        text="\n".join(lines),
        untyped=_untyped(found, parts, body=body, passed_over=passed_over),
    )


def _passed_over(body: Opened, parts: list[Part]) -> tuple[Tab, ...]:
    if not body.tabs:
        return ()
    fences = [first_line(fence) for part in parts for fence in part.fences if is_shell(fence)]
    return tuple(not_followed(body.tabs, with_shell=fences))


def _untyped(
    found: tuple[Section, ...], parts: list[Part], *, body: Opened, passed_over: tuple[Tab, ...]
) -> tuple[Untyped, ...]:
    """Return the shell text that is not typed, in the document's order."""
    blocks = (block for section in found for block in section.blocks)
    lost = [
        *unmarked_shell(blocks),
        *(each for part in parts for token in part.html for each in raw(token)),
        *(
            Untyped(
                tab.line, 0, f'the tab "{tab.title}" is passed over for another one', counts=False
            )
            for tab in passed_over
        ),
        *(
            Untyped(first, 0, "what stands in a comment of MDX is seen by no reader", counts=False)
            for first, _ in body.comments
        ),
    ]
    return tuple(sorted(lost, key=lambda each: each.line))


def _numbered(found: Iterable[Section]) -> tuple[Section, ...]:
    """Give each command its number in the document."""
    numbers = count(1)
    return tuple(
        replace(section, blocks=tuple(_with_numbers(block, numbers) for block in section.blocks))
        for section in found
    )


def _with_numbers(block: Block, numbers: Iterator[int]) -> Block:
    commands = (replace(command, number=next(numbers)) for command in block.commands)
    return replace(block, commands=tuple(commands))


def require_commands(runbook: Runbook) -> Runbook:
    """Return the runbook if it has a command; `DocumentError` that counts its blocks if not."""
    if runbook.commands:
        return runbook
    languages = Counter(block.language or "unmarked" for block in runbook.blocks)
    if not languages and not runbook.untyped:
        raise DocumentError(
            f"{runbook.path}: no shell command found, for it has no fenced code block;"
            " a command stands in a block that opens with ```bash"
        )
    if lost := [each for each in runbook.untyped if each.counts]:
        more = f" (and {len(lost) - 1} more like it)" if len(lost) > 1 else ""
        raise DocumentError(
            f"{runbook.path}:{lost[0].line}: no shell command found: {lost[0].why}{more}"
        )
    counted = ", ".join(f"{number} {language}" for language, number in languages.most_common())
    raise DocumentError(
        f"{runbook.path}: no shell command found in its code blocks ({counted});"
        " mark shell bash, or console where lines begin with the prompt $"
    )


def _why_unreadable(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.EISDIR:
            return "is a directory; name a Markdown file in it"
        case errno.ENOENT if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        case errno.ENOENT:
            return "there is no such file" + did_you_mean(path.name, _names_beside(path))
        case _:
            return f"can't be read: {(error.strerror or str(error)).lower()}"


def _names_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir()]
    except OSError:
        return []


def _decoded(data: bytes, *, path: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(f"{path}:1: the text is UTF-16; save it as UTF-8")
    if (nul := data.find(b"\0")) >= 0:
        raise DocumentError(
            f"{path}:{_line_of(data, nul)}: byte {nul} is NUL, so this is a binary file;"
            " a runbook is Markdown text in UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{path}:{_line_of(data, error.start)}: byte {error.start} (0x{data[error.start]:02x})"
            " is not UTF-8; save the text as UTF-8"
        ) from None


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
