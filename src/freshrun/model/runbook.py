"""A runbook as values: what the document says, with the line of every part. No I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class BlockKind(Enum):
    """How a fenced block is read."""

    SCRIPT = "script"
    """The whole text is shell."""
    TRANSCRIPT = "transcript"
    """Lines after a prompt are commands, the others the output that they promise."""
    OTHER = "other"
    """Not run."""


@dataclass(frozen=True, slots=True)
class Options:
    """The words after the language in a fence's info string.

    Times are in seconds. `exit` is the exit status that the document promises. `terminal` is the
    name of the session that the block is typed into, `None` the first one. `ready` is when a
    command in the background counts as started (see `freshrun.readiness`). With `tty` the streams
    of the block's commands are a real terminal, and `stdin` is typed there.
    """

    exit: int = 0
    timeout: float | None = None
    band: tuple[float, float] | None = None
    name: str | None = None
    skip: str | None = None
    stdin: str | None = None
    terminal: str | None = None
    background: bool = False
    ready: str | None = None
    tty: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One complete shell statement of a block.

    `number` is its place among the document's commands, from 1, and what tells it apart from every
    other; one that a check types has the number 0. `text` is what is typed, byte for byte. `line`
    and `end_line` count from 1 in `file`.
    `stages` are the texts of a pipeline's stages, empty where the command is no pipeline.
    `promised` is the output that a transcript shows below the command, `None` where it shows none.
    `parses` is false where the shell reader could not make a statement of the text: bash then
    gives the verdict. `root` tells that a transcript shows it at root's prompt. `within` is the
    program, such as psql, at whose prompt it is typed, empty for a shell.
    """

    text: str
    file: str
    line: int
    end_line: int
    section: str
    options: Options = field(default_factory=Options)
    stages: tuple[str, ...] = ()
    promised: str | None = None
    parses: bool = True
    number: int = 0
    root: bool = False
    within: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced code block: the lines of its fences, its language and its commands.

    `text` has no fences and no indentation of the list or quote around it.
    """

    kind: BlockKind
    language: str
    line: int
    end_line: int
    text: str
    options: Options = field(default_factory=Options)
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Untyped:
    """Lines that show shell and are not typed: where, how many, and why, or what would be right.

    They count among the document's shell lines, unless they are for another system or seen by no
    reader.
    """

    line: int
    lines: int
    why: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its line, and its cells by column header.

    A cell that is one code span holds the span's content; any other cell its Markdown source,
    with the escape of `|` undone.
    """

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, header: str) -> str:
        """Return the cell under `header`; `KeyError` where the table has no such column."""
        return self.cells[header]


@dataclass(frozen=True, slots=True)
class Table:
    """One GFM table under a heading."""

    line: int
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading of any level.

    The text before the first heading is a section of level 0 with an empty title.
    """

    title: str
    level: int
    line: int
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        """Return the commands of all its blocks, in order."""
        return tuple(command for block in self.blocks for command in block.commands)


@dataclass(frozen=True, slots=True)
class Settings:
    """The `freshrun:` map of a document's front matter; every field is optional there.

    `images` are all that the document is to be rehearsed on, in place of an `image`.
    `timeout` is in seconds, of a command. `github` and `bd` name a stand-in, or `live`.
    `repository` is the clone URL that is answered from the local copy. `unmarked` is what blocks
    without a language are: `text`, or `shell`.
    `declared` tells whether the document has such a map at all.
    """

    image: str | None = None
    images: tuple[str, ...] = ()
    user: str | None = None
    timeout: float = 600.0
    network: str = "full"
    memory: str = "2g"
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    secrets: tuple[str, ...] = ()
    github: str | None = None
    bd: str | None = None
    repository: str | None = None
    checklist: str | None = None
    sections: str = "in order"
    unmarked: str = "text"
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Runbook:
    """A whole document.

    `path` is as the caller gave it; `sha256` is the hex digest of the file's bytes. `text` is the
    document as read, for what stands between the blocks. `untyped` is the shell text that is no
    command, in the document's order.
    """

    path: str
    sha256: str
    sections: tuple[Section, ...]
    settings: Settings = field(default_factory=Settings)
    text: str = ""
    untyped: tuple[Untyped, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        """Return every command, in the order of the document."""
        return tuple(command for section in self.sections for command in section.commands)

    @property
    def blocks(self) -> Iterator[Block]:
        """Yield every fenced block, in the order of the document."""
        return (block for section in self.sections for block in section.blocks)

    def section(self, title: str) -> Section:
        """Return the section with this title; `KeyError` where there is none."""
        for section in self.sections:
            if section.title == title:
                return section
        raise KeyError(title)
