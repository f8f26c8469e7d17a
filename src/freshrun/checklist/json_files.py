"""A JSON file of a run, read as far as it can be: one document, or one after another (JSON lines).

What had to be read round is told.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

_RIGHT = (json.JSONDecoder(), json.JSONDecoder(strict=False))
"""Reads by the rules; reads control characters too."""

_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class JsonDocuments:
    """The documents in order, what is wrong with the file, and in which line (0: not known).

    Documents with a fault are what could be read round it.
    """

    documents: tuple[object, ...]
    fault: str = ""
    line: int = 0


@lru_cache(maxsize=2)
def json_documents(content: bytes) -> JsonDocuments:
    """Read a JSON file in UTF-8, UTF-16 or UTF-32."""
    text, fault, line = _decoded(content)
    for decoder in _RIGHT:
        try:
            return JsonDocuments((_one(text, decoder),), fault, line)
        except json.JSONDecodeError as error:
            if not fault:
                fault, line = f"is not JSON: {error.msg}", error.lineno
        except (ValueError, RecursionError) as error:  # a number or a depth without measure
            return JsonDocuments((), f"is not JSON: {error}", 1)
    return _one_after_another(text, fault, line)


def _decoded(content: bytes) -> tuple[str, str, int]:
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding), "", 0
    except UnicodeDecodeError as error:
        fault = f"is not JSON: byte 0x{content[error.start]:02X} is no {error.encoding}"
        line = content.count(b"\n", 0, error.start) + 1
        return content.decode(encoding, "replace"), fault, line


def _one(text: str, decoder: json.JSONDecoder) -> object:
    document: object = decoder.decode(text)
    return document


def _one_after_another(text: str, fault: str, line: int) -> JsonDocuments:
    """Read documents with space between them; a line that is none is passed over, and told.

    A file whose first document is not whole is one damaged document: nothing of it is read.
    """
    found: list[object] = []
    wrong: list[int] = []
    position, spent = _after_space(text, 0), 0
    while position < len(text) and spent <= len(text):
        document, end = _read(text, position)
        if isinstance(document, (dict, list)):
            found.append(document)
        elif found:
            wrong.append(position)
            spent += end - position
            end = _next_line(text, position)
        else:
            return JsonDocuments((), fault, line)
        position = _after_space(text, end)
    if wrong or position < len(text):
        first = text.count("\n", 0, wrong[0] if wrong else position) + 1
        return JsonDocuments(tuple(found), "is not JSON: this line is no JSON document", first)
    return JsonDocuments(tuple(found)) if found else JsonDocuments((), fault, line)


def _read(text: str, position: int) -> tuple[object, int]:
    """Return the document that begins here, `None` where there is none, and how far was looked."""
    try:
        return _RIGHT[1].raw_decode(text, position)
    except json.JSONDecodeError as error:
        return None, error.pos
    except (ValueError, RecursionError):
        return None, len(text)


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)
