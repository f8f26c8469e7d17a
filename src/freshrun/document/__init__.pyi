from .durations import UNIT, written_time
from .info_string import near_options
from .links import Link, Page, page, slug
from .meeting import meetings
from .promise import (
    WILDCARD,
    agree,
    captures,
    expression,
    is_any_lines,
    mismatch,
    printed_lines,
    promised_lines,
    stood_for,
)
from .reading import parse, read, require_commands, settings_of
from .ready import Readiness, Signal, readiness
from .systems import systems_named, systems_of
from .updating import update
from .yaml_tree import Entries, Items, Node, Text, at, entries, items, kind, read_yaml, text, texts

__all__ = [
    "UNIT",
    "WILDCARD",
    "Entries",
    "Items",
    "Link",
    "Node",
    "Page",
    "Readiness",
    "Signal",
    "Text",
    "agree",
    "at",
    "captures",
    "entries",
    "expression",
    "is_any_lines",
    "items",
    "kind",
    "meetings",
    "mismatch",
    "near_options",
    "page",
    "parse",
    "printed_lines",
    "promised_lines",
    "read",
    "read_yaml",
    "readiness",
    "require_commands",
    "settings_of",
    "slug",
    "stood_for",
    "systems_named",
    "systems_of",
    "text",
    "texts",
    "update",
    "written_time",
]
