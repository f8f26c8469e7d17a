"""Band and prose agree, and neither is so wide that it promises nothing."""

from pathlib import Path

import pytest

from freshrun.checklist.bands import Band, kept_durations, told_otherwise, too_wide
from freshrun.checklist.durations import NAME, read_durations
from freshrun.document.reading import parse, read
from freshrun.model.finding import Parsed

TEXT = """# T

## Smoke

```bash name=smoke band={band}
make smoke
```

Green ends with 0; {prose}. Wait a minute.

## Other

It takes 1 to 2 hours.
"""


def told(prose: str, *, band: str = "500ms..15s") -> list[str]:
    """Return what is wrong with a text beside a band."""
    return [
        str(one) for one in told_otherwise(parse(TEXT.format(band=band, prose=prose), path="p"))
    ]


@pytest.mark.parametrize(
    "prose",
    ["it takes 500 ms to 15 s", "it takes 0.5 to 15 seconds", "it runs 0.5s - 15s", "it ends soon"],
)
def test_a_text_that_says_the_band_agrees(prose: str) -> None:
    """In other units, with another word, or not at all; a section without a band is free."""
    assert told(prose) == []


@pytest.mark.parametrize(
    ("prose", "band", "said"),
    [
        ("it takes 1 to 15 seconds", "500ms..15s", "the text says 1 s to 15 s; the band is 0.5 s"),
        ("it takes 0.5 to 15 seconds", "500ms..1m", "the band is 0.5 s to 60 s (smoke)"),
        ("it took 1 to 2 min", "500ms..15s", "the text says 60 s to 120 s"),
    ],
)
def test_a_text_that_says_another_time_is_told_at_its_line(
    prose: str, band: str, said: str
) -> None:
    """Whichever of the two was changed."""
    (one,) = told(prose, band=band)
    assert one.startswith("p:9: ")
    assert said in one


@pytest.mark.parametrize(
    ("low", "high", "took", "said"),
    [
        (0.5, 60.0, (1.5, 1.4), "ends at 60 s, and it took 1.50 s, 1.40 s; about ten"),
        (0.0, 30.0, (0.1,), "ends at 30 s, and it took 0.10 s"),
        (0.5, 60.0, (7.0,), "120 times apart"),
        (0.001, 15.0, (1.5,), "15000 times apart"),
    ],
)
def test_a_band_that_is_too_wide_is_told(
    low: float, high: float, took: tuple[float, ...], said: str
) -> None:
    """By what the runs took, and, on a slow machine too, by its own ends."""
    (message,) = too_wide(Band("smoke", 1, low, high, took))
    assert said in message


@pytest.mark.parametrize(
    ("low", "high", "usual", "said"),
    [
        (0.5, 20.0, 1.5, "ends at 20 s, and the kept runs took 1.5 s as a rule; about ten times"),
        (0.5, 60.0, 1.5, "about ten times, 15 s, is right"),
        (0.0, 10.0, 0.1, "about ten times, 5 s, is right"),
        (
            2.0,
            15.0,
            1.5,
            "the band of 2 s to 15 s leaves out what is usual, and the kept runs took",
        ),
        (0.5, 1.0, 1.5, "leaves out what is usual"),
        (0.001, 15.0, 1.5, "15000 times apart"),
    ],
)
@pytest.mark.parametrize("now", [(), (0.4,), (26.0, 26.0)], ids=["none", "fast", "busy"])
def test_a_band_is_held_against_what_is_usual_however_busy_the_machine_is(
    low: float, high: float, usual: float, said: str, now: tuple[float, ...]
) -> None:
    """A slow run makes no wide band right, and a fast one no right band wide."""
    (message,) = too_wide(Band("smoke", 1, low, high, now, usual))
    assert said in message
    assert list(too_wide(Band("smoke", 1, 0.5, 15.0, now, 1.4))) == []


def test_the_kept_durations_are_those_of_the_file_beside_the_document() -> None:
    """None is no finding: a starter has none yet; one that can't be read is."""
    book = parse(TEXT.format(band="500ms..15s", prose="ok"), path="docs/x.md")
    files = {"docs/x.md": b"", "durations.json": b"{"}
    assert kept_durations(book, files=files) == Parsed()
    good = b'{"x.md": {"smoke": {"m": [1, 2, 3]}}}'
    kept = kept_durations(book, files={**files, "docs/durations.json": good}).known
    assert kept.usual("x.md", block="smoke") == 2
    (told,) = kept_durations(book, files={**files, "docs/durations.json": b"{"}).findings
    assert str(told).startswith("docs/durations.json:1: holds no durations (")


@pytest.mark.parametrize("took", [(1.5,), (0.9, 0.8), (6.4, 7.0)])
def test_a_band_of_about_ten_times_is_right(took: tuple[float, ...]) -> None:
    """On a fast machine, and on a busy one."""
    assert list(too_wide(Band("smoke", 1, 0.5, 15.0, took))) == []


def test_our_own_bands_are_those_of_our_own_durations() -> None:
    """Each has enough runs behind it, and reaches about ten times what is usual."""
    folder = Path(__file__).resolve().parents[2] / "runbook"
    book = read(folder / "integration-triage-runbook.md")
    kept = read_durations((folder / NAME).read_bytes(), path=NAME)
    banded = [b for s in book.sections for b in s.blocks if b.options.band and b.options.name]
    assert {one.options.name for one in banded} == {"smoke", "full"}
    for one in banded:
        usual = kept.usual("integration-triage-runbook.md", block=one.options.name or "")
        low, high = one.options.band or (0.0, 0.0)
        assert usual is not None
        assert list(too_wide(Band("", one.line, low, high, (), usual))) == []
    assert list(told_otherwise(book)) == []


def test_a_command_of_milliseconds_may_take_seconds() -> None:
    """On a busy machine the start of a program alone can."""
    assert list(too_wide(Band("list", 1, 0.0, 10.0, (0.003,)))) == []
