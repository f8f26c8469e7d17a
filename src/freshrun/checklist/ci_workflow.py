"""A workflow that the runbook rests on, beside the runbook that tells of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist.contract import Contract, contract_of
from freshrun.checklist.entrypoints import Entrypoint
from freshrun.checklist.plan import Plan, program_plan
from freshrun.checklist.prerequisites_table import Prerequisite
from freshrun.checklist.trial import Sandbox
from freshrun.github import Job, Step, Workflow
from freshrun.model import Finding, Record, Runbook

ALSO_RED = {"always()", "!cancelled()", "success() || failure()", "failure() || success()"}
"""The conditions under which a step also follows one that failed."""

LIKE_NONE = {"", "success()", "true", *ALSO_RED}
"""The conditions that keep no step of a green job from running."""


@dataclass(frozen=True, slots=True)
class CiWorkflow:
    """A workflow of the runbook's `Prerequisites`, and what it is held against."""

    runbook: Runbook
    row: Prerequisite
    workflow: Workflow
    files: Mapping[str, bytes]
    sandbox: Sandbox
    record: Record | None

    @property
    def contract(self) -> Contract:
        """Return what the runbook's tables promise."""
        return contract_of(self.runbook)

    @property
    def plan(self) -> Plan | None:
        """Return the program plan; `None` where there is none that can be read."""
        return program_plan(self.runbook, files=self.files).value

    def there(self, line: int, message: str) -> Finding:
        """Return a finding in the workflow."""
        return Finding(self.workflow.path, line, message)

    def here(self, line: int, message: str) -> Finding:
        """Return a finding in the runbook."""
        return Finding(self.runbook.path, line, message)

    @property
    def uploading(self) -> Iterator[tuple[Job, Step]]:
        """Yield the jobs that upload an artifact which the row gives, each with that step."""
        for job in self.workflow.jobs:
            for step in job.steps:
                if step.uploads in self.row.gives:
                    yield job, step

    def entry(self, artifact: str) -> Entrypoint | None:
        """Return the entrypoint whose outputs an artifact holds: the one that it is named after."""
        words = re.split(r"\W", artifact)
        rows = self.contract.entrypoints.rows
        return next((row for row in rows if row.name in words), None)


def line_of(step: Step, key: str) -> int:
    """Return the line of a step's key; that of the step where it has no such key."""
    return step.lines.get(key, step.line)
