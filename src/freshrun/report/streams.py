"""What was printed, cut to what a page can hold and coloured."""

from collections.abc import Callable
from html import escape

from markupsafe import Markup

from freshrun.model import Outcome, Output, Record
from freshrun.report import words
from freshrun.report.colours import coloured

_ALL = 700_000
"""Characters that all the outputs of a page have together, as HTML."""

_MOST, _LEAST = 20_000, 500
"""Characters of one output, where there are few and where there are many."""

_FAILED = 4
"""How much more of a failed command is shown."""


class Streams:
    """The outputs of a record, each within its share of the page."""

    def __init__(self, record: Record, *, hidden: Callable[[str], str]) -> None:
        """Take the record; `hidden` takes out of a text what nobody may see."""
        every = [*record.outcomes, *record.trials]
        count = sum(bool(output.size) for each in every for output in (each.stdout, each.stderr))
        self._share = max(_LEAST, min(_MOST, _ALL // max(count, 1)))
        self._hidden = hidden

    def of(self, outcome: Outcome) -> list[tuple[str, Output, Markup]]:
        """Return the outputs of a command that has any: the name, the output, and its HTML."""
        more = _FAILED if outcome.status in words.BAD else 1
        most = min(_MOST, self._share * more)
        named = (("stderr", outcome.stderr), ("stdout", outcome.stdout))
        return [(name, each, self._shown(each, most)) for name, each in named if each.size]

    def _shown(self, output: Output, most: int) -> Markup:
        cut = _cut(output.text, most)
        told = coloured(cut, hidden=self._hidden)
        plain = Markup(escape(self._hidden(words.plain(cut))))  # noqa: S704 - it is escaped
        return told if len(told) <= 3 * most else plain


def _cut(text: str, most: int) -> str:
    """Return head and tail of a text, as many whole lines of each as the page has room for."""
    if len(text) <= most and len(escape(text)) <= most:
        return text
    head = _lines(text[: most + 1], most // 2)
    tail = _lines(text[-most - 1 :][::-1], most // 2)[::-1]
    left = len(text) - len(head) - len(tail)
    return f"{head.rstrip()}\n[... {left:,} characters left out of this page ...]\n{tail.lstrip()}"


def _lines(text: str, most: int) -> str:
    """Return as many letters of the begin as fit when they are escaped, up to the end of a line."""
    kept = text[:most]
    while len(escape(kept)) > most:
        kept = kept[: len(kept) * most // len(escape(kept))]
    return kept[: kept.rfind("\n") + 1] or kept
