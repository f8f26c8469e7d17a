"""Makes recordings: of runs that GitHub has, and of failing runs of a suite on this machine."""

from freshrun.github.recorder.live import record_run
from freshrun.github.recorder.local import LocalRun, Output, outputs, record_local

__all__ = ["LocalRun", "Output", "outputs", "record_local", "record_run"]
