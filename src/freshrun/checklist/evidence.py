"""What a record shows of the commands that a check depends on."""

from collections.abc import Container, Iterable

from freshrun.model import (
    Command,
    Finding,
    NotReachedError,
    Outcome,
    Record,
    Runbook,
    Status,
    did_you_mean,
)

_STOPPED = Status.NOT_REACHED
_WIDTH = 60
"""So many characters of a command are shown, beside its line."""


def named(record: Record, name: str) -> tuple[Outcome, ...]:
    """Return the outcomes of the commands of the block that has this `name=` option."""
    return tuple(o for o in record.outcomes if o.command.options.name == name)


def named_commands(runbook: Runbook, name: str) -> tuple[Command, ...]:
    """Return the commands of the block that has this `name=` option."""
    return tuple(c for c in runbook.commands if c.options.name == name)


def setup(runbook: Runbook, record: Record, *, before: str = "smoke") -> tuple[Finding, ...]:
    """Return why the setup does not stand: every command before the named block has to pass.

    A command that the document itself skips is passed over. A setup of no command at all is
    a finding: it proves nothing. So is each named block of the document without a command.
    """
    first = named_commands(runbook, before)
    if not first:
        return (_unnamed(runbook, before),)
    if empty := emptied(runbook):
        return empty
    steps = runbook.commands[: runbook.commands.index(first[0])]
    if not steps:
        message = f"no command stands before the block {before}; the setup of a fresh machine does"
        return (Finding(first[0].file, first[0].line, message),)
    return unpassed(steps, record, allowed={Status.PASSED, Status.SKIPPED})


def emptied(runbook: Runbook) -> tuple[Finding, ...]:
    """Return the blocks that have a name, and no command: what knows them by it would miss them."""
    return tuple(
        Finding(runbook.path, block.line, f"the block {block.options.name} holds no command")
        for block in runbook.blocks
        if block.options.name and not block.commands
    )


def need(runbook: Runbook, record: Record, *, block: str) -> tuple[Finding, ...]:
    """Hold that the named block left what a check starts from; a finding where it is missing.

    Raises `NotReachedError` where a command of it failed or was not reached: the check is about
    what the block leaves, and has nothing to judge.
    """
    commands = named_commands(runbook, block)
    if not commands:
        return (_unnamed(runbook, block),)
    need_commands(commands, record)
    return ()


def need_commands(commands: Iterable[Command], record: Record) -> None:
    """Hold that commands left what a check starts from.

    One that ended with the exit status that it promises left it, also where it took too long or
    printed something else: that is its own failure. Raises `NotReachedError` for any other.
    """
    ended = {
        outcome.command.number
        for outcome in record.outcomes
        if outcome.exit_code == outcome.command.options.exit
    }
    findings = unpassed([one for one in commands if one.number not in ended], record)
    if findings:
        raise NotReachedError(f"{findings[0]}; what it leaves is judged here")


def need_setup(runbook: Runbook, record: Record, *, before: str = "smoke") -> None:
    """Hold that the setup stands, for a check that asks the machine what was installed.

    Raises `NotReachedError` where a command of it failed or was not reached.
    """
    findings = setup(runbook, record, before=before) if named_commands(runbook, before) else ()
    if findings:
        raise NotReachedError(f"{findings[0]}; what it sets up is judged here")


def unmet(runbook: Runbook, record: Record, *, block: str) -> tuple[Finding, ...]:
    """Return why the named block does not hold: it is missing, or a command did not pass.

    Raises `NotReachedError` where it was not reached (see `unpassed`).
    """
    commands = named_commands(runbook, block)
    if not commands:
        return (_unnamed(runbook, block),)
    return unpassed(commands, record)


def unpassed(
    commands: Iterable[Command], record: Record, *, allowed: Container[Status] = (Status.PASSED,)
) -> tuple[Finding, ...]:
    """Return a finding for each command whose status is none of `allowed`.

    Those that were not reached are none: where nothing but them is missing, `NotReachedError` is
    raised with the first of them, and with what stood in its way.
    """
    fates = {outcome.command.number: outcome for outcome in record.outcomes}
    missed = [(command, fates.get(command.number)) for command in commands]
    missed = [(c, outcome) for c, outcome in missed if not outcome or outcome.status not in allowed]
    stopped = [(c, outcome) for c, outcome in missed if outcome and outcome.status is _STOPPED]
    told = [
        Finding(command.file, command.line, f"`{_head(command)}` {_fate(outcome)}")
        for command, outcome in missed
        if (command, outcome) not in stopped
    ]
    for command, _ in () if told else stopped:
        where = f"{command.file}:{command.line}: `{_head(command)}`"
        raise NotReachedError(f"{where} was not reached{_obstacle(record)}")
    return tuple(told)


def _unnamed(runbook: Runbook, name: str) -> Finding:
    for finding in emptied(runbook):
        if finding.message.startswith(f"the block {name} "):
            return finding
    names = [block.options.name for block in runbook.blocks if block.options.name]
    hint = did_you_mean(name, names)
    return Finding(runbook.path, 1, f"no block of commands is marked name={name}{hint}")


def _fate(outcome: Outcome | None) -> str:
    if outcome is None:
        return "was not run in this rehearsal"
    return f"{outcome.status.value}: {outcome.reason}"


def _obstacle(record: Record) -> str:
    for outcome in record.outcomes:
        if outcome.status in {Status.FAILED, Status.BROKEN}:
            command = outcome.command
            return f": `{_head(command)}` ({command.file}:{command.line}) stood in its way"
    return ""


def _head(command: Command) -> str:
    line, _, more = command.text.partition("\n")
    return f"{line[:_WIDTH]}..." if more or len(line) > _WIDTH else line
