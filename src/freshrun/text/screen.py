"""What a terminal leaves of what was printed: overwritten, erased and moved, letter by letter."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat

SEQUENCE = (
    r"\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]"  # colours and the cursor
    r"|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links, and what only terminals read
    r"|[ -/]*[0-~])"
)
"""An escape sequence; one that never ends is over at the end of its line."""

_SEQUENCE = re.compile(SEQUENCE)


def _beginning(*patterns: str) -> dict[str, re.Pattern[str]]:
    """Return expressions by the character that each begins with: to look for that one is fast."""
    return {pattern[0]: re.compile(pattern) for pattern in patterns}


_RETURN = "\r(?![\r\n]|\\Z)"
"""A return to the begin of a line that goes on."""

_GOES = "[0-?]*[@A-HILMPSTXZabdefsu`]|[0-?]*[1-9][0-?]*[JK]"
"""To erase what follows the last letter of a line erases nothing."""
_NO_COLOUR = r"(?!\[[0-9;]*m)"
_MOVES = _beginning(
    *("\b", "\x0b", "\x0c", _RETURN, f"\x9b(?:{_GOES})"),
    f"\x1b{_NO_COLOUR}(?:\\[(?:{_GOES})|[78DEMc])",
)
"""What puts the next letter elsewhere than behind the last, or takes letters away."""

_IN_LINE = "[0-?]*[CaDG`XP@b]|[0-?]*[1-9][0-?]*K"
_EDITS = _beginning("\b", _RETURN, f"\x1b{_NO_COLOUR}\\[(?:{_IN_LINE})", f"\x9b(?:{_IN_LINE})")

_TO_LINES = "[0-?]*[ABEFHJLMSTdefsu]"
_JUMPS = _beginning(
    "\x0b", "\x0c", f"\x1b{_NO_COLOUR}(?:\\[{_TO_LINES}|[78DEMc])", f"\x9b{_TO_LINES}"
)

_PRINTED = r"[^\x00-\x1f\x9b]+"
_TOKEN = re.compile(
    rf"{SEQUENCE}|(?P<again>(?:\r+{_PRINTED}){{2,}})|[\b\t\n\x0b\x0c]|\r+|{_PRINTED}|.", re.DOTALL
)
_CONTROL = re.compile(r"(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])")
_TAB = 8
_FARTHEST = 300
"""Columns and rows that one movement goes at most: a terminal has no more."""
_PATIENCE, _START = 20, 50_000
"""Letters that are moved for each one printed, and at first: what a flood of movements may cost."""


def shown(text: str) -> str:
    """Return each line as a terminal leaves it; other control characters stay.

    What moves to another line or clears the screen is left out: a reader of a report looks for
    what was printed, not for what is left of it.
    """
    if _any(_EDITS, text):
        return "\n".join(map(_line, text.split("\n")))
    if "\x1b" in text or "\x9b" in text:
        text = _SEQUENCE.sub("", text)
    return text.replace("\r", "")


def _line(text: str) -> str:
    return rendered(text, lines=True)[0] if _any(_EDITS, text) else shown(text)


def moves(text: str) -> bool:
    """Tell whether anything in the text moves the cursor or erases what was there."""
    return _any(_MOVES, text)


def jumps(text: str) -> bool:
    """Tell whether anything in the text moves the cursor to another line."""
    return _any(_JUMPS, text)


def _any(kinds: dict[str, re.Pattern[str]], text: str) -> bool:
    return any(begin in text and kind.search(text) for begin, kind in kinds.items())


def rendered(text: str, *, lines: bool = False) -> tuple[str, list[int]]:
    """Return what a terminal shows in the end, and where each letter of it came from.

    With `lines` each line is by itself: what moves to another one, or clears more, does nothing.
    What nothing was printed at, to the left of something, is a blank from nowhere: -1.
    """
    screen = _Screen(_START + _PATIENCE * len(text), lines=lines)
    for token in _TOKEN.finditer(text):
        for part, start in _lasting(token):
            screen.take(part, start)
    first, *rest = screen.rows
    letters, origins = first.letters, first.origins
    for row in rest:
        letters.append("\n")
        origins.append(row.begun)
        letters += row.letters
        origins += row.origins
    return "".join(letters), origins


def _lasting(token: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield it; of a line printed again and again, what is longer than all that came after."""
    if token.lastgroup is None:
        yield token[0], token.start()
        return
    left: list[tuple[str, int]] = []
    longest, end = 0, token.end()
    for part in reversed(token[0].split("\r")):
        if len(part) > longest:
            left.append((part, end - len(part)))
            longest = len(part)
        end -= len(part) + 1
    for part, start in reversed(left):
        yield "\r", start - 1
        yield part, start


def _number(digits: str) -> int:
    return min(int(digits), _FARTHEST) if digits[:9].isdecimal() and len(digits) < 9 else 0  # noqa: PLR2004


@dataclass(slots=True)
class _Row:
    """One line of a screen: its letters, where each came from, and where the line begins."""

    begun: int
    letters: list[str] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)

    def put(self, column: int, letters: str, origins: Iterable[int]) -> None:
        if column > len(self.letters):
            self.pad(column)
        end = column + len(letters)
        self.letters[column:end] = letters
        self.origins[column:end] = origins

    def pad(self, width: int) -> None:
        missing = width - len(self.letters)
        if missing > 0:
            self.letters += " " * missing
            self.origins += [-1] * missing

    def cut(self, start: int, end: int | None = None) -> None:
        del self.letters[start:end]
        del self.origins[start:end]

    def insert(self, column: int, width: int) -> None:
        self.pad(column)
        self.letters[column:column] = " " * width
        self.origins[column:column] = [-1] * width


class _Screen:
    """The rows of a screen without end, and the cursor; `budget` is what movements may cost."""

    def __init__(self, budget: int, *, lines: bool) -> None:
        self._budget = budget
        self._simple = _IN_A_LINE if lines else _SIMPLE
        self._escapes = {} if lines else _ESCAPES
        self._controls = _CONTROLS_IN_A_LINE if lines else _CONTROLS
        self.rows = [_Row(-1)]
        self._row = self._column = 0
        self._saved = (0, 0)

    def take(self, token: str, start: int) -> None:
        """Do what one token of the output says, which stands at `start`."""
        if token[0] == "\x9b" or (token[0] == "\x1b" and len(token) > 1):
            self._obey(token)
        elif token[0] >= " ":
            self.rows[self._row].put(self._column, token, range(start, start + len(token)))
            self._column += len(token)
        elif token[0] in self._simple:
            self._simple[token[0]](self, start)
        else:  # a control character of another kind takes no room on a screen
            self.rows[self._row].put(self._column, token, range(start, start + 1))
            self._column += 1

    def _obey(self, token: str) -> None:
        control = _CONTROL.fullmatch(token)
        if control is None:
            self._escapes.get(token[1:], _Screen._nothing)(self)
            return
        act = self._controls.get(control[2])
        if act is None:
            return
        first, second, *_ = [*map(_number, control[1].split(";")), 0]
        self._budget -= self._cost(control[2], first)
        if self._budget >= 0:
            act(self, first, second)

    def _cost(self, letter: str, count: int) -> int:
        """Return how many letters and rows a movement may touch."""
        if letter in "JLM":
            return len(self.rows) + count + len(self.rows[self._row].letters)
        if letter in "K@PXb":
            return len(self.rows[self._row].letters) + count
        return 10 * count if letter not in "ADFsu" else 1

    def _nothing(self) -> None:
        """Do nothing: the sequence is for colours, modes and titles."""

    def newline(self, start: int) -> None:
        """Go to the begin of the next row."""
        self._go(self._row + 1, 0)
        self.rows[self._row].begun = start

    def _go(self, row: int, column: int) -> None:
        self._row, self._column = max(row, 0), max(column, 0)
        self.rows += [_Row(-1) for _ in repeat(None, self._row + 1 - len(self.rows))]

    def by(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        self._go(self._row + rows, self._column + columns)

    def to(self, column: int) -> None:
        """Move the cursor to a column."""
        self._column = max(column, 0)

    def to_place(self, row: int, column: int) -> None:
        """Move the cursor to a row and a column, counted from 1."""
        self._go(max(row, 1) - 1, max(column, 1) - 1)

    def to_row(self, row: int) -> None:
        """Move the cursor to a row."""
        self._go(row, self._column)

    def tab(self) -> None:
        """Go to the next tab stop, and leave blanks where nothing is."""
        self._column += _TAB - self._column % _TAB
        self.rows[self._row].pad(self._column)

    def save(self) -> None:
        """Keep the place of the cursor."""
        self._saved = (self._row, self._column)

    def restore(self) -> None:
        """Go back to the place that was kept."""
        self._go(*self._saved)

    def erase_line(self, how: int) -> None:
        """Erase to the end of the line, from its begin, or all of it."""
        row = self.rows[self._row]
        if how == 0:
            row.cut(self._column)
        elif how == 1:
            self._blank(row, 0, self._column + 1)
        else:
            row.cut(0)

    def erase_screen(self, how: int) -> None:
        """Erase what stands below, above, or everywhere."""
        self.erase_line(min(how, 2))
        rows = {0: self.rows[self._row + 1 :], 1: self.rows[: self._row]}.get(how, self.rows)
        for row in rows:
            row.cut(0)

    def erase(self, count: int) -> None:
        """Put blanks over the next letters."""
        self._blank(self.rows[self._row], self._column, self._column + max(count, 1))

    def delete(self, count: int) -> None:
        """Take the next letters away; those behind them move up."""
        self.rows[self._row].cut(self._column, self._column + max(count, 1))

    def insert(self, count: int) -> None:
        """Push the next letters away."""
        self.rows[self._row].insert(self._column, max(count, 1))

    def again(self, count: int) -> None:
        """Print the last letter again."""
        row, column = self.rows[self._row], self._column
        if 0 < column <= len(row.letters):
            origins = [row.origins[column - 1]] * max(count, 1)
            row.put(column, row.letters[column - 1] * max(count, 1), origins)
            self._column += max(count, 1)

    def insert_rows(self, count: int) -> None:
        """Push this row and those below it down."""
        self.rows[self._row : self._row] = [_Row(-1) for _ in range(max(count, 1))]

    def delete_rows(self, count: int) -> None:
        """Take this row and the next ones away."""
        del self.rows[self._row : self._row + max(count, 1)]
        self._go(self._row, self._column)

    def _blank(self, row: _Row, start: int, end: int) -> None:
        end = min(end, len(row.letters))
        if start < end:
            row.put(start, " " * (end - start), [-1] * (end - start))


_SIMPLE: dict[str, Callable[[_Screen, int], None]] = {
    "\n": _Screen.newline,
    "\r": lambda screen, _: screen.to(0),
    "\b": lambda screen, _: screen.by(0, -1),
    "\t": lambda screen, _: screen.tab(),
    "\x0b": lambda screen, _: screen.by(1, 0),
    "\x0c": lambda screen, _: screen.by(1, 0),
}
_ESCAPES: dict[str, Callable[[_Screen], None]] = {
    "7": _Screen.save,
    "8": _Screen.restore,
    "D": lambda screen: screen.by(1, 0),
    "E": lambda screen: screen.newline(-1),
    "M": lambda screen: screen.by(-1, 0),
    "c": lambda screen: screen.erase_screen(2),
}
_CONTROLS: dict[str, Callable[[_Screen, int, int], None]] = {
    "A": lambda screen, n, _: screen.by(-max(n, 1), 0),
    "B": lambda screen, n, _: screen.by(max(n, 1), 0),
    "e": lambda screen, n, _: screen.by(max(n, 1), 0),
    "C": lambda screen, n, _: screen.by(0, max(n, 1)),
    "a": lambda screen, n, _: screen.by(0, max(n, 1)),
    "D": lambda screen, n, _: screen.by(0, -max(n, 1)),
    "E": lambda screen, n, _: screen.by(max(n, 1), -(10**9)),
    "F": lambda screen, n, _: screen.by(-max(n, 1), -(10**9)),
    "G": lambda screen, n, _: screen.to(n - 1),
    "`": lambda screen, n, _: screen.to(n - 1),
    "d": lambda screen, n, _: screen.to_row(n - 1),
    "H": lambda screen, row, column: screen.to_place(row, column),
    "f": lambda screen, row, column: screen.to_place(row, column),
    "J": lambda screen, n, _: screen.erase_screen(n),
    "K": lambda screen, n, _: screen.erase_line(n),
    "X": lambda screen, n, _: screen.erase(n),
    "P": lambda screen, n, _: screen.delete(n),
    "@": lambda screen, n, _: screen.insert(n),
    "b": lambda screen, n, _: screen.again(n),
    "L": lambda screen, n, _: screen.insert_rows(n),
    "M": lambda screen, n, _: screen.delete_rows(n),
    "s": lambda screen, *_: screen.save(),
    "u": lambda screen, *_: screen.restore(),
}
_IN_A_LINE = {key: act for key, act in _SIMPLE.items() if key not in "\x0b\x0c"}
_CONTROLS_IN_A_LINE = {key: act for key, act in _CONTROLS.items() if key in "CaDG`KXP@b"}
