"""Where beads are filed on trial: clones of the checkout, and the live shell in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from freshrun.checklist import (
    IDS,
    SCENARIO,
    Download,
    Sandbox,
    checkout,
    downloads,
    in_subshell,
    moved,
    named,
    named_commands,
    output_files,
    output_folder,
    outputs_kept,
    retyped,
    streams,
    unmet,
    value_of,
)
from freshrun.model import Command, Finding, Outcome, Reading, Record, Runbook, Status
from freshrun.triage.bead_fields import below
from freshrun.triage.defects import READ_BLOCK, creating
from freshrun.triage.drills import DrillRun, first_runs, ids_of
from freshrun.triage.filed_bead import shown_bead
from freshrun.triage.filing import (
    BLOCKS,
    FILED,
    OTHER,
    SEARCH_BLOCK,
    VALUES_BLOCK,
    Filing,
    Filings,
    Reproduction,
    described,
    reproducing,
    unpassed,
)

_DUPLICATE = 1
"""The exit status of the search that found a bead for the same failure."""

_RED = 1
"""The exit status of a run that found the failure again."""

_WORKED_ON = ("in_progress", "blocked")
"""Statuses of a bead that its owner has taken up."""

_TERMINAL = "a reader's own"
"""The name of the terminal at which the database is made once more."""

_STATE = r"""git log -1 --format='commit %h %s'
git status --porcelain --untracked-files={untracked} | sed 's/^/status /'
printf 'core.hooksPath %s\n' "$(git config core.hooksPath)"
ls .git/hooks | sed 's/^/hook /'"""


def filings(
    runbook: Runbook, record: Record, *, runs: Reading[DrillRun], sandbox: Sandbox
) -> Filings:
    """Type the template in the live shell, once for the first run of each drill.

    The shell stands in a clone of the checkout without any bead, and what the drill left lies where
    the first download of the document would put it. At the end the shell is back where it was.
    """
    fetched = downloads(runbook)
    stopped = [finding for block in BLOCKS for finding in unmet(runbook, record, block=block)]
    if fetched.findings or stopped or runs.findings:
        return Filings(fetched.line, findings=(*fetched.findings, *stopped, *runs.findings))
    desk = _Desk(runbook, record, fetched.rows[0], sandbox)
    for opening in (desk.open(desk.clone), desk.open(desk.other)):
        if opening.status is not Status.PASSED:
            command = opening.command
            message = f"the checkout can't be cloned, to file beads in: {described(opening)}"
            finding = Finding(command.file, command.line, message)
            return Filings(fetched.line, findings=(finding,))
    return desk.filed(first_runs(runs))


@dataclass(frozen=True, slots=True)
class _Desk:
    """Two clones of the checkout with staged work and an identity, and the live shell."""

    runbook: Runbook
    record: Record
    download: Download
    sandbox: Sandbox

    @property
    def checkout(self) -> str:
        return checkout(self.runbook, home=self.sandbox.machine.home)

    @property
    def clone(self) -> str:
        return f"{self.sandbox.machine.home}/defects/{PurePosixPath(self.checkout).name}"

    @property
    def other(self) -> str:
        """Return the clone in which the database is made at a terminal."""
        return f"{self.sandbox.machine.home}/defects-at-a-terminal"

    @property
    def folder(self) -> str:
        """Return the directory of the template's first command, below a clone's root."""
        place = named(self.record, VALUES_BLOCK)[0].cwd or self.checkout
        return place.removeprefix(self.checkout)

    @property
    def like(self) -> Command:
        return named_commands(self.runbook, VALUES_BLOCK)[0]

    def open(self, clone: str) -> Outcome:
        source, target = shlex.quote(self.checkout), shlex.quote(clone)
        steps = (
            f"rm -rf -- {target}",
            f"git clone --quiet -- {source} {target}",
            f"cd {target}",
            "git config user.name 'A reader'",
            "git config user.email reader@localhost",
            "echo work > staged-by-the-reader",
            "git add --force staged-by-the-reader",
        )
        return self.sandbox.shell.type(
            in_subshell(retyped(self.like, text=" &&\n".join(steps)), folder="/")
        )

    def filed(self, runs: tuple[DrillRun, ...]) -> Filings:
        asked, changes = self.made_at_a_terminal()
        before = self.state(self.clone, untracked="no")
        with outputs_kept(self.runbook, sandbox=self.sandbox, like=self.like):
            rows = tuple(self.file(run, first=run is runs[0]) for run in runs)
        if not changes:
            after = self.state(self.clone, untracked="no")
            changes = tuple(_changes(creating(self.runbook), before=before, after=after))
        self.close()
        return Filings(self.download.command.line, rows, asked=asked, changes=changes)

    def made_at_a_terminal(self) -> tuple[tuple[Outcome, ...], tuple[tuple[Command, str], ...]]:
        """Type what makes the database as a reader does: at a terminal, where bd can ask."""
        commands = named_commands(self.runbook, SEARCH_BLOCK)
        making = [command for command in commands if "bd init" in command.text]
        if not making:
            return (), ()
        path = shlex.quote(value_of("PATH", like=self.like, shell=self.sandbox.shell))
        start = f"export PATH={path} && cd -- {shlex.quote(self.other + self.folder)}"
        before = self.state(self.other, untracked="normal")
        typed = (retyped(self.like, text=start), *commands[: commands.index(making[-1]) + 1])
        outcomes = tuple(self._at_a_terminal(typed))
        after = self.state(self.other, untracked="normal")
        return outcomes, tuple(_changes(making[-1], before=before, after=after))

    def _at_a_terminal(self, commands: tuple[Command, ...]) -> Iterator[Outcome]:
        for command in commands:
            options = replace(command.options, tty=True, terminal=_TERMINAL)
            yield (outcome := self.sandbox.shell.type(replace(command, options=options)))
            if outcome.status is not Status.PASSED:
                return

    def state(self, clone: str, *, untracked: str) -> tuple[str, ...]:
        """Return what git tells of a clone, line by line."""
        text = _STATE.replace("{untracked}", untracked)
        outcome = self.sandbox.shell.type(in_subshell(retyped(self.like, text=text), folder=clone))
        return tuple(outcome.stdout.text.splitlines())

    def file(self, run: DrillRun, *, first: bool) -> Filing:
        files = self._downloaded(run)
        outcomes = tuple(self._typed(*BLOCKS))
        filing = Filing(run, files, outcomes)
        if unpassed(outcomes):
            return filing
        again = {FILED: tuple(self._searched())}
        for status in _WORKED_ON if first else ():
            again[status] = tuple(self._worked_on(filing, status))
        for label in self._ids(filing) if first else ():
            again[f"{OTHER}{label}"] = tuple(self._another(filing, label))
        return replace(filing, again=again, reproduction=self._reproduced(filing))

    def close(self) -> None:
        place = named(self.record, READ_BLOCK)[-1].cwd or self.checkout
        self.sandbox.shell.type(moved(self.like, folder=place))

    def _downloaded(self, run: DrillRun) -> dict[str, bytes]:
        """Put the run's outputs where a download of its artifact would."""
        root, target = output_folder(self.runbook), self.download.folder
        files = {
            f"{target}/{name.removeprefix(f'{root}/')}": content
            for name, content in run.files.items()
            if name.startswith(f"{root}/")
        }
        cleared = retyped(self.like, text=f"rm -rf -- {shlex.quote(target)}")
        self.sandbox.shell.type(in_subshell(cleared, folder=self.clone + self.folder))
        self.sandbox.machine.write_tree(files, folder=self.clone + self.folder)
        return files

    def _typed(self, *blocks: str) -> Iterator[Outcome]:
        self.sandbox.shell.type(moved(self.like, folder=self.clone + self.folder))
        for block in blocks:
            for command in named_commands(self.runbook, block):
                yield (outcome := self.sandbox.shell.type(command))
                if outcome.status is not Status.PASSED:
                    return

    def _searched(self, *, expected: int = _DUPLICATE) -> Iterator[Outcome]:
        """Search again: the values of the failure are still in the shell."""
        self.sandbox.shell.type(moved(self.like, folder=self.clone + self.folder))
        *first, last = named_commands(self.runbook, SEARCH_BLOCK)
        found = replace(last, options=replace(last.options, exit=expected))
        for command in (*first, found):
            yield self.sandbox.shell.type(command)

    def _worked_on(self, filing: Filing, status: str) -> Iterator[Outcome]:
        """Take the bead up as its owner does, and search for it."""
        yield self._updated(filing, f"--status {status}")
        yield from self._searched()

    def _another(self, filing: Filing, label: str) -> Iterator[Outcome]:
        """Make the bead one of another failure for a while: the search has to pass it over."""
        yield self._updated(filing, f"--remove-label {shlex.quote(label)}")
        yield from self._searched(expected=0)
        yield self._updated(filing, f"--add-label {shlex.quote(label)}")

    def _ids(self, filing: Filing) -> tuple[str, ...]:
        """Return the bead's labels that say which failure it is about."""
        bead = shown_bead(filing.shown)
        starts = tuple(f"{name.removesuffix('Id')}:" for name in IDS)
        return tuple(label for label in (bead.labels if bead else ()) if label.startswith(starts))

    def _updated(self, filing: Filing, change: str) -> Outcome:
        bead = shown_bead(filing.shown)
        name = shlex.quote(bead.texts.get("id", "") if bead else "")
        last = named_commands(self.runbook, SEARCH_BLOCK)[-1]
        typed = retyped(last, text=f"bd update {name} {change}")
        return self.sandbox.shell.type(in_subshell(typed, folder=self.clone))

    def _reproduced(self, filing: Filing) -> Reproduction | None:
        """Run the command with which the bead says that its failure is seen again."""
        row, bead = reproducing(self.runbook), shown_bead(filing.shown)
        if row is None or bead is None:
            return None
        start = row.templates[0].partition("{reproduce}")[0]
        lines = (line.partition(start) for line in below(bead.body, row.key).splitlines())
        command = next((rest.strip() for _, found, rest in lines if found and rest), "")
        if not command:
            return None
        place = re.search(r"\b[Ii]n (\S+), run", start)
        folder = f"{self.checkout}/{place[1]}" if place else self.checkout + self.folder
        like = retyped(creating(self.runbook), text=command)
        outcome = self.sandbox.shell.type(in_subshell(like, folder=folder, exit_code=_RED))
        files = output_files(self.runbook, self.sandbox.machine)
        reported = ids_of(self.runbook, {**files, **streams((outcome,))}, name=SCENARIO)
        return Reproduction(command, outcome, reported)


def _changes(
    command: Command, *, before: tuple[str, ...], after: tuple[str, ...]
) -> Iterator[tuple[Command, str]]:
    """Yield the command with what git tells now and didn't before, or no longer tells."""
    new = [line for line in after if line not in before]
    gone = [line for line in before if line not in after]
    if new or gone:
        told_now = f"git says {'; '.join(new) or 'less'}"
        yield command, told_now + (f"; it no longer says {'; '.join(gone)}" if gone else "")
