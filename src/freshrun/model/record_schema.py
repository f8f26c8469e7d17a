"""The JSON Schema of what is written of a record, made from its form."""

import json
from enum import Enum
from typing import TypeGuard

from msgspec.json import schema_components

from freshrun.model.outcome import Ending, Status
from freshrun.model.record import State
from freshrun.model.record_form import RecordForm

_HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:freshrun:record:1",
    "title": "Record of one rehearsal by freshrun",
    "description": "Everything that happened when a runbook's commands were typed into a fresh "
    "machine, and what was judged. Version 1. A reader should pass over keys that it does not "
    "know; the version rises when a key goes or changes its meaning.",
}
_NOT_ALWAYS = {"spill", "base64", "files"}
"""Keys that are written only where there is something to say."""

_FOR_READERS = {"title", "default", "exclusiveMinimum", "exclusiveMaximum"}
"""What a reader does without or refuses, and names of our types."""

_IN_ORDER: dict[str, type[Enum]] = {each.__name__: each for each in (Status, Ending, State)}


def schema_text() -> str:
    """Return the schema as `record.schema.json` holds it."""
    _, made = schema_components([RecordForm], ref_template="#/$defs/{name}")
    definitions = {name: _definition(name, of) for name, of in made.items()}
    whole = _HEAD | definitions.pop("RecordForm") | _HEAD | {"$defs": definitions}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _definition(name: str, made: object) -> dict[str, object]:
    definition = _written(made)
    assert _is_object(definition)  # noqa: S101 - msgspec makes nothing else of a type
    if name in _IN_ORDER:
        return definition | {"enum": [member.value for member in _IN_ORDER[name]]}
    keys = definition["properties"]
    required = [key for key in keys if key not in _NOT_ALWAYS] if _is_object(keys) else []
    return definition | {"required": required, "additionalProperties": False}


def _written(made: object) -> object:
    """Return a part of the schema without what is for readers alone."""
    if isinstance(made, list):
        return [_written(each) for each in made]
    if not _is_object(made):
        return made
    return {key: _written(value) for key, value in made.items() if key not in _FOR_READERS}


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
