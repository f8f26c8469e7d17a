"""The document on the page: as its reader sees it, and none of its own HTML."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring
from told import SOURCE, failed, told, unreached

from freshrun.model.record import Record
from freshrun.report.page import html

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [
    *sorted((ROOT / "tests" / "examples").glob("*.md")),
    ROOT / "runbook" / "integration-triage-runbook.md",
    ROOT / "README.md",
]
TEXT = """---
freshrun:
  image: debian:bookworm
---
# Title

Some *prose* with <b>a tag</b>, <!-- a comment --> `code` and [a link](other.md), [here](#title),
[out](https://example.org/x) and [evil](javascript:alert(1)).

![a diagram](https://example.org/pixel.png)

<details><summary>More</summary>

```bash
echo one   # first
echo two
```

</details>

<script>alert(1)</script>
<img src=x onerror=alert(1)>

### Skipped a level

| A | B |
| :-- | --: |
| 1 | `x` |

* a list

  ```console
  $ echo three
  three
  $ echo four
  four
  ```
"""


def page(record: Record) -> HtmlElement:
    """Return the page, parsed."""
    return document_fromstring(html(record))


def article(record: Record) -> HtmlElement:
    """Return the document on the page."""
    (found,) = page(record).xpath("//article[@class='document']")
    return found


def words(element: HtmlElement) -> str:
    """Return the text of an element, its white space as single blanks."""
    return " ".join("".join(str(each) for each in element.itertext()).split())


def test_the_document_is_what_its_reader_sees() -> None:
    """Headings, prose, tables and lists in their order; front matter and comments are not seen."""
    shown = words(article(told(TEXT)))
    assert shown.startswith("Title Some prose with a tag, code and a link, here, out and evil")
    assert "image: debian" not in shown
    assert "a comment" not in shown
    assert "[image: a diagram]" in shown
    assert "More" in shown
    assert [str(each.tag) for each in article(told(TEXT)).iter("h2", "h3", "h4")] == ["h2", "h3"]
    assert article(told(TEXT)).xpath(".//td/@data-th") == ["A", "B"]
    assert article(told(TEXT)).xpath(".//td/@class") == ["left", "right"]


def test_nothing_of_its_html_passes() -> None:
    """No tag, no address that is loaded, no script; links lead out, here, or to the commit."""
    source = html(told(TEXT))
    assert source.count("<script") == 1
    shown = article(told(TEXT))
    assert not shown.xpath(".//img | .//b | .//script | .//@style | .//@onerror")
    assert "alert(1)</" not in source
    assert "pixel.png" not in source
    targets = shown.xpath(".//p/a[not(@class)]/@href")
    assert targets == [SOURCE.replace("x.md", "other.md"), "#doc-title", "https://example.org/x"]
    assert shown.xpath(".//h2/@id") == ["doc-title"]


def test_each_command_shows_what_came_of_it_where_it_stands() -> None:
    """Inside of HTML, of a list, and with the output that a transcript promises."""
    record = told(TEXT, bad=(2,))
    shown = article(record)
    first, second = shown.xpath(".//*[contains(@class, 'block')]")
    assert words(first).startswith("bash lines 14 to 17 Copy echo one # first ✓ passed 0.25 s")
    assert "echo two ✗ failed 0.01 s stderr: 1 line" in words(first)
    assert "command not found: drv is not installed" in words(first)
    (copy,) = first.xpath(".//button/@data-copy")
    assert copy == "echo one\necho two"
    typed = ["".join(each.itertext()).strip() for each in second.xpath("./pre")]
    assert typed == ["$ echo three\nthree", "$ echo four\nfour"]
    assert second.getparent().tag == "li"
    assert shown.xpath(".//a[@class='source']/@href")[0] == f"{SOURCE}#L14-L17"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_command_is_on_the_page_once(path: Path) -> None:
    """Also one in a fence that no renderer shows as one; and what failed is never filtered out."""
    record = told(path.read_text("utf-8"))
    every = tuple(failed(each.command) for each in record.outcomes)
    for outcomes in (record.outcomes, every, tuple(unreached(each.command) for each in every)):
        parsed = page(replace(record, outcomes=outcomes))
        ids = Counter(str(each) for each in parsed.xpath("//@id"))
        assert set(ids.values()) == {1}
        wanted = [f"command-{number}" for number in range(1, len(outcomes) + 1)]
        assert [each for each in ids if each.startswith("command-")] == wanted
    bad = page(replace(record, outcomes=every)).xpath(
        "//*[starts-with(@id, 'command-')][not(ancestor::*[contains(@class, 'part bad')])]"
    )
    assert bad == []


_PIECES = st.sampled_from(
    [
        *("<", ">", "</div>", "<details>", "<!--", "-->", "<script>", "'", '"', "&lt;", "&#x1b;"),
        *(
            "[a](",
            "![a](",
            ")",
            "javascript:alert(1)",
            "`",
            "```\n",
            "\n",
            "\n\n",
            "# ",
            "| a | b |\n",
        ),
        *("| --- | --- |\n", "* ", "> ", "    ", "\x1b[31m", "\x00", "text", "~~", "[^1]", "\\"),
    ]
)


@given(st.lists(_PIECES, max_size=14).map("".join))
@settings(deadline=None, max_examples=300)
def test_no_text_gets_out_of_its_place(text: str) -> None:
    """Whatever a document says, the page around it is the same, and holds no script of another."""
    record = replace(told("# T\n\n```bash\necho one\n```\n"), text=f"{text}\n\nend\n")
    parsed = page(record)
    (shown,) = parsed.xpath("//article")
    assert shown.getparent().tag == "main"
    assert len(parsed.xpath("//script")) == 1
    assert len(parsed.xpath("//main")) == 1
    assert parsed.xpath("//section[last()]/h2/text()") == ["Where it ran"]
    assert not shown.xpath(".//*[@*[starts-with(name(), 'on')]] | .//img | .//iframe | .//style")
    for target in shown.xpath(".//a/@href"):
        assert str(target).startswith(("#", "https://", "http://", "mailto:"))
    assert len(shown.xpath(".//*[@id='command-1']")) == 1


def test_a_secret_in_pieces_of_markup_is_hidden() -> None:
    """Bold in its middle, an entity, a link: what a reader would read is what is looked at."""
    secret = "geheimnis-123"  # noqa: S105 - that is the point
    text = "# T\n\nIt is gehe**imnis**-123 or &#103;eheimnis-123.\n\n```bash\necho one\n```\n"
    shown = html(told(text), hidden=lambda value: value.replace(secret, "***"))
    parsed = document_fromstring(shown)
    assert secret not in words(parsed)
    assert "It is *** or ***." in words(parsed)


def test_a_record_alone_makes_a_page() -> None:
    """An earlier one has no text: its sections stand in place of the document."""
    record = replace(told(TEXT, bad=(4,)), text="")
    shown = article(record)
    assert [str(each) for each in shown.xpath(".//h2/text()")] == ["Title", "Skipped a level"]
    assert len(shown.xpath(".//*[starts-with(@id, 'command-')]")) == 4


def test_a_command_without_a_block_stands_below_its_lines() -> None:
    """Where a renderer shows no code, the command is no further off than its own passage."""
    record = told("# T\n\n```bash\necho one\n```\n")
    shown = article(replace(record, text="# T\n\nfirst\nline\n\nsecond\n"))
    assert re.sub(r"line 4 .*printed ", "| ", words(shown)) == "T first line | second"
