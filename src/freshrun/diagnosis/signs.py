"""Signs: lines that programs are known to print, and the cause that each shows."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from freshrun.diagnosis import document
from freshrun.diagnosis.case import Case, line_of, quoted, token
from freshrun.diagnosis.cause import Cause, Diagnosis, Remark


@dataclass(frozen=True, slots=True)
class Signs:
    """The lines that show one cause.

    `lines` maps what is to be said to the patterns of the lines that say it; `{word}` there, and
    the argument of `context`, is the pattern's group of that name. `context` adds what the
    document has to say about the word, and may know a more specific cause.
    """

    cause: Cause
    lines: Mapping[str, tuple[str, ...]]
    context: Callable[[Case, str], Remark] = document.nothing

    def read(self, case: Case, line: str) -> Diagnosis | None:
        """Return what the line shows, `None` if it is no sign of this cause."""
        for saying, patterns in self.lines.items():
            for pattern in patterns:
                if match := re.search(pattern, line):
                    return self._diagnosis(case, match, saying=saying)
        return None

    def _diagnosis(self, case: Case, match: re.Match[str], *, saying: str) -> Diagnosis:
        word = (match.groupdict().get("word") or "").strip()
        remark = self.context(case, word)
        said = saying.format(word=word) + _own_line(case, word) + remark.text
        return Diagnosis(remark.cause or self.cause, f"{said} ({quoted(match.string)})")


def by_signs(case: Case, known: Iterable[Signs]) -> Diagnosis | None:
    """Return what the line nearest to the end shows that is a sign of any of these."""
    readings = (of_line(case, line, known) for line in case.lines)
    return next((reading for reading in readings if reading is not None), None)


def of_line(case: Case, line: str, known: Iterable[Signs]) -> Diagnosis | None:
    """Return what one line shows, `None` if it is no sign of any of these."""
    readings = (signs.read(case, line) for signs in known)
    return next((reading for reading in readings if reading is not None), None)


def _own_line(case: Case, word: str) -> str:
    """Return the line of the command where the word stands, if it is not its first."""
    found = re.search(token(word), case.command.text) if word else None
    if found is None or "\n" not in case.command.text[: found.start()]:
        return ""
    return f", at {line_of(case.command, found.start())}"
