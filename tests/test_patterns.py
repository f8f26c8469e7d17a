"""No line, command or document makes a pattern of ours slow: its work grows with its text."""

import ast
import pkgutil
import re
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from nasty import nasty

import freshrun
from freshrun import diagnosis
from freshrun.diagnosis.signs import Signs
from freshrun.diagnosis.volatile import Kind
from freshrun.session import question, verdict, warnings

SOURCE = Path(freshrun.__file__).parent
_SHORT, _LONG = 1_200, 4_800
"""Characters of a text, and of one that is four times as long."""
_QUICK = 0.5e-6
"""Seconds for a character past which a pattern is measured with the longer text."""
_TOO_MUCH = 8.0
"""How much longer four times the text may take: 4 where work is linear, 16 where quadratic."""


def _modules() -> Iterator[ModuleType]:
    yield from (warnings, question, verdict)
    for package in (diagnosis, import_module("freshrun.lint")):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(("__main__", "deciding", "linting")):
                yield import_module(found.name)


def _patterns() -> dict[str, re.Pattern[str]]:
    """Return every pattern of a line, a command or a document, by what it is."""
    found: dict[str, re.Pattern[str]] = {}
    for module in _modules():
        for name, value in vars(module).items():
            where = f"{module.__name__.removeprefix('freshrun.')}.{name}"
            for number, pattern in enumerate(_inside(value)):
                if pattern not in found.values():
                    found[f"{where}-{number}"] = pattern
    return found


def _inside(value: object) -> Iterator[re.Pattern[str]]:
    match value:
        case re.Pattern(pattern=bytes() as text):
            yield re.compile(text.decode(), value.flags | re.UNICODE)
        case re.Pattern():
            yield value
        case Signs(lines=lines):
            yield from (re.compile(each) for patterns in lines.values() for each in patterns)
        case Kind():
            yield re.compile(value.before + value.form + value.after)
            yield from (re.compile(each) for each in (value.computed, value.source, value.unless))
        case tuple():
            for each in value:
                yield from _inside(each)
                if isinstance(each, tuple):
                    yield from (re.compile(text) for text in each if _is_pattern(text))


def _is_pattern(text: object) -> bool:
    return isinstance(text, str) and "(?P<" in text


def _slowest(pattern: re.Pattern[str]) -> str:
    """Return a text that a pattern takes more than linear time for, nothing where there is none."""
    texts = zip(nasty(pattern, _SHORT), nasty(pattern, _LONG), strict=True)
    for short, long in texts:
        if _seconds(pattern, short) < _QUICK * _SHORT:
            continue
        pairs = [(_seconds(pattern, short), _seconds(pattern, long)) for _ in range(3)]
        if min(after for _, after in pairs) > _TOO_MUCH * min(before for before, _ in pairs):
            return short
    return ""


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    begin = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - begin


PATTERNS = _patterns()


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_is_linear(pattern: re.Pattern[str]) -> None:
    """Whatever is repeated of what it looks for, nothing of it is read again and again."""
    assert not (text := _slowest(pattern)), f"{pattern.pattern!r} is slow for {text[:40]!r}..."


@pytest.mark.parametrize(
    "slow",
    [
        r"(?P<word>[^\s:]+): cannot execute",
        r"(?:^|[\n;|&(])\s*(?:cls|del)\b",
        r"\b(?:while|until)\b.*\bsleep\b",
        r"tail\s[^\n]*-\w*[fF]\b",
        r"(?:[\w-]+\.)*example\.com",
        r"\[[^\]]*\]\(",
        r"^\w+: \d+\S*:",
    ],
)
def test_a_pattern_that_is_not_linear_is_found(slow: str) -> None:
    """Each of these hung the diagnosis of one long line, or would have."""
    assert _slowest(re.compile(slow))


def test_every_kind_of_pattern_is_looked_at() -> None:
    """The lists of signs, dialects and kinds of noise are among them, not only plain patterns."""
    named = " ".join(PATTERNS)
    for each in ("general._NO_SUCH_FILE", "foreign._DIALECTS", "noise.KINDS", "waiting._SLEEP"):
        assert each in named
    assert len(PATTERNS) > 300


_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+")


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_pattern_repeats_a_group_possessively(path: Path) -> None:
    """Python 3.11.2, of Debian 12, matches wrongly then (gh-100061); an atomic group is right."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if _REPEATED_GROUP.search(text)] == []
