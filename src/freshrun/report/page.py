"""A record as one HTML page that needs nothing but itself: the document, with what came of it.

The page is read without its script too, and under a policy that lets nothing in but its own style
and its own script, each by its hash.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from importlib import resources

from markupsafe import Markup

from freshrun.model import ChecklistItem, Record, Status
from freshrun.report import words
from freshrun.report.blocks import Blocks
from freshrun.report.streams import Streams
from freshrun.report.timeline import timeline

_TOLD = 10
"""Failures that are told on top; the others are behind them, folded."""


def html(record: Record, *, hidden: Callable[[str], str] = str) -> str:
    """Return the page; whatever the record holds is shown as text, never read as markup.

    `hidden` takes out of a text what nobody may see, after all that is done to it here.
    """
    from freshrun.report import rendering  # noqa: PLC0415 - Jinja2 takes its time: here alone

    style, script = asset("page.css"), asset("page.js")
    streams = Streams(record, hidden=hidden)
    failures = [(n, o) for n, o in enumerate(record.outcomes, 1) if o.status in words.BAD]
    blocks = Blocks(record, streams=streams, hidden=hidden)
    return rendering.page(
        hidden=hidden,
        record=record,
        style=style,
        script=script,
        policy=policy(style=style, script=script),
        cause=_cause(record),
        failures=failures,
        others=failures[1 : _TOLD + 1],
        rest=failures[_TOLD + 1 :],
        items=_items(record),
        untyped=[each for each in record.untyped if each.counts],
        time=timeline(record),
        parts=list(blocks.parts()),
        trials=list(blocks.trials()),
        facts=_facts(record),
        source=record.provenance.source,
        streams=streams,
    )


def asset(name: str) -> Markup:
    """Return a file of ours that is put into a page as it is."""
    text = resources.files("freshrun.report").joinpath(name).read_text("utf-8")
    return Markup(f"\n{text}")  # noqa: S704 - it is ours


def policy(*, style: str, script: str) -> Markup:
    """Return what a browser may load for a page: nothing but these two, which it has."""
    return Markup(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'"
    ).format(_hash(style), _hash(script))


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _cause(record: Record) -> ChecklistItem | None:
    """Return the item that says why the verdict is no pass, where no command does."""
    bad = [each for each in record.checklist if each.status in words.BAD]
    unreached = [each for each in record.checklist if each.status is Status.NOT_REACHED]
    return next(iter(bad + unreached), None)


def _items(record: Record) -> dict[Status, list[ChecklistItem]]:
    """Return the items of the checklist by what they came to, what failed first."""
    order = (Status.BROKEN, Status.FAILED, Status.NOT_REACHED, Status.SKIPPED, Status.PASSED)
    return {
        status: [each for each in record.checklist if each.status is status] for status in order
    }


def _facts(record: Record) -> dict[str, str]:
    provenance = record.provenance
    return {
        "Image": provenance.image,
        "Image digest": provenance.image_id,
        "User": provenance.user,
        "Engine": provenance.engine,
        "Commit": provenance.git_commit or "",
        "Repository": provenance.repository,
        "Network": provenance.network,
        "Started": record.started,
        "Ended": record.ended,
        "SHA-256 of the runbook": record.sha256,
        "Notes": "\n".join(provenance.notes),
    }
