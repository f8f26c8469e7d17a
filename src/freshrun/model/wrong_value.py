"""A wrong value of a record's JSON: its place, what stands there, and what the form wants."""

import json
import re

from msgspec import inspect

from freshrun.model.errors import FreshrunError
from freshrun.model.record_form import RecordForm

_LONGEST = 40
"""So many characters of a value are shown: a terminal's line holds them."""

_SAID = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<key>.*)`)?", re.DOTALL)
_MISSING = re.compile("Object missing required field `(?P<name>.+)`")
_KINDS: dict[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.BytesType: "bytes in base64",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.StructType: "an object",
    inspect.VarTupleType: "a list",
    inspect.TupleType: "two numbers, in seconds",
}


def explained(document: object, said: str) -> FreshrunError:
    """Return what msgspec says of a document as one line of ours."""
    parts = _SAID.fullmatch(said)
    key = (parts["key"] or "") if parts else ""
    missing = _MISSING.fullmatch(parts["what"]) if parts else None
    return wrong(document, f"{key}.{missing['name']}".removeprefix(".") if missing else key)


def wrong(document: object, key: str, *, right: str = "") -> FreshrunError:
    """Return that the value under a key is wrong, and what is `right`, if not what the form says.

    The key has a name or a number of a list for each step: `commands[0].line`.
    """
    wanted = inspect.type_info(RecordForm)
    for step in re.findall(r"\w+", key):
        wanted = _inner(wanted, step)
        if isinstance(document, dict) and step not in document:
            return FreshrunError(f"{key} is missing: expected {right or _right(wanted)}")
        document = document[int(step)] if isinstance(document, list) else _of(document, step)
    right = right or _right(wanted, finite=isinstance(document, int | float))
    return FreshrunError(f"{key} is {shown(document)}: expected {right}")


def shown(value: object) -> str:
    """Return a value as JSON, cut to what a person reads."""
    found = json.dumps(value)
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]}..."


def _of(document: object, step: str) -> object:
    return document.get(step) if isinstance(document, dict) else document


def _inner(wanted: inspect.Type, step: str) -> inspect.Type:
    """Return what the form wants one step further inside."""
    match _plain(wanted):
        case inspect.StructType(fields=fields):
            return next(field.type for field in fields if field.name == step)
        case inspect.VarTupleType(item_type=item):
            return item
        case inspect.TupleType(item_types=items):
            return items[int(step)]
    return wanted


def _plain(wanted: inspect.Type) -> inspect.Type:
    """Return the type without what is told of it, and without the `null` that may stand there."""
    while isinstance(wanted, inspect.Metadata | inspect.UnionType):
        wanted = wanted.type if isinstance(wanted, inspect.Metadata) else wanted.types[0]
    return wanted


def _right(wanted: inspect.Type, *, finite: bool = False) -> str:
    plain = _plain(wanted)
    if isinstance(plain, inspect.EnumType):
        return "one of " + ", ".join(str(member.value) for member in plain.cls)
    if isinstance(plain, inspect.LiteralType):
        return "one of " + ", ".join(map(str, plain.values))
    if isinstance(plain, inspect.FloatType) and finite:
        return "a finite number"
    return _KINDS[type(plain)]
