"""A record as one HTML page that needs nothing but itself: no script, no network."""

import re
from collections.abc import Iterable
from html import escape
from importlib import resources
from itertools import groupby

from freshrun.model import ChecklistItem, Outcome, Output, Record, Status
from freshrun.report import words

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def html(record: Record) -> str:
    """Return the page; whatever the record holds is shown as text, never read as markup."""
    numbered = list(enumerate(record.outcomes, 1))
    parts = [
        _checklist(record.checklist),
        _list("Stand-ins, not the real thing", record.place.stand_ins),
        _failures(numbered),
        _list("Warnings", words.warnings(record)),
        _list("Background jobs, ended with the machine at the latest", words.jobs(record)),
        _outcomes(numbered, kind="command"),
        _outcomes(enumerate(record.trials, 1), kind="trial"),
        _place(record),
    ]
    return _PAGE.format(
        title=_text(f"{record.verdict.value}: {record.runbook}"),
        style=resources.files("freshrun.report").joinpath("page.css").read_text("utf-8"),
        body="\n".join([_header(record), "<main>", *filter(None, parts), "</main>"]),
    )


def _header(record: Record) -> str:
    verdict = record.verdict
    lines = [*words.tallies(record), words.surroundings(record), record.why_broken]
    told = "".join(f"<p>{_text(line)}</p>\n" for line in lines if line)
    return (
        f'<header class="{_class(verdict)}">\n'
        f'<p class="verdict">{_status(verdict)}</p>\n<h1>{_text(record.runbook)}</h1>\n'
        f"{told}</header>"
    )


def _checklist(items: Iterable[ChecklistItem]) -> str:
    rows = "".join(
        f'<tr role="row"><th role="rowheader" scope="row">{_text(item.name)}</th>\n'
        f'<td role="cell">{_status(item.status)}</td>\n<td role="cell">{_text(item.reason)}</td>'
        "</tr>\n"
        for item in items
    )
    body = f'<tbody role="rowgroup">\n{rows}</tbody>\n'
    return rows and _table(
        "Checklist", kind="checklist", columns=("Item", "Status", "Reason"), bodies=body
    )


def _table(title: str, *, kind: str, columns: Iterable[str], bodies: str) -> str:
    # The roles are the table's own; a narrow screen shows its rows as a grid, which loses them.
    heads = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in columns)
    return (
        f'<section>\n<h2>{title}</h2>\n<table role="table" class="{kind}">\n'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n{bodies}</table>\n</section>'
    )


def _failures(numbered: Iterable[tuple[int, Outcome]]) -> str:
    articles = "".join(_failure(o, number=n) for n, o in numbered if o.status in words.BAD)
    return articles and f"<section>\n<h2>What went wrong</h2>\n{articles}</section>"


def _failure(outcome: Outcome, *, number: int) -> str:
    cause = f"<p><strong>{_text(outcome.cause)}</strong>: {_prose(outcome.hint)}</p>\n"
    return (
        f'<article class="{_class(outcome.status)}">\n'
        f'<h3><a href="#command-{number}">{_text(words.where(outcome))}</a></h3>\n'
        f"<p>{_status(outcome.status)}: {_text(words.why(outcome))}</p>\n"
        f"{_pre(outcome.command.text)}\n{cause if outcome.cause else ''}{_warnings(outcome)}"
        f"{_evidence(outcome)}\n</article>\n"
    )


def _evidence(outcome: Outcome) -> str:
    diff = f"<h4>The document (-) and what was printed (+)</h4>\n{_pre(outcome.diff)}"
    if words.only_differs(outcome):
        return diff
    printed = _last("stderr", outcome.stderr) + _last("stdout", outcome.stdout)
    return (printed or "<p>It printed nothing.</p>") + (diff if outcome.diff else "")


def _last(name: str, output: Output) -> str:
    lines = "\n".join(words.last_lines(output))
    return lines and f"<h4>Last on {name}</h4>\n{_pre(lines)}\n"


def _place(record: Record) -> str:
    place = record.place
    facts = {
        "Image": place.image,
        "Image digest": place.image_id,
        "User": place.user,
        "Engine": place.engine,
        "Commit": place.git_commit or "",
        "Repository": place.repository,
        "Network": place.network,
        "Started": record.started,
        "Ended": record.ended,
        "SHA-256 of the runbook": record.sha256,
        "Notes": "\n".join(place.notes),
    }
    told = "".join(
        f"<div><dt>{name}</dt>\n<dd>{_text(fact)}</dd></div>\n"
        for name, fact in facts.items()
        if fact
    )
    return f"<section>\n<h2>Where it ran</h2>\n<dl>\n{told}</dl>\n</section>"


_TITLES = {"command": "Commands", "trial": "Trials of the checklist"}


def _outcomes(numbered: Iterable[tuple[int, Outcome]], *, kind: str) -> str:
    columns = ("Line", "Command", "Status", "Seconds")
    bodies = "".join(
        f'<tbody role="rowgroup">\n<tr role="row"><th role="rowheader" scope="rowgroup" '
        f'colspan="4">{_text(title) or "Before the first heading"}</th></tr>\n'
        f"{''.join(_row(outcome, id_=f'{kind}-{number}') for number, outcome in group)}</tbody>\n"
        for title, group in groupby(numbered, key=lambda each: each[1].command.section)
    )
    return bodies and _table(_TITLES[kind], kind="commands", columns=columns, bodies=bodies)


def _row(outcome: Outcome, *, id_: str) -> str:
    ran = outcome.status not in {Status.NOT_REACHED, Status.SKIPPED}
    reason = "" if outcome.status is Status.PASSED else f"<p>{_text(words.why(outcome))}</p>\n"
    return (
        f'<tr role="row" id="{id_}" class="{_class(outcome.status)}">'
        f'<th role="rowheader" scope="row">{_text(words.where(outcome))}</th>\n'
        f'<td role="cell">{_pre(outcome.command.text)}\n{reason}{_warnings(outcome)}'
        f"{_output('stderr', outcome.stderr)}{_output('stdout', outcome.stdout)}</td>\n"
        f'<td role="cell">{_status(outcome.status)}</td>\n'
        f'<td role="cell">{f"{outcome.seconds:.2f}" if ran else ""}</td></tr>\n'
    )


def _warnings(outcome: Outcome) -> str:
    return "".join(f"<p>Warning: {_prose(text)}</p>\n" for text in outcome.warnings)


def _output(name: str, output: Output) -> str:
    if not output.size:
        return ""
    spill = f"<p>All of it: {_text(output.spill)}</p>" if output.spill else ""
    return (
        f"<details><summary>{name}: {words.size(output)}</summary>\n{_pre(output.text)}{spill}"
        "</details>\n"
    )


def _list(title: str, texts: Iterable[str]) -> str:
    items = "".join(f"<li>{_prose(text)}</li>\n" for text in texts)
    return items and f"<section>\n<h2>{title}</h2>\n<ul>\n{items}</ul>\n</section>"


def _status(status: Status) -> str:
    mark = f'<span aria-hidden="true">{words.MARK[status]}</span>'
    return f'<span class="status {_class(status)}">{mark} {status.value}</span>'


def _class(status: Status) -> str:
    return status.value.replace(" ", "-")


def _pre(text: str) -> str:
    # A browser drops one newline at the start of `pre`: this one, so that none of the text's.
    return f"<pre>\n{_text(text)}</pre>"


def _prose(text: str) -> str:
    """Return a sentence of ours, whose words between backticks are code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", _text(text))


def _text(text: str) -> str:
    return escape(words.plain(text))
