"""A record as one HTML page that needs nothing but itself: no script, no network."""

from collections.abc import Iterable
from importlib import resources
from itertools import groupby

from freshrun.model import Outcome, Record
from freshrun.report import words

_Numbered = list[tuple[int, Outcome]]


def html(record: Record) -> str:
    """Return the page; whatever the record holds is shown as text, never read as markup."""
    from freshrun.report import rendering  # noqa: PLC0415 - Jinja2 takes its time: here alone

    numbered = list(enumerate(record.outcomes, 1))
    trials = list(enumerate(record.trials, 1))
    return rendering.page(
        record=record,
        style=_style(),
        failures=[(number, each) for number, each in numbered if each.status in words.BAD],
        typed=[
            ("Commands", "command", _sections(numbered)),
            ("Trials of the checklist", "trial", _sections(trials)),
        ],
        facts=_facts(record),
    )


def _style() -> str:
    return resources.files("freshrun.report").joinpath("page.css").read_text("utf-8")


def _sections(numbered: _Numbered) -> list[tuple[str, _Numbered]]:
    """Return the commands by the section that they stand in, in the document's order."""
    groups: Iterable[tuple[str, Iterable[tuple[int, Outcome]]]]
    groups = groupby(numbered, key=lambda each: each[1].command.section)
    return [(section, list(group)) for section, group in groups]


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
