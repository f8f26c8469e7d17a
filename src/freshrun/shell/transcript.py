"""A transcript as the statements after its prompts, with the output that it promises."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise, takewhile

from freshrun.shell.prompts import begins_with_prompt, indentation, prompts
from freshrun.shell.script import Statement, continued, moved, scripts


def transcripts(texts: Sequence[str]) -> tuple[tuple[Statement, ...], ...]:
    """Return what is typed after the prompts of each text, with the output promised below.

    Which lines begin with a prompt says `prompts`; they may be indented. Lines go on, after `> ` or
    bare, while the statement is not complete. Several statements on one line stay together where
    they share promised output.
    """
    exchanges = [_exchanges(text) for text in texts]
    typed = _typed(list(chain.from_iterable(exchanges)))
    return tuple(tuple(chain.from_iterable(next(typed) for _ in of_text)) for of_text in exchanges)


def is_transcript(text: str) -> bool:
    """Tell whether the first line that is no comment begins with a prompt."""
    return begins_with_prompt(_first_meaning(text), angle=True)


def shows_a_prompt(text: str) -> bool:
    """Tell whether a text that nothing marks shows at once that a reader types it at a prompt."""
    return begins_with_prompt(_first_meaning(text))


def _first_meaning(text: str) -> str:
    lines = (line for line in text.split("\n") if line.strip())
    return next((line for line in lines if not line.lstrip().startswith("#")), "")


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A line at a prompt, and the lines below it up to the next prompt.

    `line` is that of the prompt, `root` tells whose it is. `is_last` tells whether no other prompt
    follows.
    """

    line: int
    typed: str
    root: bool
    below: tuple[str, ...]
    is_last: bool


def _exchanges(text: str) -> tuple[_Exchange, ...]:
    lines = text.rstrip("\n").split("\n")
    blanks = indentation(lines)
    lines = [line.removeprefix(blanks) for line in lines]
    found = prompts(lines)
    return tuple(
        _Exchange(
            line=start + 1,
            typed=lines[start][found[start].end :].strip(),
            root=found[start].root,
            below=tuple(lines[start + 1 : end]),
            is_last=end == len(lines),
        )
        for start, end in pairwise([*found, len(lines)])
    )


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
    return bool(exchange.below) and (continued(exchange.typed) or not complete)


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
    carried = sum(1 for _ in takewhile(continued, lines[:-1]))
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
    whose = (replace(statement, root=exchange.root) for statement in found)
    return tuple(moved(statement, exchange.line - 1) for statement in whose)


def _promised(lines: tuple[str, ...], *, is_last: bool) -> str | None:
    """Return the output without blank lines at its end and without comments on the next prompt."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or (not is_last and lines[end - 1].startswith("#"))):
        end -= 1
    return "\n".join(lines[:end]).rstrip() or None
