"""A document's links and anchors are those that GitHub shows."""

import pytest

from freshrun.document.links import Link, page, slug


def targets(text: str) -> list[tuple[int, str]]:
    """Return line and target of every link of a document."""
    return [(link.line, link.target) for link in page(text).links]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md) ![c](d.png)", [(1, "b.md"), (1, "d.png")]),
        ("one\ntwo [a](b.md)\nthree [c](<d e.md> 'title')", [(2, "b.md"), (3, "d%20e.md")]),
        ("<https://a.b/c>", [(1, "https://a.b/c")]),
        ("see https://a.b/c. (http://d.e/(f)) x", [(1, "https://a.b/c"), (1, "http://d.e/(f)")]),
        ("[https://a.b/c](d.md) `https://e.f`", [(1, "d.md")]),
        ("[a][r] [r] [r][]\n\n[r]: b.md\n[unused]: c.md", [(1, "b.md")] * 3),
        ("| a | b |\n| - | - |\n| [x](y.md) | <a href='z.md'>z</a> |", [(3, "y.md"), (3, "z.md")]),
        ("* a\n  * [b](c.md)\n\n> [d](e.md)", [(2, "c.md"), (4, "e.md")]),
        ("[![badge](b.svg)](c.yml)", [(1, "c.yml"), (1, "b.svg")]),
        ("<div>\n<img src='a.png'>\n<!-- <a href='no'> -->\n</div>", [(2, "a.png")]),
        ("text <img src=a.png\nalt=x> [b](c)", [(1, "a.png"), (2, "c")]),
        ("## [a](b.md)", [(1, "b.md")]),
        ("[a](file:///etc/passwd)", [(1, "file:///etc/passwd")]),
        ("---\ntitle: '[a](b.md)'\n---\n\n[c](d.md)", [(5, "d.md")]),
    ],
)
def test_every_link_is_found_with_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    """Inline, reference and autolinks, images and HTML, in tables, lists, quotes and headings."""
    assert targets(text) == expected


@pytest.mark.parametrize(
    "text",
    ["`[a](b.md)`", "```\n[a](b.md)\n```", "    [a](b.md)", "[a][undefined]", "\\[a](b.md)"],
)
def test_what_only_looks_like_a_link_is_none(text: str) -> None:
    """Code and escapes are shown as they stand."""
    assert page(text).links == ()


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("CI artifacts", "ci-artifacts"),
        ("If gh refuses: 401, 403?", "if-gh-refuses-401-403"),
        ("A & B", "a--b"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("Ünïcode 日本", "ünïcode-日本"),
        ("🚀 Launch", "-launch"),
        ("⚙️ Setup", "\ufe0f-setup"),
        (":rocket: Launch", "rocket-launch"),
    ],
)
def test_a_heading_gets_the_anchor_that_github_makes(heading: str, expected: str) -> None:
    """Small letters, no punctuation but `-` and `_`, a `-` for each blank."""
    assert slug(heading) == expected
    assert page(f"## {heading}").anchors == {expected}


def test_an_anchor_that_the_document_gives_is_one() -> None:
    """Site builders follow it; GitHub shows it as text, and makes its own anchor of all."""
    text = "## Title {#custom}\n\n[a term]{#term} and {: #aside .x } not `{#code}`\n"
    assert page(text).anchors == {"custom", "title", "title-custom", "term", "aside"}


def test_a_heading_counts_as_it_is_read() -> None:
    """Code and links have their text; emphasis, images and tags have none."""
    text = "## The `a_b` *of* [c](d) ![e](f)<br>\n\nSetext `x`\n---"
    assert page(text).anchors == {"the-a_b-of-c-", "setext-x"}


def test_headings_of_the_same_name_are_numbered() -> None:
    """HTML headings and those in quotes are counted too."""
    text = "# A\n\n> ## A\n\n<h2 align='center'>a</h2>\n\n### a!"
    assert page(text).anchors == {"a", "a-1", "a-2", "a-3"}


def test_anchors_can_be_set_in_html() -> None:
    """By `id` or `name`; not in a comment, and not in code."""
    text = "<a id='one'></a> <a name=two>\n\n<!-- <a id=no> -->\n\n`<a id=no>`\n\n<p id=three>"
    assert page(text).anchors == {"one", "two", "three"}


def test_a_thematic_break_is_no_front_matter() -> None:
    """What stands between two of them is read."""
    assert page("---\n\n[a](b.md)\n\n---\n").links == (Link(3, "b.md"),)
