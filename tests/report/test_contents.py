"""One page over many records: state, image, time and cause of each, and the way to its own."""

import re

import pytest
from lxml.html import HtmlElement, document_fromstring
from test_report import BAD, BROKEN, GOOD, HOSTILE

from freshrun.report.contents import Entry, contents_page
from freshrun.report.overview import line

ENTRIES = [
    Entry(line(GOOD, name="docs/good.md"), "debian:bookworm", "page-docs-good.md.html"),
    Entry(line(BAD, name="docs/bad.md"), "ubuntu:noble", "page-docs-bad.md.html"),
    Entry(line(BROKEN, name="docs/broken.md"), "ubuntu:noble"),
]


def page(entries: list[Entry]) -> HtmlElement:
    """Return the page, parsed."""
    return document_fromstring(contents_page(entries))


def rows(parsed: HtmlElement) -> list[list[str]]:
    """Return what the cells of the table say."""
    return [
        [" ".join(str(cell.text_content()).split()) for cell in row.findall("td")]
        for row in parsed.xpath("//tbody/tr")
    ]


def test_what_failed_comes_first() -> None:
    """With the cause of each; the worst is the verdict on all."""
    assert rows(page(ENTRIES)) == [
        ["! broken", "docs/broken.md", "ubuntu:noble", "1 min 3 s", "the engine went away"],
        [
            *("✗ failed", "docs/bad.md", "ubuntu:noble", "1 min 3 s"),
            "runbook/x.md:52: exit status 127, expected 0 (no such file)",
        ],
        ["✓ passed", "docs/good.md", "debian:bookworm", "1 min 3 s", ""],
    ]
    told = " ".join(page(ENTRIES).find("body/header").text_content().split())
    assert told == "! broken 3 rehearsals: 1 broken, 1 failed, 1 passed"
    assert page(ENTRIES[:1]).find("body/header").get("class") == "passed"
    assert page([]).find("body/header").get("class") == "broken"


def test_each_leads_to_its_page_beside_this_one() -> None:
    """Any server shows them; one that has no page has no link."""
    assert page(ENTRIES).xpath("//a/@href") == [
        "./page-docs-bad.md.html",
        "./page-docs-good.md.html",
    ]
    odd = Entry(ENTRIES[0].line, page="javascript:a b#?.html")
    assert page([odd]).xpath("//a/@href") == ["./javascript%3Aa%20b%23%3F.html"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup(text: str) -> None:
    """Of a name, an image or a cause."""
    bad = line(BAD, name=text)
    source = contents_page([Entry(bad, text, text)])
    assert source.count("<script") == 1
    assert not re.search(r"<h1>passed|<img|onmouseover=\"alert", source)
    assert len(rows(document_fromstring(source))) == 1
