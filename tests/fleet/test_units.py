"""What is rehearsed whole: each with a name and places of its own; and how many at a time."""

import os
from pathlib import Path

import pytest

from freshrun.document import parse
from freshrun.fleet.asked import asked_workers
from freshrun.fleet.unit import units_of
from freshrun.fleet.workers import DISK, MEMORY, usual_workers
from freshrun.machine import Capacity
from freshrun.model import DocumentError, FreshrunError
from freshrun.rehearsal.options import Choices

PLENTY = Capacity(processors=8, load=0.0, memory=100 * MEMORY, disk=100 * DISK)


def test_one_document_has_its_record_where_it_always_was() -> None:
    """And its own JUnit report."""
    (unit,) = units_of(["docs/a.md"], Choices(html="p.html", junit="j.xml", image="x"))
    assert (unit.name, unit.document) == ("docs/a.md", "docs/a.md")
    assert unit.choices == Choices(
        json=".freshrun/record.json", html="p.html", junit="j.xml", image="x"
    )


@pytest.mark.parametrize(
    "names",
    [
        ("a/b.md", "a-b.md"),
        ("a.md", "../a.md", "/a.md"),
        ("A.md", "a.md"),
        ("a b.md", "a:b.md", "a?b.md"),
        ("a.md", "b.md"),
    ],
)
def test_no_two_units_have_one_place(names: tuple[str, ...]) -> None:
    """Not where folders become dashes, nor where a file system takes A for a."""
    units = units_of(names, Choices(html="p.html", junit="j.xml"))
    assert [unit.document for unit in units] == [*names]
    for places in (
        {unit.choices.json.casefold() for unit in units},
        {unit.choices.html.casefold() for unit in units},
    ):
        assert len(places) == len(names)
    assert {unit.choices.junit for unit in units} == {""}
    assert units == units_of(names, Choices(html="p.html", junit="j.xml"))


def test_each_document_is_a_unit_on_each_image() -> None:
    """Named once each; an image that is named twice is one."""
    units = units_of(["a.md", "b.md", "a.md"], Choices(), images=["debian:12", "x/y", "debian:12"])
    assert [(one.name, one.choices.image) for one in units] == [
        ("a.md on debian:12", "debian:12"),
        ("a.md on x/y", "x/y"),
        ("b.md on debian:12", "debian:12"),
        ("b.md on x/y", "x/y"),
    ]
    assert len({one.choices.json for one in units}) == 4


@pytest.mark.parametrize(
    ("capacity", "units", "expected"),
    [
        (PLENTY, 100, 8),
        (PLENTY, 3, 3),
        (Capacity(8, 5.6, PLENTY.memory, PLENTY.disk), 100, 2),
        (Capacity(8, 50.0, PLENTY.memory, PLENTY.disk), 100, 1),
        (Capacity(8, 0.0, 3 * MEMORY + 1, PLENTY.disk), 100, 3),
        (Capacity(8, 0.0, 10, PLENTY.disk), 100, 1),
        (Capacity(8, 0.0, PLENTY.memory, 5 * DISK), 100, 4),
        (Capacity(8, 0.0, PLENTY.memory, 0), 100, 1),
        (Capacity(8, 0.0, PLENTY.memory, None), 100, 8),
    ],
)
def test_the_scarcest_decides_how_many_at_a_time(
    capacity: Capacity, units: int, expected: int
) -> None:
    """Processors that are idle, memory, disk, and what there is to do; but one always."""
    assert usual_workers(capacity, units=units) == expected


def test_a_caller_may_say_how_many() -> None:
    """A number, or one clear line."""
    assert asked_workers("") is None
    assert asked_workers("12") == 12
    for wrong in ("0", "-1", "two", "1.5", "²"):
        with pytest.raises(FreshrunError, match="a number from 1 up is right"):
            asked_workers(wrong)


def test_a_document_lists_its_images_itself(tmp_path: Path) -> None:
    """A Dockerfile by its place in the repository; the caller goes before."""
    text = "---\nfreshrun:\n  images: [debian:12, fresh/Dockerfile]\n---\n```bash\ntrue\n```\n"
    (tmp_path / "a.md").write_text(text, "utf-8")
    (tmp_path / "b.md").write_text("No images here.\n", "utf-8")
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    named = [str(tmp_path / "a.md"), str(tmp_path / "b.md")]
    units = units_of(named, Choices())
    recipe = str(tmp_path / "fresh" / "Dockerfile")
    assert [(one.document, one.choices.image) for one in units] == [
        (named[0], "debian:12"),
        (named[0], recipe),
        (named[1], ""),
    ]
    assert units[1].name == f"{named[0]} on {os.path.relpath(recipe)}"
    assert [one.choices.image for one in units_of(named, Choices(), images=["x"])] == ["x", "x"]


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ("debian:12", "a list of names is wanted here"),
        ("[]", "a list of names is wanted here"),
        ("[12]", "12 is a number to YAML"),
        ("[a, a]", "an image is listed twice"),
        ("[a]\n  image: b", "image and images are both set"),
    ],
)
def test_a_wrong_list_of_images_is_one_line(images: str, told: str) -> None:
    """With its place in the document; and the run of it says so, too."""
    text = f"---\nfreshrun:\n  images: {images}\n---\n```bash\ntrue\n```\n"
    with pytest.raises(DocumentError, match=rf"^a\.md:[34]: .*{told}"):
        parse(text, path="a.md")
