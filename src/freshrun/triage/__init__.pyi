from .artifact_folder import kept, ownership
from .ci_run import CiRun
from .content import drill_diagnostics
from .defects import defect
from .desk import filings
from .diagnostics import required_diagnostics
from .download import fetched
from .drills import DrillRun, drill_locations, drilled
from .failed_class import Contact, Fact, FailedClass
from .failing_output import representative
from .filing import filed
from .first_commands import quick_start
from .formats import exact_formats
from .gh_refusals import attempts, gh_troubleshooting
from .outcome import Triage, triaged
from .owners import ownership_agrees
from .planned import faulted, planned_verdicts, seen_red
from .reconcile import reconciled
from .response import first_response
from .workarounds import extracted, extractions

__all__ = [
    "CiRun",
    "Contact",
    "DrillRun",
    "Fact",
    "FailedClass",
    "Triage",
    "attempts",
    "defect",
    "drill_diagnostics",
    "drill_locations",
    "drilled",
    "exact_formats",
    "extracted",
    "extractions",
    "faulted",
    "fetched",
    "filed",
    "filings",
    "first_response",
    "gh_troubleshooting",
    "kept",
    "ownership",
    "ownership_agrees",
    "planned_verdicts",
    "quick_start",
    "reconciled",
    "representative",
    "required_diagnostics",
    "seen_red",
    "triaged",
]
