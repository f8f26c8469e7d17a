"""Secrets do not show, in whatever form and whatever pieces they come."""

import html
import json
import shlex
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.mask import MASK, Mask

SECRET = "s3cr3t/with+odd=chars&more"  # noqa: S105 - it opens nothing
AWKWARD = 'it\'s 100% "odd" <b>\\&$x; ä/€~+'
KEY = (
    "-----BEGIN KEY-----\n" + "\n".join(f"{n:02}cafeBABE/+line{n:050}" for n in range(9)) + "\nQw=="
)

FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "url": lambda s: quote(s, safe="").encode(),
    "url with + for blanks": lambda s: quote_plus(s).encode(),
    "url with slashes": lambda s: quote(s).encode(),
    "url in lower case": lambda s: quote(s, safe="").replace("%2F", "%2f").encode(),
    "every byte of a url": lambda s: "".join(f"%{b:02x}" for b in s.encode()).encode(),
    "base64": lambda s: b64encode(s.encode()),
    "base64 after 1": lambda s: b64encode(b"u" + s.encode() + b"tail"),
    "base64 after 2": lambda s: b64encode(b"ab" + s.encode() + b"!"),
    "basic auth": lambda s: b64encode(b"user:" + s.encode()),
    "base64 for urls": lambda s: urlsafe_b64encode(b"user:" + s.encode()),
    "base64 in a url": lambda s: quote(b64encode(s.encode()), safe="").encode(),
    "base64 in lines": lambda s: encodebytes(b"x" * 50 + s.encode()),
    "base64 in JSON": lambda s: json.dumps(encodebytes(b"x" * 51 + s.encode()).decode()).encode(),
    "base64 in YAML": lambda s: encodebytes(b"x" * 52 + s.encode()).replace(b"\n", b"\r\n    "),
    "JSON": lambda s: json.dumps(s).encode(),
    "JSON with UTF-8": lambda s: json.dumps(s, ensure_ascii=False).encode(),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s, ensure_ascii=False)).encode(),
    "JSON with slashes": lambda s: json.dumps(s).replace("/", "\\/").encode(),
    "Python": lambda s: repr(s).encode(),
    "Python's bytes": lambda s: repr(s.encode()).encode(),
    "XML": lambda s: html.escape(s).encode(),
    "XML's text": lambda s: html.escape(s, quote=False).encode(),
    "shell": lambda s: shlex.quote(s).encode(),
    "shell's trace": lambda s: s.replace("'", "'\\''").encode(),
    "hex": lambda s: s.encode().hex().encode(),
    "HEX": lambda s: s.encode().hex().upper().encode(),
    "dump": lambda s: b"\n " + s.encode().hex(" ").encode(),
    "words of hex": lambda s: s.encode().hex(" ", 2).encode(),
}


def masked(data: bytes, *, secrets: list[str], pieces: list[int]) -> bytes:
    """Return what a mask lets through of `data`, cut at `pieces`.

    What follows makes the mask let go of it bit by bit.
    """
    mask = Mask(secrets)
    cuts = sorted({min(cut, len(data)) for cut in pieces})
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    parts += [b"~" * 19] * 60
    shown = b"".join(map(mask.feed, parts)) + mask.flush()
    return shown.removesuffix(b"~" * 19 * 60)


@pytest.mark.parametrize("secret", [SECRET, AWKWARD], ids=["usual", "awkward"])
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20)
@given(pieces=st.lists(st.integers(0, 200), max_size=6))
def test_every_form_is_hidden_wherever_the_stream_is_cut(
    form: str, secret: str, pieces: list[int]
) -> None:
    """Escaped, encoded, dumped, amid other base64, in lines, and split over several reads."""
    written = FORMS[form](secret)
    shown = masked(b"before " + written + b" after", secrets=[secret], pieces=pieces)
    assert MASK in shown
    assert len(shown) < len(b"before " + written + b" after") - len(secret) // 2
    assert shown.startswith(b"before ")
    assert shown.endswith(b" after")
    for part in ("s3cr3t", "odd", "chars", "more", "100"):
        assert part.encode() not in shown


PARTS = st.sampled_from([b"abab", b"ab", b"abcd", b"cdab", b"*", b"x", b"%61", b"YWJhYg==", b"61"])


@given(
    parts=st.lists(PARTS, max_size=30),
    pieces=st.lists(st.integers(0, 150), max_size=8),
    secrets=st.lists(st.sampled_from(["abab", "ababcd", "cdab", "abcdab"]), max_size=3),
)
def test_what_is_shown_does_not_depend_on_the_cuts(
    parts: list[bytes], pieces: list[int], secrets: list[str]
) -> None:
    """Also where secrets hold each other, overlap, and repeat."""
    data = b"".join(parts)
    whole = masked(data, secrets=secrets, pieces=[])
    assert masked(data, secrets=secrets, pieces=pieces) == whole
    assert not [secret for secret in secrets if secret.encode() in whole]


@pytest.mark.parametrize(
    ("secrets", "text", "shown"),
    [
        (["token", "tokenandmore"], b"<tokenandmore>", b"<***>"),
        (["tokenandmore", "andm"], b"<tokenandmore>", b"<***>"),
        (["first-half", "half-of-it"], b"<first-half-of-it>", b"<***>"),
        (["aaaa"], b"<aaaaaaa>", b"<***>"),
        (["same"], b"samesame", b"******"),
        (["postgres"], b"user postgres, host postgres.example", b"user ***, host ***.example"),
    ],
)
def test_secrets_that_meet_leave_nothing_of_each_other(
    secrets: list[str], text: bytes, shown: bytes
) -> None:
    """One that holds another, that overlaps another, that repeats itself, that is a word."""
    for cut in range(len(text)):
        assert masked(text, secrets=secrets, pieces=[cut]) == shown


@pytest.mark.parametrize("form", ["plain", "base64", "hex"])
def test_a_secret_that_was_cut_off_does_not_show(form: str) -> None:
    """A command that is killed while it prints leaves no telling part; a few letters stay."""
    written = FORMS[form](SECRET)
    for end in range(len(written) // 2 + 1, len(written) + 1):
        mask = Mask([SECRET])
        shown = mask.feed(b"x" * 999 + written[:end]) + mask.flush()
        assert shown == b"x" * 999 + MASK
    mask = Mask([SECRET])
    assert mask.feed(b"x" * 999 + written[:4]) + mask.flush() == b"x" * 999 + written[:4]
    assert mask.feed(b"again") + mask.flush() == b"again"


@given(data=st.binary(max_size=300), pieces=st.lists(st.integers(0, 300), max_size=6))
def test_bytes_without_a_secret_pass_unchanged(data: bytes, pieces: list[int]) -> None:
    """Nothing is lost at a cut, and nothing else is replaced."""
    assert masked(data, secrets=[SECRET], pieces=pieces) == data


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        KEY.replace("\n", "\r\n"),
        KEY.replace("\n", " "),
        KEY.replace("\n", "\n    "),
        json.dumps({"key": KEY}),
        "\n".join(reversed(KEY.splitlines()[:-1])),
        b64encode(KEY.encode()).decode(),
        encodebytes(KEY.encode()).decode(),
    ],
    ids=["whole", "terminal", "unquoted", "indented", "JSON", "its lines", "base64", "wrapped"],
)
def test_a_secret_of_several_lines_is_hidden_whole_and_line_by_line(written: str) -> None:
    """A private key is one secret, and so is each of its longer lines."""
    shown = masked(written.encode(), secrets=[KEY + "\n"], pieces=[5, 90, 91])
    assert not [line for line in KEY.splitlines()[:-1] if line.encode() in shown]
    assert not [n for n in range(0, len(written) - 24, 8) if written[n : n + 24].encode() in shown]


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_secret_hides_nothing(empty: str) -> None:
    """It would be found between any two bytes, or any two words."""
    assert Mask([empty]).feed(b"plain words\n") == b"plain words\n"


def test_text_is_masked_as_bytes_are() -> None:
    """Reasons and messages hide the same forms; what is no valid text stays as it is."""
    assert Mask([SECRET]).text(f"token {SECRET}!") == "token ***!"
    assert Mask([SECRET]).text(f"\udcff\ud800{quote(SECRET)}") == "\udcff\ud800***"


def test_what_is_held_back_can_be_looked_at() -> None:
    """A line that says "ready" is seen at once, and the start of a secret is not."""
    mask = Mask([SECRET])
    assert mask.feed(b"ready\n") == b""
    assert mask.peek() == b"ready\n"
    assert mask.feed(SECRET[:9].encode()) == b""
    assert mask.peek() == b"ready\n"
    assert mask.feed(SECRET[9:].encode() + b".") + mask.peek() == b"ready\n***."
    assert mask.flush() == b"ready\n***."


class Colour(Enum):
    """A fixed word."""

    RED = "red-as-a-secret"


@dataclass(frozen=True)
class Leaf:
    """A value as the harness has them."""

    text: str
    data: bytes = b""
    number: int = 0
    word: Colour = Colour.RED
    place: Path | None = None


@dataclass(frozen=True)
class Tree:
    """A value that holds others."""

    leaves: tuple[Leaf, ...]
    cells: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))


def test_a_value_is_hidden_in_all_its_depth() -> None:
    """Texts, bytes, tuples, mappings and dataclasses; a fixed word and a number stay."""
    mask = Mask(["red-as-a-secret", "1234"])
    tree = Tree((Leaf("<1234>", b"1234", 1234),), MappingProxyType({"a1234": "1234b"}))
    hidden = mask.hide(tree)
    assert hidden == Tree((Leaf("<***>", b"***", 1234),), MappingProxyType({"a***": "***b"}))
    assert hidden.leaves[0].word is Colour.RED
    assert Mask(()).hide(tree) is tree


def test_what_has_no_secret_is_not_searched_twice() -> None:
    """The look that spares the search never says no to a text that holds a form."""
    for form, write in FORMS.items():
        for secret in (SECRET, AWKWARD, KEY):
            found = Mask([secret])
            assert found.text(write(secret).decode()) != write(secret).decode(), form
