"""A failed run, triaged by the runbook: class, owner, evidence, and the commands that file it.

What a reader does by hand at night, done from the runbook's own tables and blocks. Pure: a runbook
and the files of a run's artifacts become a `Triage`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
