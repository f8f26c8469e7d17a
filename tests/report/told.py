"""Records of whole documents, made of nothing but their text."""

from dataclasses import replace

from freshrun.document.reading import parse
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.record import ChecklistItem, Provenance, Record
from freshrun.model.runbook import Command

SOURCE = "https://github.com/freshrun/freshrun/blob/1a2b3c4d5e6f/runbook/x.md"


def output(text: str) -> Output:
    """Return a stream with this text."""
    return Output(text.encode(), size=len(text.encode()))


def passed(command: Command) -> Outcome:
    """Return a command that passed and printed something."""
    text = "\x1b[32mok\x1b[0m " + "a line of what it printed\n" * 3
    return Outcome(command, Status.PASSED, exit_code=0, seconds=0.25, stdout=output(text))


def failed(command: Command) -> Outcome:
    """Return a command that failed, and why."""
    return Outcome(
        command,
        Status.FAILED,
        exit_code=127,
        seconds=0.01,
        stderr=output("bash: drv: command not found\n"),
        reason="exit status 127, expected 0",
        cause="command not found",
        hint="`drv` is not installed; line 12 should have given it",
    )


def unreached(command: Command) -> Outcome:
    """Return a command that an earlier failure kept from running."""
    return Outcome(command, Status.NOT_REACHED, Ending.NOT_RUN, reason="runbook/x.md:9 failed")


def told(text: str, *, bad: tuple[int, ...] = (), trials: int = 0) -> Record:
    """Return the record of a document, of whose commands those with these numbers failed."""
    runbook = parse(text, path="runbook/x.md")
    outcomes = tuple(
        failed(each) if each.number in bad else passed(each) for each in runbook.commands
    )
    items = [ChecklistItem(f"item {number}", Status.PASSED) for number in range(12)]
    if bad:
        items += [ChecklistItem("smoke run", Status.FAILED, f"runbook/x.md:{bad[0]} failed")]
        items += [ChecklistItem(f"left {n}", Status.NOT_REACHED, "not run") for n in range(9)]
    return Record(
        runbook="runbook/x.md",
        sha256=runbook.sha256,
        started="2026-11-23T05:00:00Z",
        ended="2026-11-23T05:01:03Z",
        provenance=Provenance(
            image="debian:bookworm",
            user="newcomer",
            git_commit="1a2b3c4d5e6f7081",
            stand_ins=("gh: a recorded run", "bd: freshrun's stand-in"),
            source=SOURCE,
        ),
        outcomes=outcomes,
        trials=tuple(replace(each, command=replace(each.command, number=0)) for each in outcomes)
        * (trials // max(len(outcomes), 1)),
        checklist=tuple(items),
        untyped=runbook.untyped,
        text=text,
    )
