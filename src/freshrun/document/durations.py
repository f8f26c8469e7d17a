"""Times as a document writes them: 500ms, 90s, 10m, 1h."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

_LONGEST = 1_000 * _UNITS["h"]


def seconds(text: str) -> float:
    """Return a time of more than nothing, in seconds; `ValueError` with what would be right."""
    found = duration(text)
    if not found:
        raise ValueError(f'"{text}" is no time; write it like 90s, 10m or 1h')
    return found


def duration(text: str) -> float:
    """Return a time in seconds, nothing included; `ValueError` with what would be right."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([a-z]*)", text)
    if found and not found[2]:
        raise ValueError(f'"{text}" has no unit; did you mean "{text}s"?')
    if not found or found[2] not in _UNITS:
        raise ValueError(f'"{text}" is no time; write it like 90s, 10m or 1h')
    time = float(found[1]) * _UNITS[found[2]]
    if time > _LONGEST:
        raise ValueError(f'"{text}" is longer than anybody waits; 1000h is the most')
    return time
