"""What tells a rehearsal from every other one: where it is the same, nothing would differ."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from pathlib import Path

from freshrun.host import root_of
from freshrun.rehearsal import Choices

_NO_MATTER = frozenset(
    {"document", "html", "image", "install_engine", "json", "junit", "keep_durations"}
    | {"keep_engine"}
)
"""What leaves the rehearsal as it is: where it is told, and by whose engine."""


def key_of(setup: Choices, *, document: Path, tree: str, image: str) -> str:
    """Return the key of a rehearsal: the same one wherever the same would be typed, and judged.

    `tree` is git's id of the repository's files, empty where there is none, and `image` a digest;
    what is not known of them tells nothing apart. A document that is not there has a key, too.
    """
    root = root_of(document)
    parts = {
        "document": _digest(document),
        "place": os.path.relpath(document.resolve(), root),
        "tree": tree,
        "image": image,
        "setup": dict(_deciding(setup, root)),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _deciding(setup: Choices, root: Path) -> Iterator[tuple[str, object]]:
    """Yield what decides, in a form that is the same in every checkout."""
    for one in fields(setup):
        if one.name in _NO_MATTER:
            continue
        value: object = getattr(setup, one.name)
        if isinstance(value, Path):
            yield one.name, os.path.relpath(value.resolve(), root)
        elif isinstance(value, Enum):
            yield one.name, value.value
        else:
            yield one.name, dict(value) if isinstance(value, Mapping) else value
