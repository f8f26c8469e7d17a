"""Blocks below a command that opens another program: what of them is typed at its prompt."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from freshrun import shell
from freshrun.model import Block, BlockKind
from freshrun.shell import Dialect, Statement

Cut = tuple[Block, tuple[Statement, ...]]
"""A block and what is typed of it."""


def within_programs(cuts: Sequence[Cut], *, parts: Sequence[int]) -> list[Cut]:
    """Return the blocks with their statements, those too that are typed at another prompt.

    Below `psql`, up to what leaves it, stand lines for psql and blocks of SQL. Which program is
    open follows from the text alone; a run types nothing into one that did not open. `parts` are
    the numbers of the parts that the blocks stand in: each needs the first one with commands.
    """
    if not any(_opens_any(*cut) for cut in cuts):
        return list(cuts)
    found: list[Cut] = []
    setup: Mapping[str | None, _Open] | None = None
    for _, part in groupby(zip(parts, cuts, strict=True), key=itemgetter(0)):
        own = [cut for _, cut in part]
        terminals = {name: _Open(each.programs) for name, each in (setup or {}).items()}
        for block, statements in own:
            terminal = terminals.setdefault(block.options.terminal, _Open())
            found.append(_read(block, statements, terminal))
        if setup is None and any(statements for _, statements in own):
            setup = terminals
    return found


def _opens_any(block: Block, statements: Iterable[Statement]) -> bool:
    return _may_open(block) and any(shell.opened(each.text) for each in statements)


def _may_open(block: Block) -> bool:
    """Tell whether what the block opens is at a terminal, and the rest of the document below it."""
    options = block.options
    stays = options.background or options.ready is not None
    return options.skip is None and options.stdin is None and not stays


@dataclass(slots=True)
class _Open:
    """The programs that are open in a terminal, the innermost last; an empty one is the shell."""

    programs: tuple[Dialect, ...] = ()

    @property
    def innermost(self) -> Dialect:
        return self.programs[-1] if self.programs else shell.SHELL

    def follow(self, statement: Statement) -> None:
        """Open or leave what a shell's statement opens or leaves."""
        if dialect := shell.opened(statement.text):
            self.programs = (*self.programs, dialect)
        elif self.programs and shell.leaves(shell.SHELL, statement.text):
            self.leave()

    def leave(self) -> None:
        self.programs = self.programs[:-1]


def _read(block: Block, statements: tuple[Statement, ...], terminal: _Open) -> Cut:
    """Return a block with what is typed of it, and follow what that opens and leaves."""
    if not _may_open(block):
        return block, statements
    lines = block.text.rstrip("\n").split("\n")
    inner = terminal.innermost
    if inner is not shell.SHELL and (read := _kind(block, lines, inner)) is not None:
        block = replace(block, kind=read)
        return block, tuple(_inner(lines, terminal, kind=read, start=0))
    if block.kind is BlockKind.TRANSCRIPT:
        return block, tuple(_transcript(lines, statements, terminal))
    return block, tuple(_script(lines, statements, terminal, start=0))


def _kind(block: Block, lines: Sequence[str], inner: Dialect) -> BlockKind | None:
    """Return how a block is read that stands where another program is open, `None` if as ever."""
    own = block.language in inner.languages
    if shell.shows(inner, [line for line in lines if line.strip()][:1]):
        plain = block.language in {"", "text", "console", "terminal"} or own
        return BlockKind.TRANSCRIPT if plain or block.kind is not BlockKind.OTHER else None
    if own or block.kind is BlockKind.SCRIPT:
        return BlockKind.SCRIPT
    return None


def _inner(
    lines: list[str], terminal: _Open, *, kind: BlockKind, start: int
) -> Iterator[Statement]:
    """Yield what is typed at the innermost prompt from a line on, and what follows that."""
    cut = shell.shown_at if kind is BlockKind.TRANSCRIPT else shell.typed_into
    typed = cut(terminal.innermost, lines[start:])
    yield from (_moved(each, start) for each in typed.statements)
    if not typed.left:
        return
    terminal.leave()
    start += typed.lines
    rest = "\n".join(lines[start:])
    if terminal.innermost is not shell.SHELL:
        yield from _inner(lines, terminal, kind=kind, start=start)
    elif kind is BlockKind.SCRIPT:
        (found,) = shell.scripts([rest])
        yield from _script(lines, found, terminal, start=start)
    else:
        (found,) = shell.transcripts([rest])
        moved = tuple(_moved(each, start) for each in found)
        yield from _transcript(lines, moved, terminal)


def _script(
    lines: list[str], statements: Iterable[Statement], terminal: _Open, *, start: int
) -> Iterator[Statement]:
    """Yield a shell's statements, up to one that opens another program, and what follows that."""
    for statement in statements:
        yield _moved(statement, start)
        terminal.follow(statement)
        if terminal.innermost is not shell.SHELL:
            end = start + statement.end_line
            yield from _inner(lines, terminal, kind=BlockKind.SCRIPT, start=end)
            return


def _transcript(
    lines: list[str], statements: Sequence[Statement], terminal: _Open
) -> Iterator[Statement]:
    """Yield what stands behind the prompts of a shell, and of what is opened there."""
    for number, statement in enumerate(statements, 1):
        end = statements[number].line if number < len(statements) else len(lines) + 1
        terminal.follow(statement)
        inner = terminal.innermost
        if shell.opened(statement.text) is None:
            yield statement
            continue
        yield replace(statement, promised=None)
        below = lines[statement.end_line : end - 1]
        if inner is not shell.SHELL and shell.shows(inner, below):
            yield from _below(below, terminal, start=statement.end_line)


def _below(lines: list[str], terminal: _Open, *, start: int) -> Iterator[Statement]:
    typed = shell.shown_at(terminal.innermost, lines)
    yield from (_moved(each, start) for each in typed.statements)
    if typed.left:
        terminal.leave()


def _moved(statement: Statement, lines: int) -> Statement:
    return replace(statement, line=statement.line + lines, end_line=statement.end_line + lines)
