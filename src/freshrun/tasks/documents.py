"""Which documents a task is about."""

from collections.abc import Sequence
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit

from freshrun.rehearsal import TABLE, project_of
from freshrun.tasks.saying import BROKEN, one_line_errors

RUNBOOK = "the Markdown file; the one that the project's settings name unless given"
RUNBOOKS = f"{RUNBOOK}; may be given several times"
HELP = {row.name: row.help for row in TABLE}
"""What each option of a rehearsal is for."""


def named(context: Context, runbook: str) -> str:
    """Return the runbook that is asked for, or the one that the project's settings name."""
    return all_named(context, [runbook] if runbook else (), behind="TASK ")[0]


def all_named(context: Context, runbooks: Sequence[str], *, behind: str = "") -> list[str]:
    """Return the runbooks that are asked for, or those that the project's settings name."""
    with one_line_errors():
        found = [*runbooks] or [*project_of(Path()).runbooks]
    found = found or [str(context.config.get("freshrun", {}).get("runbook", ""))]
    if not all(found):
        right = f"freshrun {behind}README.md, or --runbook README.md"
        raise Exit(f"no document is named; for example: {right}", BROKEN)
    return list(dict.fromkeys(found))
