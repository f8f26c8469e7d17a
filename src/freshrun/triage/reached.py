"""How the owners are reached and called, and when: it is the same wherever it is said."""

from collections.abc import Iterator

from freshrun.checklist import (
    unknown_channels,
    unknown_teams,
)
from freshrun.model import Finding, did_you_mean
from freshrun.triage.claims import Claims, owner_key
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.ownership_file import (
    ANY_HOUR,
    ClassOwners,
    unanswered,
)


def _reached(claims: Claims) -> Iterator[Finding]:
    """Look for a way to reach everyone, and the same one in every place."""
    ways = {owner_key(team): way for team, way in claims.owners.teams.items()}
    for one in claims.owners.classes:
        way = ways.setdefault(owner_key(one.first_owner), one.reach)
        if way != one.reach:
            message = f'"{one.first_owner}" is reached at {one.reach} here, at {way} elsewhere'
            yield claims.there(one.lines["reach"], f"{one.failure_class}: {message} in this file")
    for one in claims.owners.classes:
        for key, owner in (("fallback", one.fallback), ("escalation", one.escalation)):
            if owner_key(owner) not in ways:
                hint = did_you_mean(owner_key(owner), ways) or "; name it below teams:"
                message = f'{one.failure_class}, {key}: no way to reach "{owner}"{hint}'
                yield claims.there(one.lines[key], message)


_NEEDED = {
    "call": ": a telephone number or an on-call schedule, for a channel wakes nobody up",
    "hours": f': when somebody is there, such as "{ANY_HOUR}"',
    "unanswered": ": what a missing answer leads to",
}


def _called(claims: Claims) -> Iterator[Finding]:
    """Look for a way to call everyone: a channel wakes nobody up."""
    for one in claims.owners.classes:
        for key, value in (
            ("call", one.call), ("hours", one.hours), ("unanswered", one.unanswered)
        ):  # fmt: skip
            if not value:
                yield claims.there(
                    one.line, f'classes.{one.failure_class} has no "{key}"{_NEEDED[key]}'
                )
        if one.unanswered and unanswered(one.unanswered).fallback < one.response:
            message = (
                f"{one.failure_class}: the fallback has it before the first owner had to answer"
            )
            yield claims.there(one.lines["unanswered"], message)
    for name, phone in claims.owners.phones.items():
        for key, value in (("call", phone.call), ("hours", phone.hours)):
            if not value:
                yield claims.there(phone.line, f'teams.{name} has no "{key}"{_NEEDED[key]}')


def _one_number(claims: Claims) -> Iterator[Finding]:
    """Hold the ways to call an owner of two classes against each other."""
    first: dict[str, ClassOwners] = {}
    for one in claims.owners.classes:
        other = first.setdefault(owner_key(one.first_owner), one)
        for key, here, there in (
            ("call", one.call, other.call), ("hours", one.hours, other.hours)
        ):  # fmt: skip
            if here and there and here != there:
                message = f'"{one.first_owner}" has the {key} {here} here, {there} in line'
                where = f"{message} {other.lines[key]}"
                yield claims.there(one.lines[key], f"{one.failure_class}: {where}")


def _at_once(claims: Claims) -> Iterator[Finding]:
    """Where a leaf is P0, everybody who may have to be called is there at any hour."""
    hours = {
        owner_key(team): (phone.line, phone.hours) for team, phone in claims.owners.phones.items()
    }
    hours |= {
        owner_key(one.first_owner): (one.lines.get("hours", one.line), one.hours)
        for one in claims.owners.classes
    }
    told: set[int] = set()
    for leaf in (row for row in claims.leaves.rows if row.priority == "P0"):
        one = claims.by_class.get(leaf.failure_class)
        for owner in (one.first_owner, one.fallback, one.escalation) if one else ():
            line, when = hours.get(owner_key(owner), (0, ""))
            if when not in {"", ANY_HOUR} and line not in told:
                told.add(line)
                message = (
                    f'"{owner}" is there {when}, and leaf {leaf.leaf} of {claims.runbook.path}'
                )
                right = f"(line {leaf.line}) is P0: {ANY_HOUR} is right"
                yield claims.there(line, f"{message} {right}")


def _teams(claims: Claims) -> Iterator[Finding]:
    """Hold the second table, of those that are no first owners, against the file."""
    if not claims.owners.teams:
        return
    table = triage_contract_of(claims.runbook).teams
    yield from table.findings
    rows = {owner_key(row.name): row for row in table.rows}
    for name, reach in claims.owners.teams.items() if not table.findings else ():
        row, phone = rows.pop(owner_key(name), None), claims.owners.phones[name]
        if row is None:
            yield claims.there(
                phone.line, f"{name} has no row in {claims.runbook.path}:{table.line}"
            )
            continue
        for column, cell, value in (
            ("Reach", row.reach, reach), ("Call", row.call, phone.call),
            ("Hours", row.hours, phone.hours),
        ):  # fmt: skip
            if cell != value:
                other = f'"{value}" in {claims.at(phone.line)}'
                yield claims.here(row.line, f'{name}, {column}: "{cell}" here, {other}')
    for row in rows.values():
        yield claims.here(row.line, f'"{row.name}" is not below teams: in {claims.at(1)}')


def _mentioned(claims: Claims) -> Iterator[Finding]:
    """Hold teams and channels that sentences name against the file; cells are told above."""
    classes = claims.owners.classes
    names = {n for one in classes for n in (one.first_owner, one.fallback, one.escalation)}
    channels = {one.reach for one in classes} | set(claims.owners.teams.values())
    tables = {row.line for row in claims.table.rows} | {
        r.line for r in triage_contract_of(claims.runbook).teams.rows
    }
    known = {name.removeprefix("@") for name in names | set(claims.owners.teams)}
    yield from (
        one
        for one in (
            *unknown_teams(claims.runbook, known=known),
            *unknown_channels(claims.runbook, known=channels),
        )
        if one.line not in tables
    )


REACH = (_reached, _called, _one_number, _at_once, _teams, _mentioned)
"""What is held of it, each from claims to findings."""
