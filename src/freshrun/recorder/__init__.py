"""Makes recordings: of runs that GitHub has, and of failing runs of a suite on this machine."""

from freshrun.recorder.live import record_run
from freshrun.recorder.local import LocalRun, Output, outputs, record_local

__all__ = ["LocalRun", "Output", "outputs", "record_local", "record_run"]
