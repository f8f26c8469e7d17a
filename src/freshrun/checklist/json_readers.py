"""Readers of JSON outputs: the IDs that stand where a JSONPath points."""

from functools import partial

import jsonpath
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import IndexSelector, NameSelector

from freshrun.checklist.json_files import json_documents
from freshrun.checklist.readers import Keys, Selected, Selector, SelectorError, Sighting

_ONE_KEY = (NameSelector, IndexSelector)
_JsonPath = jsonpath.JSONPath | jsonpath.CompoundJSONPath


def by_jsonpath(source: str) -> Selector:
    """Return the reader for a JSONPath that yields strings of a JSON document."""
    try:
        path = jsonpath.compile(source)
    except jsonpath.JSONPathError as error:
        reason = str(error).partition("\n")[0]
        raise SelectorError(f"{source} is not a JSONPath: {reason}") from error
    return partial(_at_jsonpath, path)


def _at_jsonpath(path: _JsonPath, content: bytes) -> Selected:
    read = json_documents(content)
    trailing, many = _trailing(path), len(read.documents) > 1
    sightings: list[Sighting] = []
    nulls, others = 0, list[str]()
    for number, document in enumerate(read.documents):
        try:
            matches = list(path.finditer(document)) if isinstance(document, (dict, list)) else []
        except (jsonpath.JSONPathError, RecursionError) as error:
            return Selected(tuple(sightings), f"{path} can't be applied: {error}")
        for match in matches:
            if isinstance(match.obj, str):
                sightings.append(_json_sighting(match, number if many else None, trailing))
            elif match.obj is None:
                nulls += 1
            else:
                others.append(f"{match.path} is {str(match.obj)[:40]}")
    fault = f"{path} selects more than strings: {others[0]}" if others else ""
    if read.documents and not any(isinstance(one, (dict, list)) for one in read.documents):
        fault = f"is {str(read.documents[0])[:40]!r} and no JSON object or list"
    is_foreign = not (sightings or nulls or others) and not any(
        _is_bare(path, one) for one in read.documents
    )
    return Selected(tuple(sightings), read.fault or fault, read.line, nulls, is_foreign)


def _is_bare(path: _JsonPath, document: object) -> bool:
    """Tell whether the list or map that a JSONPath chooses from is there, and holds nothing."""
    node = document
    for segment in path.segments if isinstance(path, jsonpath.JSONPath) else ():
        key = segment.selectors[0]
        if isinstance(segment, JSONPathRecursiveDescentSegment):
            return False
        if not isinstance(key, NameSelector):
            return isinstance(node, dict | list) and not node
        if not isinstance(node, dict) or key.name not in node:
            return False
        node = node[key.name]
    return False


def _json_sighting(match: jsonpath.JSONPathMatch, document: int | None, trailing: int) -> Sighting:
    keys: Keys = tuple(match.parts)
    unit = max(len(keys) - trailing, 0)
    if document is None:
        return Sighting(str(match.obj), match.path, path=keys, unit=unit)
    place = f"document {document + 1}: {match.path}"
    return Sighting(str(match.obj), place, path=(document, *keys), unit=unit + 1)


def _trailing(path: _JsonPath) -> int:
    """Return how many keys stand behind the last place where a JSONPath chooses among several."""
    keys = 0
    for segment in reversed(path.segments if isinstance(path, jsonpath.JSONPath) else ()):
        selectors = segment.selectors
        if len(selectors) != 1 or not isinstance(selectors[0], _ONE_KEY):
            return keys
        keys += 1
        if isinstance(segment, JSONPathRecursiveDescentSegment):
            return keys
    return keys or 1
