"""What the runbook says a bead holds: the table `Bead fields`, held against one bead."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from freshrun.checklist import Column, TableRow, as_written, plain, read_table_into, words
from freshrun.model import Reading, Runbook

SECTION = "Bead fields"
LABELS = "labels"

_NAME = re.compile(r"\{(\w+)\}")
_MARK = r"[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?"
_LONGEST = 80
"""So many characters of a value are shown."""


@dataclass(frozen=True, slots=True)
class Bead:
    """A bead as `bd show ID --json` prints it; `texts` is every string in it, by its JSON key.

    `priority` is 0 where none is shown: some programs leave a zero out.
    """

    title: str = ""
    body: str = ""
    assignee: str = ""
    labels: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class BeadField:
    """One row of `Bead fields`: a part of a bead, and the templates of what it holds.

    `key` is a key of the bead's JSON, `## Heading` for a line below that heading of its
    description, or `name:` for a line of the description that begins so. `{scenarioId}` in a
    template is that field of the failure's diagnostics.
    """

    line: int
    key: str
    templates: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the fields of the diagnostics that it holds, in order."""
        return tuple(dict.fromkeys(n for one in self.templates for n in _NAME.findall(one)))


@dataclass(frozen=True, slots=True)
class Deviation:
    """One part of a bead that is not what its row says; `lacking` are the values it lacks."""

    key: str
    message: str
    template: str = ""
    lacking: tuple[str, ...] = ()


def bead_fields(runbook: Runbook) -> Reading[BeadField]:
    """Read the table under `Bead fields`."""
    return read_table_into(runbook, SECTION, of=_Written, into=_Written.field)


def unknown_names(
    fields: Reading[BeadField], values: Mapping[str, object]
) -> Iterator[tuple[int, str]]:
    """Yield the line and the message for each value that a failure does not have."""
    for row in fields.rows:
        for name in row.names:
            if name not in values:
                yield row.line, f"{row.key}: the diagnostics of the failure have no {name}"
            elif values[name] == "":
                yield row.line, f"{row.key}: {name} of the failure's diagnostics is empty"


def deviations(
    fields: Reading[BeadField], bead: Bead, *, values: Mapping[str, object]
) -> Iterator[Deviation]:
    """Yield where a bead is not what the rows say for a failure with these `values`."""
    for row in fields.rows:
        if any(name not in values for name in row.names):
            continue
        yield from (_labels if row.key == LABELS else _text)(row, bead, values)


def below(body: str, heading: str) -> str:
    """Return what stands under a heading of a description, up to the next one of its rank."""
    rank = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"(?m)^{re.escape(heading)}:?[ \t]*$", body)
    rest = body[found.end() :] if found else ""
    return re.split(rf"(?m)^#{{1,{rank}}} ", rest)[0].strip()


@dataclass(frozen=True, slots=True)
class _Written(TableRow):
    """One row as its cells have it."""

    key: Annotated[str, Column("Bead field", plain)]
    value: Annotated[str, Column("Value", as_written)]

    def field(self) -> BeadField:
        is_list = self.key == LABELS
        templates = words(self.value) if is_list else (self.value.replace("`", ""),)
        return BeadField(self.line, self.key, templates)


def _labels(row: BeadField, bead: Bead, values: Mapping[str, object]) -> Iterator[Deviation]:
    wanted = {_filled(template, values)[0]: template for template in row.templates}
    found = ", ".join(bead.labels) or "none"
    for label, template in wanted.items():
        if label not in bead.labels:
            names = tuple(_NAME.findall(template))
            message = f"the label {label} (line {row.line}) is missing; found {found}"
            yield Deviation(LABELS, message, template, names)
    for label in bead.labels:
        if label not in wanted:
            yield Deviation(LABELS, f"the label {label} is none of line {row.line}")


def _text(row: BeadField, bead: Bead, values: Mapping[str, object]) -> Iterator[Deviation]:
    (template,) = row.templates
    right = _filled(template, values)
    seen = _seen(row.key, bead)
    if seen is None:
        where = "the description" if row.key[0] == "#" or row.key.endswith(":") else "the bead"
        message = f"{where} has no {row.key}, which line {row.line} says it has"
        yield Deviation(row.key, message, template)
    elif not any(_holds(row.key, seen, one) for one in right):
        lacking = tuple(n for n in row.names if not any(v in seen for v in _shown(values[n])))
        said = f'{row.key} holds "{_short(seen)}"; "{_short(right[0])}", of line {row.line}'
        yield Deviation(row.key, f"{said}, is right", template, lacking)


def _seen(key: str, bead: Bead) -> str | None:
    """Return the part of the bead that a key means, `None` where it is not there."""
    if key.startswith("#"):
        return below(bead.body, key) or None
    if key.endswith(":"):
        found = re.search(rf"(?m)^{_MARK}[*_]*{re.escape(key[:-1])}[*_]*:[*_]*(.*)$", bead.body)
        return found[1].strip() if found else None
    return f"P{bead.priority}" if key == "priority" else bead.texts.get(key)


def _holds(key: str, seen: str, right: str) -> bool:
    """Tell whether a part is what is right; below a heading more may stand beside it."""
    if not key.startswith("#"):
        return seen == right.strip()
    return bool(re.search(rf"(?m)^{_MARK}{re.escape(right.strip())}[ \t]*$", seen))


def _filled(template: str, values: Mapping[str, object]) -> tuple[str, ...]:
    """Return a template with its values in it, in each way that JSON may be written."""
    ways = {name: _shown(values[name]) for name in _NAME.findall(template)}
    number = max(map(len, ways.values()), default=1)
    return tuple(_in_one_way(template, ways, way=way) for way in range(number))


def _in_one_way(template: str, ways: Mapping[str, tuple[str, ...]], *, way: int) -> str:
    return _NAME.sub(lambda found: ways[found[1]][min(way, len(ways[found[1]]) - 1)], template)


def _shown(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return (
        json.dumps(value),
        json.dumps(value, ensure_ascii=False),
        json.dumps(value, separators=(",", ":")),
        json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        json.dumps(value, indent=2),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:_LONGEST]}..." if len(line) > _LONGEST else line
