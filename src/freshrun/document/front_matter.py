"""The YAML front matter of a document: its settings."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType

import yaml

from freshrun.document.durations import seconds
from freshrun.document.yaml_tree import yaml_problem
from freshrun.model import DocumentError, Settings, near_or_known


class _SettingError(Exception):
    """A setting that is wrong, at the node of the front matter that says it."""

    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1


def front_matter(lines: list[str], *, path: str) -> tuple[Settings, int]:
    """Return the settings, and the number of lines that they take at the top, 0 for none."""
    number, is_ours = _front_matter_lines(lines, path=path)
    if not is_ours:
        return Settings(), number
    try:
        # An empty line stands for the one with the dashes, so that line numbers are the file's.
        text = "\n".join(["", *lines[1 : number - 1]])
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            return Settings(), 0
        return _settings(root), number
    except _SettingError as error:
        raise DocumentError(f"{path}:{error.line}: {error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        line, problem = yaml_problem(error, text)
        raise DocumentError(f"{path}:{line}: the front matter is no YAML: {problem}") from None


_KEY = re.compile(r"""(["']?)[\w.-]+\1\s*:(\s|$)""")


def _front_matter_lines(lines: list[str], *, path: str) -> tuple[int, bool]:
    """Return how many lines the front matter takes, and whether it sets something for freshrun.

    It is front matter, as on GitHub, where a key follows the dashes at once and other dashes, or
    dots, end it; or wherever it is ours. Else the dashes are a thematic break: no lines.
    """
    if lines[0].rstrip() != "---":
        return 0, False
    end = next((n for n, line in enumerate(lines[1:], 2) if line.rstrip() in {"---", "..."}), 0)
    inside = lines[1 : end - 1] if end else list(takewhile(str.strip, lines[1:]))
    is_ours = any(re.match(r"""(["']?)freshrun\1\s*:""", line) for line in inside)
    if is_ours and not end:
        raise DocumentError(
            f'{path}:1: the front matter that begins here has no end; close it with a line "---"'
        )
    return (end if is_ours or (end and _KEY.match(lines[1])) else 0), is_ours


def _settings(root: yaml.MappingNode) -> Settings:
    ours = [value for key, value in root.value if key.value == "freshrun"]
    if not ours:
        return Settings()
    if len(ours) > 1:
        raise _SettingError(ours[1], "a second map of freshrun; put all settings into one")
    settings = Settings(declared=True)
    for key, node in _entries(ours[0], "freshrun"):
        if key.value not in _SETTINGS:
            near = near_or_known(key.value, tuple(_SETTINGS))
            raise _SettingError(key, f'unknown setting "{key.value}"{near}')
        try:
            settings = _SETTINGS[key.value](settings, node)
        except ValueError as error:
            raise _SettingError(node, f"{key.value}: {error}") from None
        _require_apart(settings, node)
    return settings


def _entries(node: yaml.Node, name: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Yield the keys, each once and a word, and the values of a map, which may be empty."""
    if _is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        raise _SettingError(node, f'{name}: a map is wanted here, with lines like "key: value"')
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _SettingError(key, f"{name}: a key is a single word")
        if key.value in seen:
            raise _SettingError(key, f'{name}: "{key.value}" is set twice; once is enough')
        seen.add(key.value)
        yield key, value


def _require_apart(settings: Settings, node: yaml.Node) -> None:
    if settings.image and settings.images:
        raise _SettingError(node, "image and images are both set; images may have it as its first")
    both = sorted(set(settings.secrets) & set(settings.env))
    if both:
        raise _SettingError(
            node, f"{both[0]} is in env and in secrets; a secret's value stands in no document"
        )


_SETTINGS: Mapping[str, Callable[[Settings, yaml.Node], Settings]] = {
    "image": lambda settings, node: replace(settings, image=_text(node)),
    "images": lambda settings, node: replace(settings, images=_images(node)),
    "user": lambda settings, node: replace(settings, user=_text(node)),
    "timeout": lambda settings, node: replace(settings, timeout=seconds(_scalar(node))),
    "network": lambda settings, node: replace(settings, network=_choice(node, "full", "none")),
    "memory": lambda settings, node: replace(settings, memory=_memory(node)),
    "env": lambda settings, node: replace(settings, env=_environment(node)),
    "secrets": lambda settings, node: replace(settings, secrets=_secrets(node)),
    "github": lambda settings, node: replace(settings, github=_text(node)),
    "bd": lambda settings, node: replace(settings, bd=_choice(node, "stand-in", "live")),
    "repository": lambda settings, node: replace(settings, repository=_text(node)),
    "checklist": lambda settings, node: replace(settings, checklist=_text(node)),
    "unmarked": lambda settings, node: replace(settings, unmarked=_choice(node, "text", "shell")),
    "sections": lambda settings, node: replace(
        settings, sections=_choice(node, "independent", "in order")
    ),
}
"""What puts each setting, a `ValueError` if wrong, into place."""

_KINDS = {"bool": "a boolean", "int": "a number", "float": "a number", "timestamp": "a date"}
"""What YAML 1.1 makes of a bare word, by the end of its tag."""


def _is_empty(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _scalar(node: yaml.Node) -> str:
    """Return a single value as it is written, whatever YAML takes it for."""
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("a single value is wanted here, not a list or a map")  # noqa: TRY004 - the document's mistake
    if _is_empty(node):
        raise ValueError("there is no value; write one, or remove the key")
    return str(node.value)


def _string(node: yaml.Node) -> str:
    """Return a single value that YAML takes for a string."""
    value = _scalar(node)
    if node.tag != "tag:yaml.org,2002:str":
        kind = _KINDS.get(node.tag.rpartition(":")[2], "no string")
        raise ValueError(f'{value} is {kind} to YAML; quote it: "{value}"')
    return value


def _text(node: yaml.Node) -> str:
    if not (value := _string(node)):
        raise ValueError("there is no value; write one, or remove the key")
    return value


def _choice(node: yaml.Node, *known: str) -> str:
    value = _scalar(node)
    if value not in known:
        raise ValueError(f'"{value}" is neither "{known[0]}" nor "{known[1]}"')
    return value


def _memory(node: yaml.Node) -> str:
    value = _scalar(node)
    if not re.fullmatch(r"[1-9][0-9]*[mg]", value):
        raise ValueError(f'"{value}" is no size of memory; write it like 512m or 2g')
    return value


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _variable(node: yaml.Node) -> str:
    value = _string(node)
    if not _VARIABLE.fullmatch(value):
        raise ValueError(f'"{value}" is no name of a variable; write it like GH_TOKEN')
    return value


def _environment(node: yaml.Node) -> Mapping[str, str]:
    env: dict[str, str] = {}
    for key, value in _entries(node, "env"):
        try:
            env[_variable(key)] = _string(value)
        except ValueError as error:
            raise _SettingError(value, f"env: {key.value}: {error}") from None
    return MappingProxyType(env)


def _images(node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise ValueError("a list of names is wanted here, like [debian:12, ubuntu:24.04]")
    names = [_image(item) for item in node.value]
    if len({*names}) < len(names):
        raise ValueError("an image is listed twice; once is enough")
    return tuple(names)


def _image(node: yaml.Node) -> str:
    try:
        return _text(node)
    except ValueError as error:
        raise _SettingError(node, f"images: {error}") from None


def _secrets(node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise ValueError("a list of names is wanted here, like [GH_TOKEN]")  # noqa: TRY004 - the document's mistake
    names: list[str] = []
    for item in node.value:
        try:
            names.append(_variable(item))
        except ValueError as error:
            raise _SettingError(item, f"secrets: {error}") from None
    return tuple(names)
