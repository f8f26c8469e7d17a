"""Noise: what differs on each run and says nothing, and the wildcards that would take it.

A promised line is called noise only where all that differs in it are values of kinds that no two
runs share, told by their form and by the words around them. What could be a setting, a version, a
checksum or a count is none, and neither is a value that the document itself typed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count, groupby

from freshrun.diagnosis.volatile import KINDS, Kind
from freshrun.document import (
    WILDCARD,
    agree,
    captures,
    expression,
    is_any_lines,
    printed_lines,
    promised_lines,
)

_LINES, _PAIRS = 200, 10_000
"""Promised lines, and pairs of a promised and a printed one, past which nothing is said."""
_WIDTH, _WILDCARDS = 500, 2
"""Characters and wildcards of a line past which no noise is looked for in it."""
_LISTED = 8
"""Rewritten lines that a hint shows."""
_TELLING = 4
"""Characters from which on the same text twice is no chance."""
_TWICE = 2


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A promised line that differs only in noise, with wildcards in its place.

    `index` counts the promise's lines from 0; `kinds` name the noise.
    """

    index: int
    kinds: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Promised lines that were not printed, from `first` up to `end`, counted from 0.

    Where both are the same, lines were printed there that nothing promises.
    """

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Noise:
    """The lines of a broken promise that differ only in noise, and the real differences.

    With every rewrite in its place, the promise is kept but for the real differences.
    """

    rewrites: tuple[Rewrite, ...]
    real: tuple[Difference, ...]

    def hint(self, *, line: int) -> str:
        """Return it as a sentence; `line` is where the promise begins in the document."""
        parts = [_advice(rewrite, line=line) for rewrite in self.rewrites[:_LISTED]]
        if more := self.rewrites[_LISTED:]:
            parts.append(f"{len(more)} more line{'s' if len(more) > 1 else ''} likewise")
        return "; ".join([*parts, *(_sentence(each, line=line) for each in self.real)])


def noise(
    promised: str, printed: Iterable[str], *, command: str, earlier: Iterable[str] = ()
) -> Noise | None:
    """Return what is noise in a broken promise, `None` where no line is only that.

    `printed` are the ways in which the two streams can have met. `earlier` are the texts of the
    commands before this one: what they typed, the document chose itself.
    """
    source = _Source(command, "\n".join([*earlier, command]))
    ways = [printed_lines(text) for text in dict.fromkeys(printed)]
    found = [_noise(promised_lines(promised), shown, source=source) for shown in ways]
    told = [each for each in found if each is not None]
    return min(told, key=lambda each: len(each.real), default=None)


def _noise(wanted: list[str], shown: list[str], *, source: "_Source") -> Noise | None:
    if len(wanted) > _LINES or len(wanted) * len(shown) > _PAIRS:
        return None
    steps = _aligned([source.read(line, kinds=KINDS) for line in wanted], shown)
    if echoes := _echoes(steps):
        known = (*KINDS, *echoes)
        steps = _aligned([source.read(line, kinds=known) for line in wanted], shown)
    rewrites = tuple(_rewrites(steps, wanted, shown))
    if not rewrites or not agree(_applied(rewrites, steps, wanted=wanted, shown=shown), shown):
        return None
    return Noise(rewrites, tuple(_differences(steps)))


def _applied(
    rewrites: Iterable[Rewrite],
    steps: Iterable["_Step"],
    *,
    wanted: Sequence[str],
    shown: Sequence[str],
) -> list[str]:
    """Return the promise with every rewrite, and the printed lines for the real differences."""
    lines = dict(enumerate(wanted)) | {rewrite.index: rewrite.text for rewrite in rewrites}
    result: list[str] = []
    for step in steps:
        if step.wanted is not None and not step.real:
            result.append(lines[step.wanted])
        elif step.shown is not None and step.real:
            result.append(shown[step.shown])
    return result


# The sentence.


def _advice(rewrite: Rewrite, *, line: int) -> str:
    fence = '"' if "`" in rewrite.text else "`"
    kinds = _listed(rewrite.kinds)
    return (
        f"line {line + rewrite.index} differs only in {kinds}: write {fence}{rewrite.text}{fence}"
    )


def _sentence(difference: Difference, *, line: int) -> str:
    first, last = line + difference.first, line + difference.end - 1
    if last < first:
        return f"what is printed after line {last} is not promised"
    if first == last:
        return f"line {first} differs in more than noise"
    return f"lines {first} to {last} differ in more than noise"


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


# The promised and the printed lines, side by side.


@dataclass(frozen=True, slots=True)
class _Step:
    """One step down the promised lines, the printed ones, or both.

    A step down both is a promised line and the printed one that stands for it; `changes` are the
    noise between them. A step down one of them is a real difference, or a line of `...` at work.
    """

    wanted: int | None
    shown: int | None
    changes: tuple["_Change", ...] = ()
    real: bool = False

    @property
    def cost(self) -> int:
        """Return how little it is wanted: a line that agrees is best, then one that nearly does."""
        return 10 if self.real else len(self.changes[:1])


def _aligned(wanted: Sequence["_Line"], shown: Sequence[str]) -> list[_Step]:
    """Return the steps through both that cost least."""
    best: dict[tuple[int, int], tuple[int, _Step | None]] = {}
    for i in range(len(wanted), -1, -1):
        for j in range(len(shown), -1, -1):
            ways = (
                (step.cost + best[_after(step, i, j)][0], step)
                for step in _ways(wanted, shown, i=i, j=j)
            )
            best[i, j] = min(ways, key=lambda way: way[0], default=(0, None))
    steps: list[_Step] = []
    place = (0, 0)
    while (step := best[place][1]) is not None:
        steps.append(step)
        place = _after(step, *place)
    return steps


def _after(step: _Step, i: int, j: int) -> tuple[int, int]:
    return i + (step.wanted is not None), j + (step.shown is not None)


def _ways(wanted: Sequence["_Line"], shown: Sequence[str], *, i: int, j: int) -> Iterator[_Step]:
    """Yield the steps from a place, the wanted ones first."""
    any_lines = i < len(wanted) and is_any_lines(wanted[i].text)
    if i < len(wanted) and j < len(shown) and not any_lines:
        changes = wanted[i].changes(shown[j])
        if changes is not None:
            yield _Step(i, j, changes)
    if i < len(wanted):
        yield _Step(i, None, real=not any_lines)
    if j < len(shown):
        yield _Step(None, j, real=not any_lines)


def _differences(steps: Iterable[_Step]) -> Iterator[Difference]:
    place = 0
    for real, group in groupby(steps, key=lambda step: step.real):
        first = place
        place += sum(step.wanted is not None for step in group)
        if real:
            yield Difference(first, place)


# The promised lines, rewritten.


def _rewrites(steps: Sequence[_Step], wanted: Sequence[str], shown: Sequence[str]) -> list[Rewrite]:
    """Return each promised line that differs only in noise, with wildcards in its place."""
    places = [
        _LineChange(step.wanted, wanted[step.wanted], change)
        for step in steps
        for change in step.changes
        if step.wanted is not None
    ]
    marked = zip(places, _marks(places, _bound(steps, wanted, shown)), strict=True)
    return [_rewritten(list(line)) for _, line in groupby(marked, key=lambda each: each[0].index)]


@dataclass(frozen=True, slots=True)
class _LineChange:
    """A change in its promised line, whose text is `line` and whose number is `index`."""

    index: int
    line: str
    change: "_Change"

    @property
    def takes_any_text(self) -> bool:
        """Tell whether `...` can stand here: not as a whole line, nor behind another dot."""
        whole = self.change.end - self.change.start == len(self.line)
        return not whole and not self.line[: self.change.start].endswith(".")


def _marks(places: Sequence[_LineChange], bound: Mapping[str, str]) -> Iterator[str]:
    """Yield the wildcard for each change: a capture where the same value comes again.

    `bound` are the values of the captures that the promise has, by name.
    """
    known = {value: name for name, value in bound.items()}
    shared = Counter(place.change.values for place in places if place.change.kind.identity)
    names: dict[tuple[str | int, str | int], str] = {}
    for place in places:
        change = place.change
        if change.kind.identity and change.new in known:
            yield f"<{known[change.new]}>"
        elif shared[change.values] < _TWICE and place.takes_any_text:
            yield "..."
        else:
            again = shared[change.values] >= _TWICE
            key = change.values if again else (place.index, change.start)
            names.setdefault(key, _fresh(change.kind.name, {*bound, *names.values()}))
            yield f"<{names[key]}>"


def _fresh(name: str, taken: set[str]) -> str:
    numbered = (f"{name}{number}" for number in count(2))
    return next(each for each in chain([name], numbered) if each not in taken)


def _bound(
    steps: Iterable[_Step], wanted: Sequence[str], shown: Sequence[str]
) -> Mapping[str, str]:
    """Return the values of the captures in the lines that agree, and the names of all."""
    names = {wild[1]: "" for line in wanted for wild in WILDCARD.finditer(line) if wild[1]}
    for step in steps:
        if step.wanted is not None and step.shown is not None and not step.changes:
            names |= captures(wanted[step.wanted], shown[step.shown], known={}) or {}
    return names


def _rewritten(marked: Sequence[tuple[_LineChange, str]]) -> Rewrite:
    """Return one line with a wildcard for each of its changes."""
    (first, _), *_rest = marked
    text = first.line
    for place, mark in reversed(marked):
        text = text[: place.change.start] + mark + text[place.change.end :]
    kinds = dict.fromkeys(place.change.kind.words for place, _ in marked)
    return Rewrite(first.index, tuple(kinds), text)


def _echoes(steps: Iterable[_Step]) -> tuple[Kind, ...]:
    """Return a kind for each value of noise that is sure enough to be known elsewhere too."""
    changes = {
        change.values: change
        for step in steps
        for change in step.changes
        if change.kind.identity and len(change.old) >= _TELLING
    }
    return tuple(change.kind.echo(*change.values) for change in changes.values())


# The noise of one line.


@dataclass(frozen=True, slots=True)
class _Change:
    """A value of a promised line, from `start` to `end` in it, that was printed as another."""

    kind: Kind
    start: int
    end: int
    old: str
    new: str

    @property
    def values(self) -> tuple[str, str]:
        """Return the promised and the printed value."""
        return self.old, self.new

    def narrowed(self) -> "_Change":
        """Return it without what both values share: the folder before a name, a unit after."""
        begin, end = (_shared(part, self.values) for part in (self.kind.head, self.kind.tail))
        old, new = (value[begin : len(value) - end] for value in self.values)
        return _Change(self.kind, self.start + begin, self.end - end, old, new)


def _shared(pattern: str, values: Iterable[str]) -> int:
    """Return the length of the part of this pattern, 0 where it is not the same in all values."""
    parts = {found[0] if (found := re.search(pattern, value)) else "" for value in values}
    return len(parts.pop()) if len(parts) == 1 else 0


@dataclass(frozen=True)
class _Line:
    """A promised line and the places in it where values of a kind of noise stand."""

    text: str
    values: tuple["_Value", ...]

    def changes(self, shown: str) -> tuple[_Change, ...] | None:
        """Return the noise between it and a printed line, `None` where more than that differs."""
        if shown == self.text or (self._wild and captures(self.text, shown, known={}) is not None):
            return ()
        if len(shown) > _WIDTH or not self.values or not all(part in shown for part in self._rest):
            return None
        found = re.fullmatch(self._expression, shown)
        if found is None:
            return None
        pairs = zip(self.values, found.groups(), strict=True)
        changed = [(value, new) for value, new in pairs if value.text != new]
        if not all(value.kind.alike(value.text, new) for value, new in changed):
            return None
        return tuple(value.changed(new) for value, new in changed)

    @cached_property
    def _wild(self) -> bool:
        return WILDCARD.search(self.text) is not None

    @cached_property
    def _between(self) -> list[str]:
        """Return what stands before, between and after the values."""
        ends = (0, *(value.end for value in self.values))
        starts = (*(value.start for value in self.values), len(self.text))
        return [self.text[a:b] for a, b in zip(ends, starts, strict=True)]

    @cached_property
    def _rest(self) -> list[str]:
        """Return the texts that another line lacks, which spares a regular expression for it."""
        return [part for part in self._between if not WILDCARD.search(part)]

    @cached_property
    def _expression(self) -> str:
        forms = [f"({value.kind.form})" for value in self.values]
        parts = zip(map(expression, self._between), [*forms, ""], strict=True)
        return "".join(chain.from_iterable(parts))


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of a kind of noise in a promised line."""

    kind: Kind
    start: int
    end: int
    text: str

    def changed(self, new: str) -> _Change:
        """Return that it was printed as another."""
        return _Change(self.kind, self.start, self.end, self.text, new).narrowed()


@dataclass(frozen=True, slots=True)
class _Source:
    """What the output comes from: the command, and all that the document typed by then."""

    command: str
    typed: str

    def read(self, text: str, *, kinds: Iterable[Kind]) -> _Line:
        """Return a promised line with its values, those that the document typed left out."""
        taken = [wild.span() for wild in WILDCARD.finditer(text)]
        values: list[_Value] = []
        if len(text) > _WIDTH or len(taken) > _WILDCARDS:
            return _Line(text, ())
        for kind in kinds:
            for start, end in kind.places(text, command=self.command):
                free = all(end <= a or b <= start for a, b in taken)
                if free and not self._typed(text[start:end]):
                    taken.append((start, end))
                    values.append(_Value(kind, start, end, text[start:end]))
        return _Line(text, tuple(sorted(values, key=lambda value: value.start)))

    def _typed(self, value: str) -> bool:
        """Tell whether the document typed the value, or a telling part of it such as its day."""
        parts = [value, *(part for part in re.split("[ T]", value) if len(part) > _TELLING)]
        return any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", self.typed) for part in parts)
