"""One document on several images: the first command whose outcome is not the same on all."""

from collections.abc import Iterable, Iterator, Mapping

from freshrun.document import systems_of
from freshrun.model import Outcome, Record, Status
from freshrun.report import words


def difference(records: Mapping[str, Record]) -> str:
    """Return what parts the records of a document, by the images that it was rehearsed on.

    It is the first command with another status on one of them, and why; empty where there is none.
    """
    if len({record.verdict for record in records.values()}) == 1:
        return ""
    images = sorted(records)
    longest = max(records.values(), key=lambda record: len(record.outcomes))
    for number, outcome in enumerate(longest.outcomes):
        told = {image: _told(records[image], number) for image in images}
        if len({status for status, _why in told.values()}) > 1:
            return "\n".join(_lines(outcome, told))
    return "\n".join(_by_verdict(records))


def nowhere(records: Iterable[Record]) -> str:
    """Return the systems that a document says it works on, and none of its records was made on."""
    ran = list(records)
    named = systems_of(ran[0].text, path=ran[0].runbook) if ran else ()
    missing = [one for one in named if not any(one.matches(r.provenance.system) for r in ran)]
    if not missing:
        return ""
    place = words.plain(f"{ran[0].runbook}:{missing[0].line}")
    return f"{place}: named there, and no run was on it: {', '.join(map(str, missing))}"


def _told(record: Record, number: int) -> tuple[str, str]:
    """Return the status of a command, and why it is that."""
    if number >= len(record.outcomes):
        return Status.NOT_REACHED.value, record.why_broken
    outcome = record.outcomes[number]
    why = "" if outcome.status is Status.PASSED else words.why(outcome)
    cause = f" ({outcome.cause})" if outcome.cause else ""
    return outcome.status.value, f"{why}{cause}"


def _lines(outcome: Outcome, told: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    yield f"{words.where(outcome)}: not the same everywhere: $ {_first(outcome.command.text)}"
    for image, (status, why) in told.items():
        yield f"  {words.plain(image)}: {status}{f': {_first(why)}' if why else ''}"


def _by_verdict(records: Mapping[str, Record]) -> Iterator[str]:
    """Yield what was judged otherwise though every command ended the same."""
    (first, *_) = records.values()
    yield f"{words.plain(first.runbook)}: not the same everywhere, though every command is:"
    for image, record in sorted(records.items()):
        items = [item for item in record.checklist if item.status in words.BAD]
        why = record.why_broken or next((f"{one.name}: {one.reason}" for one in items), "")
        yield f"  {words.plain(image)}: {record.verdict.value}{f': {_first(why)}' if why else ''}"


def _first(text: str) -> str:
    return words.plain(text).strip().partition("\n")[0].replace("##[", "## [")
