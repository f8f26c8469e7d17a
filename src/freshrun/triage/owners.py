"""Who gets which failure: the runbook, `ownership.yaml` and CODEOWNERS held against each other."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations

from freshrun.checklist import (
    CellError,
    FailureClass,
    program_plan,
)
from freshrun.github import read_codeowners
from freshrun.model import Finding, Runbook, did_you_mean
from freshrun.triage.claims import Claims, owner_key
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.owned_code import CODE
from freshrun.triage.ownership_file import (
    FILE,
    ClassOwners,
    ownership_file,
    unanswered,
)
from freshrun.triage.ownership_table import Ownership
from freshrun.triage.reached import REACH


def ownership_agrees(
    runbook: Runbook, *, files: Mapping[str, bytes], file: str = FILE
) -> tuple[Finding, ...]:
    """Hold the runbook's owners against the ownership file and CODEOWNERS among `files`.

    The table `Ownership and escalation` and the file agree in every column. Every class of the
    taxonomy, leaf of the decision tree, scenario prefix and invariant leads to one first owner and
    a different fallback, and classes that are apart have different first owners, those of the core
    algorithm and of the harness always. Nobody is the own fallback or escalation, everyone can be
    reached and called, at any hour where a leaf is P0, and CODEOWNERS names the first owner for
    each path of the class's code. Each file of the program that `Entrypoints` defines is code of a
    class.
    """
    contract = triage_contract_of(runbook)
    table, tree = contract.owners, contract.leaves
    classes, terms = contract.base.classes, contract.base.definitions
    owners, codeowners = ownership_file(files, file=file), read_codeowners(files)
    readings = (table.findings, classes.findings, tree.findings, terms.findings)
    stopped = [one for findings in readings for one in findings]
    stopped += [*owners.findings, *codeowners.findings]
    if stopped:
        return tuple(stopped)
    claims = Claims(
        runbook, table, classes, tree, terms, files, owners.known, codeowners.known
    )  # fmt: skip
    return tuple(finding for verdict in _VERDICTS for finding in verdict(claims))


def _columns(claims: Claims) -> Iterator[Finding]:
    """Hold the runbook's table against the file, cell by cell."""
    lines = [(row.failure_class, row.line) for row in claims.table.rows]
    yield from _same_classes(claims, lines, table=claims.table.line)
    for row in claims.table.rows:
        if (owners := claims.by_class.get(row.failure_class)) is not None:
            yield from _cells(claims, row, owners)


def _cells(claims: Claims, row: Ownership, owners: ClassOwners) -> Iterator[Finding]:
    cells = (
        ("First owner", owner_key(row.owner), owner_key(owners.first_owner), "first_owner"),
        ("Reach", row.reach, owners.reach, "reach"),
        ("Response", f"{row.response:g} s", f"{owners.response:g} s", "response"),
        ("Fallback", owner_key(row.fallback), owner_key(owners.fallback), "fallback"),
        ("Escalation", owner_key(row.escalation), owner_key(owners.escalation), "escalation"),
        ("Call", row.call, owners.call, "call"),
        ("Hours", row.hours, owners.hours, "hours"),
        ("No answer", _led(row.unanswered), _led(owners.unanswered), "unanswered"),
    )
    for column, cell, value, key in cells:
        if cell != value:
            other = f'"{value}" in {claims.at(owners.lines.get(key, owners.line))}'
            yield claims.here(row.line, f'{row.failure_class}, {column}: "{cell}" here, {other}')
    groups = [one for one in claims.owners.apart if row.failure_class in one.classes]
    apart = {name for one in groups for name in one.classes} - {row.failure_class}
    if set(row.apart) != apart:
        line = groups[0].line if groups else owners.line
        other = f'"{", ".join(sorted(apart)) or "-"}" by apart: in {claims.at(line)}'
        cell = ", ".join(row.apart) or "-"
        yield claims.here(row.line, f'{row.failure_class}, Apart from: "{cell}" here, {other}')


def _routes(claims: Claims) -> Iterator[Finding]:
    """Hold what leads to a class against the class's owners."""
    lines = [(row.name, row.line) for row in claims.taxonomy.rows]
    yield from _same_classes(claims, lines, table=claims.taxonomy.line)
    for row in claims.taxonomy.rows:
        yield from _owned(claims, row.name, line=row.line, owner=row.owner, what=row.name)
    for leaf in claims.leaves.rows:
        what = f"leaf {leaf.leaf}"
        yield from _owned(claims, leaf.failure_class, line=leaf.line, owner=leaf.owner, what=what)
    prefixes = [(prefix, row) for row in claims.taxonomy.rows for prefix in row.prefixes]
    invariants = [(name, row) for row in claims.taxonomy.rows for name in row.invariants]
    yield from _in_one_class(claims, "scenario prefix", prefixes)
    yield from _in_one_class(claims, "invariant", invariants)
    for term in claims.definitions.rows:
        if term.invariant not in dict(invariants):
            message = f'the invariant {term.invariant} is of no class in "Failure taxonomy"'
            yield claims.here(
                term.line, f"{message} (line {claims.taxonomy.line}), so it has no owner"
            )


def _owned(claims: Claims, name: str, *, line: int, owner: str, what: str) -> Iterator[Finding]:
    owners = claims.by_class.get(name)
    if owners is None:
        hint = did_you_mean(name, claims.by_class)
        message = f'{what} leads to the class "{name}", which has no owner in'
        yield claims.here(line, f"{message} {claims.at(1)}{hint}")
    elif owner_key(owner) != owner_key(owners.first_owner):
        right = f'"{owners.first_owner}" in {claims.at(owners.lines["first_owner"])}'
        yield claims.here(line, f'{what} leads to the first owner "{owner}" here, {right}')


def _in_one_class(
    claims: Claims, what: str, named: Iterable[tuple[str, FailureClass]]
) -> Iterator[Finding]:
    first: dict[str, FailureClass] = {}
    for name, row in named:
        other = first.setdefault(name, row)
        if other is not row:
            message = f"the {what} {name} leads to two classes: {row.name}, and {other.name}"
            yield claims.here(row.line, f"{message} (line {other.line})")


def _same_classes(
    claims: Claims, lines: Sequence[tuple[str, int]], *, table: int
) -> Iterator[Finding]:
    """Hold the classes of a table, each once, against those of the file."""
    first: dict[str, int] = {}
    for name, line in lines:
        if (other := first.setdefault(name, line)) != line:
            message = f'the class "{name}" has two rows, and so two owners'
            yield claims.here(line, f"{message} (the other in line {other})")
        elif name not in claims.by_class:
            hint = did_you_mean(name, claims.by_class)
            yield claims.here(line, f'the class "{name}" is not in {claims.at(1)}{hint}')
    for name, owners in claims.by_class.items():
        if name not in first:
            message = f'the class "{name}" has no row in the table of'
            yield claims.there(owners.line, f"{message} {claims.runbook.path}:{table}")


def _fallbacks(claims: Claims) -> Iterator[Finding]:
    """Yield who would have to take over from, or be told about, himself."""
    for row in claims.table.rows:
        for _, other, message in _himself(row.owner, row.fallback, row.escalation):
            right = f"{message}, as its {other}; another one is right"
            yield claims.here(row.line, f"{row.failure_class}: {right}")
    for one in claims.owners.classes:
        for key, other, message in _himself(one.first_owner, one.fallback, one.escalation):
            line = one.lines[other.replace(" ", "_")]
            where = f"{message} ({other} in line {line})"
            yield claims.there(one.lines[key], f"{one.failure_class}: {where}")


def _himself(owner: str, fallback: str, escalation: str) -> Iterator[tuple[str, str, str]]:
    """Yield the key of each one who stands in two of the three places, the other place, and why."""
    places = (
        ("fallback", fallback, "first owner", owner),
        ("escalation", escalation, "first owner", owner),
        ("escalation", escalation, "fallback", fallback),
    )
    for key, name, other, holder in places:
        if owner_key(name) == owner_key(holder):
            yield key, other, f'"{name}" is its own {key}'
            return


def _apart(claims: Claims) -> Iterator[Finding]:
    for group in claims.owners.apart:
        for one, other in combinations((claims.by_class[name] for name in group.classes), 2):
            if owner_key(one.first_owner) == owner_key(other.first_owner):
                names = f"{one.failure_class} and {other.failure_class}"
                lines = f"lines {one.lines['first_owner']} and {other.lines['first_owner']}"
                message = f'{names} have the same first owner "{one.first_owner}" ({lines})'
                yield claims.there(group.line, f"{message}; they have to be apart")


_CORE = re.compile(r"core([-_]algorithm)?|algorithm", re.IGNORECASE)


_HARNESS = re.compile(r"(\w+[-_])?harness", re.IGNORECASE)


def _judge_and_judged(claims: Claims) -> Iterator[Finding]:
    """Keep who owns the algorithm from being the one who calls the place unfit.

    That holds whatever `apart` says: it is the reason why there is such a list.
    """
    grouped = {
        frozenset(two) for one in claims.owners.apart for two in combinations(one.classes, 2)
    }
    for one, other in permutations(claims.owners.classes, 2):
        names = frozenset((one.failure_class, other.failure_class))
        same = owner_key(one.first_owner) == owner_key(other.first_owner)
        kinds = _CORE.fullmatch(one.failure_class) and _HARNESS.fullmatch(other.failure_class)
        if same and kinds and names not in grouped:
            line = one.lines["first_owner"]
            message = f'{other.failure_class} has the first owner "{other.first_owner}" of'
            rest = f"{one.failure_class} (line {line}): who owns the algorithm must not be the one"
            rest += " who calls the place unfit, whatever apart: says"
            yield claims.there(other.lines["first_owner"], f"{message} {rest}")


def _led(words: str) -> str:
    """Return what a missing answer leads to in one spelling; as written where it can't be read."""
    try:
        read = unanswered(words)
    except CellError:
        return words
    return f"fallback after {read.fallback:g} s, escalation after {read.escalation:g} s"


def _program(claims: Claims) -> Iterator[Finding]:
    """Hold the program that the file names against the plan, where both are known."""
    program = claims.owners.program
    plan = program_plan(claims.runbook, files=claims.files).value
    if plan is not None and program.value not in {"", plan.program}:
        right = f'the title of {plan.document.path} says "{plan.program}"'
        yield claims.there(program.line, f'program is "{program.value}" here; {right}')


_VERDICTS: tuple[Callable[[Claims], Iterator[Finding]], ...] = (
    _columns, _routes, _fallbacks, _apart, _judge_and_judged, *REACH, _program, *CODE,
)  # fmt: skip
