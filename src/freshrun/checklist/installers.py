"""The commands of a runbook that install its own prerequisites: what they would have made."""

import re
from dataclasses import dataclass

from freshrun.checklist.prerequisites_table import Prerequisite
from freshrun.model import Command, Outcome, Record, Runbook, Status

_INSTALLS = re.compile(r"\b(?:install|add|get|curl|wget|download|clone|brew|dnf|apk|pacman|make)\b")


@dataclass(frozen=True, slots=True)
class Installer:
    """A command that would have installed a tool, and what became of it in a rehearsal.

    `outcome` is `None` on a machine where nothing was rehearsed.
    """

    command: Command
    outcome: Outcome | None

    @property
    def consequence(self) -> str:
        """Return what a finding says of a tool that is missing for this reason alone."""
        place = f"{self.command.file}:{self.command.line}"
        if self.outcome is None:
            return f"{place} of the runbook installs it"
        return f"a consequence: {place} would have installed it, and {_fate(self.outcome)}"


def installer(runbook: Runbook, row: Prerequisite, *, record: Record | None) -> Installer | None:
    """Return the command that would have installed a tool which is not there.

    In a rehearsal it is one that did not pass: what passed and left nothing is the document's own
    fault. Where no command names the tool, the first that installs and was not reached stands for
    it.
    """
    named = [command for command in runbook.commands if _installs(command, row)]
    if record is None:
        return Installer(named[0], None) if named else None
    missed = [one for one in record.outcomes if one.status not in {Status.PASSED, Status.SKIPPED}]
    for outcome in missed:
        if outcome.command.number in {command.number for command in named}:
            return Installer(outcome.command, outcome)
    unreached = (one for one in missed if not named and _unreached_install(one))
    return next((Installer(one.command, one) for one in unreached), None)


def _installs(command: Command, row: Prerequisite) -> bool:
    """Tell whether a command installs something that is named after the tool or its program."""
    names = {row.name, *(text.split()[0] for text in row.commands)}
    words = "|".join(re.escape(name) for name in sorted(names))
    about = re.search(rf"(?<!\w)(?:{words})(?![a-z0-9])", command.text, re.IGNORECASE)
    return bool(about and _INSTALLS.search(command.text))


def _unreached_install(outcome: Outcome) -> bool:
    return outcome.status is Status.NOT_REACHED and bool(_INSTALLS.search(outcome.command.text))


def _fate(outcome: Outcome) -> str:
    if outcome.status is Status.NOT_REACHED:
        return f"was not reached: {outcome.reason}" if outcome.reason else "was not reached"
    return f"{outcome.status.value}: {outcome.reason}"
