"""What the last run said of a document, as it stands now: the outcome of each of its commands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from freshrun.model import Block, FreshrunError, Outcome, Record, Runbook, Status, from_json
from freshrun.rehearsal import FOLDER


@dataclass(frozen=True, slots=True)
class LastRun:
    """The outcomes of a record, by the numbers of the commands of the document as it stands.

    A command that has changed since has none, and none below it has.
    """

    outcomes: Mapping[int, Outcome]

    def of(self, block: Block) -> tuple[Outcome, ...]:
        """Return the outcomes of a block's commands; none where one of them has none."""
        known = [self.outcomes[c.number] for c in block.commands if c.number in self.outcomes]
        return tuple(known) if len(known) == len(block.commands) else ()

    def at(self, runbook: Runbook, line: int) -> Outcome | None:
        """Return the outcome of the command that stands in a line."""
        for command in runbook.commands:
            if command.line <= line <= command.end_line:
                return self.outcomes.get(command.number)
        return None


NEVER = LastRun({})


def last_run(runbook: Runbook, *, folders: Iterable[Path]) -> LastRun:
    """Return what the newest record of a document says; records lie below some folders."""
    own = Path(runbook.path).resolve()
    for path in _records(folders):
        record = _record(path)
        if record is not None and _is_of(record, own, root=path.parent.parent):
            return matched(record, runbook)
    return NEVER


def _records(folders: Iterable[Path]) -> list[Path]:
    found = {path for folder in folders for path in (folder / FOLDER).glob("record*.json")}
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _record(path: Path) -> Record | None:
    """Return a record; one that is being written, or is of another version, is none."""
    try:
        return from_json(path.read_text("utf-8"))
    except (OSError, ValueError, FreshrunError):
        return None


def _is_of(record: Record, own: Path, *, root: Path) -> bool:
    return (root / record.runbook).resolve() == own


def matched(record: Record, runbook: Runbook) -> LastRun:
    """Give the commands their outcomes, up to the first that is another one than was run.

    What stands below a change was typed into a shell that no longer comes about.
    """
    found: dict[int, Outcome] = {}
    for command, outcome in zip(runbook.commands, record.outcomes, strict=False):
        ran = outcome.command
        if (command.text, command.options) != (ran.text, ran.options):
            break
        found[command.number] = outcome
    return LastRun(found)


def verdict(outcomes: Iterable[Outcome]) -> str:
    """Tell in a few words how the commands of a block went, nothing where none was run."""
    known = list(outcomes)
    seconds = sum(outcome.seconds for outcome in known)
    bad = [each for each in known if each.status not in {Status.PASSED, Status.SKIPPED}]
    if bad:
        why = bad[0].cause or bad[0].reason
        return f"{bad[0].status.value}: {why}" if why else bad[0].status.value
    if not known:
        return ""
    return "skipped" if not seconds and _all_skipped(known) else f"passed in {seconds:.1f} s"


def _all_skipped(outcomes: Iterable[Outcome]) -> bool:
    return all(outcome.status is Status.SKIPPED for outcome in outcomes)


def explained(outcome: Outcome) -> str:
    """Tell everything that is known of one command, in Markdown."""
    ended = "" if outcome.exit_code is None else f", exit status {outcome.exit_code}"
    lines = [f"**{outcome.status.value}** in {outcome.seconds:.1f} s{ended}"]
    lines += [f"*{outcome.cause}*: {outcome.hint}" if outcome.cause else outcome.hint]
    lines += [outcome.reason, *(f"warning: {each}" for each in outcome.warnings)]
    return "\n\n".join(line for line in lines if line)
