"""A failed run, triaged by the runbook: class, owner, evidence, and the commands that file it.

What a reader does by hand at night, done from the runbook's own tables and blocks. Pure: a runbook
and the files of a run's artifacts become a `Triage`.
"""

from freshrun.triage.artifacts import SUCCESS, CiRun, Hit, arranged, hits
from freshrun.triage.case import Case, Contact, Fact, Triage, triaged
from freshrun.triage.commands import Paste, paste

__all__ = [
    "SUCCESS",
    "Case",
    "CiRun",
    "Contact",
    "Fact",
    "Hit",
    "Paste",
    "Triage",
    "arranged",
    "hits",
    "paste",
    "triaged",
]
