"""One page over many records: what came of each, and the way to its own page; static files all."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from freshrun.model import Status
from freshrun.report.overview import Line, tally
from freshrun.report.page import asset, policy

_WORST = (Status.BROKEN, Status.FAILED, Status.PASSED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record's line, the image that it ran in, and where its page is, as seen from this one."""

    line: Line
    image: str = ""
    page: str = ""

    @property
    def address(self) -> str:
        """Return the page's address, which no name of a file can make another one."""
        return f"./{quote(os.fsencode(self.page))}" if self.page else ""


def contents_page(entries: Iterable[Entry]) -> str:
    """Return the page over them: what is broken or failed first, each group in the given order."""
    from freshrun.report import rendering  # noqa: PLC0415 - Jinja2 takes its time: here alone

    rows = sorted(entries, key=lambda entry: _WORST.index(entry.line.verdict))
    style, script = asset("page.css"), asset("page.js")
    return rendering.contents(
        entries=rows,
        verdict=rows[0].line.verdict if rows else Status.BROKEN,
        tally=tally([entry.line for entry in rows]),
        style=style,
        script=script,
        policy=policy(style=style, script=script),
    )
