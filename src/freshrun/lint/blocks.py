"""Blocks that are not what their author meant: unmarked, of two minds, or of two meanings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from freshrun.diagnosis import cloned, installed, is_one_way, manager, one_way
from freshrun.model import Block, BlockKind, Command, Finding, Options, Runbook, did_you_mean


def untyped(runbook: Runbook) -> Iterator[Finding]:
    """Find shell text that is not typed although its reader sees it."""
    for each in runbook.untyped:
        if each.counts:
            yield Finding(runbook.path, each.line, each.why)


def two_ways(runbook: Runbook) -> Iterator[Finding]:
    """Find blocks that hold one step in several ways, of which a reader types only one."""
    for block in runbook.blocks:
        if block.commands and block.options.skip is None:
            yield from _two_ways(runbook, block)


def _two_ways(runbook: Runbook, block: Block) -> Iterator[Finding]:
    right = "a reader who types all of it does it twice; give each way a block, all but one skip="
    for number, line in _between(block):
        if _OR.match(line):
            yield Finding(runbook.path, number, f"`{line.strip()}` begins another way; {right}")
            return
    pairs = list(_differing([_ways(command) for command in block.commands]))
    if pairs:
        first, second = (block.commands[index] for index in min(pairs))
        message = f"{_same(first, second)} as line {first.line} does; {right}"
        yield Finding(runbook.path, second.line, message)


def _ways(command: Command) -> Mapping[str, str]:
    """Return what a command gets done, and the way in which it does it."""
    ways: dict[str, str] = {}
    if own := manager(command):
        ways |= {f"install {name}": one_way(own[1]) for name in installed(command)}
    if name := cloned(command):
        ways[f"clone {name}"] = _address(command)
    return ways


def _differing(commands: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, int]]:
    """Yield the indexes of two commands that get one thing done in two ways, a pair for each."""
    first: dict[str, tuple[int, str]] = {}
    done: set[str] = set()
    for index, ways in enumerate(commands):
        for what, way in ways.items():
            before, known = first.setdefault(what, (index, way))
            if way != known and what not in done:
                done.add(what)
                yield before, index


def _between(block: Block) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines between a script's commands: comments and blank ones."""
    if block.kind is BlockKind.SCRIPT:
        lines = block.text.split("\n")
        for one, next_one in pairwise(block.commands):
            for number in range(one.end_line + 1, next_one.line):
                yield number, lines[number - block.line - 1]


_OR = re.compile(r"\A\s*#+\s*(?:or|alternatively|otherwise)\b(?!\w)[^\n]*", re.IGNORECASE)


def _same(first: Command, second: Command) -> str:
    """Tell what the second command does in another way."""
    one, other = manager(first), manager(second)
    both = sorted(installed(first) & installed(second))
    if one and other and both and not is_one_way(one[1], other[1]):
        return f"`{other[1]}` installs {both[0]}"
    name = cloned(first)
    if name and name == cloned(second) and _address(first) != _address(second):
        return f"this clones {name}"
    return ""


def _address(command: Command) -> str:
    found = re.search(r"(?:https?://|git@|ssh://)[^/:\s]+", command.text)
    return found[0] if found else ""


# --- options ---


def contradictions(runbook: Runbook) -> Iterator[Finding]:
    """Find options of a block of which one takes the meaning of another away."""
    for block in runbook.blocks:
        if message := _contradiction(block.options, limit=runbook.settings.timeout):
            yield Finding(runbook.path, block.line, message)


def _contradiction(options: Options, *, limit: float) -> str:
    stays = "background" if options.background else "ready" if options.ready else ""
    timeout = limit if options.timeout is None else options.timeout
    if options.skip is not None and (given := _given(options)):
        return f"{given} means nothing beside skip, for the block is not run; remove one of the two"
    if stays and options.exit:
        return f"exit means nothing beside {stays}, which goes on; remove one of the two"
    if stays and options.band:
        return f"band means nothing beside {stays}, which goes on; remove one of the two"
    if options.band and options.band[1] > timeout:
        high = f"{options.band[1]:g} s"
        return f"the band ends at {high}, but the timeout is {timeout:g} s; make timeout longer"
    return ""


def _given(options: Options) -> str:
    known = {
        "exit": options.exit != 0,
        "band": options.band is not None,
        "timeout": options.timeout is not None,
        "stdin": options.stdin is not None,
        "background": options.background,
        "ready": options.ready is not None,
    }
    return next((name for name, is_given in known.items() if is_given), "")


def terminals(runbook: Runbook) -> Iterator[Finding]:
    """Find the name of a terminal that one block alone has, and that is nearly another's."""
    named: dict[str, list[Block]] = {}
    for block in runbook.blocks:
        if block.options.terminal is not None:
            named.setdefault(block.options.terminal, []).append(block)
    others = [name for name, blocks in named.items() if len(blocks) > 1]
    for name, blocks in named.items():
        if len(blocks) == 1 and (hint := did_you_mean(name, others)):
            message = f'no other block has a terminal "{name}"{hint}'
            yield Finding(runbook.path, blocks[0].line, message)
