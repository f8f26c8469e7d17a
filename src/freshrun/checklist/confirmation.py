"""The prerequisites that a runbook names, each confirmed, and the limitations that it tells of."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist.answers import NOT_FOUND, Answer
from freshrun.checklist.cells import plain
from freshrun.checklist.contract import contract_of
from freshrun.checklist.follow_ups import follow_up
from freshrun.checklist.installers import Installer, installer
from freshrun.checklist.plan import read_plan
from freshrun.checklist.prerequisites_table import (
    Kind,
    Limitation,
    Prerequisite,
)
from freshrun.checklist.sources import linked
from freshrun.checklist.tables import typed_rows
from freshrun.checklist.uploaded import documented_uploads
from freshrun.github import uploads
from freshrun.model import Finding, Reading, Record, Row, Runbook, did_you_mean


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One prerequisite: what it answered, and what is missing of it.

    `problems` are what is wrong with it, `stand_in` is what takes its place; a prerequisite with
    either is limited. `documented` is the runbook's row about that, which excuses the stand-in
    alone where it is `nightly`: there because the document's own settings ask for a stand-in.
    `installer` is the command of the runbook that would have installed it: then its lack is a
    consequence. `bead` is the command that files the follow-up, empty for a consequence.
    """

    prerequisite: Prerequisite
    answer: str
    problems: tuple[Finding, ...]
    stand_in: str
    documented: Limitation | None
    nightly: bool
    installer: Installer | None
    bead: str

    @property
    def limited(self) -> bool:
        """Tell whether the prerequisite, or the real one, is missing."""
        return bool(self.problems or self.stand_in)

    @property
    def covered(self) -> bool:
        """Tell whether the runbook documents what is missing.

        A row about a stand-in excuses neither one that doesn't answer nor a real tool that doesn't.
        """
        only_stands_in = self.nightly or bool(self.stand_in)
        return self.documented is not None and not (only_stands_in and self.problems)


def prerequisites_hold(
    runbook: Runbook,
    *,
    files: Mapping[str, bytes],
    answers: Mapping[str, Answer],
    stand_ins: Iterable[str] = (),
    record: Record | None = None,
) -> tuple[Finding, ...]:
    """Hold the table under `Prerequisites` and `Known limitations` against what is there.

    A prerequisite is confirmed by the repository's `files` or by its tool's `answers`, by command.
    What is missing, or has one of the `stand_ins` of a record's place, is a limitation: it has a
    row about it, and a row about a prerequisite means that it has one. Without a record it is the
    present machine that answers.
    """
    confirmed = confirmations(
        runbook, files=files, answers=answers, stand_ins=stand_ins, record=record
    )
    table = contract_of(runbook).limitations
    if confirmed.findings or table.findings:
        return (*confirmed.findings, *table.findings)
    return (
        *(finding for one in confirmed.rows for finding in _undocumented(runbook, one)),
        *unreal(runbook, confirmed.rows),
    )


def confirmations(
    runbook: Runbook,
    *,
    files: Mapping[str, bytes],
    answers: Mapping[str, Answer],
    stand_ins: Iterable[str] = (),
    record: Record | None = None,
) -> Reading[Confirmation]:
    """Confirm each row of the table under `Prerequisites` (see `prerequisites_hold`)."""
    table = contract_of(runbook).prerequisites
    asked = _Questions(runbook, files, answers, tuple(stand_ins), record)
    program = _program(table.rows)
    rows = tuple(_confirmation(asked, row, program=program) for row in table.rows)
    return Reading(table.line, rows, table.findings)


def _confirmation(asked: "_Questions", row: Prerequisite, *, program: str) -> Confirmation:
    answer, problems = asked.confirmed(row)
    stand_in = _stand_in(row, asked.stand_ins)
    rows = contract_of(asked.runbook).limitations.rows
    missing = asked.missing(row)
    reason = problems[0].message if problems else stand_in
    return Confirmation(
        prerequisite=row,
        answer=answer,
        problems=problems,
        stand_in=stand_in,
        documented=next((one for one in rows if row.name in one.about), None),
        nightly=_asked_for(asked.runbook, row),
        installer=missing,
        bead="" if missing else follow_up(f"Prerequisite {row.name}: {reason}", program=program),
    )


# --- the limitations ---


def _undocumented(runbook: Runbook, one: Confirmation) -> Iterator[Finding]:
    if not one.limited or one.covered:
        return
    name = one.prerequisite.name
    stands = Finding(runbook.path, one.prerequisite.line, f"stands in: {one.stand_in}")
    first, *others = one.problems or (stands,)
    message = f"{name}: {first.message}; {_rest(runbook, one)}"
    yield Finding(first.file, first.line, message)
    yield from (Finding(o.file, o.line, f"{name}: {o.message}") for o in others)


def _rest(runbook: Runbook, one: Confirmation) -> str:
    """Return what a finding says after what is wrong: whose it is, and what to file."""
    if one.installer is not None:
        return one.installer.consequence
    if one.documented is None:
        table = f'"Known limitations" (line {contract_of(runbook).limitations.line})'
        return f"no row of {table} is about {one.prerequisite.name}; to file it: {one.bead}"
    line = one.documented.line
    return f"its stand-in is documented in line {line}, this is not: {one.bead}"


def unreal(runbook: Runbook, confirmed: Iterable[Confirmation]) -> Iterator[Finding]:
    """Yield the rows of `Known limitations` about what is confirmed, or no prerequisite at all."""
    known = {one.prerequisite.name: one for one in confirmed}
    for row in contract_of(runbook).limitations.rows:
        for name in row.about:
            one = known.get(name)
            if one is None:
                hint = did_you_mean(name, known) or f"; known are {', '.join(known)}"
                yield Finding(runbook.path, row.line, f'"{name}" is no prerequisite{hint}')
            elif not one.limited and not _asked_for(runbook, one.prerequisite):
                message = f'the limitation is no longer real: {name} answers "{one.answer}"'
                yield Finding(runbook.path, row.line, f"{message}; remove the row")


def _stand_in(row: Prerequisite, stand_ins: Iterable[str]) -> str:
    """Return the entry of a place's stand-ins, `program: what it is`, that is about a tool."""
    programs = {command.split()[0] for command in row.commands}
    return next((one for one in stand_ins if one.partition(":")[0] in programs), "")


def _asked_for(runbook: Runbook, row: Prerequisite) -> bool:
    """Tell whether the document's own settings want a stand-in, whatever this run has."""
    wanted = {"bd": runbook.settings.bd, "gh": runbook.settings.github}
    programs = {command.split()[0] for command in row.commands}
    return any(wanted.get(program) not in {None, "live"} for program in programs)


def _program(rows: Iterable[Prerequisite]) -> str:
    """Return the ID of the program's bead, with which the link to the plan is marked."""
    return next((plain(row.source) for row in rows if row.kind is Kind.PLAN), "")


# --- what confirms a prerequisite ---

_Answered = tuple[str, tuple[Finding, ...]]
"""What a prerequisite answers, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Questions:
    runbook: Runbook
    files: Mapping[str, bytes]
    answers: Mapping[str, Answer]
    stand_ins: tuple[str, ...]
    record: Record | None

    def missing(self, row: Prerequisite) -> Installer | None:
        """Return what would have installed a tool that is not there."""
        answers = (self.answers.get(command) for command in row.commands)
        if not any(answer and answer.exit_code == NOT_FOUND for answer in answers):
            return None
        return installer(self.runbook, row, record=self.record)

    def confirmed(self, row: Prerequisite) -> _Answered:
        if row.kind is Kind.PLAN:
            return self._plan(row)
        return self._workflow(row) if row.kind is Kind.WORKFLOW else self._tool(row)

    def here(self, row: Prerequisite, message: str) -> Finding:
        return Finding(self.runbook.path, row.line, message)

    def _plan(self, row: Prerequisite) -> _Answered:
        plan = read_plan(self.runbook, row.source, line=row.line, files=self.files)
        if plan.findings:
            return "", plan.findings
        document, program = plan.known.document, plan.known.program
        tables = [typed_rows(document, title, columns=(), build=_same) for title in row.gives]
        problems = tuple(finding for table in tables for finding in table.findings)
        if plain(row.source) != program:
            said = f'the link says "{plain(row.source)}", the title of {document.path} "{program}"'
            problems += (self.here(row, said),)
        return f"{document.path} has {', '.join(row.gives)}", problems

    def _workflow(self, row: Prerequisite) -> _Answered:
        path = linked(self.runbook, row.source, files=self.files)
        if path not in self.files:
            hint = did_you_mean(path, self.files)
            return "", (self.here(row, f'the workflow "{path}" is not there{hint}'),)
        found = uploads(self.files[path], path=path)
        names = dict.fromkeys(upload.artifact for upload in found.rows)
        documented = documented_uploads(self.runbook, row, path=path, uploaded=found.rows)
        return f"{path} uploads {', '.join(names) or 'nothing'}", (*found.findings, *documented)

    def _tool(self, row: Prerequisite) -> _Answered:
        if not row.commands:
            return "", (self.here(row, "no command confirms it"),)
        unasked = Answer(None, "was not asked")
        answers = [(command, self.answers.get(command, unasked)) for command in row.commands]
        wrong = [f"`{command}` {one.failure}" for command, one in answers if one.failure]
        first = answers[0][1]
        if not wrong:
            wrong += _too_old(row, first)
        return first.line, tuple(self.here(row, message) for message in wrong)


def _too_old(row: Prerequisite, answer: Answer) -> Iterator[str]:
    said = f'`{row.commands[0]}` answers "{answer.line}"'
    if not answer.version:
        yield f"{said}, which has no version"
    for lowest in row.gives:
        if not re.fullmatch(r"\d+(\.\d+)*", lowest):
            yield f'"{lowest}" is no version; one such as 2.26 is right'
        elif answer.version and _numbers(answer.version) < _numbers(lowest):
            yield f"{said}; {lowest} or later is right"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _same(row: Row) -> Row:
    return row
