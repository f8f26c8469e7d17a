"""Band and prose agree, and neither is so wide that it promises nothing."""

import pytest

from freshrun.contract.bands import Band, told_otherwise, too_wide
from freshrun.markdown import parse

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


@pytest.mark.parametrize("took", [(1.5,), (0.9, 0.8), (6.4, 7.0)])
def test_a_band_of_about_ten_times_is_right(took: tuple[float, ...]) -> None:
    """On a fast machine, and on a busy one."""
    assert list(too_wide(Band("smoke", 1, 0.5, 15.0, took))) == []


def test_a_command_of_milliseconds_may_take_seconds() -> None:
    """On a busy machine the start of a program alone can."""
    assert list(too_wide(Band("list", 1, 0.0, 10.0, (0.003,)))) == []
