"""Times as a document writes them: 500ms, 90s, 10m, 1h; in a sentence 15 minutes, 1 hour, 60 days.

An option takes the short units alone, without a blank; a cell and a sentence any of them.
"""

import re
from collections.abc import Collection

_UNITS = {
    **dict.fromkeys(("ms",), 0.001),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}
_SHORT = ("ms", "s", "m", "h")

UNIT = rf"(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
"""The pattern of one unit."""

_LONGEST = 1_000 * _UNITS["h"]


def seconds(text: str) -> float:
    """Return a time of more than nothing, in seconds; `ValueError` with what would be right."""
    found = duration(text)
    if not found:
        raise ValueError(f'"{text}" is no time; write it like 90s, 10m or 1h')
    return found


def duration(text: str) -> float:
    """Return a time in seconds, nothing included; `ValueError` with what would be right."""
    time, unit = _read(text, units=_SHORT)
    if unit == "":
        raise ValueError(f'"{text}" has no unit; did you mean "{text}s"?')
    if time is None:
        raise ValueError(f'"{text}" is no time; write it like 90s, 10m or 1h')
    if time > _LONGEST:
        raise ValueError(f'"{text}" is longer than anybody waits; 1000h is the most')
    return time


def written_time(text: str) -> float:
    """Return a time of a cell or a sentence in seconds; `ValueError` with what would be right."""
    time, unit = _read(re.sub(r"(?<=\d) +(?=[a-z])", "", text.strip()), units=_UNITS)
    if unit == "":
        raise ValueError(f'the time "{text}" has no unit; write it like 15m or 1 hour')
    if time is None:
        raise ValueError(f'"{text}" is no time; write it like 15m, 15 minutes or 1 hour')
    return time


def _read(text: str, *, units: Collection[str]) -> tuple[float | None, str | None]:
    """Return a time in seconds and its unit, empty where it has none; `None` for what is none."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([a-z]*)", text)
    unit = found[2] if found else None
    time = float(found[1]) * _UNITS[found[2]] if found and found[2] in units else None
    return time, unit
