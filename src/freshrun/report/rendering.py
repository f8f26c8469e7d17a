"""The templates, filled in: no value reaches a page or a summary but escaped, or marked as ours.

Jinja2 asks `finalize` for the text of each value that a template shows. Ours leaves alone what is
markup already and makes plain text of everything else, so that there is no call to forget.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from freshrun.report import markdown, words
from freshrun.report.markdown import Markdown


def page(**values: object) -> str:
    """Return the HTML page for these values."""
    return pages().get_template("page.html").render(words=words, **values)


def contents(**values: object) -> str:
    """Return the HTML page over many records for these values."""
    return pages().get_template("contents.html").render(words=words, **values)


def summary(**values: object) -> str:
    """Return the Markdown of a step's summary for these values."""
    return summaries().get_template("summary.md").render(words=words, **values)


def block(**values: object) -> Markup:
    """Return the HTML of one block of a document, with what came of its commands."""
    return Markup(pages().get_template("block.html").render(words=words, **values))  # noqa: S704 - a template of ours


@cache
def pages() -> Environment:
    """Return where templates of HTML are read."""
    environment = Environment(
        loader=PackageLoader("freshrun.report"),
        autoescape=True,
        finalize=_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"prose": _html_prose, "css_class": _css_class}
    return environment


@cache
def summaries() -> Environment:
    """Return where templates of Markdown are read."""
    environment = Environment(
        loader=PackageLoader("freshrun.report"),
        autoescape=False,  # noqa: S701 - it knows HTML alone: `finalize` escapes Markdown
        finalize=_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": markdown.code,
        "fenced": markdown.fenced,
        "prose": markdown.prose,
        "strong": markdown.strong,
        "ours": Markdown,
    }
    return environment


@pass_context
def _html(context: Context, value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    hidden: Callable[[str], str] = context.get("hidden", str)
    return Markup(escape(hidden(words.plain(str(value)))))  # noqa: S704 - this is the escaping


@pass_context
def _html_prose(context: Context, text: str) -> Markup:
    """Return a sentence of ours, whose words between backticks are code."""
    escaped = str(_html(context, text))
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", escaped))  # noqa: S704 - it is escaped


def _css_class(text: str) -> str:
    return text.replace(" ", "-")


def _markdown(value: object) -> Markdown:
    return value if isinstance(value, Markdown) else markdown.text(str(value))
