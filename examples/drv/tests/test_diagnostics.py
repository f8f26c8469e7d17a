"""What is written about a failure."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drv_suite import diagnostics
from drv_suite.catalogue import BY_NAME, Suite
from drv_suite.run import Run
from drv_suite.violation import Found, Json, ViolationError

SCENARIO = BY_NAME["oversubscribed_pool_is_given_out_to_the_last_unit"]
EVIDENCE: dict[str, Json] = {"claims": [], "poolUnits": 100, "allocation": {"amber": 99}}
NOW = datetime.now(UTC)


def _run(out: Path) -> Run:
    return Run(Suite.SMOKE, "postgresql:///drv", out, run_id="7", commit="abc", started=NOW)


def _failure(error: Exception) -> diagnostics.Failure:
    return diagnostics.failure(SCENARIO, error, started=NOW, traceback="line 1\nline 2")


def test_violation_names_its_scenario_and_invariant() -> None:
    """The line on stdout holds both IDs, the class and the file."""
    found = Found(EVIDENCE, ("amber",))
    failure = _failure(ViolationError("a unit is lost", expected=100, actual=99, found=found))
    assert failure.line(Path("out/diagnostics/failure-001.json")) == (
        "DRV-FAILURE scenarioId=ALLOC-001 invariantId=INV-CONSERVATION class=core-algorithm"
        " diagnostics=out/diagnostics/failure-001.json"
    )


@pytest.mark.parametrize(
    "error",
    [
        OSError("the network is away"),
        ViolationError("a unit is lost", expected=100, actual=99, found=Found({"claims": []})),
    ],
)
def test_anything_else_accuses_the_harness(error: Exception) -> None:
    """An error, and a violation without its evidence, is a scenario without a verdict."""
    failure = _failure(error)
    assert failure.scenario.id == "HAR-006"
    assert failure.found.evidence["traceback"] == ["line 1", "line 2"]


def test_file_holds_what_was_found_and_is_read_back(tmp_path: Path) -> None:
    """A diagnostics file is read back as it was written."""
    found = Found(EVIDENCE, ("amber",))
    failure = _failure(ViolationError("a unit is lost", expected=100, actual=99, found=found))
    path = diagnostics.write(failure, _run(tmp_path), number=1)
    (tmp_path / "junit.xml").write_text("<testsuites/>")
    [document] = diagnostics.read(tmp_path)
    assert document == json.loads(path.read_text())
    assert (document["runId"], document["tenantIds"]) == ("7", ["amber"])
    assert document["evidence"] == EVIDENCE


def test_directory_of_no_run_is_refused(tmp_path: Path) -> None:
    """A directory without a JUnit file is no output directory."""
    with pytest.raises(FileNotFoundError, match=r"no junit\.xml"):
        diagnostics.read(tmp_path)
