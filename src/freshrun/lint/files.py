"""Files that are linted: what is found in each, and the text that mends what has one answer."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from freshrun.document import Page, page, read
from freshrun.lint.fixing import difference, fixed
from freshrun.lint.flaw import Flaw
from freshrun.lint.linting import lint
from freshrun.lint.pages import Documents, documents, external_links
from freshrun.lint.rules import RULES
from freshrun.model import DocumentError


@dataclass(frozen=True, slots=True)
class Linted:
    """A file that was linted: what is wrong there, and how many links lead to other places.

    `change` is what mends the findings of one answer, as `diff -u` shows it.
    """

    path: str
    flaws: tuple[Flaw, ...]
    elsewhere: int = 0
    change: str = ""


def lint_files(paths: Iterable[str], *, rules: Iterable[str] = tuple(RULES)) -> Iterator[Linted]:
    """Lint files, and the documents that git has in folders, one by one.

    A document that can't be read for what one of its lines says is a finding of that line;
    `DocumentError` where the file itself is no text, or not there.
    """
    names = [each for path in paths for each in _documents(path)]
    read = partial(_linted, rules=tuple(rules), known={})
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        # Half of the time other programs work: shfmt and shellcheck.
        yield from pool.map(read, names) if len(names) > 1 else map(read, names)


_AT_ONCE = 3


def mend(linted: Linted, *, rules: Iterable[str] = tuple(RULES)) -> Linted:
    """Write the mended text of a file, and lint that."""
    path = Path(linted.path)
    path.write_bytes(_mended(_text(path), linted.flaws).encode())
    return _linted(linted.path, rules=tuple(rules), known={})


def _documents(path: str) -> Iterator[str]:
    if not Path(path).is_dir():
        yield path
        return
    here = documents(path)
    below = Path(path).resolve()
    for name in here.pages:
        if (here.root / name).is_relative_to(below):
            yield str(Path(path) / (here.root / name).relative_to(below))


def _linted(path: str, *, rules: tuple[str, ...], known: dict[str, Documents]) -> Linted:
    """Lint a file; `known` are the documents around the files of each folder."""
    try:
        runbook = read(path)
    except DocumentError as error:
        return Linted(path, (_unreadable(path, error),))
    folder = str(Path(path).parent)
    if folder not in known:
        known[folder] = documents(folder)
    there = known[folder].beside_file(path, address=runbook.settings.repository)
    flaws = lint(runbook, folder, rules=rules, there=there)
    seen: Page = page(runbook.text)
    if not any(flaw.edits for flaw in flaws):
        return Linted(path, flaws, len(external_links(seen)))
    before = _text(Path(path))
    change = difference(before, _mended(before, flaws), name=path)
    return Linted(path, flaws, len(external_links(seen)), change)


def _unreadable(path: str, error: DocumentError) -> Flaw:
    """Return the finding of a line that stands in the way; the error where no line does."""
    told = re.match(rf"{re.escape(path)}:(?P<line>\d+): (?P<why>.*)", str(error), re.DOTALL)
    if told is None:
        raise error
    return Flaw(path, int(told["line"]), told["why"], rule="unreadable")


_MARK = "\ufeff"
"""What some editors put in front of a text: no column counts it."""


def _text(path: Path) -> str:
    return path.read_bytes().decode()


def _mended(text: str, flaws: Iterable[Flaw]) -> str:
    mark = _MARK if text.startswith(_MARK) else ""
    return mark + fixed(text[len(mark) :], flaws)
