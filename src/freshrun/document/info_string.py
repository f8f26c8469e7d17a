"""The info string of a fence: its language, and the options after it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from freshrun.document.durations import duration, seconds
from freshrun.document.ready import readiness
from freshrun.model import Options, did_you_mean, near_or_known

_WORD = re.compile(
    r"""(?:(?<!\w)"(?>(?:\\.|[^"\\])*)\\?(?:"|\Z)|(?<!\w)'[^']*+(?:'|\Z)|[^\s{}])+""",
)
"""A word, with quoted blanks in it; braces only group, as in `{.bash exit=1}`."""

_DECORATION = re.compile(r"[.#][\w:-]+|[\d,-]+")
"""Pandoc's classes and identifiers, and lines to highlight: nobody misspells an option so."""


def words_of(info: str) -> tuple[str, list[str]]:
    """Return the language in small letters, and the words after it.

    A directive of MyST, such as `{code-block} console`, has its language as its argument.
    """
    words = _WORD.findall(_DIRECTIVE.sub("", info, count=1))
    classes = [word for word in words if word.startswith(".")]
    first = classes[0] if info.strip().startswith("{") and classes else "".join(words[:1])
    language = re.match(r"\.?([\w+#-]++)(?!=)[,:]?", first)
    if language is None:
        return "", words
    words.remove(first)
    if rest := first[language.end() :]:
        words.insert(0, rest)
    return language[1].lower(), words


_DIRECTIVE = re.compile(r"\s*\{(?:code-block|code-cell|code|sourcecode|prompt)\}\s*")


def is_directive(info: str) -> bool:
    """Tell whether this is a directive, whose text may begin with options of its own."""
    return _DIRECTIVE.match(info) is not None


def options_of(words: list[str], *, strict: bool) -> Options:
    """Return the options that the words give; `ValueError` for a wrong one, with what is right.

    Unless `strict`, for a document that is not for freshrun, the words of others pass.
    """
    options = Options()
    given: set[str] = set()
    for word in words:
        try:
            options = _with_option(options, word, given=given)
        except ValueError as error:
            if strict and not _DECORATION.fullmatch(word):
                raise ValueError(str(error)) from None
        given.add(word.partition("=")[0])
    return options


def _with_option(options: Options, word: str, *, given: set[str]) -> Options:
    key, equals, value = word.partition("=")
    known = (*_OPTIONS, *_SWITCHES)
    if key not in known:
        raise ValueError(f'unknown option "{key}"' + near_or_known(key, known))
    if key in given:
        raise ValueError(f'option "{key}" is given twice; once is enough')
    if key in _SWITCHES:
        if equals:
            raise ValueError(f'option "{key}" takes no value; write {key} alone')
        return _SWITCHES[key](options)
    example, with_value = _OPTIONS[key]
    if not equals:
        raise ValueError(f'option "{key}" has no value; write it like {example}')
    try:
        return with_value(options, _unquoted(value))
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


_SWITCHES: Mapping[str, Callable[[Options], Options]] = {
    "background": lambda options: replace(options, background=True),
    "tty": lambda options: replace(options, tty=True),
}
"""Each option without a value, and what turns it on."""

_OPTIONS: Mapping[str, tuple[str, Callable[[Options, str], Options]]] = {
    "exit": ("exit=1", lambda options, value: replace(options, exit=_exit_status(value))),
    "timeout": ("timeout=10m", lambda options, value: replace(options, timeout=seconds(value))),
    "band": ("band=5s..2m", lambda options, value: replace(options, band=_band(value))),
    "name": ("name=smoke", lambda options, value: replace(options, name=_name(value))),
    "skip": ('skip="reason"', lambda options, value: replace(options, skip=_reason(value))),
    "stdin": ('stdin="text"', lambda options, value: replace(options, stdin=value)),
    "terminal": ("terminal=server", lambda options, value: replace(options, terminal=_name(value))),
    "ready": ("ready=tcp:5432", lambda options, value: replace(options, ready=_ready(value))),
}
"""Each option: how it is written, and what puts its value, a `ValueError` if wrong, into place."""

_ESCAPES = {"n": "\n", "t": "\t", "e": "\x1b", "\\": "\\", '"': '"'}


def _unquoted(value: str) -> str:
    """Undo quotes; between double ones a backslash escapes `n`, `t`, `e`, itself and the quote."""
    quote = value[:1]
    if quote not in {'"', "'"}:
        return value
    if len(value) == 1 or not value.endswith(quote):
        raise ValueError(f"{value} has no closing quote")
    if quote == "'":
        return value[1:-1]
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), value[1:-1])


def _exit_status(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > _MAX_EXIT_STATUS:
        raise ValueError(f'"{text}" is no exit status; write a number from 0 to 255')
    return int(text)


_MAX_EXIT_STATUS = 255


def _ready(text: str) -> str:
    readiness(text)  # a `ValueError` where it is no signal
    return text


def _band(text: str) -> tuple[float, float]:
    low, dots, high = text.partition("..")
    if not dots:
        raise ValueError(f'"{text}" is no band; write it like 5s..2m')
    band = (duration(low), seconds(high))  # a band may begin at nothing
    if band[0] > band[1]:
        raise ValueError(f'"{text}" ends before it begins; did you mean "{high}..{low}"?')
    return band


def _name(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError(f'"{text}" is no name; write it with letters, digits, ".", "_" and "-"')
    return text


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("a reason is missing; the reader wants to know why")
    return text


def near_options(info: str) -> tuple[tuple[str, str], ...]:
    """Return the words of an info string that are nearly options, each with the one meant.

    A document that is not for freshrun may have words of others: `=` or its absence tells apart.
    """
    _, words = words_of(info)
    keys = [(key, equals) for key, equals, _ in (word.partition("=") for word in words)]
    meant = [(key, _meant(key, tuple(_OPTIONS if equals else _SWITCHES))) for key, equals in keys]
    return tuple((key, option) for key, option in meant if option)


def _meant(key: str, known: tuple[str, ...]) -> str:
    """Return the option that a word is nearly, also with two letters the other way round."""
    if key in {*_OPTIONS, *_SWITCHES}:
        return ""
    turned = (option for option in known if sorted(option) == sorted(key))
    near = re.search(r'"(\w+)"\?', did_you_mean(key, known))
    return next(turned, near[1] if near else "")
