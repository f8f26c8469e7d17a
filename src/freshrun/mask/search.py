"""The search for every form of some secrets, in every way in which output can be read."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from freshrun.mask.forms import Form, forms
from freshrun.mask.views import Span, View, views

if TYPE_CHECKING:  # see `Hints`
    from ahocorasick_rs import BytesAhoCorasick

_HAS_LIBRARY = find_spec("ahocorasick_rs") is not None

_HINT = 24
"""Bytes of a form by which it is looked for first, all forms at once."""

_GROUP, _GROUPS = 48, 8
"""Hints that the library looks for with the vectors of a processor, and how often that pays."""

_TELLING = 0.5
"""The share of a form that is hidden where the rest never came: a command was killed."""

_LEGIBLE = 12
"""The characters of a form, in a row, that are hidden there however long the form is."""

_STARTED = 3
"""The part of a form, one in so many, that is kept from being shown while the rest may come."""

_FEW = 4
"""Characters that tell nothing of a secret."""

_PERIODIC = 8
"""How often a form holds what it is made of, from where on it is searched for another way."""

_DIGIT = re.compile(rb"[A-Za-z0-9+/_-]?={0,6}")
"""The digit that also holds bits of what follows a secret, and the end of the encoding."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where secrets stand, in order, and where one stands whose end is missing.

    `begun` is where one begins of which a telling part is there, `started` also one of which less
    is there; both are the end of the data where none is.
    """

    spans: tuple[Span, ...]
    begun: int
    started: int


_Place = tuple[int, int, float]
"""Where a form begins and ends in a view, and what share of it stands there."""


class Search:
    """Finds all forms of some secrets; `longest` is how many letters and digits one can have."""

    def __init__(self, secrets: frozenset[str]) -> None:
        """Prepare it; a form that its letters don't tell is looked for as it is written."""
        found = forms(secrets)
        strong = [form for form in found if form.strong]
        self._candidates = _grouped(strong, by=_hint)
        self._hints = Hints(self._candidates)
        self._beginnings = _grouped(strong, by=_beginning)
        self._begun = Hints(self._beginnings)
        self._weak = [form for form in found if not form.strong]
        self.longest = max((len(form.bones) or len(form.text) for form in found), default=0)

    def find(self, data: bytes) -> Found:
        """Return where secrets stand in the data, wherever they overlap as one."""
        spans: list[Span] = []
        begun = started = len(data)
        for view in views(data, telling=self._tells):
            for start, end, share in self._in(view):
                span = view.span(start, end)
                if share >= 1:
                    spans.append(span)
                    continue
                started = min(started, span[0])
                begun = min(begun, span[0]) if share >= _TELLING else begun
        return Found(tuple(_merged(spans)), begun, started)

    def _tells(self, view: View) -> bool:
        return next(self._in(view), None) is not None

    def _in(self, view: View) -> Iterator[_Place]:
        for hint in self._hints.within(view.bones):
            for form in self._candidates[hint]:
                yield from _strong(view, form)
        for beginning in self._begun.within(view.bones[-self.longest :]):
            for form in self._beginnings[beginning]:
                yield from _unfinished(view, form)
        for form in self._weak:
            yield from _weak(view, form)


class Hints:
    """Many short texts, all looked for at once.

    An environment that is older than this version may lack the library; it finds the same, slower.
    """

    def __init__(self, hints: Iterable[bytes], *, fast: bool | None = None) -> None:
        """Take the texts; `fast` is whether to use the library, where it is unless said."""
        every = tuple(hints)
        fast = _HAS_LIBRARY if fast is None else fast
        # What repeats itself would be found at every place of an output that does so, too.
        self._slow = tuple(hint for hint in every if not fast or _repeats_itself(hint))
        self._fast = tuple(hint for hint in every if hint not in self._slow)
        self._all = _automaton(self._fast) if self._fast else None
        # In order, each group begins with many different letters. For up to three of them the
        # library looks for nothing else, which is ten times as slow where a text is full of them.
        ordered = sorted(every)
        groups = [ordered[at : at + _GROUP] for at in range(0, len(ordered), _GROUP)]
        fast = fast and len(groups) <= _GROUPS
        self._groups = [_automaton(group, first=True) for group in groups] if fast else None

    def within(self, text: bytes) -> Iterator[bytes]:
        """Yield those that stand somewhere in the text, each once."""
        groups = self._groups
        if groups is not None and not any(group.find_matches_as_indexes(text) for group in groups):
            return
        if self._all is not None:
            hits = self._all.find_matches_as_indexes(text, overlapping=True)
            yield from (self._fast[number] for number in {hit[0] for hit in hits})
        yield from (hint for hint in self._slow if hint in text)


def _automaton(hints: Sequence[bytes], *, first: bool = False) -> "BytesAhoCorasick":
    """Return what finds all of them; with `first` what only tells, far faster, if any is there."""
    from ahocorasick_rs import BytesAhoCorasick, MatchKind  # noqa: PLC0415 - where it is there

    return BytesAhoCorasick(
        hints, matchkind=MatchKind.LeftmostFirst if first else MatchKind.Standard
    )


def _repeats_itself(hint: bytes) -> bool:
    return hint in (hint * 2)[1 : len(hint) * 3 // 2]


@cache
def search(secrets: frozenset[str]) -> Search:
    """Return the search for some secrets, made once."""
    return Search(secrets)


def _grouped(forms: Iterable[Form], *, by: Callable[[Form], bytes]) -> dict[bytes, list[Form]]:
    groups: dict[bytes, list[Form]] = {}
    for form in forms:
        groups.setdefault(by(form), []).append(form)
    return groups


def _hint(form: Form) -> bytes:
    return form.bones[: max(_FEW, min(_HINT, len(form.bones) // _STARTED))]


def _beginning(form: Form) -> bytes:
    """Return what is there at least where a form was cut off so late that it is told."""
    return _hint(form)[:_LEGIBLE]


def _strong(view: View, form: Form) -> Iterator[_Place]:
    """Yield where the bones of a form stand, whatever stands between them."""
    for start, end in _runs(view.bones, form.bones):
        yield *_around(view, form, start=view.joints[start], end=view.joints[end - 1] + 1), 1


def _unfinished(view: View, form: Form) -> Iterator[_Place]:
    """Yield where a form begins of which the end is not there."""
    start = _cut_off(view.bones, form)
    if start >= 0:
        there = len(view.bones) - start
        yield view.joints[start], len(view.data), _share(there, size=len(form.bones))


def _share(there: int, *, size: int) -> float:
    """Return what share of a form stands at the end, a telling one where it could be read off."""
    return max(there / size, _TELLING if there >= _LEGIBLE else 0)


def _cut_off(bones: bytes, form: Form) -> int:
    """Return where the form begins of which the bones end before its end, -1 where nowhere."""
    beginning, whole = _beginning(form), form.bones
    start = bones.find(beginning, max(len(bones) - len(whole) + 1, 0))
    while start >= 0:
        rest = len(bones) - start
        if whole[rest - 1] == bones[-1] and whole.startswith(bones[start:]):
            return start
        start = bones.find(beginning, start + 1)
    return -1


def _around(view: View, form: Form, *, start: int, end: int) -> Span:
    """Return a place with what belongs to the secret at both sides of its bones."""
    data = view.data
    if form.before and data.endswith(form.before, 0, start):
        start -= len(form.before)
    if form.after and data.startswith(form.after, end):
        end += len(form.after)
    if form.open_ended and (more := _DIGIT.match(data, end)):
        end = more.end()
    return start, end


def _weak(view: View, form: Form) -> Iterator[_Place]:
    yield from ((start, end, 1) for start, end in _runs(view.data, form.text))
    size = len(form.text)
    for length in range(min(size - 1, len(view.data)), _FEW - 1, -1):
        if view.data.endswith(form.text[:length]):
            yield len(view.data) - length, len(view.data), _share(length, size=size)
            return


def _runs(data: bytes, text: bytes) -> Iterator[Span]:
    """Yield where the text stands, in linear time also where it overlaps itself."""
    at = data.find(text)
    while at >= 0:
        end, again = at + len(text), data.find(text, at + 1)
        period = again - at
        if again >= 0 and period * _PERIODIC < len(text):
            end = _extended(data, end, period=period)
            again = data.find(text, end - len(text) + 1)
        yield at, end
        at = again


def _extended(data: bytes, end: int, *, period: int) -> int:
    """Return up to where the data goes on repeating its last `period` bytes."""
    step, growing = period, True
    while step:
        if _repeats(data, end, step, period=period):
            end += step
            step *= 2 if growing else 1
        else:
            step, growing = step // 2, False
    return end


def _repeats(data: bytes, end: int, length: int, *, period: int) -> bool:
    there = end + length <= len(data)
    return there and data[end : end + length] == data[end - period : end - period + length]


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans in order, those that overlap as one."""
    first, last = -1, -1
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if start < last:
            last = max(last, end)
            continue
        if first >= 0:
            yield first, last
        first, last = start, end
    if first >= 0:
        yield first, last
