"""The code of each class: its files, and whom CODEOWNERS asks about them."""

from collections.abc import Iterable, Iterator

from freshrun.checklist import (
    matching,
    program_folders,
)
from freshrun.model import Finding, did_you_mean
from freshrun.triage.claims import Claims, owner_key
from freshrun.triage.ownership_file import (
    ClassOwners,
)

_SHOWN = 5


def _classless(claims: Claims) -> Iterator[Finding]:
    """Look for files of the program that belong to no class, so that nobody is asked about them."""
    claimed = {
        file
        for one in claims.owners.classes
        for path in one.code
        for file in matching(path.value, claims.files)
    }
    for folder in program_folders(claims.runbook, files=claims.files):
        left = [name for name in matching(folder, claims.files) if name not in claimed]
        if left:
            more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
            message = f"{', '.join(left[:_SHOWN])}{more}, of the program in {folder}, is of no"
            line = claims.owners.classes[0].line
            yield claims.there(line, f"{message} class; name it below code: of the right one")


def _code(claims: Claims) -> Iterator[Finding]:
    """Hold CODEOWNERS against the first owner of every file of a class's code."""
    claimed: dict[str, ClassOwners] = {}
    for one in claims.owners.classes:
        for path in one.code:
            held = matching(path.value, claims.files)
            if not held:
                hint = did_you_mean(path.value, claims.files)
                message = f"{one.failure_class}, code: {path.value} is not there{hint}"
                yield claims.there(path.line, message)
            others = {claimed.setdefault(file, one).failure_class for file in held}
            for name in sorted(others - {one.failure_class}):
                message = f"{path.value} is code of {name} too; one class owns a path"
                yield claims.there(path.line, f"{one.failure_class}, code: {message}")
            yield from _ruled(claims, one, held, line=path.line)


def _ruled(
    claims: Claims, owners: ClassOwners, held: Iterable[str], *, line: int
) -> Iterator[Finding]:
    told: set[int] = set()
    for file in held:
        rule = claims.codeowners.rule(file)
        names = {owner_key(owner) for owner in rule.owners} if rule else set()
        number = rule.line if rule else 1
        if names != {owner_key(owners.first_owner)} and number not in told:
            told.add(number)
            found = ", ".join(rule.owners) if rule and rule.owners else "nobody"
            wanted = f"@{owner_key(owners.first_owner)} ({claims.at(line)})"
            message = f"{file} belongs to {found} here, to {wanted} as code of"
            yield Finding(claims.codeowners.path, number, f"{message} {owners.failure_class}")


CODE = (_code, _classless)
"""What is held of it, each from claims to findings."""
