"""The output that a transcript promises, held against what was printed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from itertools import chain, islice

from rpds import HashTrieMap

from freshrun.model import FreshrunError
from freshrun.text import Expression, shown

_LITERAL = (
    "none|pending|unknown|nil|null|empty|nan|unset|invalid|missing|default|nobody|redacted|masked"
    "|html|head|body|title|div|span|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|br|hr|h[1-6]|pre"
    "|code|em|strong|script|style|form|main|nav|header|footer|section|article|svg|xml|root"
)
"""What programs print between angle brackets: a value that is none, and the tags of HTML."""
WILDCARD = re.compile(rf"\.\.\.|<(?!(?:{_LITERAL})>)([a-z_][a-z0-9_-]*)>")
"""Any text in a promised line; the group is the name of a capture."""
_ELISION = re.compile(
    r"\.\.\.|\s*(?:…"
    r"|[\[(<](?:\.\.\.|…|(?:output |lines? )?(?:snip|snipped|omitted|truncated))[\])>]"
    r"|-+\s?(?:snip|8<|>8)\s?-+)"
)


def is_any_lines(line: str) -> bool:
    """Tell whether a promised line stands for any lines: `...`, or an author's mark of a cut."""
    return _ELISION.fullmatch(line) is not None


def mismatch(promised: str, printed: Sequence[str], *, file: str, line: int) -> str | None:
    """Return a unified diff from the promised lines to the printed ones, `None` if they agree.

    `printed` are the ways in which the two streams can have met on a terminal; one that agrees is
    enough. `...` in a promised line is any text, a line of `...` any lines, as are `[...]`, `…` and
    the like; `<name>` is any text, the same one each time. Trailing blanks, colours and what a
    carriage return overwrote are ignored; a tab is as many blanks as a terminal shows. `line` is
    where the promised text begins in `file`.
    """
    wanted = promised_lines(promised)
    shown = [printed_lines(text) for text in printed]
    if any(agree(expanded(wanted), expanded(lines)) for lines in shown):
        return None
    return "\n".join(_diff(wanted, shown[0], file=file, line=line))


def renewed(promised: str, printed: str) -> tuple[str, ...]:
    """Return the printed lines as a document would promise them.

    A line that agrees with a promised one stands as it was promised, wildcards and all.
    """
    return tuple(_as_promised(promised_lines(promised), printed_lines(printed)))


def promised_lines(text: str) -> list[str]:
    """Return the lines that are compared: no trailing blanks, no empty lines at the end."""
    lines = [line.rstrip() for line in (shown(text) if "\b" in text else text).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def printed_lines(text: str) -> list[str]:
    """Return the lines that are compared, as a terminal shows them in the end."""
    return promised_lines(shown(text))


def expanded(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines with the blanks that a terminal shows for their tabs."""
    return [line.expandtabs() if "\t" in line else line for line in lines]


_NO_CAPTURES: "HashTrieMap[str, str]" = HashTrieMap()


@dataclass(frozen=True, slots=True)
class _State:
    """How far both sides agree, and what the captures stand for by then."""

    wanted: int = 0
    shown: int = 0
    captures: "HashTrieMap[str, str]" = _NO_CAPTURES


_STEPS = 100
"""Comparisons for each line past which two texts do not agree: one repeats itself without end."""


def agree(wanted: Sequence[str], shown: Sequence[str]) -> bool:
    """Tell whether the printed lines are what was promised."""
    return _agreed(wanted, shown) is not None


def stood_for(promised: str, printed: Sequence[str]) -> Mapping[str, str]:
    """Return what each capture of a promise stood for, in the first way that agrees with it."""
    wanted = expanded(promised_lines(promised))
    if not WILDCARD.search(promised):
        return {}
    ways = (_agreed(wanted, expanded(printed_lines(text))) for text in printed)
    return dict(next((found for found in ways if found is not None), {}))


def _agreed(wanted: Sequence[str], shown: Sequence[str]) -> Mapping[str, str] | None:
    """Return the captures with which the printed lines are what was promised.

    Only the last line of `...` is ever widened again: an earlier one that would take more leaves
    less for everything after it.
    """
    state, retry = _State(), None
    for _ in range(_STEPS * (len(wanted) + len(shown) + _STEPS)):
        if state.shown >= len(shown) and state.wanted >= len(wanted):
            return state.captures
        if state.wanted < len(wanted) and is_any_lines(wanted[state.wanted]):
            retry = _State(state.wanted + 1, state.shown, state.captures)
            state = retry
            continue
        following = _step(state, wanted, shown)
        if following is None:
            if retry is None or retry.shown >= len(shown):
                return None
            retry = following = _State(retry.wanted, retry.shown + 1, retry.captures)
        state = following
    return None


def _step(state: _State, wanted: Sequence[str], shown: Sequence[str]) -> _State | None:
    if state.wanted >= len(wanted) or state.shown >= len(shown):
        return None
    found = _more(wanted[state.wanted], shown[state.shown], known=state.captures)
    if found is None:
        return None
    known = state.captures.update(HashTrieMap(found)) if found else state.captures
    return _State(state.wanted + 1, state.shown + 1, known)


def captures(wanted: str, shown: str, *, known: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the captures after one line, `None` where the line is another."""
    found = _more(wanted, shown, known=known)
    return None if found is None else {**known, **found}


def _more(wanted: str, shown: str, *, known: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the captures that one line adds, `None` where the line is another."""
    if wanted == shown:
        return {}
    if not WILDCARD.search(wanted):
        return None
    before, wilds = _wilds(wanted, known)
    names = [wild.name for wild in wilds if wild.name]
    if len(set(names)) == len(names):
        return _walked(before, wilds, shown)
    return _searched(before, wilds, shown)


@dataclass(frozen=True, slots=True)
class _Wild:
    """A wildcard and the text that stands behind it; the name of a capture, empty for `...`."""

    name: str
    following: str


def _wilds(wanted: str, known: Mapping[str, str]) -> tuple[str, list[_Wild]]:
    """Return what stands before the first wildcard, and the wildcards; known captures are text."""
    before, *rest = WILDCARD.split(wanted)
    texts, names = [before], list[str]()
    for name, following in zip(rest[::2], rest[1::2], strict=True):
        if name in known:
            texts[-1] += known[name] + following
        else:
            names.append(name)
            texts.append(following)
    return texts[0], [_Wild(*both) for both in zip(names, texts[1:], strict=True)]


def _walked(before: str, wilds: Sequence[_Wild], shown: str) -> Mapping[str, str] | None:
    """Return the captures of a line in which none comes twice.

    The first place that a text is found at is then as good as any later one.
    """
    found: dict[str, str] = {}
    begin = len(before) if shown.startswith(before) else len(shown) + 1
    for wild in wilds:
        least = begin + bool(wild.name)
        last = wild is wilds[-1]
        end = max(least, len(shown) - len(wild.following)) if last else least
        end = shown.find(wild.following, end)
        if end < 0:
            return None
        if wild.name:
            found[wild.name] = shown[begin:end]
        begin = end + len(wild.following)
    return found if begin == len(shown) else None


_MOST = 100
"""Wildcards of a line in which a capture comes again; no line of more agrees."""


def _searched(before: str, wilds: Sequence[_Wild], shown: str) -> Mapping[str, str] | None:
    """Return the captures of a line in which one comes again."""
    if len(wilds) > _MOST:
        return None
    groups: dict[str, int] = {}
    pattern = re.escape(before)
    for wild in wilds:
        if wild.name in groups:
            pattern += f"(?P={_GROUP}{groups[wild.name]})"
        elif wild.name:
            groups[wild.name] = len(groups) + 1
            pattern += f"(?P<{_GROUP}{groups[wild.name]}>.+?)"
        else:
            pattern += ".*?"
        pattern += re.escape(wild.following)
    try:
        found = Expression(pattern).fullmatch(shown)
    except FreshrunError:  # each place of one is tried for all others, without end
        return None
    return None if found is None else dict(zip(groups, found.groups(), strict=True))


_GROUP = "g"


def expression(part: str) -> str:
    """Return a part of a promised line as a regular expression without groups.

    That a capture is the same text each time is not in it.
    """
    literal, *rest = WILDCARD.split(part)
    wilds = zip(rest[::2], rest[1::2], strict=True)
    following = ((".+?" if name else ".*?") + re.escape(text) for name, text in wilds)
    return re.escape(literal) + "".join(following)


_PAIRS = 200_000
"""Pairs of lines that are held against each other; of longer texts only both ends are."""


def _diff(wanted: list[str], shown: list[str], *, file: str, line: int) -> Iterator[str]:
    """Yield a diff that `patch` takes; a printed line that agrees stands as it was promised."""
    filled = _as_promised(wanted, shown)
    if filled == wanted:  # each line agrees by itself: the captures contradict each other
        filled = shown
    head, tail = _ends(wanted, filled)
    first = max(0, head - _CONTEXT)
    old, new = (lines[first : len(lines) - max(0, tail - _CONTEXT)] for lines in (wanted, filled))
    if len(old) * len(new) > _PAIRS:
        rows = chain(
            (f"--- {file}", f"+++ {file}", f"@@ -1,{len(old)} +1,{len(new)} @@"),
            (f"-{row}" for row in old),
            (f"+{row}" for row in new),
        )
    else:
        rows = chain(unified_diff(old, new, file, file, lineterm="", n=_CONTEXT))
    yield from islice(rows, 2)
    for row in rows:
        yield _moved(row, line - 1 + first) if row.startswith("@@ ") else row


_CONTEXT = 3
"""Lines around a difference that a diff shows."""


def _ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Return how many lines at the beginning, and then at the end, both have in common."""
    most = min(len(one), len(other))
    head = next((n for n in range(most) if one[n] != other[n]), most)
    tail = next((n for n in range(most - head) if one[-1 - n] != other[-1 - n]), most - head)
    return head, tail


def _as_promised(wanted: list[str], shown: list[str]) -> list[str]:
    """Return the printed lines, each that agrees with a promised one replaced by that."""
    literal = set(wanted)
    wild = [
        line for line in dict.fromkeys(wanted) if not is_any_lines(line) and WILDCARD.search(line)
    ]
    if len(wild) * len(shown) > _PAIRS:
        wild = []
    keys = [text if text in literal else _key(text, wild) for text in shown]
    head, tail = _ends(wanted, keys)
    old, new = (lines[head : len(lines) - tail] for lines in (wanted, keys))
    result = [*wanted[:head], *shown[head : len(shown) - tail], *wanted[len(wanted) - tail :]]
    if len(old) * len(new) <= _PAIRS:
        matcher = SequenceMatcher(a=old, b=new, autojunk=False)
        for a, b, size in matcher.get_matching_blocks():
            result[head + b : head + b + size] = old[a : a + size]
    return result


def _key(text: str, wild: list[str]) -> str:
    """Return the promised line that a printed line agrees with, else the line itself."""
    fits = (line for line in wild if captures(line, text, known={}) is not None)
    return next(fits, text)


def _moved(hunk: str, by: int) -> str:
    return re.sub(r"(?<=[-+])\d+", lambda number: str(int(number[0]) + by), hunk)
