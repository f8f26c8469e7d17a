"""The page and the summary to the byte, and what no template can forget."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError
from lxml.html import document_fromstring
from test_report import BAD, FAILED, HOSTILE, SETUP, UNREACHED

from freshrun.model.outcome import Output, Status
from freshrun.model.record import Record
from freshrun.report.page import html
from freshrun.report.rendering import pages, summaries
from freshrun.report.summary import step_summary

GOLDEN = Path(__file__).parent / "golden"

SPILLED = Output(b"\xffa", b"z", 99, "out/<spill>")
DIFFERS = replace(
    FAILED, exit_code=0, diff="-a\n+b`c`", stdout=SPILLED, warnings=("x `y` z", "* <w>")
)
ELSEWHERE = replace(UNREACHED, command=replace(UNREACHED.command, section=""))
RICH = replace(
    BAD,
    outcomes=(
        *(SETUP, DIFFERS, replace(FAILED, diff="-x\n+y", stdout=SPILLED), ELSEWHERE),
        *(replace(SETUP, job=77), replace(SETUP, status=Status.SKIPPED, reason="a <reason>")),
        replace(FAILED, stdout=Output(), stderr=Output(), cause=""),
    ),
    trials=(SETUP, DIFFERS),
)
EMPTY = Record("runbook/x.md", "", started="", ended="")
RECORDS = {"failed": BAD, "rich": RICH, "empty": EMPTY}


@pytest.mark.parametrize("name", RECORDS)
def test_the_page_to_the_byte(name: str) -> None:
    """Each element where a reader, a style or a link expects it."""
    assert html(RECORDS[name]) == (GOLDEN / f"{name}.html").read_text("utf-8")


@pytest.mark.parametrize("name", RECORDS)
def test_the_summary_to_the_byte(name: str) -> None:
    """Each blank line too, of which Markdown makes much."""
    assert step_summary(RECORDS[name]) == (GOLDEN / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_of_a_page_is_escaped_wherever_it_stands(text: str) -> None:
    """Bare, in an attribute, joined to another, out of a macro: nobody has to remember."""
    source = (
        "{% macro m(x) %}{{ x }}{% endmacro %}"
        '<p title="{{ t }}">{{ t }} {{ "a" ~ t }} {{ m(t) }} {{ [t, t]|join }} {{ t|prose }}</p>'
    )
    parsed = document_fromstring(f"<main>{pages().from_string(source).render(t=text)}</main>")
    elements = [each for each in parsed.iter() if each.tag != "code"]
    assert [each.tag for each in elements] == ["html", "body", "main", "p"]
    assert [list(each.attrib) for each in elements] == [[], [], [], ["title"]]
    said = "".join(str(each) for each in parsed.itertext())
    assert not set(said) & {"\x00", "\x08", "\x1b", "\x7f", "\x9b", "\u202e", "\udcff"}


@pytest.mark.parametrize("text", ["<b>", "**b**", "`b`", "| b", "[b](c)", "a\n# b", "@all", "- b"])
def test_a_value_of_a_summary_is_escaped_unless_it_is_markdown(text: str) -> None:
    """A template that forgets its filter shows the text; one that doubles it does no harm."""
    plain = summaries().from_string("{{ t }}").render(t=text)
    assert plain != text
    assert "\n" not in plain
    assert summaries().from_string("{{ t|ours }}").render(t=text) == text


@pytest.mark.parametrize("environment", [pages(), summaries()], ids=["page", "summary"])
def test_a_name_that_nobody_gave_is_an_error(environment: Environment) -> None:
    """A slip of the pen in a template is no empty place in a report."""
    for source in ("{{ nobody }}", "{% if nobody %}{% endif %}", "{{ r.nobody }}"):
        with pytest.raises(UndefinedError, match="nobody"):
            environment.from_string(source).render(r=BAD)


def test_templates_are_read_when_a_page_is_written() -> None:
    """The library of templates costs the start of no other command anything."""
    code = (
        "import sys, freshrun.tasks, freshrun.plugin.closing as c\n"
        "c.report.html, c.report.step_summary, c.report.terminal, c.report.annotations\n"
        "assert 'freshrun.report.page' in sys.modules\n"
        "sys.exit('jinja2' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
