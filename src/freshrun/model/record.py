"""Everything that happened in one rehearsal."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum

from freshrun.model.outcome import Outcome, Status
from freshrun.model.runbook import Untyped


def moment() -> str:
    """Return the present time as a record tells it: ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a rehearsal ran, and what it was given.

    `repository` says what the machine was given: a commit, a work tree, or nothing.
    `stand_ins` names every part that is not the real one. `notes` are sentences for the reader:
    a trust store that was extended, blocks that were not run. `path` is the document's own from
    its repository's root, and `source` its address at the commit; both empty where there is none.
    `system` is what the machine's operating system calls itself.
    """

    image: str = ""
    image_id: str = ""
    user: str = ""
    engine: str = ""
    git_commit: str | None = None
    repository: str = ""
    network: str = "full"
    stand_ins: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = ""
    source: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One objective pass/fail statement, judged.

    `reason` is empty for a plain pass; it names the stand-in that was used, or the document's
    line and what was found there.
    """

    name: str
    status: Status
    reason: str = ""


class State(Enum):
    """How far the run of a record is."""

    RUNNING = "running"
    """It was begun. A record that stays so is one of a run that was killed."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Record:
    """One rehearsal: what ran, where, when, and what was judged.

    `trials` are what the checklist typed after the rehearsal to find something out: evidence for
    its items, which alone judge it. `started` and `ended` are ISO 8601 in UTC. `fault` is why the
    harness could not go on, empty where it could. `run` tells the runs of one document apart.
    `untyped` is the document's shell text that is no command. `text` is the document, each line
    where it stands in the file; empty where it was not read, or has no such form without secrets.
    """

    runbook: str
    sha256: str
    started: str
    ended: str
    provenance: Provenance = field(default_factory=Provenance)
    outcomes: tuple[Outcome, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    trials: tuple[Outcome, ...] = ()
    untyped: tuple[Untyped, ...] = ()
    fault: str = ""
    run: str = ""
    state: State = State.ENDED
    text: str = ""

    def refused(self, why: str) -> "Record":
        """Return the record of an announced run that did not come to its end, and why."""
        return replace(self, fault=why, state=State.ENDED)

    @property
    def verdict(self) -> Status:
        """Return `PASSED`, `FAILED` or `BROKEN` (see `Status`) for the whole."""
        statuses = self._statuses
        if self.fault or self.state is State.RUNNING or Status.BROKEN in statuses:
            return Status.BROKEN
        if statuses & {Status.FAILED, Status.NOT_REACHED}:
            return Status.FAILED
        return Status.PASSED if self._ran_anything else Status.BROKEN

    @property
    def why_broken(self) -> str:
        """Return why nothing can be said of the document, where no command or item tells that."""
        if self.fault:
            return self.fault
        if self.state is State.RUNNING:
            return "the run has not ended; where its process is gone, it was killed"
        if self.verdict is not Status.BROKEN or Status.BROKEN in self._statuses:
            return ""
        return "no command of the document was run"

    @property
    def seconds(self) -> float | None:
        """Return the wall time of the rehearsal, `None` where the record does not tell it."""
        try:
            start, end = (datetime.fromisoformat(each) for each in (self.started, self.ended))
            return (end - start).total_seconds()
        except (ValueError, TypeError):
            return None

    @property
    def lines_untyped(self) -> tuple[int, int]:
        """Return how many lines of shell that a reader sees were not typed, and of how many."""
        lost = sum(each.lines for each in self.untyped if each.counts)
        commands = (outcome.command for outcome in self.outcomes)
        return lost, lost + sum(each.end_line - each.line + 1 for each in commands)

    @property
    def _statuses(self) -> set[Status]:
        return {o.status for o in self.outcomes} | {i.status for i in self.checklist}

    @property
    def _ran_anything(self) -> bool:
        return any(outcome.status is Status.PASSED for outcome in self.outcomes)
