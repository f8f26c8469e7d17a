"""Documented paths mean what a workflow's filters mean by them."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freshrun.checklist.paths import matching

FILES = ("a", "a/.b", "a/b", "a/b/c.txt", "ab", "ab/c", "a[1].txt", "release/x", "release1", "{a}")


@pytest.mark.parametrize(
    ("glob", "meant"),
    [
        ("a", {"a", "a/.b", "a/b", "a/b/c.txt"}),
        ("./a/", {"a", "a/.b", "a/b", "a/b/c.txt"}),
        ("a/*", {"a/.b", "a/b", "a/b/c.txt"}),
        ("a/?", {"a/b", "a/b/c.txt"}),
        ("?", {"a", "a/.b", "a/b", "a/b/c.txt"}),
        ("**/c*", {"a/b/c.txt", "ab/c"}),
        ("a/**/c.txt", {"a/b/c.txt"}),
        ("a**c.txt", {"a/b/c.txt"}),
        ("a*c.txt", set()),
        ("release**", {"release/x", "release1"}),
        ("a[1].txt", {"a[1].txt"}),
        ("{a}", {"{a}"}),
        ("**", set(FILES)),
        ("b", set()),
    ],
)
def test_a_path_means_itself_a_glob_or_a_folder(glob: str, meant: set[str]) -> None:
    """Stars stop at a slash, two do not, and everything else is a letter."""
    assert set(matching(glob, FILES)) == meant


_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@given(
    st.lists(st.sampled_from(["**/", "**", "*", "?", "a", "b", "/"]), max_size=6).map("".join),
    st.lists(st.sampled_from("ab/"), min_size=1, max_size=8).map("".join),
)
def test_it_is_what_an_expression_finds(glob: str, file: str) -> None:
    """Whatever follows on whatever."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob.removeprefix("./").rstrip("/"))
    pattern = "".join(_MEANING.get(part, re.escape(part)) for part in parts)
    assert bool(matching(glob, [file])) is bool(re.fullmatch(rf"{pattern}(/.*)?", file, re.DOTALL))


@pytest.mark.parametrize("star", ["*a", "**a", "**/a/", "a*"])
def test_no_number_of_stars_takes_long(star: str) -> None:
    """Tried over and over, ten of them would take years."""
    start = time.perf_counter()
    assert matching(star * 10 + "b", ["a" * 60, "a/" * 60]) == ()
    assert time.perf_counter() - start < 2
