"""Shell text as complete statements with their lines, read from mvdan/sh's own syntax tree."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, pairwise, takewhile
from pathlib import Path
from typing import NamedTuple, TypedDict, cast

from freshrun.errors import FreshrunError


@dataclass(frozen=True, slots=True)
class Statement:
    """One complete top-level statement, byte for byte, with the bodies of its here-documents.

    `line` and `end_line` count from 1 in the text that was read. `parses` is false for text that
    is no statement to the reader: bash then gives the verdict. `stages` are the texts of a
    pipeline's stages, empty for anything else. `promised` is the output that a transcript shows
    below the statement, `None` where it shows none.
    """

    text: str
    line: int
    end_line: int
    parses: bool = True
    stages: tuple[str, ...] = ()
    promised: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What a shell text calls, reads and sets, each name once, in order of appearance.

    `commands` are the literal first words of its simple commands. `used` are the variables that
    are expanded, `assigned` those that live on in the shell afterwards; `A=1 make` assigns none.
    """

    commands: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()


def statements(text: str) -> tuple[Statement, ...]:
    """Return the complete statements of a script, in order; comments are none.

    Statements whose here-documents interleave are kept together as one. From the first line that
    can't be read on, the rest is one statement that does not parse.
    """
    return scripts([text])[0]


def scripts(texts: Sequence[str]) -> tuple[tuple[Statement, ...], ...]:
    """Return the statements of each text; many texts cost few processes, on two cores."""
    # Enter is pressed after a last line, too: a backslash there continues it with nothing.
    texts = [text if text.endswith("\n") else text + "\n" for text in texts]
    with ThreadPoolExecutor(max_workers=2) as pool:
        short = [text for text in texts if len(text) <= _PIECE]
        read = chain.from_iterable(pool.map(_read_together, _batches(short)))
        return tuple(
            next(read) if len(text) <= _PIECE else _read_long(text, pool) for text in texts
        )


def transcripts(texts: Sequence[str]) -> tuple[tuple[Statement, ...], ...]:
    """Return what is typed after the prompts of each text, with the output promised below.

    A prompt is `$ `; only in a text without any it is `# `, so that comments and output that begin
    with `#` stay what they are. Lines go on, after `> ` or bare, while the statement is not
    complete. Several statements on one line stay together where they share promised output.
    """
    exchanges = [_exchanges(text) for text in texts]
    typed = _typed(list(chain.from_iterable(exchanges)))
    return tuple(tuple(chain.from_iterable(next(typed) for _ in of_text)) for of_text in exchanges)


def is_transcript(text: str) -> bool:
    """Tell whether the first line that is no comment begins with the prompt `$ `."""
    meaning = (line for line in text.split("\n") if line.strip() and not line.startswith("#"))
    return next(meaning, "").startswith("$ ")


def names(text: str) -> Names:
    """Return the commands and variables of a text; none of them where it can't be parsed."""
    try:
        tree = _syntax_tree(text)
    except _ParseError:
        return Names()
    nodes = list(_nodes(tree))
    return Names(
        commands=_once(_command_name(node) for node in nodes),
        used=_once(chain.from_iterable(map(_variables_used, nodes))),
        assigned=_once(chain.from_iterable(map(_variables_assigned, nodes))),
    )


# --- one script ---

_PIECE = 16_384
"""Characters read at once: a tree takes about 200 times its text, and is dropped piece by piece."""

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
            return (*found, *(_moved(statement, lines) for statement in read))
        found.extend(_moved(statement, lines) for statement in read)
        lines += pieces[index].count("\n") + 1
    return tuple(found)


def _pieces(text: str) -> list[str]:
    """Cut a long text between lines, wherever that may be."""
    lines = text.split("\n")
    found: list[str] = []
    start = 0
    while start < len(lines):
        end = _piece_end(lines, start=start, size=_PIECE)
        found.append("\n".join(lines[start:end]))
        start = end
    return found


def _batches(texts: list[str]) -> Iterator[list[str]]:
    """Yield runs of neighbouring texts that fit into one piece."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > _PIECE:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _read_together(texts: list[str]) -> list[tuple[Statement, ...]]:
    """Read texts as one; halve them where one is at fault or runs on into its neighbour."""
    if len(texts) == 1:
        return [_read_alone(texts[0])]
    try:
        return _dealt_out(_parsed("".join(texts)), texts)
    except _ParseError:
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
                raise _ParseError(statement.line)
            own.append(_moved(statement, -start))
            statement = next(rest, None)
        dealt.append(tuple(own))
        start = end
    return dealt


def _read_alone(text: str) -> tuple[Statement, ...]:
    """Read one text piece by piece; the rest, from the first fault on, is one statement."""
    lines = text.split("\n")
    found: list[Statement] = []
    start, size = 0, _PIECE
    while start < len(lines):
        end = _piece_end(lines, start=start, size=size)
        complete, taken = _complete_beginning(lines[start:end])
        found.extend(_moved(statement, start) for statement in complete)
        if not taken and end == len(lines):
            found.append(_unparsed(lines[start:], start=start))
            break
        size = _PIECE if taken else size * 2
        start += taken
    return tuple(found)


def _piece_end(lines: list[str], *, start: int, size: int) -> int:
    """Return the index after the last line of a piece of at least `size` characters."""
    end, length = start, 0
    while end < len(lines) and (length < size or _continued(lines[end - 1])):
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
        except _ParseError as error:
            lines = lines[: error.line - 1]
        while lines and _continued(lines[-1]):
            lines = lines[:-1]
    return (), 0


def _continued(line: str) -> bool:
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


def _moved(statement: Statement, lines: int) -> Statement:
    if not lines:
        return statement
    return replace(statement, line=statement.line + lines, end_line=statement.end_line + lines)


# --- the syntax tree ---


class _Position(TypedDict):
    """A place in the text: bytes from 0, lines from 1."""

    Offset: int
    Line: int


class _Node(TypedDict, total=False):
    """The parts that are read of a node; each kind of node has only some of them."""

    Type: str
    Pos: _Position
    End: _Position
    OpPos: _Position
    Cmd: "_Node"
    Stmt: "_Node"
    X: "_Node"
    Y: "_Node"
    Word: "_Node"
    Hdoc: "_Node"
    Name: "_Node"
    Param: "_Node"
    Variant: "_Node"
    Stmts: list["_Node"]
    Parts: list["_Node"]
    Args: list["_Node"]
    Assigns: list["_Node"]
    Naked: bool
    Background: bool
    Value: str


class _ParseError(Exception):
    """The text is not what shfmt takes for shell, seen at `line`."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


_FAULT_LINE = re.compile(r"(?:^|:)(\d+):\d+: ")


def _syntax_tree(text: str) -> _Node:
    """Return the tree of the whole text; `_ParseError` where there is none."""
    run = subprocess.run(
        [_shfmt(), "--to-json", "-ln", "bash"],
        input=text.encode(),
        capture_output=True,
        check=False,
        # A short-lived process is faster when it collects less garbage.
        env={**os.environ, "GOGC": "400"},
    )
    if run.returncode:
        line = _FAULT_LINE.search(run.stderr.decode(errors="replace"))
        raise _ParseError(int(line[1]) if line else 1)
    try:
        return cast("_Node", json.loads(run.stdout))
    except RecursionError:  # a chain of hundreds of `&&`
        raise _ParseError(1) from None


@cache
def _shfmt() -> str:
    """Return the path of shfmt, the one beside the running Python first."""
    beside = Path(sys.executable).parent
    path = shutil.which("shfmt", path=beside) or shutil.which("shfmt")
    if path is None:
        raise FreshrunError(
            f"shfmt is neither in {beside} nor on PATH; install it: pip install shfmt-py"
        )
    return path


def _parsed(text: str) -> tuple[Statement, ...]:
    """Return the statements of a text that parses as a whole."""
    source = text.encode()
    spans: list[_Span] = []
    last = _Span(0, 0, 0, ())
    for node in _syntax_tree(text).get("Stmts", []):
        span = _span(node, source=source, after=last.end)
        if span.start < last.end:
            spans.pop()
            span = _Span(last.start, max(span.end, last.end), last.line, stages=())
        spans.append(span)
        last = span
    return tuple(_statement(span, source=source) for span in spans)


class _Span(NamedTuple):
    """Where a statement stands in the source, in bytes, and its first line."""

    start: int
    end: int
    line: int
    stages: tuple[str, ...]


def _span(node: _Node, *, source: bytes, after: int) -> _Span:
    start, end = node["Pos"]["Offset"], node["End"]["Offset"]
    if source.endswith(b"\\\n", start, end):  # a last line that goes on with nothing
        end -= 2
    if b"<<" in source[start:end]:
        end = max(end, _here_documents_end(node, source=source, after=after))
    return _Span(start, end, node["Pos"]["Line"], _stages(node, source=source))


def _statement(span: _Span, *, source: bytes) -> Statement:
    text = source[span.start : span.end].decode()
    return Statement(text, span.line, span.line + text.count("\n"), stages=span.stages)


def _here_documents_end(node: _Node, *, source: bytes, after: int) -> int:
    """Return the byte after the node's last delimiter; bodies stand below, from `after` on."""
    end = after
    for redirect in sorted(_nodes(node), key=_operator_offset):
        offset = _operator_offset(redirect)
        if "Hdoc" in redirect:
            end = max(end, redirect["Hdoc"]["End"]["Offset"])
        elif source.startswith(b"<<", offset) and not source.startswith(b"<<<", offset):
            end = _empty_here_document_end(redirect, source=source, after=max(end, offset))
    return end


def _operator_offset(node: _Node) -> int:
    return node["OpPos"]["Offset"] if "OpPos" in node and "Word" in node else -1


def _empty_here_document_end(redirect: _Node, *, source: bytes, after: int) -> int:
    """Find the delimiter of a here-document without a body, which the tree leaves out."""
    word = redirect["Word"]
    delimiter = source[word["Pos"]["Offset"] : word["End"]["Offset"]]
    bare = re.escape(re.sub(rb"[\\'\"]", b"", delimiter))
    found = re.compile(rb"\n\t*" + bare + rb"(?=\n|\Z)").search(source, after)
    return found.end() if found else word["End"]["Offset"]


def _stages(node: _Node, *, source: bytes) -> tuple[str, ...]:
    """Return the texts of a pipeline's stages; `time` and `!` before it change nothing."""
    command = node.get("Cmd")
    while command is not None and command.get("Type") == "TimeClause":
        command = command.get("Stmt", _Node()).get("Cmd")
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


def _is_pipe(command: _Node, *, source: bytes) -> bool:
    if command.get("Type") != "BinaryCmd":
        return False
    # Older versions write operators as numbers, so the source is asked.
    offset = command["OpPos"]["Offset"]
    return source.startswith(b"|", offset) and not source.startswith(b"||", offset)


def _nodes(tree: object) -> Iterator[_Node]:
    """Yield every node in the order of the text; no recursion, so that depth is no limit."""
    stack = [tree]
    while stack:
        branch = stack.pop()
        if isinstance(branch, dict):
            yield cast("_Node", branch)
            stack.extend(reversed(branch.values()))
        elif isinstance(branch, list):
            stack.extend(reversed(branch))


# --- names ---

_NAME = re.compile(r"[A-Za-z_]\w*")


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in found if name))


def _command_name(node: _Node) -> str:
    """Return the first word of a simple command where it is plain text, else nothing."""
    if node.get("Type") != "CallExpr" or not node.get("Args"):
        return ""
    return _plain(node["Args"][0])


def _plain(word: _Node) -> str:
    """Return the text of a word with its quotes undone; nothing where anything is expanded."""
    parts = word.get("Parts", [])
    texts = [_plain(part) if "Parts" in part else part.get("Value", "") for part in parts]
    return "".join(texts) if all(texts) else ""


def _variables_used(node: _Node) -> Iterator[str]:
    if node.get("Type") == "ParamExp" and _NAME.fullmatch(node["Param"]["Value"]):
        yield node["Param"]["Value"]


def _variables_assigned(node: _Node) -> Iterator[str]:
    match node.get("Type"):
        case "CallExpr" if not node.get("Args"):
            assignments = node.get("Assigns", [])
        case "DeclClause" if node["Variant"]["Value"] != "local":
            assignments = node.get("Args", [])
        case "WordIter":
            assignments = [node]
        case _:
            return
    for assignment in assignments:
        if "Name" in assignment and not assignment.get("Naked"):
            yield assignment["Name"]["Value"]


# --- one transcript ---


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A line at a prompt, and the lines below it up to the next prompt.

    `line` is that of the prompt. `is_last` tells whether no other prompt follows.
    """

    line: int
    typed: str
    below: tuple[str, ...]
    is_last: bool


def _exchanges(text: str) -> tuple[_Exchange, ...]:
    lines = text.rstrip("\n").split("\n")
    prompt = _prompt(lines)
    starts = [index for index, line in enumerate(lines) if prompt.match(line)]
    return tuple(
        _Exchange(
            line=start + 1,
            typed=lines[start][1:].strip(),
            below=tuple(lines[start + 1 : end]),
            is_last=end == len(lines),
        )
        for start, end in pairwise([*starts, len(lines)])
    )


def _prompt(lines: list[str]) -> re.Pattern[str]:
    dollar = re.compile(r"\$(\s|$)")
    return dollar if any(map(dollar.match, lines)) else re.compile(r"#(\s|$)")


def _typed(exchanges: list[_Exchange]) -> Iterator[tuple[Statement, ...]]:
    """Yield what is typed in each exchange; only lines that are not complete are read twice."""
    firsts = scripts([exchange.typed for exchange in exchanges])
    longer = [e for e, first in zip(exchanges, firsts, strict=True) if _goes_on(e, first)]
    wholes = iter(scripts(["\n".join([e.typed, *_going_on(e)]) for e in longer]))
    for exchange, first in zip(exchanges, firsts, strict=True):
        found = _from_prompt(next(wholes), exchange) if _goes_on(exchange, first) else first
        yield _with_promise(found, exchange) if found else ()


def _goes_on(exchange: _Exchange, first: tuple[Statement, ...]) -> bool:
    """Tell whether the line at the prompt asks for more: bash would show its second prompt."""
    complete = all(statement.parses for statement in first)
    return bool(exchange.below) and (_continued(exchange.typed) or not complete)


def _going_on(exchange: _Exchange) -> tuple[str, ...]:
    """Return the lines that may belong to the command: those after `> ` if there are any."""
    marked = tuple(takewhile(re.compile(r">(\s|$)").match, exchange.below))
    return tuple(line[2:] for line in marked) or exchange.below


def _from_prompt(found: tuple[Statement, ...], exchange: _Exchange) -> tuple[Statement, ...]:
    """Return the statements that hang together from the prompt's line on; output is none."""
    own: list[Statement] = []
    reach = 1
    for statement in found:
        if statement.line > reach:
            break
        own.append(statement if statement.parses else _as_far_as_asked(statement, exchange))
        reach = own[-1].end_line
    return tuple(own)


def _as_far_as_asked(statement: Statement, exchange: _Exchange) -> Statement:
    """Cut a statement that does not parse where neither `> ` nor a backslash carries it on."""
    if exchange.below[0].startswith(">"):
        return statement
    lines = statement.text.split("\n")
    carried = sum(1 for _ in takewhile(_continued, lines[:-1]))
    text = "\n".join(lines[: carried + 1])
    return replace(statement, text=text, end_line=statement.line + carried)


def _with_promise(found: tuple[Statement, ...], exchange: _Exchange) -> tuple[Statement, ...]:
    """Give the output below to what is typed, as one where it is several statements."""
    reach = found[-1].end_line
    promised = _promised(exchange.below[reach - 1 :], is_last=exchange.is_last)
    if promised is not None and len(found) > 1:
        text = "\n".join([exchange.typed, *_going_on(exchange)][:reach])
        found = (Statement(text, 1, reach, parses=all(s.parses for s in found)),)
    found = (*found[:-1], replace(found[-1], promised=promised))
    return tuple(_moved(statement, exchange.line - 1) for statement in found)


def _promised(lines: tuple[str, ...], *, is_last: bool) -> str | None:
    """Return the output without blank lines at its end and without comments on the next prompt."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or (not is_last and lines[end - 1].startswith("#"))):
        end -= 1
    return "\n".join(lines[:end]).rstrip() or None
