"""What a terminal shows in the end, fast where a program paints the same rows again and again.

`rendered` obeys every sequence and traces every letter. Where only the letters are asked for, what
is painted over needs no obedience: each rule here takes away what leaves the screen as it was. What
follows the end of a line is never a part of a sequence that began before. The other rules hold
where each escape character begins a whole sequence: then nothing that is taken away was a part of
another one, and what it stood between can't become one.
"""

import re

from freshrun.text.screen import rendered


def _again(what: str, *, before: str) -> re.Pattern[str]:
    """Return what finds something that comes again and again, up to something else."""
    return re.compile(f"{what}(?:{what})*(?={before})")


_PRINTED = r"[^\x00-\x1f\x9b]*"
_AFTER = r"(?:\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
_SEQUENCE = re.compile(rf"\x1b{_AFTER}")
_ODD = re.compile(rf"\x1b(?!{_AFTER})")
"""What begins no whole sequence, or one that holds text: a title, a link."""

_STILL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[INOQRSTUVWYZ\[-_cg-rtv-~]|[ -/]+[0-~]|[0-69-CF-LN-Z\\-bd-~])"
)
"""What does nothing to a screen."""
_STILL_IN_LINE = r"\x1b(?:\[[0-?]*[ -/]*[ABE-FH-JL-OQ-WYZ\[-_c-~]|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
_STILL_IN_LINES = re.compile(_STILL_IN_LINE)
"""What does nothing to a line that is by itself."""

_BACK = r"(?:\r|\x1b\[[01]?G)"
_WIPE = rf"(?:\x1b\[2K{_BACK}|{_BACK}\x1b\[[02]?K)"
"""What leaves an empty row with the cursor at its begin."""
_AFRESH = rf"(?={_BACK}{_PRINTED}\x1b\[0?K)"
"""Before what is all that its row has in the end."""

_IDLE = re.compile(rf"\n(?:\r|\x1b\[(?:[012]?K|[01]?G)|{_STILL_IN_LINE})+")
"""What does nothing to an empty line."""
_GONE = re.compile(rf"\n[^\n]*(?:{_WIPE}|{_AFRESH})")
"""What a line has no more."""
_ERASED, _COLUMN = re.compile(r"\x1b\[[02]?K"), re.compile(r"\x1b\[[01]?G")
"""What is in a line where anything is gone."""

_FRAMES = {
    "\x1b[2K": _again(rf"\x1b\[2K{_BACK}{_PRINTED}", before=_WIPE),
    "\x1b[1G": _again(rf"\x1b\[[01]?G\x1b\[[02]?K{_PRINTED}", before=_WIPE),
    "\r\x1b[": _again(rf"\r\x1b\[[02]?K{_PRINTED}", before=_WIPE),
    "\r": _again(rf"\r{_PRINTED}\x1b\[0?K", before=_AFRESH),
}
"""What is printed into an empty row that is emptied again, or printed afresh."""

_SOME = r"[^\x00-\x1f\x9b]+"
_ROW = rf"\r?(?:\x1b\[[02]?K(?:\r?{_SOME})?|{_SOME}\x1b\[0?K)\r?\n"
"""What paints all of a row, from its begin, and goes on to the next; it fits in one way only."""

_UP = re.compile(r"\n\x1b\[(\d{0,2})[AF]")
_OFTEN = 6
"""Different sequences that are replaced one after the other; with more of them it doesn't pay."""
_HIGHEST = 50
_SAMPLE = 2048
"""Letters at begin and end of a text by which it is told how far a program goes up."""


def painted(text: str, *, lines: bool = False) -> str:
    """Return the letters that `rendered` gives; beyond a budget of movements, it may obey more."""
    text = _without(_IDLE, text, instead="\n") if lines else _unblocked(text)
    cut = _whole(text)
    if "\x9b" in text or _ODD.search(text, 0, cut):
        return rendered(text, lines=lines)[0]
    if lines:
        return _in_lines(text[:cut], rest=text[cut:])
    return rendered(_on_screen(text[:cut]) + text[cut:])[0]


def _without(kind: re.Pattern[str], text: str, *, instead: str = "") -> str:
    """Return the text with all that is of a kind replaced: first what comes often, fast."""
    at = 0
    for _ in range(_OFTEN):
        if (found := kind.search(text, at)) is None:
            return text
        text = text.replace(found[0], instead)
        at = found.start()
    return kind.sub(instead, text)


def _whole(text: str) -> int:
    """Return where a sequence begins whose end is to come; the end where none does."""
    last = text.rfind("\x1b")
    return len(text) if last < 0 or _SEQUENCE.match(text, last) else last


def _in_lines(text: str, *, rest: str) -> str:
    if "\x1b" in text:
        text = _left_in_lines(text)
    text = text.replace("\r\n", "\n") + rest
    if _is_edited(text):
        rows = text.split("\n")
        edited = [number for number, row in enumerate(rows) if _is_edited(row)]
        left = rendered("\n".join(rows[number] for number in edited), lines=True)[0].split("\n")
        for number, row in zip(edited, left, strict=True):
            rows[number] = row
        text = "\n".join(rows)
    return text.expandtabs(8) if "\t" in text else text


def _left_in_lines(text: str) -> str:
    text = f"\n{_without(_STILL_IN_LINES, text)}"
    if _ERASED.search(text) and ("\r" in text or _COLUMN.search(text)):
        text = _GONE.sub("\n", text)
    return _without(_IDLE, text, instead="\n")[1:]


def _is_edited(text: str) -> bool:
    return "\x1b" in text or "\r" in text or "\b" in text


def _on_screen(text: str) -> str:
    text = _without(_STILL, text)
    for begin, frames in _FRAMES.items():
        if begin in text:
            text = frames.sub("", text)
    return _unblocked(text)


def _unblocked(text: str) -> str:
    """Return the text without blocks of rows that are painted over by the next one."""
    samples = (text[:_SAMPLE], text[-_SAMPLE:])
    for height in sorted({int(height or 1) for part in samples for height in _UP.findall(part)}):
        if 1 <= height <= _HIGHEST:
            text = _blocks(height).sub("\n", text)
    return text


def _blocks(height: int) -> re.Pattern[str]:
    """Return what finds a block of rows that the next block paints over: from up to down again."""
    block = rf"\x1b\[0?{'1?' if height == 1 else height}[AF](?:{_ROW}){{{height}}}"
    return re.compile(rf"\n(?:{block})+(?={block})")
