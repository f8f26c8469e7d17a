"""A failed run, triaged by the runbook: class, owner, evidence, and the commands that file it.

What a reader does by hand at night, done from the runbook's own tables and blocks. Pure: a runbook
and the files of a run's artifacts become a `Triage`.
"""

from freshrun.triage.artifacts import SUCCESS, CiRun, Hit
from freshrun.triage.case import Case, Contact, Fact
from freshrun.triage.commands import Paste, gh_repository, paste
from freshrun.triage.folders import Arranged, arranged, documented_names
from freshrun.triage.outcome import Triage, UnreadableError, triaged

__all__ = [
    "SUCCESS",
    "Arranged",
    "Case",
    "CiRun",
    "Contact",
    "Fact",
    "Hit",
    "Paste",
    "Triage",
    "UnreadableError",
    "arranged",
    "documented_names",
    "gh_repository",
    "paste",
    "triaged",
]
