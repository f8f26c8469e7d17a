"""The prerequisite gate: the runbook's prerequisites on the present machine, told in lines."""

from collections.abc import Iterator
from dataclasses import dataclass

from freshrun.checklist.answers import present_answers
from freshrun.checklist.confirmation import Confirmation, confirmations, unreal
from freshrun.checklist.contract import contract_of
from freshrun.checklist.sources import repository_files
from freshrun.host import repository
from freshrun.model import Finding, Runbook


@dataclass(frozen=True, slots=True)
class Gate:
    """The prerequisites of a runbook on one machine, and what is wrong with the runbook's tables.

    `surplus` are rows about limitations that are not real, and what could not be read.
    """

    path: str
    confirmations: tuple[Confirmation, ...]
    surplus: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """Return 0 where all that is missing is documented, and nothing else is; else 1.

        A row about a stand-in of the document's own rehearsal documents no lack on a machine.
        """
        missed = any(one.limited and not one.covered for one in self.confirmations)
        return 1 if missed or self.surplus else 0

    @property
    def lines(self) -> tuple[str, ...]:
        """Return a line for each prerequisite, with those of its limitation, then the surplus."""
        told = [line for one in self.confirmations for line in _lines(one, self.path)]
        return (*told, *map(str, self.surplus))


def present_gate(runbook: Runbook) -> Gate:
    """Confirm the prerequisites on the present machine, in the work tree around the runbook.

    Raises `FreshrunError` where the work tree can't be read.
    """
    files = repository_files(repository(runbook.path, worktree=True))
    confirmed = confirmations(runbook, files=files, answers=present_answers(runbook))
    table = contract_of(runbook).limitations
    surplus = (*confirmed.findings, *table.findings, *unreal(runbook, confirmed.rows))
    return Gate(runbook.path, confirmed.rows, surplus)


def _lines(one: Confirmation, path: str) -> Iterator[str]:
    name = one.prerequisite.name
    if not one.limited:
        yield f"confirmed  {name}: {one.answer}"
        return
    yield f"limited    {name}: {_known(one, path)}"
    yield from (f"  {problem}" for problem in one.problems)
    yield f"  {one.installer.consequence}" if one.installer else f"  to file it: {one.bead}"


def _known(one: Confirmation, path: str) -> str:
    if one.documented is None:
        return "not documented"
    row = f"{path}:{one.documented.line}"
    return f"documented in {row}" if one.covered else f"{row} is about the rehearsal's stand-in"
