"""Secrets do not show, in whatever form and whatever pieces they come."""

from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freshrun.mask import MASK, Mask

SECRET = "s3cr3t/with+odd=chars&more"  # noqa: S105 - it opens nothing


def masked(data: bytes, *, pieces: list[int]) -> bytes:
    """Return what a mask lets through of `data`, cut at `pieces`."""
    mask = Mask([SECRET])
    cuts = sorted({min(cut, len(data)) for cut in pieces})
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    return b"".join(map(mask.feed, parts)) + mask.flush()


@pytest.mark.parametrize(
    "form",
    [
        SECRET.encode(),
        quote(SECRET, safe="").encode(),
        b64encode(SECRET.encode()),
        b64encode(b"user:" + SECRET.encode()),
        b64encode(b"ab" + SECRET.encode() + b"tail"),
    ],
)
@given(pieces=st.lists(st.integers(0, 80), max_size=6))
def test_every_form_is_hidden_wherever_the_stream_is_cut(form: bytes, pieces: list[int]) -> None:
    """Plain, URL-encoded and base64, also amid other base64, also split over several reads."""
    shown = masked(b"before " + form + b" after", pieces=pieces)
    assert MASK in shown
    assert SECRET.encode() not in shown
    assert b64encode(SECRET.encode())[:-4] not in shown
    assert shown.startswith(b"before ")
    assert shown.endswith(b" after")


@given(data=st.binary(max_size=300), pieces=st.lists(st.integers(0, 300), max_size=6))
def test_bytes_without_a_secret_pass_unchanged(data: bytes, pieces: list[int]) -> None:
    """Nothing is lost at a cut, and nothing else is replaced."""
    assert masked(data, pieces=pieces) == data


def test_an_empty_secret_hides_nothing() -> None:
    """It would be found between any two bytes."""
    assert Mask([""]).feed(b"plain") == b"plain"


def test_text_is_masked_as_bytes_are() -> None:
    """Reasons and messages hide the same forms."""
    assert Mask([SECRET]).text(f"token {SECRET}!") == "token ***!"
