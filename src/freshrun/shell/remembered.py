"""What was read of a text, kept for the next time: an editor asks again at each key."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")

_TEXTS, _LONGEST = 4_000, 4_000
"""Texts that are kept, and how many characters one of them has at most."""


class Remembered(Generic[Value]):
    """Values that depend on a text alone, as far as they were asked for; the oldest go first."""

    def __init__(self, read: Callable[[Sequence[str]], Iterable[Value]]) -> None:
        self._read = read
        self._known: dict[str, Value] = {}

    def of(self, texts: Sequence[str]) -> tuple[Value, ...]:
        """Return the value of each text; those that are not known are read together."""
        known = {text: self._known[text] for text in texts if text in self._known}
        new = list(dict.fromkeys(text for text in texts if text not in known))
        read = dict(zip(new, self._read(new), strict=True)) if new else {}
        self._keep(read)
        known |= read
        return tuple(known[text] for text in texts)

    def _keep(self, read: dict[str, Value]) -> None:
        self._known |= {text: value for text, value in read.items() if len(text) <= _LONGEST}
        for text in list(self._known)[: max(0, len(self._known) - _TEXTS)]:
            self._known.pop(text, None)
