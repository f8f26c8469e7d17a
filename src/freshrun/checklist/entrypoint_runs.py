"""The commands of `Entrypoints`, tried out: without each variable, and with the required ones."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from freshrun.checklist.contract import contract_of
from freshrun.checklist.entrypoints import Terms
from freshrun.checklist.evidence import named, unmet
from freshrun.checklist.outputs import newer_files, output_files, outputs_kept
from freshrun.checklist.strays import Stray, Watch
from freshrun.checklist.trial import Sandbox, in_subshell, retyped
from freshrun.model import Command, Outcome, Reading, Record, Runbook
from freshrun.shell import names


@dataclass(frozen=True, slots=True)
class EntryRun:
    """An entrypoint, tried out.

    `refused` is what it gave without each of its required variables, and `untouched` tells that no
    documented output was there after that. `green` is one run with the required variables alone;
    `streams` and `files` are what that left, nothing hidden. `leaks` are the secrets that stand in
    one of them, or in what the rehearsal's own last run left, each with where. `strays` are the
    files that the green run left anywhere else on the machine. `programs` are the files that the
    command's first word stands for, by the order of PATH; the shell takes the first.
    """

    terms: Terms
    refused: Mapping[str, Outcome]
    untouched: bool
    green: Outcome
    streams: Mapping[str, bytes]
    files: Mapping[str, bytes]
    leaks: tuple[tuple[str, str], ...]
    strays: tuple[Stray, ...] = ()
    programs: tuple[str, ...] = ()


def entry_runs(runbook: Runbook, record: Record, *, sandbox: Sandbox) -> Reading[EntryRun]:
    """Try each entrypoint out, aside, where the block of its name stood.

    It is typed without each required variable in turn, then once with these alone. The outputs that
    the rehearsal left are put back at the end.
    """
    table = contract_of(runbook).terms
    blocks = [row.entry.name for row in table.rows]
    stopped = [finding for name in blocks for finding in unmet(runbook, record, block=name)]
    if table.findings or stopped:
        return Reading(table.line, findings=(*table.findings, *stopped))
    trials = [
        _Trial(runbook, row, named(record, row.entry.name)[-1], sandbox) for row in table.rows
    ]
    left, values = output_files(runbook, sandbox.machine), _secret_values(trials)
    with outputs_kept(runbook, sandbox=sandbox, like=trials[0].like):
        runs = tuple(_run(trial, left=left, secrets=values) for trial in trials)
    return Reading(table.line, runs)


def silent_outputs(runs: Reading[EntryRun]) -> dict[str, bytes]:
    """Return what the first entrypoint left that refused to start: two streams and no file."""
    for run in runs.rows:
        for outcome in run.refused.values():
            return {
                "stdout": outcome.stdout.text.encode(),
                "stderr": outcome.stderr.text.encode(),
            }
    return {}


@dataclass(frozen=True, slots=True)
class _Trial:
    """Where an entrypoint is tried out: like the block's last command, in its directory."""

    runbook: Runbook
    terms: Terms
    last: Outcome
    sandbox: Sandbox

    @property
    def folder(self) -> str:
        return self.last.cwd or self.sandbox.machine.home

    @property
    def like(self) -> Command:
        """Return the entrypoint's command, at the line of its row."""
        entry = self.terms.entry
        return retyped(self.last.command, text=entry.command, line=entry.line)

    def type(self, text: str, *, without: tuple[str, ...] = (), exit_code: int = 0) -> Outcome:
        """Type a text aside, in the block's directory."""
        typed = retyped(self.like, text=text)
        trial = in_subshell(typed, folder=self.folder, without=without, exit_code=exit_code)
        return self.sandbox.shell.type(trial)

    def newer_files(self, *, than: str) -> dict[str, bytes]:
        """Return the outputs that were written after a file."""
        return newer_files(self.runbook, than=than, sandbox=self.sandbox, like=self.like)


def _run(trial: _Trial, *, left: Mapping[str, bytes], secrets: Mapping[str, bytes]) -> EntryRun:
    terms, machine = trial.terms, trial.sandbox.machine
    scratch = f"{machine.home}/entrypoints/{terms.entry.name}"
    start = f"{scratch}/start"
    # A kernel's file times stand still for some milliseconds: what is written then is not newer.
    wait = "{ sleep 0.05 2>/dev/null || sleep 1; }"
    trial.type(f"mkdir -p -- {shlex.quote(scratch)} && : > {shlex.quote(start)} && {wait}")
    refused = {
        name: trial.type(terms.entry.command, without=(name,), exit_code=terms.refusal)
        for name in terms.required
    }
    untouched = not trial.newer_files(than=start)
    redirected = f"{{\n{terms.entry.command}\n}}"
    redirected += f" > {shlex.quote(scratch)}/stdout 2> {shlex.quote(scratch)}/stderr"
    watch = Watch(trial.runbook, like=trial.like, sandbox=trial.sandbox)
    watch.begin()
    green = trial.type(redirected, without=_beside(trial.runbook, terms))
    streams = {name: machine.read(f"{scratch}/{name}") or b"" for name in ("stdout", "stderr")}
    files = trial.newer_files(than=start)
    leaks = tuple(_leaks((*left.items(), *streams.items(), *files.items()), secrets=secrets))
    told = {f"{scratch}/{name}" for name in streams}
    strays = tuple(one for one in watch.strays() if one.path not in told)
    programs = _programs(trial)
    return EntryRun(terms, refused, untouched, green, streams, files, leaks, strays, programs)


def _programs(trial: _Trial) -> tuple[str, ...]:
    """Return each file once, however many names it has."""
    word = shlex.quote(shlex.split(trial.terms.entry.command)[0])
    found = trial.type(f'type -aP -- {word} | while read -r one; do readlink -f -- "$one"; done; :')
    return tuple(dict.fromkeys(found.stdout.text.splitlines()))


def _leaks(
    outputs: Iterable[tuple[str, bytes]], *, secrets: Mapping[str, bytes]
) -> Iterator[tuple[str, str]]:
    for output, content in outputs:
        for name, value in secrets.items():
            if value and value in content:
                yield name, output


def _beside(runbook: Runbook, terms: Terms) -> tuple[str, ...]:
    """Return every variable that the document sets or names, but for the required ones."""
    assigned = {name for command in runbook.commands for name in names(command.text).assigned}
    return tuple(sorted((assigned | set(terms.optional)) - set(terms.required)))


def _secret_values(trials: Sequence[_Trial]) -> dict[str, bytes]:
    """Read the secrets past the mask, which would hide from this check what it looks for."""
    trial, machine = trials[0], trials[0].sandbox.machine
    secrets = {*trial.runbook.settings.secrets, *(s for one in trials for s in one.terms.secrets)}
    values: dict[str, bytes] = {}
    for name in sorted(secrets):
        path = f"{machine.home}/entrypoints.secret"
        trial.type(f'(umask 077; printf %s "${{{name}-}}" > {shlex.quote(path)})')
        values[name] = machine.read(path) or b""
        trial.type(f"rm -f -- {shlex.quote(path)}")
    return values
