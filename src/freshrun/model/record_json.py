"""A record to and from JSON (see `record.schema.json`)."""

import json
import re

from freshrun.model.errors import FreshrunError
from freshrun.model.record import Record


def to_json(record: Record) -> str:
    """Return the record as a JSON document that UTF-8 can hold, keys in a fixed order."""
    from freshrun.model import record_writing  # noqa: PLC0415 - its library: not at each start

    document = record_writing.document(record)
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    # A path that is not UTF-8 reaches Python as lone surrogates; in JSON only an escape holds them.
    return re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", text) + "\n"


def from_json(text: str, *, source: str = "record") -> Record:
    """Return the record that `to_json` wrote; `source` is the file to name in an error.

    Keys that this version does not know are passed over. `FreshrunError` for text that is not
    such a document.
    """
    from freshrun.model import record_reading  # noqa: PLC0415 - same

    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FreshrunError(f"{source}: not a record of freshrun: not JSON ({error})") from None
    if not isinstance(document, dict):
        raise FreshrunError(f"{source}: not a record of freshrun: expected a JSON object")
    try:
        return record_reading.record(document)
    except FreshrunError as error:
        raise FreshrunError(f"{source}: {error}") from None
