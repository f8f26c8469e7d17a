from .codeowners import Codeowners, read_codeowners
from .jobs import Job, Step, Trigger, Workflow, read_workflow
from .recorder.live import record_run
from .recorder.local import LocalRun, outputs, record_local
from .replay import Installation, Way, installation, read_recording
from .server.faults import FAULTS, NO_FAULT, Fault
from .workflows import Upload, uploads

__all__ = [
    "FAULTS",
    "NO_FAULT",
    "Codeowners",
    "Fault",
    "Installation",
    "Job",
    "LocalRun",
    "Step",
    "Trigger",
    "Upload",
    "Way",
    "Workflow",
    "installation",
    "outputs",
    "read_codeowners",
    "read_recording",
    "read_workflow",
    "record_local",
    "record_run",
    "uploads",
]
