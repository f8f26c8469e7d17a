"""A run, from its cleared output folder to its exit status; pytest does it."""

import os
import sys
from pathlib import Path

import pytest

from drv_suite.plugin import Recorder
from drv_suite.run import Run
from drv_suite.usage import UsageError

OWN_FILES = ("junit.xml", "suite.log", "environment.json", "diagnostics/*.json")


def run_suite(run: Run) -> int:
    """Run it; 0 all green, 1 a failure, 2 where pytest could not run it."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # the caller's would leave scenarios out
        os.environ.pop(name, None)
    _clean(run.out)
    sys.stdout.write(f"drv-suite {run.suite}, run {run.run_id}, commit {run.commit}\n")
    if run.fault:
        sys.stdout.write(f"DRV_FAULT is {run.fault}: this run is meant to fail\n")
    sys.stdout.flush()
    status = pytest.main(_pytest_words(run), plugins=[Recorder(run)])
    return int(status) if status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else 2


def _pytest_words(run: Run) -> list[str]:
    # No configuration of the caller's directory may change what a run does.
    scenarios = Path(__file__).parent / "scenarios"
    files = [f"--junitxml={run.out / 'junit.xml'}", f"--log-file={run.out / 'suite.log'}"]
    quiet = ["--tb=short", "--color=no", "--no-header", "-p", "no:cacheprovider"]
    log = ["--log-file-level=INFO", "--log-file-format=%(asctime)s %(name)s %(message)s"]
    place = ["-c", os.devnull, f"--rootdir={scenarios}", "-o", "junit_suite_name=drv"]
    return [str(scenarios), "-v", *files, *log, *quiet, *place]


def _clean(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for pattern in OWN_FILES:
            for path in out.glob(pattern):
                path.unlink()
    except OSError as error:
        raise UsageError(f"--out: {out} can't be written: {error.strerror}") from None
