"""Fences as blocks, and blocks as commands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat, takewhile

from markdown_it.token import Token

from freshrun import shell
from freshrun.document.info_string import is_directive, options_of, words_of
from freshrun.document.outline import Part, first_line
from freshrun.document.within import within_programs
from freshrun.model import Block, BlockKind, Command, DocumentError, Options, Section

SCRIPT_LANGUAGES = ("bash", "sh", "shell", "zsh", "azurecli-interactive")
"""Languages whose block is shell from end to end, unless its first line begins with a prompt."""

TRANSCRIPT_LANGUAGES = (
    "console",
    "shell-session",
    "bash-session",
    "terminal",
    "shellsession",
    "sh-session",
)
"""Languages whose block shows prompts and output; the last two are other tools' spellings."""


@dataclass(frozen=True, slots=True)
class Document:
    """What the blocks of a document share.

    `strict` is one that declares settings for freshrun; in an `independent` one each second-level
    section needs only the first with commands. With `unmarked` a block without a language
    is shell. `elsewhere` are the lines of tabs that a reader passes over.
    """

    path: str
    strict: bool
    unmarked: bool = False
    elsewhere: frozenset[int] = frozenset()
    independent: bool = False

    def error(self, line: int, message: str) -> DocumentError:
        """Return the error of one line."""
        return DocumentError(f"{self.path}:{line}: {message}")


def sections(parts: list[Part], document: Document) -> tuple[Section, ...]:
    """Return the sections with their blocks, and those with their commands."""
    blocks = [[_block(fence, document) for fence in part.fences] for part in parts]
    everything = list(chain.from_iterable(blocks))
    if document.strict:
        _require_unique_names(everything, document)
    cuts = list(zip(everything, _statements(everything), strict=True))
    read = iter(within_programs(cuts, parts=list(_numbers(parts, document))))
    return tuple(
        Section(
            title=part.title,
            level=part.level,
            line=part.line,
            blocks=tuple(
                _with_commands(*next(read), file=document.path, section=part.title) for _ in of_part
            ),
            tables=tuple(part.tables),
        )
        for part, of_part in zip(parts, blocks, strict=True)
    )


def _numbers(parts: list[Part], document: Document) -> Iterator[int]:
    """Yield for each block the number of the part it stands in: all is one, if in order."""
    number, second = 0, 2
    for part in parts:
        number += document.independent and part.level <= second
        yield from repeat(number, len(part.fences))


def _block(fence: Token, document: Document) -> Block:
    language, words = words_of(fence.info)
    text = _without_options(fence.content) if is_directive(fence.info) else fence.content
    # An indented block has no fence above its first line.
    line = max(first_line(fence) - (fence.type == "code_block"), 1)
    kind = (
        BlockKind.OTHER
        if line in document.elsewhere
        else _kind(language, text, unmarked=document.unmarked)
    )
    return Block(
        kind=kind,
        language=language,
        line=line,
        end_line=fence.map[1] if fence.map else line,
        text=text,
        options=Options() if kind is BlockKind.OTHER else _options(words, document, line=line),
    )


def _options(words: list[str], document: Document, *, line: int) -> Options:
    try:
        return options_of(words, strict=document.strict)
    except ValueError as error:
        raise document.error(line, str(error)) from None


_OPTION = re.compile(r"\s*:[\w-]+:(\s.*)?")


def _without_options(text: str) -> str:
    """Return the text of a directive with empty lines in the place of its options."""
    lines = text.split("\n")
    count = sum(1 for _ in takewhile(_OPTION.fullmatch, lines))
    return "\n".join([""] * count + lines[count:])


def _kind(language: str, text: str, *, unmarked: bool) -> BlockKind:
    if language in TRANSCRIPT_LANGUAGES or (not language and shell.shows_a_prompt(text)):
        return BlockKind.TRANSCRIPT
    if language not in SCRIPT_LANGUAGES and (language or not unmarked):
        return BlockKind.OTHER
    return BlockKind.TRANSCRIPT if shell.is_transcript(text) else BlockKind.SCRIPT


def is_shell(fence: Token) -> bool:
    """Tell whether a fence is marked as shell, or shows a prompt."""
    return _kind(words_of(fence.info)[0], fence.content, unmarked=False) is not BlockKind.OTHER


def _require_unique_names(blocks: list[Block], document: Document) -> None:
    lines: dict[str, int] = {}
    for block in blocks:
        if block.options.name is None:
            continue
        first = lines.setdefault(block.options.name, block.line)
        if first != block.line:
            raise document.error(
                block.line,
                f'name "{block.options.name}" is taken by the block in line {first};'
                " give each block a name of its own",
            )


def _statements(blocks: list[Block]) -> Iterator[tuple[shell.Statement, ...]]:
    """Yield the statements of each block; all blocks of a kind are read together, for speed."""
    scripts = [block.text for block in blocks if block.kind is BlockKind.SCRIPT]
    transcripts = [block.text for block in blocks if block.kind is BlockKind.TRANSCRIPT]
    read = {
        BlockKind.SCRIPT: iter(shell.scripts(scripts)),
        BlockKind.TRANSCRIPT: iter(shell.transcripts(transcripts)),
        BlockKind.OTHER: repeat(()),
    }
    return (next(read[block.kind]) for block in blocks)


def _with_commands(
    block: Block, statements: tuple[shell.Statement, ...], *, file: str, section: str
) -> Block:
    """Give a block its commands, each with the options that are its own."""
    commands = tuple(
        Command(
            text=statement.text,
            file=file,
            line=block.line + statement.line,
            end_line=block.line + statement.end_line,
            section=section,
            options=options,
            stages=statement.stages,
            promised=statement.promised,
            parses=statement.parses,
            root=statement.root,
            within=statement.within,
        )
        for statement, options in zip(statements, _own_options(block, statements), strict=True)
    )
    return replace(block, commands=commands)


def _own_options(block: Block, statements: tuple[shell.Statement, ...]) -> Iterator[Options]:
    """Yield the options of each statement; exit status, time and background are the last one's.

    A transcript that shows `echo $?` below a command, and a number below that, says how it ends.
    """
    earlier = replace(block.options, exit=0, band=None, background=False, ready=None)
    shown = [_status_shown(statement) for statement in statements[1:]]
    for status in shown:
        yield earlier if status is None else replace(earlier, exit=status)
    if statements:
        told = shown and shown[-1] is not None and shown[-1] == block.options.exit
        yield replace(block.options, exit=0) if told else block.options


def _status_shown(statement: shell.Statement) -> int | None:
    """Return the exit status that a statement shows of the one before it."""
    promised = (statement.promised or "").strip()
    if not re.fullmatch(r'echo ("?)\$\?\1', statement.text.strip()):
        return None
    status = int(promised) if re.fullmatch(r"\d{1,3}", promised) else None
    return status if status is not None and status <= _HIGHEST else None


_HIGHEST = 255
"""The highest exit status that there is."""
