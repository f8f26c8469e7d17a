"""Checklist item `discoverability`: every link leads somewhere, and the runbook is near."""

import pytest

from freshrun.checks import Judge, Runbook, dead_links, discoverable, documents

PLAN = "runbook/DRV-b1l-multi-tenant-e2e-testing-program.md"


@pytest.mark.checklist("discoverability")
def test_no_link_is_dead_and_the_runbook_is_near(runbook: Runbook, judge: Judge) -> None:
    """Links of all documents resolve on GitHub; the front door leads to the runbook in 2 clicks."""
    found = documents(runbook.path, address=runbook.settings.repository)
    near = discoverable(
        found, front_door="runbook/README.md", runbook=runbook, linked_from=("README.md", PLAN)
    )
    judge((*dead_links(found), *near))
