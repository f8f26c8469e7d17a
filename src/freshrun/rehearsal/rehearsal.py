"""The rehearsal: every command of a runbook, typed into a machine in the document's order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice, takewhile
from pathlib import Path

from freshrun import diagnosis
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.model import Command, Ending, Outcome, Runbook, Status
from freshrun.rehearsal.audience import Audience, Nobody
from freshrun.rehearsal.setup import Sections, Setup, decided
from freshrun.session import Session, Start, opening
from freshrun.shell import history_event, names, recalled

NOTHING_SECRET = Mask(())


def played_in(
    runbook: Runbook,
    machine: Machine,
    *,
    setup: Setup | None = None,
    mask: Mask = NOTHING_SECRET,
    spill: Path | None = None,
) -> Iterator[Outcome]:
    """Yield one outcome for each command, in order, as it comes.

    After a failure the rest is `NOT_REACHED`: of the document, or of the part where parts are
    independent. `mask` hides secrets in the outputs, and outputs too long for memory go to files in
    the folder `spill`. Without a `setup` the document alone decides.
    """
    with open_session(runbook, machine, setup=setup, mask=mask, spill=spill) as session:
        yield from played(runbook, session, setup=setup)


def open_session(  # noqa: PLR0913 - every part has a name at the call
    runbook: Runbook,
    machine: Machine,
    *,
    setup: Setup | None = None,
    mask: Mask = NOTHING_SECRET,
    spill: Path | None = None,
    audience: Audience | None = None,
) -> Session:
    """Return a session that begins where a reader of the runbook would (see `played_in`)."""
    setup = setup or decided(runbook)
    return Session(
        machine,
        start=Start(_beginning(runbook, machine), _login(machine)),
        mask=mask,
        timeout=setup.timeout,
        spill=spill,
        policy=setup.policy,
        ttys=terminals_of(runbook),
        waiting=(audience or Nobody()).typing,
    )


def played(
    runbook: Runbook,
    session: Session,
    *,
    setup: Setup | None = None,
    already: Sequence[Outcome] = (),
) -> Iterator[Outcome]:
    """Yield one outcome a command, typed into a session that stays open (see `played_in`).

    `already` is what the first commands gave that were typed before, all without a failure.
    """
    # Hidden before it is diagnosed: a hint quotes the document, and may cut a secret short.
    shown = session.mask.hide(runbook)
    sections = (setup or decided(runbook)).sections
    for outcome in typed(runbook, session, sections=sections, already=already):
        hidden = session.mask.hide(outcome)
        told = _diagnosed(hidden, shown)
        # What is told is put together anew: a secret may stand in it whose parts stood apart.
        yield told if told is hidden else session.mask.hide(told)


def tried_on(
    runbook: Runbook, session: Session, *, outcomes: Sequence[Outcome]
) -> Iterator[Outcome]:
    """Yield what the commands give that a failure left, as if there had been none.

    After a failure among them it goes on with the next section.
    """
    left = {one.command.number for one in outcomes if one.status is Status.NOT_REACHED}
    shown, refused = session.mask.hide(runbook), dict(islice(_refused(runbook), _REFUSED))
    session.leave_programs()
    for section in runbook.sections:
        commands = [command for command in section.commands if command.number in left]
        for outcome in _play(session, commands, obstacle=None, refused=refused):
            yield session.mask.hide(_diagnosed(session.mask.hide(outcome), shown))
            if outcome.status is Status.BROKEN:
                return


def typed(
    runbook: Runbook, session: Session, *, sections: Sections, already: Sequence[Outcome] = ()
) -> Iterator[Outcome]:
    """Yield one outcome a command as the session gives it: nothing is hidden, or diagnosed."""
    obstacle: Outcome | None = None
    refused = dict(islice(_refused(runbook), _REFUSED))
    for number, part in enumerate(parts_of(runbook, sections)):
        first = number == 0 and sections is not Sections.EACH
        known = already[part[0].number - 1 : part[-1].number]
        yield from (replace(one, command=new) for one, new in zip(known, part, strict=False))
        if number > 1 and not known:
            session.leave_programs()
        for outcome in _play(session, part[len(known) :], obstacle=obstacle, refused=refused):
            if _stops_the_rest(outcome, first=first):
                obstacle = obstacle or outcome
            yield outcome


def terminals_of(runbook: Runbook) -> frozenset[str | None]:
    """Return the terminals, by name, that have to be real ones for what is typed there."""
    opened = (c for c in runbook.commands if c.options.tty or opening(c))
    return frozenset(command.options.terminal for command in opened)


def _beginning(runbook: Runbook, machine: Machine) -> str:
    """Return where a reader starts: in a checkout, unless the document makes it itself."""
    repository = machine.repository
    if repository is None or begins_at_home(runbook, machine):
        return machine.home
    checkout = f"{machine.home}/{repository.name}"
    machine.clone_to(checkout)
    return checkout


def begins_at_home(runbook: Runbook, machine: Machine) -> bool:
    """Tell whether the document makes its own checkout, or the machine has nothing for one."""
    copy = machine.repository
    return copy is None or any(_clones(command, copy.url) for command in runbook.commands)


def _clones(command: Command, url: str | None) -> bool:
    return (
        url is not None and "git clone" in command.text and url.removesuffix(".git") in command.text
    )


def _login(machine: Machine) -> dict[str, str]:
    """Return what the login of a terminal sets, beside what the image and the document set."""
    return {
        "USER": machine.user,
        "LOGNAME": machine.user,
        "SHELL": "/bin/bash",
        "TERM": "xterm-256color",
    }


def parts_of(runbook: Runbook, sections: Sections) -> tuple[tuple[Command, ...], ...]:
    """Return the document's commands in the parts that don't need one another.

    With independent sections, the first part with commands is the setup that all others need.
    """
    if sections is Sections.IN_ORDER:
        return (runbook.commands,) if runbook.commands else ()
    parts: list[list[Command]] = [[]]
    second = 2
    for section in runbook.sections:
        if section.level <= second:
            parts.append([])
        parts[-1].extend(section.commands)
    return tuple(tuple(part) for part in parts if part)


def _stops_the_rest(outcome: Outcome, *, first: bool) -> bool:
    return outcome.status is Status.BROKEN or (first and outcome.status is Status.FAILED)


def _play(
    session: Session,
    commands: Sequence[Command],
    *,
    obstacle: Outcome | None,
    refused: Mapping[int, str],
) -> Iterator[Outcome]:
    """Yield the outcomes of one part; after its first failure the rest of it is not reached.

    What bash at a prompt would refuse, by the numbers of the commands, fails without being typed.
    """
    for skipped, group in groupby(commands, key=lambda command: command.options.skip is not None):
        waiting = tuple(group)
        if skipped:
            yield from map(_skipped, waiting)
            continue
        reached = 0
        for outcome in _tried(session, waiting, refused) if obstacle is None else ():
            reached += 1
            if outcome.status is not Status.PASSED:
                obstacle = outcome
            yield outcome
        if obstacle is not None:
            yield from (_not_reached(command, obstacle) for command in waiting[reached:])


def _tried(
    session: Session, commands: Sequence[Command], refused: Mapping[int, str]
) -> Iterator[Outcome]:
    """Yield what each command gave, up to the first that failed."""
    fit = tuple(takewhile(lambda command: command.number not in refused, commands))
    done = 0
    for outcome in session.run(fit):
        done += outcome.status is Status.PASSED
        yield outcome
    for command in commands[len(fit) : len(fit) + 1] if done == len(fit) else ():
        reason = refused[command.number]
        yield Outcome(command, Status.FAILED, Ending.NOT_RUN, reason=reason)


_REFUSED = 100
"""Commands that are looked for which a prompt would refuse: after so many nobody reads on."""


def _refused(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield the commands, by number, whose `!` or `fc` bash at a prompt takes for earlier ones."""
    earlier: dict[str | None, list[Command]] = {}
    for command in runbook.commands:
        if command.options.skip is None and not command.within:
            before = earlier.setdefault(command.options.terminal, [])
            if reason := _why_refused(command, before):
                yield command.number, reason
            before.append(command)


def _why_refused(command: Command, before: Sequence[Command]) -> str:
    """Return why a command can't be typed as it stands, nothing where it can."""
    text = command.text
    event = history_event(text, earlier=[each.text for each in before]) if "!" in text else None
    if event and not event.found:
        return f"bash at a prompt refuses it: {event.text}: event not found"
    if event and recalled(command, before) is None:
        return f"can't tell what `{event.text}` is in a reader's history"
    if "fc" in text and "fc" in names(text).commands:
        return "can't tell what `fc` finds in a reader's history"
    if _READS_ON.match(text):
        return "a reader's shell takes its next lines from that file, and ends with it"
    return ""


_READS_ON = re.compile(
    r"\s*exec(?:\s+\d+[<>]&[\d-]+)*\s+0?<\s*(?!/dev/tty\b)[^\s<>&|;()]+(?:\s+\d*>{1,2}\s*\S+)*\s*\Z"
)


def _skipped(command: Command) -> Outcome:
    reason = f"the document says so: {command.options.skip}"
    return Outcome(command, Status.SKIPPED, Ending.NOT_RUN, reason=reason)


def _not_reached(command: Command, obstacle: Outcome) -> Outcome:
    first = obstacle.command
    what = "was broken off" if obstacle.status is Status.BROKEN else "failed"
    reason = f"{first.file}:{first.line} {what}"
    return Outcome(command, Status.NOT_REACHED, Ending.NOT_RUN, reason=reason)


def _diagnosed(outcome: Outcome, runbook: Runbook) -> Outcome:
    # What is known of failures is loaded by the first command that may hide one.
    if outcome.status is Status.PASSED and "|" not in outcome.command.text:
        return outcome
    if hidden := diagnosis.hidden_failure(outcome, runbook):
        return replace(outcome, warnings=(*outcome.warnings, hidden))
    if outcome.status is not Status.FAILED:
        return outcome
    why = diagnosis.diagnose(_with_redirected(outcome), runbook)
    return replace(outcome, cause=why.cause.value, hint=why.hint)


def _with_redirected(outcome: Outcome) -> Outcome:
    """Return an outcome with what went to a file, where nothing was printed, as its stderr."""
    files = [one for one in outcome.files if one.redirected and one.content.size]
    if outcome.stderr.size or not files:
        return outcome
    return replace(outcome, stderr=files[0].content)
