"""The document of a record, block by block, with what came of each command where it stands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from freshrun.model import Outcome, Record, Status, Untyped
from freshrun.report import words
from freshrun.report.prose import Fence, Reader
from freshrun.report.streams import Streams

Numbered = tuple[int, Outcome]
"""A command's outcome, and its place among the document's."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of a block as the document has it, and the command that ends in it, if any."""

    text: str
    number: int = 0
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: what it is called, its steps, its lines, and what of it was not typed."""

    info: str
    steps: tuple[Step, ...]
    line: int
    end_line: int
    untyped: tuple[Untyped, ...] = ()

    @property
    def status(self) -> Status | None:
        """Return the worst that came of its commands; `None` where it has none."""
        found = {step.outcome.status for step in self.steps if step.outcome}
        worst = (Status.BROKEN, Status.FAILED, Status.NOT_REACHED, Status.SKIPPED, Status.PASSED)
        return next((each for each in worst if each in found), None)

    @property
    def commands(self) -> str:
        """Return what is typed of it, for who copies it."""
        typed = (step.outcome.command.text for step in self.steps if step.outcome)
        return "\n".join(words.plain(text) for text in typed)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the page; `bad` where a command in it failed."""

    html: Markup
    bad: bool = False


class Blocks:
    """The pieces of one page, in the document's order: each command is in one of them, once."""

    def __init__(self, record: Record, *, streams: Streams, hidden: Callable[[str], str]) -> None:
        """Take the record, its outputs, and what takes out of a text what nobody may see."""
        self._record = record
        self._streams = streams
        self._hidden = hidden
        self._left = list(enumerate(record.outcomes, 1))
        self._bad = False

    def parts(self) -> Iterator[Part]:
        """Yield the document's pieces; of one that a record does not hold, its sections."""
        if not self._record.text:
            yield from self._sections()
            return
        source = self._record.provenance.source
        reader = Reader(self._fence, hidden=self._hidden, source=source)
        for passage in reader.passages(self._record.text):
            below = self._made(self._taken(0, passage.end_line))
            yield Part(passage.html + below, self._bad)
            self._bad = False
        if self._left:
            yield Part(self._made(self._taken(0, self._left[-1][1].command.end_line)), self._bad)

    def trials(self) -> Iterator[tuple[str, list[Numbered]]]:
        """Yield what the checklist typed, by the section that it was typed for."""
        numbered = enumerate(self._record.trials, 1)
        for section, group in groupby(numbered, key=lambda each: each[1].command.section):
            yield section, list(group)

    def _sections(self) -> Iterator[Part]:
        for section, group in groupby(self._left, key=lambda each: each[1].command.section):
            numbered = list(group)
            title = Markup("<h2>{}</h2>\n").format(
                self._hidden(words.plain(section)) or "Before the first heading"
            )
            yield Part(title + self._made(numbered), _is_bad(numbered))

    def _fence(self, fence: Fence) -> str:
        """Return a block of the document with what came of its commands."""
        numbered = self._taken(fence.line, fence.end_line)
        within = range(fence.line, fence.end_line + 1)
        block = Block(
            fence.info,
            tuple(_steps(fence, numbered)),
            fence.line,
            fence.end_line,
            tuple(each for each in self._record.untyped if each.line in within),
        )
        return self._shown(block)

    def _made(self, numbered: Sequence[Numbered]) -> Markup:
        """Return blocks for commands that stand in none of the document, as its reader sees it."""
        shown = [
            self._shown(
                Block(
                    "",
                    (Step(each.command.text, number, each),),
                    each.command.line,
                    each.command.end_line,
                )
            )
            for number, each in numbered
        ]
        return Markup("").join(shown)

    def _shown(self, block: Block) -> Markup:
        from freshrun.report import rendering  # noqa: PLC0415 - Jinja2 takes its time: here alone

        self._bad = self._bad or block.status in words.BAD
        source = self._record.provenance.source
        return rendering.block(
            block=block, streams=self._streams, source=source, hidden=self._hidden
        )

    def _taken(self, first: int, last: int) -> list[Numbered]:
        """Return the commands that stand on these lines and have no place yet."""
        taken = [each for each in self._left if first <= each[1].command.line <= last]
        numbers = {number for number, _ in taken}
        self._left = [each for each in self._left if each[0] not in numbers]
        return taken


def _is_bad(numbered: Sequence[Numbered]) -> bool:
    return any(outcome.status in words.BAD for _, outcome in numbered)


def _steps(fence: Fence, numbered: Sequence[Numbered]) -> Iterator[Step]:
    """Cut a block behind each of its commands; a transcript's output stands with its command."""
    lines = fence.text.rstrip("\n").split("\n")
    ends = [_end(fence, numbered, place=place) - fence.begins + 1 for place in range(len(numbered))]
    at = 0
    for (number, outcome), end in zip(numbered, ends, strict=True):
        yield Step("\n".join(lines[at:end]), number, outcome)
        at = max(at, end)
    if "".join(lines[at:]).strip() or not numbered:
        yield Step("\n".join(lines[at:]))


def _end(fence: Fence, numbered: Sequence[Numbered], *, place: int) -> int:
    """Return the last line that belongs to a command."""
    command = numbered[place][1].command
    if command.promised is None:
        return command.end_line
    if place + 1 < len(numbered):
        return numbered[place + 1][1].command.line - 1
    return fence.end_line
