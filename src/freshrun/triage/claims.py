"""Who is said to own what, in the three places that say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from freshrun.checklist import (
    Definition,
    FailureClass,
)
from freshrun.github import Codeowners
from freshrun.model import Finding, Reading, Runbook
from freshrun.triage.decision_tree import Advice
from freshrun.triage.ownership_file import (
    ClassOwners,
    OwnershipFile,
)
from freshrun.triage.ownership_table import Ownership


@dataclass(frozen=True, slots=True)
class Claims:
    """All that says who gets a failure: the runbook, the ownership file and CODEOWNERS."""

    runbook: Runbook
    table: Reading[Ownership]
    taxonomy: Reading[FailureClass]
    leaves: Reading[Advice]
    definitions: Reading[Definition]
    files: Mapping[str, bytes]
    owners: OwnershipFile
    codeowners: Codeowners

    @property
    def by_class(self) -> Mapping[str, ClassOwners]:
        """Return the owners of each class, as the ownership file has them."""
        return {one.failure_class: one for one in self.owners.classes}

    def here(self, line: int, message: str) -> Finding:
        """Return a finding in the runbook."""
        return Finding(self.runbook.path, line, message)

    def there(self, line: int, message: str) -> Finding:
        """Return a finding in the ownership file."""
        return Finding(self.owners.path, line, message)

    def at(self, line: int) -> str:
        """Return a line of the ownership file, with its path."""
        return f"{self.owners.path}:{line}"


def owner_key(owner: str) -> str:
    """Return an owner as GitHub compares it: without the @, in small letters."""
    return owner.removeprefix("@").lower()
