"""What is rehearsed whole, by one process, into one record: a document on an image."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from freshrun.model import Record
from freshrun.rehearsal import RECORD, Choices, images_of, own_place, shown_image


@dataclass(frozen=True, slots=True)
class Unit:
    """One document on one image.

    `name` tells it from the other units of a run. `choices` are the caller's for this one alone:
    its image, and the places of its own record and page. `image` is how the image is shown, empty
    where the document alone decides.
    """

    name: str
    document: str
    choices: Choices
    image: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A unit, and the record that announced its run."""

    unit: Unit
    word: Record


def units_of(
    documents: Sequence[str], choices: Choices, *, images: Sequence[str] = ()
) -> tuple[Unit, ...]:
    """Return the units of a run, in the order of its documents.

    Each document is rehearsed on each of the `images`; where there are none, on those that it lists
    itself, or the one it asks for. A run of one unit has its record where it always was, and one of
    many has one JUnit report.
    """
    asked = {
        (document, image): document if len(each) == 1 else f"{document} on {shown_image(image)}"
        for document in dict.fromkeys(documents)
        for each in (tuple(dict.fromkeys(images)) or images_of(document) or (choices.image,),)
        for image in each
    }
    names = [*asked.values()]
    return tuple(
        Unit(
            name,
            document,
            _own(choices, name, image=image, among=names),
            shown_image(image) if image else "",
        )
        for (document, image), name in asked.items()
    )


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
