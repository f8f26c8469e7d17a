"""What is rehearsed whole, by one process, into one record: a document on an image."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from freshrun.model import Record
from freshrun.rehearsal import RECORD, Choices, own_place


@dataclass(frozen=True, slots=True)
class Unit:
    """One document on one image.

    `name` tells it from the other units of a run. `choices` are the caller's for this one alone:
    its image, and the places of its own record and page.
    """

    name: str
    document: str
    choices: Choices


@dataclass(frozen=True, slots=True)
class Begun:
    """A unit, and the record that announced its run."""

    unit: Unit
    word: Record


def units_of(
    documents: Sequence[str], choices: Choices, *, images: Sequence[str] = ()
) -> tuple[Unit, ...]:
    """Return the units of a run, in the order of its documents.

    Each document is rehearsed on each of the `images`; where there are none, on what it asks for.
    A run of one unit has its record where it always was, and one of many has one JUnit report.
    """
    asked = {
        _name(document, image, among=images): (document, image or choices.image)
        for document in dict.fromkeys(documents)
        for image in dict.fromkeys(images or ("",))
    }
    return tuple(
        Unit(name, document, _own(choices, name, image=image, among=asked))
        for name, (document, image) in asked.items()
    )


def _name(document: str, image: str, *, among: Collection[str]) -> str:
    return f"{document} on {image}" if len(among) > 1 else document


def _own(choices: Choices, name: str, *, image: str, among: Collection[str]) -> Choices:
    def placed(place: str) -> str:
        return str(own_place(place, name, among=among)) if place else ""

    return replace(
        choices,
        image=image,
        json=placed(choices.json or RECORD),
        html=placed(choices.html),
        junit=choices.junit if len(among) == 1 else "",
    )
