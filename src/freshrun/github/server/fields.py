"""One JSON object of a recording, read key by key, each refusal naming file, key and remedy."""

import difflib
import re
import time
from collections.abc import Collection, Iterator, Mapping

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Malformed(ValueError):  # noqa: N818  # it says what the recording is
    """A recording can't be read as one: its text is `file: what was found; what would be right`."""


class Fields:
    """The keys and values of one JSON object; `where` names it in every refusal.

    `allowed` are all keys that may occur; any other is refused with the nearest of them.
    """

    def __init__(self, where: str, document: object, *, allowed: Collection[str]) -> None:
        """Take one value that `json.loads` gave; `Malformed` unless it is such an object."""
        if not isinstance(document, dict):
            raise Malformed(f"{where}: found {kind(document)}, expected a JSON object")
        self.where = where
        self._values: Mapping[str, object] = document
        for key in document:
            known(where, "key", key, among=allowed)

    def text(self, key: str) -> str:
        """Return a string that is not empty."""
        value = self._required(key)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, "a text that is not empty")
        return value

    def match(self, key: str, *, pattern: str, example: str) -> str:
        """Return a text that the regular expression `pattern` matches as a whole."""
        value = self.text(key)
        if not re.fullmatch(pattern, value):
            raise self._wrong(key, example)
        return value

    def number(self, key: str) -> int:
        """Return a whole number from 1."""
        value = self._required(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._wrong(key, "a whole number from 1")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self._required(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def flag_or_false(self, key: str) -> bool:
        """Return true or false, false where the key is left out."""
        return self.flag(key) if key in self._values else False

    def time(self, key: str) -> str:
        """Return a time in UTC to the second, such as `2026-01-31T23:59:59Z`."""
        value = self._required(key)
        if not isinstance(value, str) or not _is_time(value):
            raise self._wrong(key, "a time such as 2026-01-31T23:59:59Z")
        return value

    def time_or_none(self, key: str) -> str | None:
        """Return a time, or `None` where the key is null or left out."""
        return None if self._values.get(key) is None else self.time(key)

    def choice(self, key: str, *, among: Collection[str]) -> str:
        """Return one of the given words."""
        value = self.text(key)
        known(self.where, f'"{key}"', value, among=among)
        return value

    def choice_or_none(self, key: str, *, among: Collection[str]) -> str | None:
        """Return one of the given words, or `None` where the key is null or left out."""
        return None if self._values.get(key) is None else self.choice(key, among=among)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where the key is left out."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self._wrong(key, "a list of texts")
        return tuple(value)

    def objects(self, key: str, *, allowed: Collection[str]) -> "Iterator[Fields]":
        """Yield the objects of a list, none where the key is left out."""
        return each(f'{self.where}: "{key}"', self._values.get(key, []), allowed=allowed)

    def _required(self, key: str) -> object:
        if self._values.get(key) is None:
            raise Malformed(f'{self.where}: no "{key}"; it is required')
        return self._values[key]

    def _wrong(self, key: str, expected: str) -> Malformed:
        return Malformed(f'{self.where}: "{key}" is {self._values[key]!r}, expected {expected}')


def each(where: str, document: object, *, allowed: Collection[str]) -> Iterator[Fields]:
    """Yield the objects of a JSON list, counted from 1 in `where`; `Malformed` where it is none."""
    if not isinstance(document, list):
        raise Malformed(f"{where}: found {kind(document)}, expected a JSON list")
    for position, item in enumerate(document, start=1):
        yield Fields(f"{where}[{position}]", item, allowed=allowed)


def known(where: str, noun: str, word: str, *, among: Collection[str]) -> None:
    """Raise `Malformed` unless `word` is one of `among`, with the nearest of them."""
    if word in among:
        return
    near = difflib.get_close_matches(word, among, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"expected one of {', '.join(sorted(among))}"
    raise Malformed(f'{where}: unknown {noun} "{word}"; {hint}')


def kind(document: object) -> str:
    """Return what a JSON value is, in words."""
    words = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return words.get(type(document), "null" if document is None else "a number")


def _is_time(text: str) -> bool:
    try:
        return time.strftime(_TIME, time.strptime(text, _TIME)) == text
    except ValueError:
        return False
