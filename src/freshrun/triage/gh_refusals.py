"""The table `If gh refuses` held against what gh really says when GitHub refuses."""

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun.checklist import Sandbox, downloads, in_subshell, named_commands, need, retyped
from freshrun.github import FAULTS, Fault
from freshrun.model import Command, Finding, Outcome, Reading, Record, Runbook
from freshrun.shell import names
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.symptoms import Symptom

BLOCKS = ("find-run", "download-artifacts", "read-log")
"""The blocks of the document that call gh, in the order in which a reader types them."""

NO_TOKEN = "no-token"  # noqa: S105 - the name of a situation
MISNAMED = "artifact-misnamed"
NO_RUN = "no-failed-run"
TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_NUMBER = re.compile(r"\d{5,}")
_SHELL = re.compile(r"bash: (?:line \d+: )?")
_ADDRESS = re.compile(r" \(https?://\S+\)")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One command of gh in one situation: what gh said, and its exit status.

    `came_to_nothing` tells that gh said nothing, and the block that it stands in failed after it.
    """

    situation: str
    command: Command
    said: str
    exit_code: int | None
    came_to_nothing: bool = False

    @property
    def is_refusal(self) -> bool:
        """Tell whether a reader has to look it up."""
        return self.exit_code != 0 or self.came_to_nothing


def attempts(
    runbook: Runbook,
    record: Record,
    *,
    switch_on: Callable[[str], Mapping[str, str]],
    sandbox: Sandbox,
    faults: Iterable[Fault] = tuple(FAULTS.values()),
) -> Reading[Attempt]:
    """Type the document's own gh commands in every situation.

    That is: without a token, for an artifact that the run does not have, and with each fault.

    `switch_on` returns the environment in which gh sees a fault, by its name (the plugin's fixture
    `faulty_github`). A situation has an empty folder and an empty cache of its own.
    """
    table = triage_contract_of(runbook).symptoms
    stopped = [finding for block in BLOCKS for finding in need(runbook, record, block=block)]
    if table.findings or stopped:
        return Reading(table.line, findings=(*table.findings, *stopped))
    artifacts = tuple(download.artifact for download in downloads(runbook).rows)
    places = (
        _Situation(NO_TOKEN, {}, sandbox, without=TOKENS),
        _Situation(MISNAMED, {}, sandbox, misnamed=artifacts),
        *_faulty(runbook, [(fault, switch_on(fault.name)) for fault in faults], sandbox=sandbox),
    )
    typed = (
        attempt
        for place in places
        for block in BLOCKS
        for attempt in _attempted(named_commands(runbook, block), place)
    )
    return Reading(table.line, tuple(typed))


def gh_troubleshooting(runbook: Runbook, attempts: Reading[Attempt]) -> tuple[Finding, ...]:
    """Hold the table `If gh refuses` against what gh said.

    Each refusal is told by exactly one row, with its exit status; each situation refuses something;
    each text of each row was said.
    """
    table = triage_contract_of(runbook).symptoms
    if table.findings or attempts.findings:
        return (*table.findings, *attempts.findings)
    barred = tuple(_barred(attempts.rows))
    said = [one for one in attempts.rows if one.is_refusal and not _SHELL.match(one.said)]
    return (
        *barred,
        *_wrong(runbook, table, refusals=said),
        *(() if barred else _unsaid(runbook, table.rows, attempts=attempts.rows)),
        *_harmless(runbook, table, attempts=attempts.rows),
    )


def _barred(attempts: Sequence[Attempt]) -> Iterator[Finding]:
    """Yield the commands that the shell itself refuses, so that gh is never called; each once."""
    refused = {one.command: one for one in attempts if one.is_refusal and _SHELL.match(one.said)}
    for command, one in refused.items():
        message = f'the shell says "{_first_line(one)}" where nothing was typed but this page'
        yield Finding(command.file, command.line, f"{message}; gh is never called")


@dataclass(frozen=True, slots=True)
class _Situation:
    """One situation: where it is tried, in which environment, and what is typed otherwise.

    The variables `without` are unset, `misnamed` are artifacts that go by another name, and `twice`
    tells that each gh command is typed a second time.
    """

    situation: str
    environment: Mapping[str, str]
    sandbox: Sandbox
    without: Sequence[str] = ()
    misnamed: Sequence[str] = ()
    twice: bool = False

    @property
    def folder(self) -> str:
        return f"{self.sandbox.machine.home}/refusals/{self.situation}"

    def altered(self, text: str) -> str:
        """Return what is typed in place of a command of the document."""
        for name in self.misnamed:
            text = re.sub(rf"(?<=\s){re.escape(name)}(?=\s|$)", f"{name}-of-another-run", text)
        return text

    def open(self, like: Command) -> None:
        """Make the folder of this situation."""
        made = retyped(like, text=f"mkdir -p -- {shlex.quote(self.folder)}")
        self.sandbox.shell.type(in_subshell(made, folder=self.sandbox.machine.home))

    def type(self, like: Command, *, text: str) -> Outcome:
        """Type a text in a subshell of this situation."""
        env = {**self.environment, "XDG_CACHE_HOME": f"{self.folder}/cache"}
        typed = retyped(like, text=text)
        return self.sandbox.shell.type(
            in_subshell(typed, folder=self.folder, env=env, without=self.without)
        )


def _faulty(
    runbook: Runbook, faults: Sequence[tuple[Fault, Mapping[str, str]]], *, sandbox: Sandbox
) -> Iterator[_Situation]:
    """Yield the situation of each fault; all of them are about the same run."""
    sound = next((environment for fault, environment in faults if fault.repeated), None)
    known = _found(runbook, _Situation("sound", sound, sandbox)) if sound is not None else {}
    for fault, environment in faults:
        yield _Situation(fault.name, {**environment, **known}, sandbox, twice=fault.repeated)


def _found(runbook: Runbook, place: _Situation) -> dict[str, str]:
    """Return what the first block sets where nothing is wrong: the run that all faults are about.

    The shell's own may be about another: a live one.
    """
    commands = named_commands(runbook, BLOCKS[0])
    assigned = [name for command in commands for name in names(command.text).assigned]
    shown = [f'printf "%s\\n" "${name}"' for name in assigned]
    place.open(commands[0])
    outcome = place.type(commands[0], text="\n".join([*(c.text for c in commands), *shown]))
    values = outcome.stdout.text.splitlines()[-len(assigned) :] if assigned else []
    return dict(zip(assigned, values, strict=False))


def _attempted(commands: Sequence[Command], place: _Situation) -> Iterator[Attempt]:
    """Type the block up to each of its gh commands, and where gh is silent, to its end."""
    texts = [place.altered(command.text) for command in commands]
    place.open(commands[0])
    for position, command in enumerate(commands, start=1):
        if "gh" not in names(command.text).commands:
            continue
        again = texts[position - 1 : position] * place.twice
        outcome = place.type(command, text="\n".join((*texts[:position], *again)))
        said = f"{outcome.stdout.text}{outcome.stderr.text}".strip()
        silent = outcome.exit_code == 0 and not said
        after = place.type(command, text="\n".join(texts)).exit_code if silent else 0
        yield Attempt(place.situation, command, said, outcome.exit_code, after != 0)


def _wrong(
    runbook: Runbook, table: Reading[Symptom], *, refusals: Sequence[Attempt]
) -> Iterator[Finding]:
    """Yield one finding for each row, or pair of rows, that is wrong about a refusal."""
    texts = [text for row in table.rows for text in row.texts]
    found: dict[tuple[str, ...], Finding] = {}
    for one in refusals:
        rows = [row for row in table.rows if _fits(row, one)]
        said = f"gh says {_quoted(one)} ({one.situation})"
        if not rows:
            near = _nearest(_first_line(one), texts)
            message = f'{said}, which no row tells; the nearest is "{near}"'
            found.setdefault((one.situation, near), Finding(runbook.path, table.line, message))
        if len(rows) > 1:
            lines = " and ".join(str(row.line) for row in rows)
            message = f"{said}, which lines {lines} tell; one is right"
            found.setdefault((lines,), Finding(runbook.path, rows[0].line, message))
        for row in rows[:1]:
            if row.exit_code != one.exit_code:
                message = f"{said} with exit status {one.exit_code}, the row says {row.exit_code}"
                found.setdefault((message,), Finding(runbook.path, row.line, message))
    yield from found.values()


def _unsaid(
    runbook: Runbook, rows: Sequence[Symptom], *, attempts: Sequence[Attempt]
) -> Iterator[Finding]:
    """Yield the texts that no situation made gh say, with what it said instead."""
    refusals = [one for one in attempts if one.is_refusal]
    untold = [one for one in refusals if not any(_fits(row, one) for row in rows)]
    for row in rows:
        if not row.texts and not any(_fits(row, one) for one in refusals):
            yield _unheard(runbook, row, attempts=attempts)
        for text in row.texts:
            if not any(_says(text, one) for one in refusals):
                instead = _nearest(text, [_first_line(one) for one in untold or refusals])
                message = f'gh never says "{text}"; the nearest that it says is "{instead}"'
                yield Finding(runbook.path, row.line, message)


def _unheard(runbook: Runbook, row: Symptom, *, attempts: Sequence[Attempt]) -> Finding:
    """Return what is wrong where a row is about silence, and no block failed after any."""
    asking = named_commands(runbook, BLOCKS[0])
    for one in (one for one in attempts if one.situation == NO_RUN and one.command in asking):
        if one.exit_code == 0 and not one.said:
            message = f"gh says nothing ({one.situation}), and no command after it fails; one that"
            message += f" does is right, for line {row.line} tells of it"
            return Finding(one.command.file, one.command.line, message)
    return Finding(runbook.path, row.line, "gh was never silent about a run that is missing")


def _harmless(
    runbook: Runbook, table: Reading[Symptom], *, attempts: Sequence[Attempt]
) -> Iterator[Finding]:
    situations = dict.fromkeys(one.situation for one in attempts)
    refused = {one.situation for one in attempts if one.is_refusal}
    for situation in situations:
        if situation not in refused:
            message = f"{situation}: no gh command of the document refuses anything"
            yield Finding(runbook.path, table.line, message)


def _fits(row: Symptom, attempt: Attempt) -> bool:
    if not row.texts:
        return attempt.came_to_nothing
    return any(_says(text, attempt) for text in row.texts)


def _says(text: str, attempt: Attempt) -> bool:
    """Tell whether gh's words hold the text; a long number, such as a run's, is any number."""
    return _NUMBER.sub("N", text) in _NUMBER.sub("N", attempt.said)


def _first_line(attempt: Attempt) -> str:
    """Return the first line that gh said, without the address that it asked."""
    return _ADDRESS.sub("", attempt.said.partition("\n")[0])


def _quoted(attempt: Attempt) -> str:
    return f'"{_first_line(attempt)}"' if attempt.said else "nothing"


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.0)
    return near[0] if near else ""
