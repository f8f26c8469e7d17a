"""What commands took is kept from run to run, and tells what is usual."""

import dataclasses

import pytest

from freshrun.checklist.durations import KEPT, Durations, read_durations
from freshrun.document.reading import parse
from freshrun.model.errors import FreshrunError
from freshrun.model.outcome import Outcome, Status
from freshrun.model.record import Record

BOOK = parse(
    "# T\n\n```bash name=smoke band=1s..15s\nmake smoke\n```\n\n```bash name=free\nls\n```\n",
    path="docs/book.md",
)
HERE = "x86_64, 2 processors"


def ran(seconds: float, *, status: Status = Status.PASSED) -> Record:
    """Return the record of a run whose commands took so long each."""
    outcomes = tuple(Outcome(one, status, seconds=seconds) for one in BOOK.commands)
    return Record(BOOK.path, sha256="", started="", ended="", outcomes=outcomes)


def kept(*seconds: float, machine: str = HERE, before: Durations | None = None) -> Durations:
    """Return the durations after so many runs, as they are read again from their file."""
    durations = before or Durations({})
    for one in seconds:
        new = durations.with_run(ran(one), document="book.md", machine=machine)
        durations = read_durations(new.text().encode(), path="durations.json")
        assert durations == new
    return durations


def test_a_run_adds_the_time_of_each_command_with_a_band() -> None:
    """By its block, and the kind of machine; the oldest go."""
    assert kept(1.504, 2).documents == {"book.md": {"smoke": {HERE: (1.5, 2.0)}}}
    many = kept(*map(float, range(KEPT + 5)))
    assert many.documents["book.md"]["smoke"][HERE] == tuple(map(float, range(5, KEPT + 5)))


def test_what_failed_is_no_evidence() -> None:
    """It ended early, or was waited for."""
    failed = ran(9, status=Status.FAILED)
    assert Durations({}).with_run(failed, document="book.md", machine=HERE) == Durations({})


def test_other_documents_and_machines_are_left_alone() -> None:
    """One file holds the runs of all documents of its folder."""
    other = Durations({"other.md": {"smoke": {"arm64, 8 processors": (3.0,)}}})
    new = kept(1, before=other)
    assert new.documents["other.md"] == other.documents["other.md"]


@pytest.mark.parametrize(
    ("seconds", "usual"),
    [((1, 2), None), ((1, 2, 26), 2), ((0.01, 1.4, 1.5), 1.4), ((26, 26, 26), 26)],
)
def test_one_slow_or_fast_run_says_nothing_of_what_is_usual(
    seconds: tuple[float, ...], usual: float | None
) -> None:
    """The median counts, of three runs and more."""
    assert kept(*seconds).usual("book.md", block="smoke") == usual


def test_one_slow_kind_of_machine_says_nothing_either() -> None:
    """Nor does one of which too little is known."""
    both = kept(26, 26, 26, machine="slow", before=kept(1, 1, 2))
    assert both.usual("book.md", block="smoke") == 1
    assert kept(26, machine="new", before=kept(1, 1, 2)).usual("book.md", block="smoke") == 1
    assert both.usual("book.md", block="free") is None
    assert both.usual("x.md", block="smoke") is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"a": 1}', '{"a": {"b": {"c": ["x"]}}}', '{"a": {"b": {"c": [NaN]}}}',
     '{"a": {"b": {"c": [-1]}}}', '{"a": {"b": {"c": 1}}}', '{"a": {"b": {"c": [null]}}}', "\xff"],
)  # fmt: skip
def test_another_file_of_that_name_is_told(text: str) -> None:
    """In one line that says what is right."""
    with pytest.raises(FreshrunError, match=r"d\.json: holds no durations .*; right is") as told:
        read_durations(text.encode("latin-1"), path="d.json")
    assert "\n" not in str(told.value)


def test_a_record_without_names_adds_nothing() -> None:
    """As of a document without a band."""
    record = dataclasses.replace(ran(1), outcomes=())
    assert Durations({}).with_run(record, document="b", machine=HERE) == Durations({})
