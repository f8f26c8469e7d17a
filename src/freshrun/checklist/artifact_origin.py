"""Whose the downloaded artifacts are: those of the run that the document named."""

import json
import re
from collections.abc import Iterator, Mapping

from freshrun.checklist.artifacts import downloads, rehearsed_runs
from freshrun.checklist.contract import contract_of
from freshrun.checklist.plan import program_plan
from freshrun.checklist.prerequisites_table import Kind
from freshrun.checklist.sources import linked
from freshrun.github import read_workflow
from freshrun.model import Finding, Record, Runbook


def own_artifacts(
    runbook: Runbook,
    record: Record,
    *,
    files: Mapping[str, bytes],
    artifacts: Mapping[str, Mapping[str, bytes]],
) -> tuple[Finding, ...]:
    """Hold the downloaded `artifacts` to be those of the run that the document named last.

    Every JSON file of them that has the field which the plan takes from a variable that the
    workflow sets to `github.run_id` holds that run's number.
    """
    numbers = [address.rpartition("/")[2] for address in rehearsed_runs(record)]
    found_plan = program_plan(runbook, files=files)
    if not numbers or found_plan.findings:
        return found_plan.findings
    plan = found_plan.known
    rows = [one for one in plan.required.rows if one.source in _run_ids(runbook, files)]
    if not rows:
        message = "no required field is the workflow's github.run_id, so nobody can tell whose an"
        line = plan.required.line
        return (Finding(plan.document.path, line, f"{message} artifact is"),)
    return tuple(
        Finding(fetched.command.file, fetched.command.line, message)
        for fetched in downloads(runbook).rows
        for name, content in artifacts.get(fetched.artifact, {}).items()
        for row in rows
        for message in _strange(f"{name} of {fetched.artifact}", content, row.path, numbers[-1])
    )


def _strange(name: str, content: bytes, field: str, number: str) -> Iterator[str]:
    try:
        document: object = json.loads(content) if name.partition(" ")[0].endswith(".json") else None
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict) and str(document.get(field, number)) != number:
        yield f"{name} is of another run: {field} is {document[field]}; {number} is right"


def _run_ids(runbook: Runbook, files: Mapping[str, bytes]) -> set[str]:
    """Return the variables that a workflow sets to the number of its run."""
    rows = [row for row in contract_of(runbook).prerequisites.rows if row.kind is Kind.WORKFLOW]
    paths = [linked(runbook, row.source, files=files) for row in rows]
    read = (read_workflow(files[path], path=path).value for path in paths if path in files)
    return {
        name
        for workflow in read
        if workflow is not None
        for job in workflow.jobs
        for step in job.steps
        for name, value in step.env.items()
        if re.fullmatch(r"\$\{\{\s*github\.run_id\s*\}\}", value)
    }
