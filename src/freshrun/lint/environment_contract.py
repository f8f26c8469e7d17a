"""The environment contract: the variables that a runbook declares, held against its commands."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from freshrun.checklist import Declared, contract_of
from freshrun.document import page, slug
from freshrun.lint.sources import read_in_sources
from freshrun.lint.variables import Missed, Touched, Variables, variables
from freshrun.model import Finding, Runbook, Section, did_you_mean
from freshrun.shell import Need, is_ambient

TITLE = "Environment contract"
"""The section whose table declares the variables."""


def environment(
    runbook: Runbook, *, files: Mapping[str, bytes] | None = None
) -> tuple[Finding, ...]:
    """Hold the table `Environment contract` and the front matter against the commands.

    Each variable that a command uses is set by an earlier command or declared, each declared one
    is used, a required one is set, and secrets are marked in both places. The table has the columns
    `Variable`, `Required` and `Secret` (both yes or no), and may have `Set by`: a link there leads
    to the section whose commands set the variable. What a table `Entrypoints` names under
    `Required variables`, `Optional variables` or `Secrets` has a row too.

    With the repository's `files` the programs that `Entrypoints` defines count: what they read has
    a row, and what a row declares is read, by a command or by one of them.
    """
    table = contract_of(runbook).declared
    if not table.rows:
        return table.findings
    contract = _Contract(runbook, table.line, table.rows, variables(runbook))
    found = (
        *table.findings,
        *_uses(contract),
        *_unused(contract),
        *_unset(contract),
        *_for_programs(contract),
        *_secrets(contract),
        *_set_by(contract),
        *_entrypoints(contract),
        *(_sources(contract, files) if files else ()),
    )
    return tuple(sorted(found, key=lambda finding: finding.line))


def undeclared(runbook: Runbook) -> tuple[Finding, ...]:
    """Find the variables that nothing sets, in a runbook that declares them in no table."""
    contract = _Contract(runbook, 1, (), variables(runbook))
    return tuple(_uses(contract))


def looks_secret(name: str) -> bool:
    """Tell whether a variable's name says that its value is a secret."""
    return _SECRET.search(name) is not None


_SECRET = re.compile(
    r"PASSWORD$|PASSWD$|(?:^|_)(?:TOKEN|SECRET|PASSPHRASE|PAT|CREDENTIALS?|API_?KEY"
    r"|(?:PRIVATE|SECRET|ACCESS|SIGNING|ENCRYPTION)_KEY)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Contract:
    """What a runbook declares, and what its commands do."""

    runbook: Runbook
    line: int
    rows: tuple[Declared, ...]
    seen: Variables

    def row(self, name: str) -> Declared | None:
        return self._rows.get(name)

    @cached_property
    def _rows(self) -> Mapping[str, Declared]:
        return {row.name: row for row in reversed(self.rows)}

    @cached_property
    def front_matter(self) -> frozenset[str]:
        return frozenset((*self.runbook.settings.env, *self.runbook.settings.secrets))

    @cached_property
    def declared(self) -> frozenset[str]:
        return self.front_matter | self._rows.keys()

    @cached_property
    def set(self) -> frozenset[str]:
        return frozenset(each.name for each in self.seen.touched if each.sets)

    @cached_property
    def given(self) -> frozenset[str]:
        return self.set | self.front_matter

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Return the names that are declared or set."""
        return tuple(self.declared | self.set)

    @cached_property
    def sections(self) -> "_Sections":
        return _Sections(self.runbook.sections, self.seen.touched)

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """Return the first line of the document that has a word, by the word."""
        lines: dict[str, int] = {}
        for number, line in enumerate(self.runbook.text.split("\n"), start=1):
            for word in re.findall(r"\w+", line):
                lines.setdefault(word, number)
        return lines

    def finding(self, line: int, message: str) -> Finding:
        return Finding(self.runbook.path, line, message)


# --- what commands use ---


def _uses(contract: _Contract) -> Iterator[Finding]:
    """Find the first use of each variable that is neither set nor declared."""
    told: set[str] = set()
    for missed in contract.seen.missed:
        name = missed.seen.use.name
        if name not in told and (problem := _problem(missed, contract)):
            told.add(name)
            yield contract.finding(missed.seen.use.line, problem)


def _problem(missed: Missed, contract: _Contract) -> str:
    use = missed.seen.use
    row = contract.row(use.name)
    if is_ambient(use.name) or use.name in contract.front_matter:
        return ""
    if row is None:
        return _undeclared(missed, contract)
    if use.need is Need.CHECKED and not row.required:
        return f"the command fails without {use.name}, but line {row.line} says: not required"
    if row.required and use.need is not Need.DEFAULT and missed.elsewhere:
        return f"{use.name} is used here, but {missed.elsewhere}"
    return ""


def _undeclared(missed: Missed, contract: _Contract) -> str:
    use = missed.seen.use
    if missed.elsewhere and use.need is not Need.DEFAULT:
        return f"{use.name} is used here, but {missed.elsewhere}"
    if use.need is Need.DEFAULT and (missed.elsewhere or not contract.rows):
        return ""
    where = f'a row of "{TITLE}"' if contract.rows else "the front matter"
    hint = did_you_mean(use.name, contract.known) or f"; set it first, or declare it in {where}"
    return f"{use.name} is used here, but no earlier command sets it and nothing declares it{hint}"


# --- what is declared ---


def _unused(contract: _Contract) -> Iterator[Finding]:
    touched = {each.name for each in contract.seen.touched} | set(_of_entrypoints(contract))
    for row in contract.rows:
        if row.name not in touched and not _is_implied(row.name, contract):
            hint = did_you_mean(row.name, touched) or "; remove the row"
            yield contract.finding(row.line, f"no command uses or sets {row.name}{hint}")
    for name in sorted(contract.front_matter - {row.name for row in contract.rows} - touched):
        if not is_ambient(name) and not _is_implied(name, contract):
            message = f"the front matter declares {name}, but no command uses it; remove it"
            yield contract.finding(contract.lines.get(name, 1), message)


_PROGRAMS = {
    "gh": r"GH_\w+|GITHUB_TOKEN",
    "git": r"GIT_\w+",
    "bd": r"BEADS_\w+|BD_\w+",
    "aws": r"AWS_\w+",
    "kubectl": r"KUBECONFIG",
    "helm": r"KUBECONFIG|HELM_\w+",
    "docker": r"DOCKER_\w+|BUILDKIT_\w+|COMPOSE_\w+",
    "psql": r"PG[A-Z]+",
    "pip": r"PIP_\w+",
    "npm": r"NPM_\w+|NODE_\w+",
    "terraform": r"TF_\w+",
    "curl": r"(?:https?|no|all)_proxy|HTTPS_PROXY|NO_PROXY|ALL_PROXY|CURL_\w+|SSL_CERT_FILE",
}
"""What well-known programs read without being told to in the command."""


def _is_implied(name: str, contract: _Contract) -> bool:
    """Tell whether a program that the runbook calls reads the variable by itself."""
    called = contract.seen.programs
    return any(re.fullmatch(pattern, name) for each, pattern in _PROGRAMS.items() if each in called)


def _unset(contract: _Contract) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for row in contract.rows:
        if row.name in seen:
            first = seen[row.name]
            message = f"{row.name} has a row already, in line {first}; one is enough"
            yield contract.finding(row.line, message)
        seen.setdefault(row.name, row.line)
        is_set = row.name in contract.given or is_ambient(row.name)
        if row.required and not is_set:
            where = "secrets" if row.secret else "env"
            yield contract.finding(
                row.line,
                f"{row.name} is required, but no command sets it and the front matter does not"
                f" give it; name it there under {where}, or set it in a command",
            )


def _for_programs(contract: _Contract) -> Iterator[Finding]:
    """Find what is handed to programs alone, and declared nowhere."""
    read = {each.name for each in contract.seen.touched if not each.sets and not each.for_programs}
    told = set(contract.declared) | read
    for each in contract.seen.touched:
        if each.for_programs and each.name not in told and not is_ambient(each.name):
            told.add(each.name)
            hint = did_you_mean(each.name, contract.declared) or "; give it a row"
            message = f'{each.name} is set for programs here, but "{TITLE}" has no row for it{hint}'
            yield contract.finding(each.line, message)


# --- what the programs of the repository read ---


def _sources(contract: _Contract, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Find what a program reads and nothing declares, and what is declared and read by nothing."""
    reads = {each.name: each for each in read_in_sources(contract.runbook, files)}
    for name, read in reads.items():
        if name not in contract.declared and not is_ambient(name):
            hint = did_you_mean(name, contract.declared) or "; give it one"
            message = f'{name} is read here, but "{TITLE}" of {contract.runbook.path} has no row'
            yield Finding(read.file, read.line, f"{message} for it{hint}")
    used = {each.name for each in contract.seen.touched if not each.sets and not each.for_programs}
    for row in contract.rows if reads else ():
        known = row.name in used | reads.keys() or is_ambient(row.name)
        if not known and not _is_implied(row.name, contract):
            message = f"nothing reads {row.name}: no command, and no source of the program"
            yield contract.finding(row.line, f"{message}; remove the row, and what sets it")


# --- secrets ---


def _secrets(contract: _Contract) -> Iterator[Finding]:
    named = contract.runbook.settings.secrets
    for row in contract.rows:
        if row.secret and row.name not in named and row.name not in contract.set:
            yield contract.finding(
                row.line,
                f"{row.name} is a secret here, but not in the front matter; name it there under"
                " secrets, so that it is masked",
            )
        elif row.name in named and not row.secret:
            message = f"{row.name} is in the front matter's secrets, but Secret says no; say yes"
            yield contract.finding(row.line, message)
        elif not row.secret and looks_secret(row.name):
            message = f"{row.name} looks like a secret, but Secret says no; say yes, or rename it"
            yield contract.finding(row.line, message)
    yield from _unmarked(contract)


def _unmarked(contract: _Contract) -> Iterator[Finding]:
    """Find what looks like a secret, comes from the front matter or a command, and has no row."""
    places = {name: contract.lines.get(name, 1) for name in sorted(contract.front_matter)}
    for each in contract.seen.touched:
        if each.sets:
            places.setdefault(each.name, each.line)
    for name, line in places.items():
        if contract.row(name) is None and looks_secret(name):
            message = f'{name} looks like a secret, but "{TITLE}" has no row for it'
            yield contract.finding(line, f"{message}; give it one with Secret yes")


# --- who sets it ---


def _set_by(contract: _Contract) -> Iterator[Finding]:
    for row in contract.rows:
        for link in page(row.set_by).links:
            if not link.target.startswith("#"):
                continue
            title = contract.sections.title(link.target[1:])
            if title is not None and not contract.sections.sets(link.target[1:], row.name):
                sets = _setters(contract, row.name)
                yield contract.finding(
                    row.line, f'no command of "{title}" sets {row.name}, as Set by says{sets}'
                )


def _setters(contract: _Contract, name: str) -> str:
    title = contract.sections.first_to_set(name)
    return "; no other section does either" if title is None else f'; did you mean "{title}"?'


class _Sections:
    """Which sections set a variable; a section is known by its anchor, with those below it."""

    def __init__(self, sections: Sequence[Section], touched: Iterable[Touched]) -> None:
        self._sections = sections
        self._anchors: dict[str, int] = {}
        for index, section in enumerate(sections):
            self._anchors.setdefault(slug(section.title), index)
        self._ends = _ends([section.level for section in sections])
        commands = [(c, n) for n, section in enumerate(sections) for c in section.commands]
        starts = [command.line for command, _ in commands]
        self._setting: dict[str, list[int]] = {}
        for each in (each for each in touched if each.sets):
            at = bisect_right(starts, each.line) - 1
            if at >= 0 and each.line <= commands[at][0].end_line:
                self._setting.setdefault(each.name, []).append(commands[at][1])
        for found in self._setting.values():
            found.sort()

    def title(self, anchor: str) -> str | None:
        """Return the title of the section with this anchor, `None` where there is none."""
        return self._sections[self._anchors[anchor]].title if anchor in self._anchors else None

    def sets(self, anchor: str, name: str) -> bool:
        """Tell whether a command below this anchor sets the variable."""
        first = self._anchors[anchor]
        found = self._setting.get(name, [])
        return bisect_left(found, first) < bisect_left(found, self._ends[first])

    def first_to_set(self, name: str) -> str | None:
        """Return the title of the first section that sets the variable."""
        found = self._setting.get(name)
        return self._sections[found[0]].title if found else None


def _ends(levels: Sequence[int]) -> list[int]:
    """Return for each section the index after the last one below it."""
    ends = [len(levels)] * len(levels)
    open_: list[int] = []
    for index, level in enumerate(levels):
        while open_ and levels[open_[-1]] >= level:
            ends[open_.pop()] = index
        open_.append(index)
    return ends


# --- the entrypoints ---


def _of_entrypoints(contract: _Contract) -> dict[str, tuple[int, bool]]:
    """Return the variables that the table `Entrypoints` names: its line, and whether required."""
    named: dict[str, tuple[int, bool]] = {}
    for row in contract_of(contract.runbook).variables.rows:
        for names in (row.required, row.optional, row.secrets):
            for name in names:
                named.setdefault(name, (row.line, names is row.required))
    return named


def _entrypoints(contract: _Contract) -> Iterator[Finding]:
    """Find what an entrypoint needs, and the contract does not declare so."""
    for name, (line, required) in _of_entrypoints(contract).items():
        row = contract.row(name)
        if row is None and name not in contract.front_matter:
            hint = did_you_mean(name, contract.declared) or "; give it one"
            message = f'an entrypoint takes {name}, but "{TITLE}" has no row for it{hint}'
            yield contract.finding(line, message)
        elif row is not None and required and not row.required:
            message = f"an entrypoint requires {name} (line {line}), but Required says no"
            yield contract.finding(row.line, message)
