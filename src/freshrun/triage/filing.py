"""Beads that the defect template filed for a failure of each class, judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from freshrun.checklist import (
    Kind,
    Where,
    contract_of,
    named_commands,
    plain,
    streams,
)
from freshrun.model import Command, Finding, Outcome, Reading, Runbook, Status
from freshrun.triage.bead_fields import BeadField, Deviation
from freshrun.triage.blame import blamed
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.defects import FILE_BLOCK, READ_BLOCK, bead_faults, creating
from freshrun.triage.drills import DrillRun
from freshrun.triage.filed_bead import shown_bead

VALUES_BLOCK = "defect-values"
SEARCH_BLOCK = "find-duplicate"
BLOCKS = (VALUES_BLOCK, SEARCH_BLOCK, FILE_BLOCK, READ_BLOCK)
"""The blocks of the template, in the order in which a reader types them."""

FILED = "filed"
"""How a bead stands that nobody has touched; other words here are statuses of `bd`."""

OTHER = "without "
"""How a bead stands that is of another failure: it lacks the label that follows."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The command of a bead, run where the bead says; `reported` are the scenarios it named."""

    command: str
    outcome: Outcome
    reported: frozenset[str]


@dataclass(frozen=True, slots=True)
class Filing:
    """The template, typed for one failure: what its commands gave, up to the first that failed.

    `files` are the downloaded artifact, by path below the directory of the template; `again` is
    what the search for a duplicate gave once the bead was there, by how the bead stood then, with
    its last command expected to end with exit status 1, or 0 where the bead is of another failure.
    """

    run: DrillRun
    files: dict[str, bytes]
    outcomes: tuple[Outcome, ...]
    again: Mapping[str, tuple[Outcome, ...]] = field(default_factory=dict)
    reproduction: Reproduction | None = None

    @property
    def shown(self) -> bytes:
        """Return what the template's last block printed of the bead."""
        read = [o for o in self.outcomes if o.command.options.name == READ_BLOCK]
        return streams(read)[Where.STDOUT.value]


@dataclass(frozen=True, slots=True)
class Filings(Reading[Filing]):
    """All beads that were filed, and what the template did to a checkout beside that.

    `asked` is the making of the database, typed at a terminal in a clone with staged work, a
    remote and an identity. `changes` are what git tells of such a clone afterwards that it didn't
    before, each with the command that was typed in between.
    """

    asked: tuple[Outcome, ...] = ()
    changes: tuple[tuple[Command, str], ...] = ()


def filed(runbook: Runbook, filings: Filings) -> tuple[Finding, ...]:
    """Hold each bead against its failure (see `defect`), and the search against the bead.

    Every command of the template passes, and the search that follows ends with exit status 1,
    whoever works on the bead. The bead's own command finds its scenario again. Nothing is asked at
    a terminal, and nothing that git tracks is changed.
    """
    judged = (
        replace(finding, message=f"{finding.message} ({_drill(one)})")
        for one in filings.rows
        if not unpassed(one.outcomes)
        for finding in (*bead_faults(runbook, one.shown, files=one.files), *_run(runbook, one))
    )
    beside = (*_asked(filings), *_changed(filings), *_prefixed(runbook, filings))
    return (*filings.findings, *beside, *_failed(runbook, filings.rows), *judged)


def unpassed(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Return what did not end as it should."""
    return tuple(outcome for outcome in outcomes if outcome.status is not Status.PASSED)


def described(outcome: Outcome) -> str:
    """Return why a command failed, with the last line that it said about it."""
    last = outcome.stderr.text.strip().splitlines()[-1:]
    return outcome.reason + "".join(f'; it said "{line}"' for line in last)


def reproducing(runbook: Runbook) -> BeadField | None:
    """Return the row of `Bead fields` about the command that reproduces the failure."""
    rows = (row for row in triage_contract_of(runbook).bead_fields.rows if row.key.startswith("#"))
    return next((row for row in rows if "{reproduce}" in row.templates[0]), None)


def _asked(filings: Filings) -> Iterator[Finding]:
    for outcome in unpassed(filings.asked):
        command = outcome.command
        yield Finding(command.file, command.line, f"typed at a terminal: {described(outcome)}")


def _prefixed(runbook: Runbook, filings: Filings) -> Iterator[Finding]:
    """Yield where a bead's ID is not of the program that the plan's link names."""
    rows = [row for row in contract_of(runbook).prerequisites.rows if row.kind is Kind.PLAN]
    wanted = plain(rows[0].source).rpartition("-")[0] if rows else ""
    beads = (shown_bead(one.shown) for one in filings.rows)
    found = next((bead.texts.get("id", "") for bead in beads if bead), "")
    if wanted and found and not found.startswith(f"{wanted}-"):
        commands = named_commands(runbook, SEARCH_BLOCK)
        command = next((c for c in commands if "bd init" in c.text), commands[0])
        right = f'the program of line {rows[0].line} is "{plain(rows[0].source)}"'
        message = f'the bead is {found}; {right}, so the prefix "{wanted}" is right'
        yield Finding(command.file, command.line, message)


def _changed(filings: Filings) -> Iterator[Finding]:
    for command, change in filings.changes:
        message = f"it changes what git tracks or runs in the reader's checkout: {change}"
        yield Finding(command.file, command.line, message)


def _failed(runbook: Runbook, filings: tuple[Filing, ...]) -> Iterator[Finding]:
    for one in filings:
        for outcome in unpassed(one.outcomes):
            message = f"{described(outcome)} ({_drill(one)})"
            yield Finding(outcome.command.file, outcome.command.line, message)
        for state, outcomes in one.again.items():
            for outcome in unpassed(outcomes):
                line = outcome.command.line if state == FILED else _listing(runbook, outcome).line
                when = "after filing" if state == FILED else f"while the bead is {state}"
                when = f"for a bead {state}" if state.startswith(OTHER) else when
                message = f"the search {when}: {described(outcome)} ({_drill(one)})"
                yield Finding(outcome.command.file, line, message)


def _listing(runbook: Runbook, outcome: Outcome) -> Command:
    """Return the command that asks `bd` for beads of the same failure: it decides which."""
    asking = (c for c in named_commands(runbook, SEARCH_BLOCK) if "bd list" in c.text)
    return next(asking, outcome.command)


def _run(runbook: Runbook, filing: Filing) -> Iterator[Finding]:
    """Yield where the bead's own command does not find its failure again."""
    row, run = reproducing(runbook), filing.reproduction
    if row is None or run is None:
        return
    wanted = ", ".join(filing.run.drill.scenarios)
    if run.outcome.status is not Status.PASSED:
        message = f"the bead's `{run.command}` does not fail again: {described(run.outcome)}"
    elif not run.reported & set(filing.run.drill.scenarios):
        found = ", ".join(sorted(run.reported)) or "no scenario"
        message = f"the bead's `{run.command}` reports {found}; the bead is about {wanted}"
    else:
        return
    part = Deviation(row.key, message, row.templates[0], ("reproduce",))
    command = creating(runbook)
    line = blamed(runbook, named_commands(runbook, FILE_BLOCK), part) or command.line
    yield Finding(command.file, line, message)


def _drill(filing: Filing) -> str:
    return f"drill of {filing.run.drill.failure_class}"
