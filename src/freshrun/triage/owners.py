"""Who gets which failure: the runbook, `ownership.yaml` and CODEOWNERS held against each other."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from freshrun.checklist import (
    CellError,
    Definition,
    FailureClass,
    matching,
    program_folders,
    program_plan,
    unknown_channels,
    unknown_teams,
)
from freshrun.github import Codeowners, read_codeowners
from freshrun.model import Finding, Parsed, Reading, Runbook, did_you_mean
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.decision_tree import Advice
from freshrun.triage.ownership_file import (
    ANY_HOUR,
    ClassOwners,
    OwnershipFile,
    read_ownership,
    unanswered,
)
from freshrun.triage.ownership_table import Ownership

FILE = "runbook/ownership.yaml"
_SHOWN = 5


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
    case = _Case(
        runbook, table, classes, tree, terms, files, owners.known, codeowners.known
    )  # fmt: skip
    return tuple(finding for verdict in _VERDICTS for finding in verdict(case))


def ownership_file(files: Mapping[str, bytes], *, file: str = FILE) -> Parsed[OwnershipFile]:
    """Read the ownership file among the repository's files; a finding where it is not there."""
    if file not in files:
        message = f"there is no such file{did_you_mean(file, files)}"
        return Parsed(None, (Finding(file, 1, message),))
    return read_ownership(files[file], path=file)


@dataclass(frozen=True, slots=True)
class _Case:
    runbook: Runbook
    table: Reading[Ownership]
    taxonomy: Reading[FailureClass]
    leaves: Reading[Advice]
    definitions: Reading[Definition]
    files: Mapping[str, bytes]
    owners: OwnershipFile
    codeowners: Codeowners

    @property
    def by_class(self) -> Mapping[str, ClassOwners]:
        return {one.failure_class: one for one in self.owners.classes}

    def here(self, line: int, message: str) -> Finding:
        return Finding(self.runbook.path, line, message)

    def there(self, line: int, message: str) -> Finding:
        return Finding(self.owners.path, line, message)

    def at(self, line: int) -> str:
        return f"{self.owners.path}:{line}"


def _columns(case: _Case) -> Iterator[Finding]:
    """Hold the runbook's table against the file, cell by cell."""
    lines = [(row.failure_class, row.line) for row in case.table.rows]
    yield from _same_classes(case, lines, table=case.table.line)
    for row in case.table.rows:
        if (owners := case.by_class.get(row.failure_class)) is not None:
            yield from _cells(case, row, owners)


def _cells(case: _Case, row: Ownership, owners: ClassOwners) -> Iterator[Finding]:
    cells = (
        ("First owner", _name(row.owner), _name(owners.first_owner), "first_owner"),
        ("Reach", row.reach, owners.reach, "reach"),
        ("Response", f"{row.response:g} s", f"{owners.response:g} s", "response"),
        ("Fallback", _name(row.fallback), _name(owners.fallback), "fallback"),
        ("Escalation", _name(row.escalation), _name(owners.escalation), "escalation"),
        ("Call", row.call, owners.call, "call"),
        ("Hours", row.hours, owners.hours, "hours"),
        ("No answer", _led(row.unanswered), _led(owners.unanswered), "unanswered"),
    )
    for column, cell, value, key in cells:
        if cell != value:
            other = f'"{value}" in {case.at(owners.lines.get(key, owners.line))}'
            yield case.here(row.line, f'{row.failure_class}, {column}: "{cell}" here, {other}')
    groups = [one for one in case.owners.apart if row.failure_class in one.classes]
    apart = {name for one in groups for name in one.classes} - {row.failure_class}
    if set(row.apart) != apart:
        line = groups[0].line if groups else owners.line
        other = f'"{", ".join(sorted(apart)) or "-"}" by apart: in {case.at(line)}'
        cell = ", ".join(row.apart) or "-"
        yield case.here(row.line, f'{row.failure_class}, Apart from: "{cell}" here, {other}')


def _routes(case: _Case) -> Iterator[Finding]:
    """Hold what leads to a class against the class's owners."""
    lines = [(row.name, row.line) for row in case.taxonomy.rows]
    yield from _same_classes(case, lines, table=case.taxonomy.line)
    for row in case.taxonomy.rows:
        yield from _owned(case, row.name, line=row.line, owner=row.owner, what=row.name)
    for leaf in case.leaves.rows:
        what = f"leaf {leaf.leaf}"
        yield from _owned(case, leaf.failure_class, line=leaf.line, owner=leaf.owner, what=what)
    prefixes = [(prefix, row) for row in case.taxonomy.rows for prefix in row.prefixes]
    invariants = [(name, row) for row in case.taxonomy.rows for name in row.invariants]
    yield from _in_one_class(case, "scenario prefix", prefixes)
    yield from _in_one_class(case, "invariant", invariants)
    for term in case.definitions.rows:
        if term.invariant not in dict(invariants):
            message = f'the invariant {term.invariant} is of no class in "Failure taxonomy"'
            yield case.here(term.line, f"{message} (line {case.taxonomy.line}), so it has no owner")


def _owned(case: _Case, name: str, *, line: int, owner: str, what: str) -> Iterator[Finding]:
    owners = case.by_class.get(name)
    if owners is None:
        hint = did_you_mean(name, case.by_class)
        message = f'{what} leads to the class "{name}", which has no owner in'
        yield case.here(line, f"{message} {case.at(1)}{hint}")
    elif _name(owner) != _name(owners.first_owner):
        right = f'"{owners.first_owner}" in {case.at(owners.lines["first_owner"])}'
        yield case.here(line, f'{what} leads to the first owner "{owner}" here, {right}')


def _in_one_class(
    case: _Case, what: str, named: Iterable[tuple[str, FailureClass]]
) -> Iterator[Finding]:
    first: dict[str, FailureClass] = {}
    for name, row in named:
        other = first.setdefault(name, row)
        if other is not row:
            message = f"the {what} {name} leads to two classes: {row.name}, and {other.name}"
            yield case.here(row.line, f"{message} (line {other.line})")


def _same_classes(
    case: _Case, lines: Sequence[tuple[str, int]], *, table: int
) -> Iterator[Finding]:
    """Hold the classes of a table, each once, against those of the file."""
    first: dict[str, int] = {}
    for name, line in lines:
        if (other := first.setdefault(name, line)) != line:
            message = f'the class "{name}" has two rows, and so two owners'
            yield case.here(line, f"{message} (the other in line {other})")
        elif name not in case.by_class:
            hint = did_you_mean(name, case.by_class)
            yield case.here(line, f'the class "{name}" is not in {case.at(1)}{hint}')
    for name, owners in case.by_class.items():
        if name not in first:
            message = f'the class "{name}" has no row in the table of'
            yield case.there(owners.line, f"{message} {case.runbook.path}:{table}")


def _fallbacks(case: _Case) -> Iterator[Finding]:
    """Yield who would have to take over from, or be told about, himself."""
    for row in case.table.rows:
        for _, other, message in _himself(row.owner, row.fallback, row.escalation):
            right = f"{message}, as its {other}; another one is right"
            yield case.here(row.line, f"{row.failure_class}: {right}")
    for one in case.owners.classes:
        for key, other, message in _himself(one.first_owner, one.fallback, one.escalation):
            line = one.lines[other.replace(" ", "_")]
            where = f"{message} ({other} in line {line})"
            yield case.there(one.lines[key], f"{one.failure_class}: {where}")


def _himself(owner: str, fallback: str, escalation: str) -> Iterator[tuple[str, str, str]]:
    """Yield the key of each one who stands in two of the three places, the other place, and why."""
    places = (
        ("fallback", fallback, "first owner", owner),
        ("escalation", escalation, "first owner", owner),
        ("escalation", escalation, "fallback", fallback),
    )
    for key, name, other, holder in places:
        if _name(name) == _name(holder):
            yield key, other, f'"{name}" is its own {key}'
            return


def _apart(case: _Case) -> Iterator[Finding]:
    for group in case.owners.apart:
        for one, other in combinations((case.by_class[name] for name in group.classes), 2):
            if _name(one.first_owner) == _name(other.first_owner):
                names = f"{one.failure_class} and {other.failure_class}"
                lines = f"lines {one.lines['first_owner']} and {other.lines['first_owner']}"
                message = f'{names} have the same first owner "{one.first_owner}" ({lines})'
                yield case.there(group.line, f"{message}; they have to be apart")


_CORE = re.compile(r"core([-_]algorithm)?|algorithm", re.IGNORECASE)
_HARNESS = re.compile(r"(\w+[-_])?harness", re.IGNORECASE)


def _judge_and_judged(case: _Case) -> Iterator[Finding]:
    """Keep who owns the algorithm from being the one who calls the place unfit.

    That holds whatever `apart` says: it is the reason why there is such a list.
    """
    grouped = {frozenset(two) for one in case.owners.apart for two in combinations(one.classes, 2)}
    for one, other in permutations(case.owners.classes, 2):
        names = frozenset((one.failure_class, other.failure_class))
        same = _name(one.first_owner) == _name(other.first_owner)
        kinds = _CORE.fullmatch(one.failure_class) and _HARNESS.fullmatch(other.failure_class)
        if same and kinds and names not in grouped:
            line = one.lines["first_owner"]
            message = f'{other.failure_class} has the first owner "{other.first_owner}" of'
            rest = f"{one.failure_class} (line {line}): who owns the algorithm must not be the one"
            rest += " who calls the place unfit, whatever apart: says"
            yield case.there(other.lines["first_owner"], f"{message} {rest}")


def _classless(case: _Case) -> Iterator[Finding]:
    """Look for files of the program that belong to no class, so that nobody is asked about them."""
    claimed = {
        file
        for one in case.owners.classes
        for path in one.code
        for file in matching(path.value, case.files)
    }
    for folder in program_folders(case.runbook, files=case.files):
        left = [name for name in matching(folder, case.files) if name not in claimed]
        if left:
            more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
            message = f"{', '.join(left[:_SHOWN])}{more}, of the program in {folder}, is of no"
            line = case.owners.classes[0].line
            yield case.there(line, f"{message} class; name it below code: of the right one")


def _reached(case: _Case) -> Iterator[Finding]:
    """Look for a way to reach everyone, and the same one in every place."""
    ways = {_name(team): way for team, way in case.owners.teams.items()}
    for one in case.owners.classes:
        way = ways.setdefault(_name(one.first_owner), one.reach)
        if way != one.reach:
            message = f'"{one.first_owner}" is reached at {one.reach} here, at {way} elsewhere'
            yield case.there(one.lines["reach"], f"{one.failure_class}: {message} in this file")
    for one in case.owners.classes:
        for key, owner in (("fallback", one.fallback), ("escalation", one.escalation)):
            if _name(owner) not in ways:
                hint = did_you_mean(_name(owner), ways) or "; name it below teams:"
                message = f'{one.failure_class}, {key}: no way to reach "{owner}"{hint}'
                yield case.there(one.lines[key], message)


def _called(case: _Case) -> Iterator[Finding]:
    """Look for a way to call everyone: a channel wakes nobody up."""
    for one in case.owners.classes:
        for key, value in (
            ("call", one.call), ("hours", one.hours), ("unanswered", one.unanswered)
        ):  # fmt: skip
            if not value:
                yield case.there(
                    one.line, f'classes.{one.failure_class} has no "{key}"{_NEEDED[key]}'
                )
        if one.unanswered and unanswered(one.unanswered).fallback < one.response:
            message = (
                f"{one.failure_class}: the fallback has it before the first owner had to answer"
            )
            yield case.there(one.lines["unanswered"], message)
    for name, phone in case.owners.phones.items():
        for key, value in (("call", phone.call), ("hours", phone.hours)):
            if not value:
                yield case.there(phone.line, f'teams.{name} has no "{key}"{_NEEDED[key]}')


def _one_number(case: _Case) -> Iterator[Finding]:
    """Hold the ways to call an owner of two classes against each other."""
    first: dict[str, ClassOwners] = {}
    for one in case.owners.classes:
        other = first.setdefault(_name(one.first_owner), one)
        for key, here, there in (
            ("call", one.call, other.call), ("hours", one.hours, other.hours)
        ):  # fmt: skip
            if here and there and here != there:
                message = f'"{one.first_owner}" has the {key} {here} here, {there} in line'
                where = f"{message} {other.lines[key]}"
                yield case.there(one.lines[key], f"{one.failure_class}: {where}")


def _at_once(case: _Case) -> Iterator[Finding]:
    """Where a leaf is P0, everybody who may have to be called is there at any hour."""
    hours = {_name(team): (phone.line, phone.hours) for team, phone in case.owners.phones.items()}
    hours |= {
        _name(one.first_owner): (one.lines.get("hours", one.line), one.hours)
        for one in case.owners.classes
    }
    told: set[int] = set()
    for leaf in (row for row in case.leaves.rows if row.priority == "P0"):
        one = case.by_class.get(leaf.failure_class)
        for owner in (one.first_owner, one.fallback, one.escalation) if one else ():
            line, when = hours.get(_name(owner), (0, ""))
            if when not in {"", ANY_HOUR} and line not in told:
                told.add(line)
                message = f'"{owner}" is there {when}, and leaf {leaf.leaf} of {case.runbook.path}'
                right = f"(line {leaf.line}) is P0: {ANY_HOUR} is right"
                yield case.there(line, f"{message} {right}")


def _teams(case: _Case) -> Iterator[Finding]:
    """Hold the second table, of those that are no first owners, against the file."""
    if not case.owners.teams:
        return
    table = triage_contract_of(case.runbook).teams
    yield from table.findings
    rows = {_name(row.name): row for row in table.rows}
    for name, reach in case.owners.teams.items() if not table.findings else ():
        row, phone = rows.pop(_name(name), None), case.owners.phones[name]
        if row is None:
            yield case.there(phone.line, f"{name} has no row in {case.runbook.path}:{table.line}")
            continue
        for column, cell, value in (
            ("Reach", row.reach, reach), ("Call", row.call, phone.call),
            ("Hours", row.hours, phone.hours),
        ):  # fmt: skip
            if cell != value:
                other = f'"{value}" in {case.at(phone.line)}'
                yield case.here(row.line, f'{name}, {column}: "{cell}" here, {other}')
    for row in rows.values():
        yield case.here(row.line, f'"{row.name}" is not below teams: in {case.at(1)}')


def _mentioned(case: _Case) -> Iterator[Finding]:
    """Hold teams and channels that sentences name against the file; cells are told above."""
    classes = case.owners.classes
    names = {n for one in classes for n in (one.first_owner, one.fallback, one.escalation)}
    channels = {one.reach for one in classes} | set(case.owners.teams.values())
    tables = {row.line for row in case.table.rows} | {
        r.line for r in triage_contract_of(case.runbook).teams.rows
    }
    known = {name.removeprefix("@") for name in names | set(case.owners.teams)}
    yield from (
        one
        for one in (
            *unknown_teams(case.runbook, known=known),
            *unknown_channels(case.runbook, known=channels),
        )
        if one.line not in tables
    )


def _led(words: str) -> str:
    """Return what a missing answer leads to in one spelling; as written where it can't be read."""
    try:
        read = unanswered(words)
    except CellError:
        return words
    return f"fallback after {read.fallback:g} s, escalation after {read.escalation:g} s"


_NEEDED = {
    "call": ": a telephone number or an on-call schedule, for a channel wakes nobody up",
    "hours": f': when somebody is there, such as "{ANY_HOUR}"',
    "unanswered": ": what a missing answer leads to",
}


def _program(case: _Case) -> Iterator[Finding]:
    """Hold the program that the file names against the plan, where both are known."""
    program = case.owners.program
    plan = program_plan(case.runbook, files=case.files).value
    if plan is not None and program.value not in {"", plan.program}:
        right = f'the title of {plan.document.path} says "{plan.program}"'
        yield case.there(program.line, f'program is "{program.value}" here; {right}')


def _code(case: _Case) -> Iterator[Finding]:
    """Hold CODEOWNERS against the first owner of every file of a class's code."""
    claimed: dict[str, ClassOwners] = {}
    for one in case.owners.classes:
        for path in one.code:
            held = matching(path.value, case.files)
            if not held:
                hint = did_you_mean(path.value, case.files)
                message = f"{one.failure_class}, code: {path.value} is not there{hint}"
                yield case.there(path.line, message)
            others = {claimed.setdefault(file, one).failure_class for file in held}
            for name in sorted(others - {one.failure_class}):
                message = f"{path.value} is code of {name} too; one class owns a path"
                yield case.there(path.line, f"{one.failure_class}, code: {message}")
            yield from _ruled(case, one, held, line=path.line)


def _ruled(
    case: _Case, owners: ClassOwners, held: Iterable[str], *, line: int
) -> Iterator[Finding]:
    told: set[int] = set()
    for file in held:
        rule = case.codeowners.rule(file)
        names = {_name(owner) for owner in rule.owners} if rule else set()
        number = rule.line if rule else 1
        if names != {_name(owners.first_owner)} and number not in told:
            told.add(number)
            found = ", ".join(rule.owners) if rule and rule.owners else "nobody"
            wanted = f"@{_name(owners.first_owner)} ({case.at(line)})"
            message = f"{file} belongs to {found} here, to {wanted} as code of"
            yield Finding(case.codeowners.path, number, f"{message} {owners.failure_class}")


def _name(owner: str) -> str:
    """Return an owner as GitHub compares it: without the @, in small letters."""
    return owner.removeprefix("@").lower()


_VERDICTS: tuple[Callable[[_Case], Iterator[Finding]], ...] = (
    _columns, _routes, _fallbacks, _apart, _judge_and_judged, _reached, _called, _one_number,
    _at_once, _teams, _mentioned, _program, _code, _classless,
)  # fmt: skip
