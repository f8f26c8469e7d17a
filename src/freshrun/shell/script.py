"""A script as complete statements, each with its exact text and lines."""

import re
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, takewhile
from typing import NamedTuple

from freshrun.shell.remembered import Remembered
from freshrun.shell.syntax import PIECE, Node, ShellSyntaxError, batches, nodes, syntax_tree


@dataclass(frozen=True, slots=True)
class Statement:
    """One complete top-level statement, byte for byte, with the bodies of its here-documents.

    `line` and `end_line` count from 1 in the text that was read. `parses` is false for text that
    is no statement to the reader: bash then gives the verdict. `stages` are the texts of a
    pipeline's stages, empty for anything else. `promised` is the output that a transcript shows
    below the statement, `None` where it shows none; `root` tells that it shows root's prompt.
    `within` is the dialect of the program at whose prompt it is typed, empty for a shell.
    """

    text: str
    line: int
    end_line: int
    parses: bool = True
    stages: tuple[str, ...] = ()
    promised: str | None = None
    root: bool = False
    within: str = ""


def statements(text: str) -> tuple[Statement, ...]:
    """Return the complete statements of a script, in order; comments are none.

    Statements whose here-documents interleave are kept together as one, and so is what stands
    behind an alias on its line, where it has no effect yet. From the first line that can't be read
    on, the rest is one statement that does not parse.
    """
    return scripts([text])[0]


def scripts(texts: Sequence[str]) -> tuple[tuple[Statement, ...], ...]:
    """Return the statements of each text; many texts cost few processes, on two cores."""
    return _STATEMENTS.of(texts)


def _read(texts: Sequence[str]) -> tuple[tuple[Statement, ...], ...]:
    # Enter is pressed after a last line, too: a backslash there continues it with nothing.
    texts = [text if text.endswith("\n") else text + "\n" for text in texts]
    with ThreadPoolExecutor(max_workers=2) as pool:
        short = [text for text in texts if len(text) <= PIECE]
        read = chain.from_iterable(pool.map(_read_together, batches(short)))
        return tuple(next(read) if len(text) <= PIECE else _read_long(text, pool) for text in texts)


_STATEMENTS = Remembered(_read)


# --- pieces ---

_ATTEMPTS = 20
"""Ever shorter beginnings of a piece that are tried before more of the text is taken."""


def _read_long(text: str, pool: Executor) -> tuple[Statement, ...]:
    """Read pieces at the same time; from the first that is not complete on, one by one.

    A piece starts between statements if all before it are complete (see `_complete_beginning`).
    """
    pieces = _pieces(text)
    futures = [pool.submit(_read_alone, piece) for piece in pieces]
    found: list[Statement] = []
    lines = 0
    for index, future in enumerate(futures):
        read = future.result()
        if not all(statement.parses for statement in read):
            for later in futures:
                later.cancel()
            read = _read_alone("\n".join(pieces[index:]))
            return (*found, *(moved(statement, lines) for statement in read))
        found.extend(moved(statement, lines) for statement in read)
        lines += pieces[index].count("\n") + 1
    return tuple(found)


def _pieces(text: str) -> list[str]:
    """Cut a long text between lines, wherever that may be."""
    lines = text.split("\n")
    found: list[str] = []
    start = 0
    while start < len(lines):
        end = _piece_end(lines, start=start, size=PIECE)
        found.append("\n".join(lines[start:end]))
        start = end
    return found


def _read_together(texts: list[str]) -> list[tuple[Statement, ...]]:
    """Read texts as one; halve them where one is at fault or runs on into its neighbour."""
    if len(texts) == 1:
        return [_read_alone(texts[0])]
    try:
        return _dealt_out(_parsed("".join(texts)), texts)
    except ShellSyntaxError:
        half = len(texts) // 2
        return _read_together(texts[:half]) + _read_together(texts[half:])


def _dealt_out(found: tuple[Statement, ...], texts: list[str]) -> list[tuple[Statement, ...]]:
    """Give each text its statements back; a statement that crosses into the next is a fault."""
    rest = iter(found)
    statement = next(rest, None)
    dealt: list[tuple[Statement, ...]] = []
    start = 0
    for text in texts:
        end = start + text.count("\n")
        own: list[Statement] = []
        while statement and statement.line <= end:
            if statement.end_line > end:
                raise ShellSyntaxError(statement.line)
            own.append(moved(statement, -start))
            statement = next(rest, None)
        dealt.append(tuple(own))
        start = end
    return dealt


def _read_alone(text: str) -> tuple[Statement, ...]:
    """Read one text piece by piece; the rest, from the first fault on, is one statement."""
    lines = text.split("\n")
    found: list[Statement] = []
    start, size = 0, PIECE
    while start < len(lines):
        end = _piece_end(lines, start=start, size=size)
        complete, taken = _complete_beginning(lines[start:end])
        found.extend(moved(statement, start) for statement in complete)
        if not taken and end == len(lines):
            found.append(_unparsed(lines[start:], start=start))
            break
        size = PIECE if taken else size * 2
        start += taken
    return tuple(found)


def _piece_end(lines: list[str], *, start: int, size: int) -> int:
    """Return the index after the last line of a piece of at least `size` characters."""
    end, length = start, 0
    while end < len(lines) and (length < size or continued(lines[end - 1])):
        length += len(lines[end]) + 1
        end += 1
    return end


def _complete_beginning(lines: list[str]) -> tuple[tuple[Statement, ...], int]:
    """Return the statements of the longest beginning that parses, and its number of lines.

    Lines that parse up to a line's end are complete whatever follows them, for a newline ends a
    statement unless it is inside one, and then the beginning does not parse.
    """
    for _ in range(_ATTEMPTS):
        if not lines:
            break
        try:
            return _parsed("\n".join(lines)), len(lines)
        except ShellSyntaxError as error:
            lines = lines[: error.line - 1]
        while lines and continued(lines[-1]):
            lines = lines[:-1]
    return (), 0


def continued(line: str) -> bool:
    """Tell whether the line ends in a backslash that is not escaped itself."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _unparsed(lines: list[str], *, start: int) -> Statement:
    """Return the lines as one statement, without blank lines and comments around it."""
    skipped = sum(1 for _ in takewhile(_says_nothing, lines))
    text = "\n".join(lines[skipped:]).strip()
    line = start + skipped + 1
    return Statement(text, line=line, end_line=line + text.count("\n"), parses=False)


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def moved(statement: Statement, lines: int) -> Statement:
    """Return the statement that many lines further down."""
    if not lines:
        return statement
    return replace(statement, line=statement.line + lines, end_line=statement.end_line + lines)


# --- statements of the tree ---


def _parsed(text: str) -> tuple[Statement, ...]:
    """Return the statements of a text that parses as a whole."""
    source = text.encode()
    spans: list[_Span] = []
    last = _Span(0, 0, 0, ())
    for node in syntax_tree(text).get("Stmts", []):
        span = _span(node, source=source, after=last.end)
        if span.start < last.end or _is_read_with(span, last, source=source):
            spans.pop()
            span = _Span(last.start, max(span.end, last.end), last.line, stages=())
        spans.append(span)
        last = span
    return tuple(_statement(span, source=source) for span in spans)


_ALIAS = re.compile(rb"(?:un)?alias\b")


def _is_read_with(span: "_Span", last: "_Span", *, source: bytes) -> bool:
    """Tell whether bash reads a statement before the alias on the same line is one."""
    of_line = last.end > 0 and b"\n" not in source[last.start : span.start]
    return of_line and _ALIAS.match(source, last.start) is not None


class _Span(NamedTuple):
    """Where a statement stands in the source, in bytes, and its first line."""

    start: int
    end: int
    line: int
    stages: tuple[str, ...]


def _span(node: Node, *, source: bytes, after: int) -> _Span:
    start, end = node["Pos"]["Offset"], node["End"]["Offset"]
    if source.endswith(b"\\\n", start, end):  # a last line that goes on with nothing
        end -= 2
    if b"<<" in source[start:end]:
        end = max(end, _here_documents_end(node, source=source, after=after))
    return _Span(start, end, node["Pos"]["Line"], _stages(node, source=source))


def _statement(span: _Span, *, source: bytes) -> Statement:
    text = source[span.start : span.end].decode()
    return Statement(text, span.line, span.line + text.count("\n"), stages=span.stages)


def _here_documents_end(node: Node, *, source: bytes, after: int) -> int:
    """Return the byte after the node's last delimiter; bodies stand below, from `after` on."""
    end = after
    for redirect in sorted(nodes(node), key=_operator_offset):
        offset = _operator_offset(redirect)
        if "Hdoc" in redirect:
            end = max(end, redirect["Hdoc"]["End"]["Offset"])
        elif source.startswith(b"<<", offset) and not source.startswith(b"<<<", offset):
            end = _empty_here_document_end(redirect, source=source, after=max(end, offset))
    return end


def _operator_offset(node: Node) -> int:
    return node["OpPos"]["Offset"] if "OpPos" in node and "Word" in node else -1


def _empty_here_document_end(redirect: Node, *, source: bytes, after: int) -> int:
    """Find the delimiter of a here-document without a body, which the tree leaves out."""
    word = redirect["Word"]
    delimiter = source[word["Pos"]["Offset"] : word["End"]["Offset"]]
    bare = re.escape(re.sub(rb"[\\'\"]", b"", delimiter))
    found = re.compile(rb"\n\t*" + bare + rb"(?=\n|\Z)").search(source, after)
    return found.end() if found else word["End"]["Offset"]


def _stages(node: Node, *, source: bytes) -> tuple[str, ...]:
    """Return the texts of a pipeline's stages; `time` and `!` before it change nothing."""
    command = node.get("Cmd")
    while command is not None and command.get("Type") == "TimeClause":
        command = command.get("Stmt", Node()).get("Cmd")
    if command is None or node.get("Background") or not _is_pipe(command, source=source):
        return ()
    texts: list[bytes] = []
    end = command["End"]["Offset"]
    first = node
    while command is not None and _is_pipe(command, source=source):
        texts.append(source[command["Y"]["Pos"]["Offset"] : end])
        end = command["OpPos"]["Offset"]
        first = command["X"]
        command = first.get("Cmd")
    texts.append(source[first["Pos"]["Offset"] : end])
    return tuple(text.decode().strip() for text in reversed(texts))


def _is_pipe(command: Node, *, source: bytes) -> bool:
    if command.get("Type") != "BinaryCmd":
        return False
    # Older versions write operators as numbers, so the source is asked.
    offset = command["OpPos"]["Offset"]
    return source.startswith(b"|", offset) and not source.startswith(b"||", offset)
