"""The defect template, typed for a failure of each class, and typed again for the duplicate."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from freshrun.contract.artifacts import Download, downloads
from freshrun.contract.defects import FILE_BLOCK, READ_BLOCK, bead_faults, creating
from freshrun.contract.drills import DrillRun, first_runs
from freshrun.contract.evidence import named, named_commands, unmet
from freshrun.contract.outputs import output_folder, streams
from freshrun.contract.paths import checkout
from freshrun.contract.tables import Where
from freshrun.contract.trial import Bench, aside, instead, moved
from freshrun.finding import Finding, Reading
from freshrun.outcome import Outcome, Status
from freshrun.record import Record
from freshrun.runbook import Command, Runbook

VALUES_BLOCK = "defect-values"
SEARCH_BLOCK = "find-duplicate"
BLOCKS = (VALUES_BLOCK, SEARCH_BLOCK, FILE_BLOCK, READ_BLOCK)
"""The blocks of the template, in the order in which a reader types them."""

_DUPLICATE = 1
"""The exit status of the search that found a bead for the same failure."""


@dataclass(frozen=True, slots=True)
class Filing:
    """The template, typed for one failure: what its commands gave, up to the first that failed.

    `files` are the downloaded artifact, by path below the directory of the template; `again` is
    what the search for a duplicate gave once the bead was there, with its last command expected to
    end with exit status 1.
    """

    run: DrillRun
    files: dict[str, bytes]
    outcomes: tuple[Outcome, ...]
    again: tuple[Outcome, ...]


def filings(
    runbook: Runbook, record: Record, *, runs: Reading[DrillRun], bench: Bench
) -> Reading[Filing]:
    """Type the template in the live shell, once for the first run of each drill.

    The shell stands in a clone of the checkout without any bead, and what the drill left lies where
    the first download of the document would put it. At the end the shell is back where it was.
    """
    fetched = downloads(runbook)
    stopped = [finding for block in BLOCKS for finding in unmet(runbook, record, block=block)]
    if fetched.findings or stopped or runs.findings:
        return Reading(fetched.line, findings=(*fetched.findings, *stopped, *runs.findings))
    desk = _Desk(runbook, record, fetched.rows[0], bench)
    opening = desk.open()
    if opening.status is not Status.PASSED:
        command = opening.command
        message = f"the checkout can't be cloned, to file beads in: {_told(opening)}"
        return Reading(fetched.line, findings=(Finding(command.file, command.line, message),))
    filed = tuple(desk.file(run) for run in first_runs(runs))
    desk.close()
    return Reading(fetched.line, filed)


def filed(runbook: Runbook, filings: Reading[Filing]) -> tuple[Finding, ...]:
    """Hold each bead against its failure (see `defect`), and the search against the bead.

    Every command of the template passes, and the search that follows ends with exit status 1.
    """
    command = creating(runbook) if filings.rows else None
    judged = (
        Finding(runbook.path, command.line, f"{message} ({_drill(one)})")
        for one in filings.rows
        if command and not _unpassed(one.outcomes)
        for message in bead_faults(runbook, _shown(one), files=one.files)
    )
    return (*filings.findings, *_failed(filings.rows), *judged)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where beads are filed: a clone of the checkout, and the live shell in it."""

    runbook: Runbook
    record: Record
    download: Download
    bench: Bench

    @property
    def checkout(self) -> str:
        return checkout(self.runbook, home=self.bench.machine.home)

    @property
    def clone(self) -> str:
        return f"{self.bench.machine.home}/defects/{PurePosixPath(self.checkout).name}"

    @property
    def folder(self) -> str:
        """Return the directory of the clone in which the template's first command stands."""
        place = named(self.record, VALUES_BLOCK)[0].cwd or self.checkout
        return self.clone + place.removeprefix(self.checkout)

    @property
    def like(self) -> Command:
        return named_commands(self.runbook, VALUES_BLOCK)[0]

    def open(self) -> Outcome:
        source, clone = shlex.quote(self.checkout), shlex.quote(self.clone)
        text = f"rm -rf -- {clone} && git clone --quiet -- {source} {clone}"
        return self.bench.prompt.type(aside(instead(self.like, text=text), folder="/"))

    def file(self, run: DrillRun) -> Filing:
        files = self._downloaded(run)
        outcomes = tuple(self._typed(*BLOCKS))
        again = () if _unpassed(outcomes) else tuple(self._searched())
        return Filing(run, files, outcomes, again)

    def close(self) -> None:
        place = named(self.record, READ_BLOCK)[-1].cwd or self.checkout
        self.bench.prompt.type(moved(self.like, folder=place))

    def _downloaded(self, run: DrillRun) -> dict[str, bytes]:
        """Put the run's outputs where a download of its artifact would."""
        root, target = output_folder(self.runbook), self.download.folder
        files = {
            f"{target}/{name.removeprefix(f'{root}/')}": content
            for name, content in run.files.items()
            if name.startswith(f"{root}/")
        }
        cleared = instead(self.like, text=f"rm -rf -- {shlex.quote(target)}")
        self.bench.prompt.type(aside(cleared, folder=self.folder))
        self.bench.machine.write_tree(files, folder=self.folder)
        return files

    def _typed(self, *blocks: str) -> Iterator[Outcome]:
        self.bench.prompt.type(moved(self.like, folder=self.folder))
        for block in blocks:
            for command in named_commands(self.runbook, block):
                yield (outcome := self.bench.prompt.type(command))
                if outcome.status is not Status.PASSED:
                    return

    def _searched(self) -> Iterator[Outcome]:
        """Search again: the values of the failure are still in the shell."""
        self.bench.prompt.type(moved(self.like, folder=self.folder))
        *first, last = named_commands(self.runbook, SEARCH_BLOCK)
        found = replace(last, options=replace(last.options, exit=_DUPLICATE))
        for command in (*first, found):
            yield self.bench.prompt.type(command)


def _failed(filings: tuple[Filing, ...]) -> Iterator[Finding]:
    for one in filings:
        for outcome in (*_unpassed(one.outcomes), *_unpassed(one.again)):
            what = "the search after filing: " if outcome in one.again else ""
            message = f"{what}{_told(outcome)} ({_drill(one)})"
            yield Finding(outcome.command.file, outcome.command.line, message)


def _told(outcome: Outcome) -> str:
    """Return why a command failed, with the last line that it said about it."""
    last = outcome.stderr.text.strip().splitlines()[-1:]
    return outcome.reason + "".join(f'; it said "{line}"' for line in last)


def _unpassed(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    return tuple(outcome for outcome in outcomes if outcome.status is not Status.PASSED)


def _shown(filing: Filing) -> bytes:
    read = [o for o in filing.outcomes if o.command.options.name == READ_BLOCK]
    return streams(read)[Where.STDOUT.value]


def _drill(filing: Filing) -> str:
    return f"drill of {filing.run.drill.failure_class}"
