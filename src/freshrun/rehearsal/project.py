"""What the project says in which the caller stands: `[tool.freshrun]`, or invoke.yaml."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from freshrun.model import FreshrunError, near_or_known
from freshrun.rehearsal.options import TABLE, Choices, Option, chosen

if TYPE_CHECKING:
    from freshrun.document import Node

_SAID_BY_THE_CALLER = frozenset(
    {"update", "checklist", "github-fault", "allow-host", "install-engine", "k", "unmarked"}
)
"""What weakens a verdict, or opens this host, is said each time, and never by a file.

What is a command is a document's own to say, in its front matter."""

_PLACES = ("json", "html", "junit")
_RUNBOOKS = ("runbook", "runbooks")


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of the nearest folder that has some.

    `choices` are what it says to the options of a rehearsal, below the document's front matter;
    `documents` are the settings that name its documents.
    """

    folder: Path = field(default_factory=Path)
    choices: Choices = field(default_factory=Choices)
    documents: tuple["Setting", ...] = ()

    @property
    def runbooks(self) -> tuple[str, ...]:
        """Return its documents as seen from the working directory.

        `FreshrunError`, with file and line, where there is none such.
        """
        named = (one for setting in self.documents for one in _documents(setting))
        return tuple(dict.fromkeys(named))

    def placed(self, choices: Choices) -> Choices:
        """Return a caller's choices, with the places of reports that the project names."""
        own = {name: getattr(choices, name) or getattr(self.choices, name) for name in _PLACES}
        return replace(choices, **own)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as it is written; `where` is its file and line."""

    where: str
    name: str
    values: tuple[str | bool, ...]
    folder: Path


def project_of(folder: Path) -> Project:
    """Return the settings for whoever works in a folder: of it, or of the nearest one above.

    Nothing above a git repository is asked. `FreshrunError`, with file and line, for a setting
    that there is none of.
    """
    for place in _upwards(folder):
        found = {**_of_invoke(place / "invoke.yaml"), **_of_python(place / "pyproject.toml")}
        if found:
            return _project(place, found)
    return Project()


def _upwards(folder: Path) -> Iterator[Path]:
    start = folder.resolve()
    for place in (start, *start.parents):
        yield place
        if (place / ".git").exists():
            return


def _of_python(path: Path) -> Mapping[str, Setting]:
    """Return what stands in the table `tool.freshrun` of a pyproject.toml."""
    text = _read(path)
    if "tool.freshrun" not in text:
        return {}
    try:
        table: object = tomllib.loads(text).get("tool", {}).get("freshrun", {})
    except tomllib.TOMLDecodeError as error:
        raise FreshrunError(f"{_seen(path)}: is no TOML: {error}") from None
    if not isinstance(table, dict):
        raise FreshrunError(f"{_seen(path)}: tool.freshrun is a table of settings")
    made = (_of_toml(path, text, name=str(name), value=table[name]) for name in table)
    return {one.name: one for one in made}


def _of_toml(path: Path, text: str, *, name: str, value: object) -> Setting:
    begin = text.find("[tool.freshrun]")
    found = re.compile(rf"^\s*[\"']?{re.escape(name)}\b", re.MULTILINE).search(text, max(begin, 0))
    line = text.count("\n", 0, found.end() if found else max(begin, 0)) + 1
    where = f"{_seen(path)}:{line}"
    values = value if isinstance(value, list) else [value]
    return Setting(where, _plain(name), tuple(_value(where, one) for one in values), path.parent)


def _of_invoke(path: Path) -> Mapping[str, Setting]:
    """Return what stands below `freshrun:` in an invoke.yaml."""
    text = _read(path)
    if "freshrun" not in text:
        return {}
    from freshrun.document import Entries, at, read_yaml  # noqa: PLC0415 - few projects have one

    parsed = read_yaml(text.encode(), path=_seen(path))
    if parsed.findings:
        raise FreshrunError(str(parsed.findings[0]))
    node = at(parsed.value, "freshrun")
    below = node.nodes if isinstance(node, Entries) else {}
    made = (_of_yaml(path, name, below[name]) for name in below)
    return {one.name: one for one in made}


def _of_yaml(path: Path, name: str, node: "Node") -> Setting:
    from freshrun.document import Items, Text  # noqa: PLC0415 - same

    where = f"{_seen(path)}:{node.line}"
    nodes = node.nodes if isinstance(node, Items) else (node,)
    values = tuple(_value(where, one.value if isinstance(one, Text) else one) for one in nodes)
    return Setting(where, _plain(name), values, path.parent)


def _value(where: str, value: object) -> str | bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(value, (str, bool)):
        return value
    raise FreshrunError(f"{where}: {value!r} is no text and no truth value")


def _project(folder: Path, found: Mapping[str, Setting]) -> Project:
    rows = {row.name: row for row in TABLE if row.name not in _SAID_BY_THE_CALLER}
    given: dict[str, str | bool] = {}
    for name, setting in found.items():
        if name not in _RUNBOOKS:
            _check_known(setting, rows)
            given[rows[name].field] = _said(setting, rows[name])
    named = tuple(found[name] for name in _RUNBOOKS if name in found)
    return Project(folder, chosen(**given), named)


def _check_known(setting: Setting, rows: Mapping[str, Option]) -> None:
    if setting.name in _SAID_BY_THE_CALLER:
        dashes = "-" if len(setting.name) == 1 else "--"
        raise FreshrunError(
            f'{setting.where}: "{setting.name}" is no setting of a project: the caller says it '
            f"each time, `{dashes}{setting.name}`"
        )
    if setting.name not in rows:
        near = near_or_known(setting.name, [*_RUNBOOKS, *rows])
        raise FreshrunError(f'{setting.where}: unknown setting "{setting.name}"{near}')


def _said(setting: Setting, row: Option) -> str | bool:
    """Return the value of a setting, in the form of its option."""
    value = setting.values[0] if len(setting.values) == 1 else ""
    if isinstance(value, bool) == bool(row.value) or value == "":
        kind = "a text" if row.value else "true or false"
        raise FreshrunError(f"{setting.where}: {row.name} is {kind}")
    if row.words and value not in row.words:
        raise FreshrunError(
            f"{setting.where}: {row.name} {value}: {' or '.join(row.words)} is right"
        )
    return value if isinstance(value, bool) else _as_seen(setting, row, value=value)


def _as_seen(setting: Setting, row: Option, *, value: str) -> str:
    """Return a path as seen from the working directory; a report stays inside the project."""
    place = setting.folder / value
    if row.name in _PLACES:
        if not place.resolve().is_relative_to(setting.folder):
            raise FreshrunError(f"{setting.where}: {row.name} {value} leads out of the project")
        return os.path.relpath(place)
    return str(place) if row.name == "image" and place.is_file() else value


def _documents(setting: Setting) -> Iterator[str]:
    """Yield the documents that a setting names; a pattern names all that it finds."""
    for pattern in setting.values:
        text = str(pattern)
        outside = Path(text).is_absolute() or ".." in Path(text).parts
        paths = [] if outside or not text else sorted(setting.folder.glob(text))
        if not paths:
            raise FreshrunError(f'{setting.where}: there is no document "{text}" in the project')
        yield from map(os.path.relpath, paths)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _seen(path: Path) -> str:
    return os.path.relpath(path)


def _plain(name: str) -> str:
    return name.replace("_", "-")


NO_PROJECT = Project()
"""Of a caller who stands in none."""
